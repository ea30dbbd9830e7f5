-- What is counted for all servers together: when a key owes nothing any more, in microseconds since 1970. Not logged: what a
-- crash forgets was good for minutes. Half of each page stays free, so that an update need not touch the index.
CREATE UNLOGGED TABLE rate_limits (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owes_until BIGINT NOT NULL
) WITH (fillfactor = 50);

-- From where an account has signed in lately: a digest of both.
CREATE TABLE familiar_addresses (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    until TIMESTAMP NOT NULL
);
CREATE INDEX familiar_addresses_until ON familiar_addresses (until);
