-- What a key signs with: access tokens are signed with EdDSA, credentials with ES256.
ALTER TABLE signing_keys ADD COLUMN algorithm TEXT NOT NULL DEFAULT 'EdDSA';
