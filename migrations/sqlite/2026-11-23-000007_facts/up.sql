-- What is known of partners, and since when it is known. Nothing is changed but `superseded_at`: what was known at a
-- time can always be read again.
CREATE TABLE facts (
    partner_id TEXT NOT NULL REFERENCES partners (id),
    name TEXT NOT NULL,
    -- What the fact is about: of one partner and name there is one fact of it at a time.
    subject TEXT NOT NULL,
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
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (partner_id, name, subject, recorded_at)
) WITHOUT ROWID;
-- Whose facts have changed since a time.
CREATE INDEX facts_recorded_at ON facts (recorded_at, partner_id);
CREATE INDEX facts_superseded_at ON facts (superseded_at, partner_id) WHERE superseded_at IS NOT NULL;
-- What was reported from outside is called by its subject alone.
CREATE INDEX facts_subject ON facts (subject) WHERE source <> 'engine';

CREATE TABLE manual_facts (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    name TEXT NOT NULL,
    program TEXT REFERENCES programs (slug),
    value TEXT NOT NULL,
    holds_from DATE NOT NULL,
    holds_until DATE,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_by TEXT,
    withdrawal_reason TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX manual_facts_partner ON manual_facts (partner_id, id);
CREATE INDEX manual_facts_updated_at ON manual_facts (updated_at, id);

-- What is there already, known from now on. An amount is a fraction here: its minor units by how many make one.
INSERT INTO facts (partner_id, name, subject, recorded_at, program, day, data, source, recorded_by)
SELECT partner_id, 'registrations', id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), program, substr(protected_from, 1, 10),
    json_object(
        'amount', coalesce(json_extract(outcome, '$.amount.amount'), amount_minor || '/' || CASE
            WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 1
            WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 1000
            WHEN currency IN ('CLF', 'UYW') THEN 10000 ELSE 100 END),
        'at', replace(protected_from, ' ', 'T') || 'Z',
        'closed', json_extract(outcome, '$.closed_on'),
        'country', json_extract(account, '$.country'),
        'currency', coalesce(json_extract(outcome, '$.amount.currency'), currency),
        'deal', id,
        'products', CAST(json_array_length(products) AS TEXT),
        'registered', replace(coalesce(submitted_at, created_at), ' ', 'T') || 'Z',
        'status', status,
        'status_at', CASE
            WHEN status = 'approved' THEN NULL
            WHEN status IN ('won', 'lost') THEN json_extract(outcome, '$.closed_on')
            WHEN status = 'expired' THEN replace(protected_until, ' ', 'T') || 'Z'
            ELSE coalesce(json_extract(review, '$.decision.at'), replace(updated_at, ' ', 'T') || 'Z') END),
    'engine', 'system'
FROM deal_registrations WHERE protected_from IS NOT NULL;

INSERT INTO facts (partner_id, name, subject, recorded_at, program, day, data, source, recorded_by)
SELECT partner_id, 'transactions', id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), program, json_extract(outcome, '$.closed_on'),
    json_object(
        'amount', json_extract(outcome, '$.amount.amount'),
        'country', json_extract(account, '$.country'),
        'currency', json_extract(outcome, '$.amount.currency'),
        'deal', id,
        'kind', 'sale',
        'product', CASE WHEN json_array_length(products) = 1 THEN json_extract(products, '$[0]') END),
    'engine', 'system'
FROM deal_registrations WHERE status = 'won' AND json_extract(outcome, '$.amount.amount') IS NOT NULL;

INSERT INTO facts (partner_id, name, subject, recorded_at, day, data, source, recorded_by)
SELECT partner_id, 'agreements', a.id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), substr(accepted_at, 1, 10),
    json_object(
        'agreement', slug,
        'at', replace(accepted_at, ' ', 'T') || 'Z',
        'version', CAST(version AS TEXT)),
    'engine', 'system'
FROM agreement_acceptances a JOIN agreements ON agreements.id = agreement_id;
