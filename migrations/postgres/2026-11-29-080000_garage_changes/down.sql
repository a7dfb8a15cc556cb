ALTER TABLE passports DROP COLUMN kept_since;
DROP TABLE garage_changes;
