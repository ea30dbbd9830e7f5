DROP TABLE xapi_statement_attachments;
DROP TABLE xapi_attachments;
