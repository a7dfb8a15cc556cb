-- Takes back all of up.sql; a vehicle is as old as its first plate.
CREATE TABLE vehicles (
    id BLOB NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO vehicles SELECT vehicle_id, since FROM vehicle_plates WHERE number = 1;

ALTER TABLE vehicle_plates RENAME TO vehicle_plates_before;
CREATE TABLE vehicle_plates (
    vehicle_id BLOB NOT NULL REFERENCES vehicles (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    country TEXT NOT NULL,
    plate TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (vehicle_id, number)
) STRICT;
INSERT INTO vehicle_plates SELECT * FROM vehicle_plates_before;
DROP TABLE vehicle_plates_before;
CREATE TRIGGER vehicle_plates_only_grow_update BEFORE UPDATE ON vehicle_plates
    BEGIN SELECT RAISE(ABORT, 'vehicle_plates only grows'); END;
CREATE TRIGGER vehicle_plates_only_grow_delete BEFORE DELETE ON vehicle_plates
    BEGIN SELECT RAISE(ABORT, 'vehicle_plates only grows'); END;

ALTER TABLE events RENAME TO events_before;
CREATE TABLE events (
    stream_id BLOB NOT NULL REFERENCES event_streams (id),
    number INTEGER NOT NULL,
    id BLOB NOT NULL,
    happened_at INTEGER NOT NULL,
    account_id BLOB,
    kind TEXT NOT NULL,
    passport_id BLOB,
    fact TEXT NOT NULL,
    PRIMARY KEY (stream_id, number)
) STRICT;
INSERT INTO events SELECT * FROM events_before;
DROP TABLE events_before;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE TRIGGER events_only_grow_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events only grows'); END;
CREATE TRIGGER events_only_grow_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events only grows'); END;
CREATE INDEX events_by_passport ON events (passport_id, stream_id, number);

-- What refers to passports is checked when the migration ends.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE passports_before AS SELECT * FROM passports;
DROP TABLE passports;
CREATE TABLE passports (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    customer_id BLOB REFERENCES customers (id),
    country TEXT NOT NULL,
    plate TEXT NOT NULL,
    make TEXT,
    model TEXT,
    year INTEGER,
    fuel TEXT,
    vin TEXT,
    odometer_km INTEGER,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'archived')),
    driver_account_id BLOB REFERENCES accounts (id),
    fleet_id BLOB REFERENCES fleets (id),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    vehicle_id BLOB NOT NULL REFERENCES vehicles (id),
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
) STRICT;
INSERT INTO passports SELECT * FROM passports_before;
DROP TABLE passports_before;
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id);
CREATE INDEX passports_by_fleet ON passports (fleet_id, id);
DROP INDEX odometer_readings_replaces;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id);
