-- Rule A4: an address that nobody confirmed is held against other unconfirmed ones only. Unconfirmed are the addresses of
-- those who were invited, and of prepared fleets whose e-mail never changed.
ALTER TABLE accounts ADD COLUMN is_email_confirmed INTEGER NOT NULL DEFAULT TRUE;
UPDATE accounts SET is_email_confirmed = FALSE WHERE status = 'invited' OR (
    id IN (SELECT account_id FROM fleets WHERE begin_kind = 'prepared')
    AND lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-'
        || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) NOT IN (
        SELECT json_extract(fact, '$.data.accountId') FROM events WHERE kind = 'account_email_changed'
    )
);
DROP INDEX accounts_email_key;
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key, is_email_confirmed);
