-- What is counted for all servers together. SQLite has one, which counts in memory: the table stays empty.
CREATE TABLE rate_limits (
    key TEXT NOT NULL PRIMARY KEY,
    owes_until BIGINT NOT NULL
);

-- From where an account has signed in lately: a digest of both.
CREATE TABLE familiar_addresses (
    digest TEXT NOT NULL PRIMARY KEY,
    until TIMESTAMP NOT NULL
);
CREATE INDEX familiar_addresses_until ON familiar_addresses (until);
