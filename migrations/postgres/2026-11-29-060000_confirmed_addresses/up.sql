-- Rule A4: an address that nobody confirmed is held against other unconfirmed ones only. Unconfirmed are the addresses of
-- those who were invited, and of prepared fleets whose e-mail never changed.
ALTER TABLE accounts ADD COLUMN is_email_confirmed boolean NOT NULL DEFAULT true;
UPDATE accounts SET is_email_confirmed = false WHERE status = 'invited' OR (
    id IN (SELECT account_id FROM fleets WHERE begin_kind = 'prepared')
    AND id::text NOT IN (
        SELECT fact::json -> 'data' ->> 'accountId' FROM events WHERE kind = 'account_email_changed'
    )
);
DROP INDEX accounts_email_key;
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key, is_email_confirmed);
