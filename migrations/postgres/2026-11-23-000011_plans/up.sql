-- What a candidate for a program's rules would change, as it was found. A program that does not exist yet can be planned.
CREATE TABLE program_plans (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    program TEXT COLLATE "C" NOT NULL,
    -- The rules in force when it was made, and the newest that were published; both NULL for a new program.
    base_version INTEGER,
    base_digest TEXT COLLATE "C",
    newest_version INTEGER,
    document TEXT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    effective_from TIMESTAMP,
    as_of DATE NOT NULL,
    since DATE,
    known_at TIMESTAMP NOT NULL,
    -- SHA-256 of the enrollments that it saw.
    seen_digest TEXT COLLATE "C" NOT NULL,
    has_changes BOOLEAN NOT NULL,
    changes TEXT NOT NULL,
    findings TEXT NOT NULL,
    applied_version INTEGER,
    applied_by TEXT COLLATE "C",
    applied_at TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX program_plans_program ON program_plans (program, id);
CREATE INDEX program_plans_updated_at ON program_plans (updated_at, id);

-- Who would have another tier, by the day for which the rules were asked.
CREATE TABLE program_plan_moves (
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES program_plans (id),
    as_of DATE NOT NULL,
    position INTEGER NOT NULL,
    enrollment_id TEXT COLLATE "C" NOT NULL REFERENCES enrollments (id),
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    partner_name TEXT NOT NULL,
    direction TEXT NOT NULL,
    held TEXT NOT NULL,
    before_tier TEXT,
    after_tier TEXT,
    because TEXT NOT NULL,
    benefits TEXT NOT NULL,
    open_protections INTEGER NOT NULL,
    PRIMARY KEY (plan_id, as_of, position)
);
