DROP INDEX training_enrollments_done;
DROP INDEX facts_begins;
DROP INDEX facts_until;
ALTER TABLE tier_marks DROP COLUMN lapsed_through;
