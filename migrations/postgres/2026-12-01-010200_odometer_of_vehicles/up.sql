-- Rule P8: the odometer's ledger is the vehicle's, and goes on with it in whichever passport it is written. A reading keeps the
-- passport in which it was recorded.
ALTER TABLE odometer_readings ADD COLUMN vehicle_id uuid;
ALTER TABLE odometer_readings DISABLE TRIGGER odometer_readings_only_grow;
UPDATE odometer_readings SET vehicle_id = passports.vehicle_id FROM passports WHERE passports.id = odometer_readings.passport_id;
ALTER TABLE odometer_readings ENABLE TRIGGER odometer_readings_only_grow;
ALTER TABLE odometer_readings ALTER COLUMN vehicle_id SET NOT NULL;
DROP INDEX odometer_readings_by_passport;
CREATE INDEX odometer_readings_by_vehicle ON odometer_readings (vehicle_id, id);
