-- What happened, what was done by whom, and what was answered: written in the transaction of the effect.
CREATE TABLE events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- The place in the feed. On PostgreSQL it is given after the commit, so that no reader can pass an event
    -- that commits late; see docs/decisions/0003-event-feed.md.
    position BIGINT,
    type TEXT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    program TEXT,
    program_version INTEGER,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX events_position ON events (position);
CREATE INDEX events_partner ON events (partner_id, position);
CREATE INDEX events_subject ON events (subject, id);

-- The last place given in the feed: one row, and the lock of those who give places.
CREATE TABLE feed (
    id INTEGER NOT NULL PRIMARY KEY,
    last_position BIGINT NOT NULL
);
INSERT INTO feed (id, last_position) VALUES (1, 0);

CREATE TABLE audit_entries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    occurred_at TIMESTAMP NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C",
    address TEXT,
    request_id TEXT,
    before TEXT,
    after TEXT
);
CREATE INDEX audit_entries_subject ON audit_entries (subject, id);
CREATE INDEX audit_entries_actor ON audit_entries (actor, id);

CREATE TABLE idempotency_records (
    actor TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, idempotency_key)
);
CREATE INDEX idempotency_records_created_at ON idempotency_records (created_at);

-- What this installation remembers about itself, such as the sandbox's clock.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
