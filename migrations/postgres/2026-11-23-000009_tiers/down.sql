DROP TABLE notices;
DROP TABLE tier_marks;
DROP TABLE tier_runs;
DROP TABLE tier_decisions;
DROP TABLE tier_standings;
DROP INDEX enrollments_program;
ALTER TABLE enrollments DROP COLUMN tier_after;
ALTER TABLE enrollments DROP COLUMN tier_until;
