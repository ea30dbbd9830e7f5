DELETE FROM signing_keys WHERE algorithm <> 'EdDSA';
ALTER TABLE signing_keys DROP COLUMN algorithm;
