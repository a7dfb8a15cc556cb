ALTER TABLE apk_entries DROP COLUMN inspected_on;
