-- What is written for each car, without what nobody reads and what is proven elsewhere: foreign keys, each a query for
-- every row, and indexes.

-- A vehicle was an id and an instant, both in the row of its first plate too, which is the vehicle from now on.
ALTER TABLE vehicle_plates DROP CONSTRAINT vehicle_plates_vehicle_id_fkey;
ALTER TABLE passports DROP CONSTRAINT passports_vehicle_id_fkey;
DROP TABLE vehicles;

-- An event gets its number by raising that of its stream in the same transaction, which fails when there is no such
-- stream: to look for it again proves nothing. Streams are never deleted.
ALTER TABLE events DROP CONSTRAINT events_stream_id_fkey;

-- No query looks events up by passport.
DROP INDEX events_by_passport;

-- New passports have no driver, few are in a fleet, and few readings replace another.
DROP INDEX passports_by_driver;
CREATE INDEX passports_by_driver ON passports (driver_account_id, id) WHERE driver_account_id IS NOT NULL;
DROP INDEX passports_by_fleet;
CREATE INDEX passports_by_fleet ON passports (fleet_id, id) WHERE fleet_id IS NOT NULL;
DROP INDEX odometer_readings_replaces;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id) WHERE replaces_id IS NOT NULL;
