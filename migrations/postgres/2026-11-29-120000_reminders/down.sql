DROP INDEX passports_by_reminder;
ALTER TABLE passports DROP COLUMN remind_on;
DROP TABLE reminders;
