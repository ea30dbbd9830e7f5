DROP TABLE training_review_calls;
DROP TABLE training_reviews;
DROP TABLE xapi_statement_keys;
DROP TABLE xapi_statements;
DROP INDEX person_emails_mailbox_sha1;
ALTER TABLE person_emails DROP COLUMN mailbox_sha1;
