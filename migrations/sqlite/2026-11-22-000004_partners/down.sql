DROP TABLE enrollments;
DROP TABLE contacts;
DROP TABLE partners;
