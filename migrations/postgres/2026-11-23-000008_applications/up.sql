-- What tells two partners apart, made comparable; null until it has been computed.
ALTER TABLE partners ADD COLUMN registrable_domain TEXT;
ALTER TABLE partners ADD COLUMN normalized_name TEXT;
CREATE INDEX partners_registrable_domain ON partners (registrable_domain);
CREATE INDEX partners_normalized_name ON partners (normalized_name);

-- Keys under which a misspelt name finds the partner or the open application that bears it.
CREATE TABLE company_keys (
    key TEXT COLLATE "C" NOT NULL,
    company_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key, company_id)
);
CREATE INDEX company_keys_company ON company_keys (company_id);

CREATE TABLE applications (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    program TEXT NOT NULL REFERENCES programs (slug),
    program_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    submitted_by TEXT COLLATE "C" NOT NULL,
    -- The registrable domain of the company.
    domain TEXT NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    normalized_name TEXT NOT NULL,
    company TEXT NOT NULL,
    contact TEXT NOT NULL,
    answers TEXT NOT NULL,
    message TEXT,
    screening TEXT NOT NULL,
    eligibility TEXT NOT NULL,
    -- In hundredths of a point; -1 where the program's criteria give none.
    score INTEGER NOT NULL,
    matches TEXT NOT NULL,
    requests TEXT NOT NULL,
    reviewer TEXT,
    decision TEXT,
    partner_id TEXT COLLATE "C" REFERENCES partners (id),
    enrollment_id TEXT COLLATE "C" REFERENCES enrollments (id),
    user_id TEXT COLLATE "C" REFERENCES users (id),
    token_digest TEXT COLLATE "C" NOT NULL,
    -- Program and domain while it is open: a company has one open application to a program.
    open_key TEXT COLLATE "C",
    -- Until when the company may not apply to the program again.
    reapply_at TIMESTAMP,
    search TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX applications_token ON applications (token_digest);
CREATE UNIQUE INDEX applications_open ON applications (open_key);
CREATE INDEX applications_domain ON applications (domain, program);
CREATE INDEX applications_updated_at ON applications (updated_at, id);
CREATE INDEX applications_score ON applications (score, id);

-- Challenges that a proof of work has answered, until they expire: each is good once.
CREATE TABLE spent_challenges (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX spent_challenges_expires_at ON spent_challenges (expires_at);
