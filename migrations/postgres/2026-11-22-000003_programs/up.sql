CREATE TABLE programs (
    slug TEXT NOT NULL PRIMARY KEY,
    partner_type TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- A version is never changed: what was decided under it can always be explained by it.
CREATE TABLE program_versions (
    program TEXT NOT NULL REFERENCES programs (slug),
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    effective_from TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (program, version)
);
-- The rules of a day: the last that came into force by then.
CREATE INDEX program_versions_effective_from ON program_versions (program, effective_from, version);
