-- The last day up to which whatever ended or began by itself has had its effect. Until now that was what was reported.
ALTER TABLE tier_marks ADD COLUMN lapsed_through DATE NOT NULL DEFAULT '2026-01-01';
UPDATE tier_marks SET lapsed_through = date(facts_through);
-- Of whom something ends on a day, or begins that was known before. (A day is its first moment here.)
CREATE INDEX facts_until ON facts (until, partner_id) WHERE superseded_at IS NULL AND until IS NOT NULL;
CREATE INDEX facts_begins ON facts (day, partner_id) WHERE superseded_at IS NULL AND day > recorded_at;
-- Who of a partner has completed what.
CREATE INDEX training_enrollments_done ON training_enrollments (partner_id, item, person_id, ended_on)
    WHERE status IN ('completed', 'waived');
