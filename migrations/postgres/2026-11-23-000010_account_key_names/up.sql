-- A key carries the account's comparable name: a look for names that are alike reads no account.
ALTER TABLE account_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE account_keys SET name = (SELECT normalized_name FROM accounts WHERE id = account_id);
