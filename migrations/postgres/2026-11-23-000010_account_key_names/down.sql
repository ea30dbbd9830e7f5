ALTER TABLE account_keys DROP COLUMN name;
