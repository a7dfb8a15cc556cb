DROP INDEX invitations_of_garage;
DROP INDEX invitations_by_reminder;
ALTER TABLE invitations DROP COLUMN remind_on;
DROP INDEX fleets_by_digest;
ALTER TABLE fleets DROP COLUMN digest_on;
ALTER TABLE fleets DROP COLUMN digest_since;
ALTER TABLE fleets DROP COLUMN reminders_to;
DROP TABLE reminder_offsets;
DROP TABLE garage_reminder_offsets;
