-- What is known of partners, and since when it is known. Nothing is changed but `superseded_at`: what was known at a
-- time can always be read again.
CREATE TABLE facts (
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    name TEXT COLLATE "C" NOT NULL,
    -- What the fact is about: of one partner and name there is one fact of it at a time.
    subject TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    -- Where it holds for one program only.
    program TEXT REFERENCES programs (slug),
    -- The day that it is of, the last day of its period, or the first day on which it holds.
    day DATE,
    -- The last day on which it holds.
    until DATE,
    data TEXT NOT NULL,
    -- `engine`, `manual`, or the system that reported it.
    source TEXT NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (partner_id, name, subject, recorded_at)
);
-- Whose facts have changed since a time.
CREATE INDEX facts_recorded_at ON facts (recorded_at, partner_id);
CREATE INDEX facts_superseded_at ON facts (superseded_at, partner_id) WHERE superseded_at IS NOT NULL;
-- What was reported from outside is called by its subject alone.
CREATE INDEX facts_subject ON facts (subject) WHERE source <> 'engine';

CREATE TABLE manual_facts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    name TEXT COLLATE "C" NOT NULL,
    program TEXT REFERENCES programs (slug),
    value TEXT NOT NULL,
    holds_from DATE NOT NULL,
    holds_until DATE,
    reason TEXT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_by TEXT COLLATE "C",
    withdrawal_reason TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX manual_facts_partner ON manual_facts (partner_id, id);
CREATE INDEX manual_facts_updated_at ON manual_facts (updated_at, id);

-- What is there already, known from now on. An amount is a fraction here: its minor units by how many make one.
INSERT INTO facts (partner_id, name, subject, recorded_at, program, day, data, source, recorded_by)
SELECT partner_id, 'registrations', id, clock_timestamp() AT TIME ZONE 'UTC', program, protected_from::date,
    json_build_object(
        'amount', coalesce(outcome::json #>> '{amount,amount}', amount_minor || '/' || CASE
            WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 1
            WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 1000
            WHEN currency IN ('CLF', 'UYW') THEN 10000 ELSE 100 END),
        'at', to_char(protected_from, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'closed', outcome::json ->> 'closed_on',
        'country', account::json ->> 'country',
        'currency', coalesce(outcome::json #>> '{amount,currency}', currency),
        'deal', id,
        'products', json_array_length(products::json)::text,
        'registered', to_char(coalesce(submitted_at, created_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'status', status,
        'status_at', CASE
            WHEN status = 'approved' THEN NULL
            WHEN status IN ('won', 'lost') THEN outcome::json ->> 'closed_on'
            WHEN status = 'expired' THEN to_char(protected_until, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            ELSE coalesce(review::json #>> '{decision,at}', to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) END)::text,
    'engine', 'system'
FROM deal_registrations WHERE protected_from IS NOT NULL;

INSERT INTO facts (partner_id, name, subject, recorded_at, program, day, data, source, recorded_by)
SELECT partner_id, 'transactions', id, clock_timestamp() AT TIME ZONE 'UTC', program, (outcome::json ->> 'closed_on')::date,
    json_build_object(
        'amount', outcome::json #>> '{amount,amount}',
        'country', account::json ->> 'country',
        'currency', outcome::json #>> '{amount,currency}',
        'deal', id,
        'kind', 'sale',
        'product', CASE WHEN json_array_length(products::json) = 1 THEN products::json ->> 0 END)::text,
    'engine', 'system'
FROM deal_registrations WHERE status = 'won' AND outcome::json #>> '{amount,amount}' IS NOT NULL;

INSERT INTO facts (partner_id, name, subject, recorded_at, day, data, source, recorded_by)
SELECT partner_id, 'agreements', a.id, clock_timestamp() AT TIME ZONE 'UTC', accepted_at::date,
    json_build_object(
        'agreement', slug,
        'at', to_char(accepted_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'version', version::text)::text,
    'engine', 'system'
FROM agreement_acceptances a JOIN agreements ON agreements.id = agreement_id;
