CREATE TABLE programs (
    slug TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    partner_type TEXT NOT NULL,
    current_version INTEGER NOT NULL,
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
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (program, version)
);
