-- An override of the tier ends by itself: until when the tier holds, and which one holds then.
ALTER TABLE enrollments ADD COLUMN tier_until TIMESTAMP;
ALTER TABLE enrollments ADD COLUMN tier_after TEXT;
-- A run reads a program's enrollments in their order.
CREATE INDEX enrollments_program ON enrollments (program, id);

-- What the rules need to know of how an enrollment came to its tier. The tier itself stands in enrollments.
CREATE TABLE tier_standings (
    enrollment_id TEXT NOT NULL PRIMARY KEY REFERENCES enrollments (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    program TEXT NOT NULL REFERENCES programs (slug),
    since DATE NOT NULL,
    -- The day of the last decision, and its kind.
    decided_on DATE NOT NULL,
    decided TEXT NOT NULL,
    -- The last day on which the tier is kept though it is not met.
    grace_until DATE,
    override_terms TEXT,
    override_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX tier_standings_grace_until ON tier_standings (program, grace_until);
CREATE INDEX tier_standings_updated_at ON tier_standings (program, updated_at);
CREATE INDEX tier_standings_override_until ON tier_standings (override_until);

-- Never changed.
CREATE TABLE tier_decisions (
    id TEXT NOT NULL PRIMARY KEY,
    enrollment_id TEXT NOT NULL REFERENCES enrollments (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    program TEXT NOT NULL REFERENCES programs (slug),
    kind TEXT NOT NULL,
    from_tier TEXT,
    to_tier TEXT NOT NULL,
    reason TEXT NOT NULL,
    grace_until DATE,
    program_version INTEGER NOT NULL,
    as_of DATE NOT NULL,
    known_at TIMESTAMP NOT NULL,
    run_id TEXT,
    decided_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX tier_decisions_enrollment ON tier_decisions (enrollment_id, id);
CREATE INDEX tier_decisions_program ON tier_decisions (program, created_at);

-- The history of those who were enrolled before there was one. An id keeps the digits of the enrollment's.
INSERT INTO tier_standings (enrollment_id, partner_id, program, since, decided_on, decided, updated_at)
SELECT id, partner_id, program, DATE(created_at), DATE(created_at), 'enrolled', updated_at FROM enrollments;
INSERT INTO tier_decisions (id, enrollment_id, partner_id, program, kind, to_tier, reason, program_version, as_of, known_at,
    decided_by, created_at)
SELECT 'tier_decision_' || SUBSTR(id, 12), id, partner_id, program, 'enrolled', tier, 'Enrolled before decisions were kept.',
    1, DATE(created_at), created_at, 'system', created_at FROM enrollments;

CREATE TABLE tier_runs (
    id TEXT NOT NULL PRIMARY KEY,
    program TEXT NOT NULL REFERENCES programs (slug),
    program_version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    review BOOLEAN NOT NULL,
    enrollment_id TEXT REFERENCES enrollments (id),
    as_of DATE NOT NULL,
    known_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    -- The last enrollment that was evaluated: whoever goes on begins after it.
    position TEXT,
    counts TEXT NOT NULL,
    started_by TEXT NOT NULL,
    finished_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- Whose it is, if it is about one enrollment.
    partner_id TEXT REFERENCES partners (id)
);
-- A review happens once, however many servers see that its day has come.
CREATE UNIQUE INDEX tier_runs_review ON tier_runs (program, as_of) WHERE kind = 'scheduled';
CREATE INDEX tier_runs_state ON tier_runs (state, id);
CREATE INDEX tier_runs_updated_at ON tier_runs (updated_at, id);

-- How far a program has been evaluated: by review days, and by what was reported.
CREATE TABLE tier_marks (
    program TEXT NOT NULL PRIMARY KEY REFERENCES programs (slug),
    program_version INTEGER NOT NULL,
    reviewed_through DATE NOT NULL,
    facts_through TIMESTAMP NOT NULL
);

CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    enrollment_id TEXT REFERENCES enrollments (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    data TEXT NOT NULL,
    read_at TIMESTAMP,
    read_by TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX notices_partner ON notices (partner_id, id);
CREATE INDEX notices_updated_at ON notices (updated_at, id);
