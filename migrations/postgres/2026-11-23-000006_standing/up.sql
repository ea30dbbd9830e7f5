-- Why the vendor set the status as it is, in words.
ALTER TABLE partners ADD COLUMN status_reason TEXT;
ALTER TABLE enrollments ADD COLUMN status_reason TEXT;

CREATE TABLE agreements (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    program TEXT REFERENCES programs (slug),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX agreements_slug ON agreements (slug);
CREATE INDEX agreements_updated_at ON agreements (updated_at, id);

-- Published once and never changed.
CREATE TABLE agreement_versions (
    agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
    number INTEGER NOT NULL,
    effective_from TIMESTAMP NOT NULL,
    text TEXT NOT NULL,
    url TEXT,
    digest TEXT NOT NULL,
    requires_reacceptance BOOLEAN NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (agreement_id, number)
);

CREATE TABLE agreement_acceptances (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    accepted_by TEXT NOT NULL,
    accepted_at TIMESTAMP NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    address TEXT,
    evidence TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX agreement_acceptances_partner ON agreement_acceptances (partner_id, agreement_id, version);
CREATE INDEX agreement_acceptances_created_at ON agreement_acceptances (created_at, id);

CREATE TABLE violations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    enrollment_id TEXT COLLATE "C" REFERENCES enrollments (id),
    category TEXT NOT NULL,
    text TEXT NOT NULL,
    evidence TEXT NOT NULL,
    found_by TEXT NOT NULL,
    consequence TEXT NOT NULL,
    scope TEXT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP,
    recorded_by TEXT COLLATE "C" NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_by TEXT COLLATE "C",
    withdrawal_reason TEXT,
    effects TEXT NOT NULL,
    -- When the clock has something to do about it: its beginning, then its end, then nothing.
    due_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX violations_partner ON violations (partner_id, id);
CREATE INDEX violations_due_at ON violations (due_at);
CREATE INDEX violations_updated_at ON violations (updated_at, id);

-- While the partner may not act: since when the clock stands still, and what it showed.
ALTER TABLE deal_registrations ADD COLUMN pause TEXT;

CREATE TABLE territories (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    program TEXT NOT NULL REFERENCES programs (slug),
    name TEXT NOT NULL,
    exclusive BOOLEAN NOT NULL,
    countries TEXT NOT NULL,
    regions TEXT NOT NULL,
    segments TEXT NOT NULL,
    industries TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX territories_name ON territories (program, name);
CREATE INDEX territories_updated_at ON territories (updated_at, id);

CREATE TABLE territory_assignments (
    territory_id TEXT COLLATE "C" NOT NULL REFERENCES territories (id),
    enrollment_id TEXT COLLATE "C" NOT NULL REFERENCES enrollments (id),
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (territory_id, enrollment_id)
);
CREATE INDEX territory_assignments_enrollment ON territory_assignments (enrollment_id);
CREATE INDEX territory_assignments_partner ON territory_assignments (partner_id);

CREATE TABLE business_plans (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    enrollment_id TEXT COLLATE "C" NOT NULL REFERENCES enrollments (id),
    title TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    status TEXT NOT NULL,
    goals TEXT NOT NULL,
    summary TEXT,
    internal_notes TEXT,
    consents TEXT NOT NULL,
    closing TEXT,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX business_plans_partner ON business_plans (partner_id, id);
CREATE INDEX business_plans_updated_at ON business_plans (updated_at, id);

CREATE TABLE business_plan_reviews (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    business_plan_id TEXT COLLATE "C" NOT NULL REFERENCES business_plans (id),
    partner_id TEXT COLLATE "C" NOT NULL REFERENCES partners (id),
    held_on DATE NOT NULL,
    attendees TEXT NOT NULL,
    notes TEXT NOT NULL,
    decisions TEXT NOT NULL,
    next_review_on DATE,
    internal_notes TEXT,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX business_plan_reviews_plan ON business_plan_reviews (business_plan_id, id);
