DROP TABLE settings;
DROP TABLE idempotency_records;
DROP TABLE audit_entries;
DROP TABLE feed;
DROP TABLE events;
