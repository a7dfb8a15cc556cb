-- Rule T12: an offer that ended belongs to an account, and not to whoever has its address later.
ALTER TABLE transfers ADD COLUMN recipient_id BLOB REFERENCES accounts (id);
UPDATE transfers SET recipient_id = (
    SELECT id FROM accounts WHERE email_key = recipient_email_key AND kind = 'driver'
) WHERE status <> 'offered';
CREATE INDEX transfers_by_recipient_account ON transfers (recipient_id, id);
