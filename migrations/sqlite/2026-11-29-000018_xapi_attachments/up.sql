-- The bytes that are attached to statements, each once whatever it is attached to. Never changed.
CREATE TABLE xapi_attachments (
    -- Their SHA-2 in hexadecimal, in lower case.
    sha2 TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    content BLOB NOT NULL
);

-- Which came with which statement: who knows a hash does not have the bytes for it.
CREATE TABLE xapi_statement_attachments (
    place TEXT NOT NULL REFERENCES xapi_statements (place),
    sha2 TEXT NOT NULL REFERENCES xapi_attachments (sha2),
    PRIMARY KEY (place, sha2)
);
