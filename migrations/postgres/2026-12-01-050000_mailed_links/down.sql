ALTER TABLE invitations DROP COLUMN delivery_reason;
ALTER TABLE invitations DROP COLUMN delivery_at;
ALTER TABLE invitations DROP COLUMN delivery;
DROP INDEX invitations_by_email;
ALTER TABLE invitations DROP COLUMN email_key;
