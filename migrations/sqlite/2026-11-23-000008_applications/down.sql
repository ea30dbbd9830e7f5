DROP TABLE spent_challenges;
DROP TABLE applications;
DROP TABLE company_keys;
DROP INDEX partners_normalized_name;
DROP INDEX partners_registrable_domain;
ALTER TABLE partners DROP COLUMN normalized_name;
ALTER TABLE partners DROP COLUMN registrable_domain;
