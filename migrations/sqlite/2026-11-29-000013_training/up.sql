-- What can be learned, and what is certified for it: versions of one document. Never changed.
CREATE TABLE training_catalogues (
    version INTEGER NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Who learns. A person works for one partner at a time; one who was merged into another stays, and points there.
CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    external_id TEXT,
    merged_into TEXT REFERENCES people (id),
    -- From this day on, what the person holds is the other's.
    merged_on DATE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX people_partner_id ON people (partner_id, id);
CREATE INDEX people_external_id ON people (external_id);

-- Every address by which a person is known; of the primary one, `people` has a copy.
CREATE TABLE person_emails (
    email TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id)
);
CREATE INDEX person_emails_person_id ON person_emails (person_id);

-- For whom a person worked on which days, both included. The first begins before everything.
CREATE TABLE employments (
    person_id TEXT NOT NULL REFERENCES people (id),
    nth INTEGER NOT NULL,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    from_day DATE,
    until_day DATE,
    reason TEXT,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (person_id, nth)
);
CREATE INDEX employments_partner_id ON employments (partner_id);

-- A person in a course or an exam. One of each is open at a time, which `open_key` holds.
CREATE TABLE training_enrollments (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    item_version TEXT,
    status TEXT NOT NULL,
    progress INTEGER NOT NULL,
    score TEXT,
    attempts INTEGER NOT NULL,
    due_on DATE,
    assigned_by TEXT,
    source TEXT NOT NULL,
    external_id TEXT,
    reason TEXT,
    enrolled_on DATE NOT NULL,
    started_on DATE,
    ended_on DATE,
    open_key TEXT,
    -- For whose figures it counts.
    reported_to TEXT NOT NULL REFERENCES partners (id),
    -- Whether it was told that the day on which it was due is over.
    overdue BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX training_enrollments_open_key ON training_enrollments (open_key);
CREATE INDEX training_enrollments_due_on ON training_enrollments (due_on) WHERE open_key IS NOT NULL;
CREATE INDEX training_enrollments_person_id ON training_enrollments (person_id, item);
CREATE INDEX training_enrollments_partner_id ON training_enrollments (partner_id, id);
CREATE INDEX training_enrollments_external_id ON training_enrollments (external_id);

-- Never changed.
CREATE TABLE exam_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    training_enrollment_id TEXT NOT NULL REFERENCES training_enrollments (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    exam TEXT NOT NULL,
    number INTEGER NOT NULL,
    taken_on DATE NOT NULL,
    score TEXT NOT NULL,
    pass_mark TEXT NOT NULL,
    passed BOOLEAN NOT NULL,
    proctored BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX exam_attempts_enrollment ON exam_attempts (training_enrollment_id, number);
CREATE INDEX exam_attempts_person_id ON exam_attempts (person_id, exam, taken_on);

-- A certification that a person was awarded, for a time. A renewal is a row of its own.
CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    -- Who earned it, before anybody was merged.
    origin TEXT NOT NULL REFERENCES people (id),
    certification TEXT NOT NULL,
    catalogue_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    awarded_on DATE NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    counts_until DATE,
    renews TEXT,
    earned_by TEXT NOT NULL,
    days INTEGER,
    reason TEXT,
    ended_at TIMESTAMP,
    -- The next day on which it has something to tell: that it expires soon, or that it has expired.
    due_on DATE,
    -- The last day on which that was done.
    told_on DATE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX credentials_person_id ON credentials (person_id, certification);
CREATE INDEX credentials_partner_id ON credentials (partner_id, id);
CREATE INDEX credentials_due_on ON credentials (due_on);
