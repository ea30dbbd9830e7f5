CREATE TABLE partners (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX partners_domain ON partners (domain);
CREATE INDEX partners_updated_at ON partners (updated_at, id);

CREATE TABLE contacts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    job_title TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX contacts_email ON contacts (partner_id, email);
CREATE INDEX contacts_updated_at ON contacts (updated_at, id);

CREATE TABLE enrollments (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    program TEXT NOT NULL REFERENCES programs (slug),
    tier TEXT NOT NULL,
    status TEXT NOT NULL,
    channel_manager_id TEXT COLLATE "C" REFERENCES users (id),
    countries TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX enrollments_partner ON enrollments (partner_id, program);
CREATE INDEX enrollments_channel_manager ON enrollments (channel_manager_id, partner_id);
CREATE INDEX enrollments_updated_at ON enrollments (updated_at, id);
