ALTER TABLE registrations DROP COLUMN inspections_checked_at;
ALTER TABLE registrations DROP COLUMN recalls_checked_at;
