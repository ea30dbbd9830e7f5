DROP TABLE credentials;
DROP TABLE exam_attempts;
DROP TABLE training_enrollments;
DROP TABLE employments;
DROP TABLE person_emails;
DROP TABLE people;
DROP TABLE training_catalogues;
