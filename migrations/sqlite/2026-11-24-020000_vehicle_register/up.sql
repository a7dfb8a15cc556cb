-- The vehicle register: what it told of each plate, the vehicles with the plates they had, and the APK dates that garages
-- entered ahead of it.

-- Rule R19: a vehicle has an id of its own, and had one plate after the other.
CREATE TABLE vehicles (
    id BLOB NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE vehicle_plates (
    vehicle_id BLOB NOT NULL REFERENCES vehicles (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    country TEXT NOT NULL,
    plate TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (vehicle_id, number)
) STRICT;

-- Of the vehicles before nobody wrote down whether two passports are of the same one: each gets its own, which has the
-- passport's id.
INSERT INTO vehicles SELECT id, created_at FROM passports;
INSERT INTO vehicle_plates SELECT id, 1, country, plate, created_at FROM passports;

-- SQLite adds no column that refers to another table and is never null: the table is made anew. What refers to it is
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
    vehicle_id BLOB NOT NULL REFERENCES vehicles (id),
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
) STRICT;
INSERT INTO passports
    SELECT id, garage_id, customer_id, country, plate, make, model, year, fuel, vin, odometer_km, status,
        driver_account_id, fleet_id, version, created_at, updated_at, id
    FROM passports_before;
DROP TABLE passports_before;
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id);
CREATE INDEX passports_by_fleet ON passports (fleet_id, id);

-- What the register told of a plate. A row stands from when a passport first needs it; turn_at is its place in the queue
-- of those to be asked of: when it was last asked, 1970 before that. Days are text, as in 2026-03-01.
CREATE TABLE registrations (
    country TEXT NOT NULL,
    plate TEXT NOT NULL,
    data TEXT,
    apk_expires_on TEXT,
    apk_seen_at INTEGER,
    fetched_at INTEGER,
    checked_at INTEGER,
    stale_since INTEGER,
    recalls TEXT NOT NULL,
    inspections TEXT NOT NULL,
    turn_at INTEGER NOT NULL,
    claimed_until INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (country, plate),
    CHECK ((data IS NULL) = (fetched_at IS NULL)),
    CHECK ((apk_expires_on IS NULL) = (apk_seen_at IS NULL)),
    CHECK (apk_expires_on IS NULL OR data IS NOT NULL),
    CHECK (stale_since IS NULL OR data IS NOT NULL),
    CHECK (fetched_at IS NULL OR checked_at IS NOT NULL)
) STRICT;
CREATE INDEX registrations_due ON registrations (turn_at, country, plate);
CREATE INDEX registrations_by_apk ON registrations (apk_expires_on) WHERE apk_expires_on IS NOT NULL;
INSERT INTO registrations (country, plate, recalls, inspections, turn_at, updated_at)
    SELECT country, plate, '[]', '[]', 0, created_at FROM passports WHERE status <> 'archived' AND country = 'NL';

-- Rule R21: a garage's APK dates only grow; the latest one counts.
CREATE TABLE apk_entries (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    expires_on TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    entered_by BLOB NOT NULL REFERENCES accounts (id)
) STRICT;
CREATE INDEX apk_entries_by_passport ON apk_entries (passport_id, id);

CREATE TRIGGER vehicle_plates_only_grow_update BEFORE UPDATE ON vehicle_plates
    BEGIN SELECT RAISE(ABORT, 'vehicle_plates only grows'); END;
CREATE TRIGGER vehicle_plates_only_grow_delete BEFORE DELETE ON vehicle_plates
    BEGIN SELECT RAISE(ABORT, 'vehicle_plates only grows'); END;
CREATE TRIGGER apk_entries_only_grow_update BEFORE UPDATE ON apk_entries
    BEGIN SELECT RAISE(ABORT, 'apk_entries only grows'); END;
CREATE TRIGGER apk_entries_only_grow_delete BEFORE DELETE ON apk_entries
    BEGIN SELECT RAISE(ABORT, 'apk_entries only grows'); END;
