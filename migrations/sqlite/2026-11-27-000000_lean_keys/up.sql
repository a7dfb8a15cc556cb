-- What is written for each car, without what nobody reads and what is proven elsewhere: foreign keys and indexes.
-- SQLite drops no foreign key: the tables are made anew.

-- A vehicle was an id and an instant, both in the row of its first plate too, which is the vehicle from now on.
ALTER TABLE vehicle_plates RENAME TO vehicle_plates_before;
CREATE TABLE vehicle_plates (
    vehicle_id BLOB NOT NULL,
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

-- An event gets its number by raising that of its stream in the same transaction, which fails when there is no such
-- stream: to look for it again proves nothing. Streams are never deleted. No query looks events up by passport, so that
-- index does not come back.
ALTER TABLE events RENAME TO events_before;
CREATE TABLE events (
    stream_id BLOB NOT NULL,
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

-- New passports have no driver, few are in a fleet, and few readings replace another. What refers to passports is
-- checked when the migration ends.
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
    vehicle_id BLOB NOT NULL,
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
) STRICT;
INSERT INTO passports SELECT * FROM passports_before;
DROP TABLE passports_before;
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id) WHERE driver_account_id IS NOT NULL;
CREATE INDEX passports_by_fleet ON passports (fleet_id, id) WHERE fleet_id IS NOT NULL;
DROP INDEX odometer_readings_replaces;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id) WHERE replaces_id IS NOT NULL;

DROP TABLE vehicles;
