DROP INDEX transfers_by_recipient_account;
ALTER TABLE transfers DROP COLUMN recipient_id;
