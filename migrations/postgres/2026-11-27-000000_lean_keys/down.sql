-- Takes back all of up.sql; a vehicle is as old as its first plate.
DROP INDEX odometer_readings_replaces;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id);
DROP INDEX passports_by_fleet;
CREATE INDEX passports_by_fleet ON passports (fleet_id, id);
DROP INDEX passports_by_driver;
CREATE INDEX passports_by_driver ON passports (driver_account_id, id);
CREATE INDEX events_by_passport ON events (passport_id, stream_id, number);
ALTER TABLE events ADD FOREIGN KEY (stream_id) REFERENCES event_streams (id);
CREATE TABLE vehicles (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL
);
INSERT INTO vehicles SELECT vehicle_id, since FROM vehicle_plates WHERE number = 1;
ALTER TABLE passports ADD FOREIGN KEY (vehicle_id) REFERENCES vehicles (id);
ALTER TABLE vehicle_plates ADD FOREIGN KEY (vehicle_id) REFERENCES vehicles (id);
