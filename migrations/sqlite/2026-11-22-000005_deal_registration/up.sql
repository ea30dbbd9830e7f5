CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    domain TEXT,
    country TEXT NOT NULL,
    -- Folded, without legal form, words sorted: what two spellings of one name share.
    normalized_name TEXT NOT NULL,
    named BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX accounts_domain ON accounts (domain);
CREATE INDEX accounts_normalized_name ON accounts (normalized_name, country);
-- Without a domain, name and country are all that tells two accounts apart.
CREATE UNIQUE INDEX accounts_name_without_domain ON accounts (normalized_name, country) WHERE domain IS NULL;
CREATE INDEX accounts_updated_at ON accounts (updated_at, id);

-- Blocking keys: similar names share at least one, so that a search for rivals reads a few rows, not the table.
CREATE TABLE account_keys (
    key TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (key, account_id)
) WITHOUT ROWID;

CREATE TABLE vendor_opportunities (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    title TEXT NOT NULL,
    products TEXT NOT NULL,
    status TEXT NOT NULL,
    external_system TEXT,
    external_id TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX vendor_opportunities_account ON vendor_opportunities (account_id, status);
CREATE UNIQUE INDEX vendor_opportunities_external ON vendor_opportunities (external_system, external_id);
CREATE INDEX vendor_opportunities_updated_at ON vendor_opportunities (updated_at, id);

CREATE TABLE deal_registrations (
    id TEXT NOT NULL PRIMARY KEY,
    program TEXT NOT NULL REFERENCES programs (slug),
    program_version INTEGER NOT NULL,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    account TEXT NOT NULL,
    title TEXT NOT NULL,
    stage TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    expected_close_on DATE NOT NULL,
    contact TEXT,
    notes TEXT,
    products TEXT NOT NULL,
    external_refs TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    verdict TEXT,
    review TEXT NOT NULL,
    outcome TEXT,
    dispute TEXT,
    submitted_at TIMESTAMP,
    decision_due_at TIMESTAMP,
    escalated_at TIMESTAMP,
    protected_from TIMESTAMP,
    protected_until TIMESTAMP,
    extensions INTEGER NOT NULL,
    expiring_notice_at TIMESTAMP,
    search TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX deal_registrations_partner ON deal_registrations (partner_id, id);
CREATE INDEX deal_registrations_account ON deal_registrations (account_id, partner_id);
CREATE INDEX deal_registrations_status ON deal_registrations (status, id);
CREATE INDEX deal_registrations_updated_at ON deal_registrations (updated_at, id);
CREATE INDEX deal_registrations_protected_until ON deal_registrations (status, protected_until);
CREATE INDEX deal_registrations_decision_due_at ON deal_registrations (status, decision_due_at);
CREATE INDEX deal_registrations_expiring_notice_at ON deal_registrations (expiring_notice_at);

-- Filters by product and by external reference; the registration's own columns hold the same in their order.
CREATE TABLE deal_products (
    product TEXT NOT NULL,
    deal_id TEXT NOT NULL REFERENCES deal_registrations (id),
    PRIMARY KEY (product, deal_id)
) WITHOUT ROWID;
CREATE TABLE deal_external_refs (
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    deal_id TEXT NOT NULL REFERENCES deal_registrations (id),
    PRIMARY KEY (system, external_id, deal_id)
) WITHOUT ROWID;

-- Who holds an account for a product. The key is the promise: there cannot be two at a time.
CREATE TABLE protections (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    product TEXT NOT NULL,
    program TEXT NOT NULL REFERENCES programs (slug),
    deal_id TEXT NOT NULL REFERENCES deal_registrations (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    protected_until TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, product, program)
);
CREATE INDEX protections_deal ON protections (deal_id);
