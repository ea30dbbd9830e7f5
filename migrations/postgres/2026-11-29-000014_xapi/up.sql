-- The SHA-1 of `mailto:` and the address, by which learning systems may name somebody.
ALTER TABLE person_emails ADD COLUMN mailbox_sha1 TEXT COLLATE "C";
CREATE INDEX person_emails_mailbox_sha1 ON person_emails (mailbox_sha1);

-- What learning systems have said. Never changed, but that it was taken back and whose it is.
CREATE TABLE xapi_statements (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- The order in which they were stored.
    place TEXT COLLATE "C" NOT NULL,
    -- Of all that may not differ when it is sent again.
    digest TEXT COLLATE "C" NOT NULL,
    said_at TIMESTAMP,
    -- The statement that it is about.
    target TEXT COLLATE "C",
    voids BOOLEAN NOT NULL,
    widely BOOLEAN NOT NULL,
    voided BOOLEAN NOT NULL,
    size INTEGER NOT NULL,
    statement TEXT NOT NULL,
    -- A digest of how who acted is called.
    actor TEXT COLLATE "C",
    person_id TEXT COLLATE "C" REFERENCES people (id),
    partner_id TEXT COLLATE "C" REFERENCES partners (id),
    recorded_by TEXT COLLATE "C" NOT NULL,
    stored_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX xapi_statements_place ON xapi_statements (place);
CREATE INDEX xapi_statements_stored_at ON xapi_statements (stored_at, place);
CREATE INDEX xapi_statements_partner_id ON xapi_statements (partner_id, stored_at, place);
CREATE INDEX xapi_statements_actor ON xapi_statements (actor) WHERE actor IS NOT NULL;
CREATE INDEX xapi_statements_person_id ON xapi_statements (person_id);
CREATE INDEX xapi_statements_target ON xapi_statements (target) WHERE target IS NOT NULL;

-- Digests of whom and what a statement names, directly or by way of the statement that it is about.
CREATE TABLE xapi_statement_keys (
    key TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL REFERENCES xapi_statements (place),
    PRIMARY KEY (key, place)
);
CREATE INDEX xapi_statement_keys_place ON xapi_statement_keys (place);

-- What was learned elsewhere and could not be recorded.
CREATE TABLE training_reviews (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" REFERENCES partners (id),
    source TEXT NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    key TEXT COLLATE "C",
    detail TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    person_id TEXT COLLATE "C" REFERENCES people (id),
    note TEXT,
    reported_by TEXT COLLATE "C" NOT NULL,
    managed BOOLEAN NOT NULL,
    settled_by TEXT COLLATE "C",
    settled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX training_reviews_status ON training_reviews (status, reason, id);
CREATE INDEX training_reviews_key ON training_reviews (key, status, id);
CREATE INDEX training_reviews_reference ON training_reviews (reference);
CREATE INDEX training_reviews_partner_id ON training_reviews (partner_id, id);

-- Somebody or something became known: who waits for it is tried again, from `after` on.
CREATE TABLE training_review_calls (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    after TEXT COLLATE "C"
);
