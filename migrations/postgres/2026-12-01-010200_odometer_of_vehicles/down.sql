-- Takes back all of up.sql.
DROP INDEX odometer_readings_by_vehicle;
ALTER TABLE odometer_readings DROP COLUMN vehicle_id;
CREATE INDEX odometer_readings_by_passport ON odometer_readings (passport_id, id);
