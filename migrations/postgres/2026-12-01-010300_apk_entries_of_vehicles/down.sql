-- Takes back all of up.sql.
DROP INDEX apk_entries_by_vehicle;
ALTER TABLE apk_entries DROP COLUMN vehicle_id;
CREATE INDEX apk_entries_by_passport ON apk_entries (passport_id, id);
