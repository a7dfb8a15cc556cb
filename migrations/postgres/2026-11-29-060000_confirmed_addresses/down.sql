-- Two accounts with one address, of which one has not confirmed it, can only be told apart with this column: the other one
-- keeps the address.
DROP INDEX accounts_email_key;
UPDATE accounts SET status = 'ended', email_key = NULL WHERE NOT is_email_confirmed AND email_key IN (
    SELECT email_key FROM accounts WHERE is_email_confirmed AND email_key IS NOT NULL
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);
ALTER TABLE accounts DROP COLUMN is_email_confirmed;
