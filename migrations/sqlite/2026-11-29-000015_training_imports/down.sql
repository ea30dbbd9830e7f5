DROP TABLE training_import_faults;
DROP TABLE training_import_chunks;
DROP TABLE training_imports;
