DROP TABLE manual_facts;
DROP TABLE facts;
