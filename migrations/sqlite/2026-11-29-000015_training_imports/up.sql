-- Files of people or completions, and how far each has come.
CREATE TABLE training_imports (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dry_run BOOLEAN NOT NULL,
    filename TEXT,
    status TEXT NOT NULL,
    -- Why it failed.
    reason TEXT,
    rows_total INTEGER NOT NULL,
    rows_done INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    faults INTEGER NOT NULL,
    partner_id TEXT REFERENCES partners (id),
    created_by TEXT NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX training_imports_partner_id ON training_imports (partner_id, id);
CREATE INDEX training_imports_created_by ON training_imports (created_by, id);
CREATE INDEX training_imports_open ON training_imports (id) WHERE finished_at IS NULL;

-- The rows that are still to be done; what is done is deleted with its effect.
CREATE TABLE training_import_chunks (
    import_id TEXT NOT NULL REFERENCES training_imports (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- What is wrong with a row, or what it waits for.
CREATE TABLE training_import_faults (
    import_id TEXT NOT NULL REFERENCES training_imports (id),
    line INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    cell TEXT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (import_id, line, nth)
);
