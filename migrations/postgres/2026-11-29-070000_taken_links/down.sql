ALTER TABLE invitations DROP COLUMN taken_by;
