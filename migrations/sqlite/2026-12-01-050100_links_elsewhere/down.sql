ALTER TABLE invitations DROP COLUMN first_email;
