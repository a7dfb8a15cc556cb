-- Rule T12: an offer that ended belongs to an account, and not to whoever has its address later.
ALTER TABLE transfers ADD COLUMN recipient_id BLOB REFERENCES accounts (id);
UPDATE transfers SET recipient_id = accepted.recipient FROM (
    SELECT unhex(replace(json_extract(fact, '$.data.transferId'), '-', '')) AS transfer, unhex(replace(json_extract(fact, '$.data.recipient'), '-', '')) AS recipient
    FROM events WHERE kind = 'transfer_accepted'
) AS accepted WHERE accepted.transfer = transfers.id;
UPDATE transfers SET recipient_id = declined.recipient FROM (
    SELECT unhex(replace(json_extract(fact, '$.data.transferId'), '-', '')) AS transfer, account_id AS recipient
    FROM events WHERE kind = 'transfer_declined'
) AS declined WHERE declined.transfer = transfers.id;
-- Nobody decided the others: they belong to whoever has the address, as until now.
UPDATE transfers SET recipient_id = (
    SELECT id FROM accounts WHERE email_key = recipient_email_key AND kind = 'driver'
) WHERE status <> 'offered' AND recipient_id IS NULL;
CREATE INDEX transfers_by_recipient_account ON transfers (recipient_id, id);
