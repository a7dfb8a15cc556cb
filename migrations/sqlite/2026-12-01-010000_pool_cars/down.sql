-- Takes back all of up.sql. A passport without a driver waits for one, as servers of then know it.
UPDATE passports SET status = 'invited' WHERE status = 'active' AND driver_account_id IS NULL;
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
    standing TEXT,
    is_judged INTEGER,
    attention_from TEXT,
    urgent_from TEXT,
    next_due_on TEXT NOT NULL DEFAULT '9999-12-31',
    next_due TEXT,
    apk_due_on TEXT,
    kept_since INTEGER,
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
) STRICT;
INSERT INTO passports
    SELECT id, garage_id, customer_id, country, plate, make, model, year, fuel, vin, odometer_km, status, driver_account_id,
        fleet_id, version, created_at, updated_at, vehicle_id, standing, is_judged, attention_from, urgent_from, next_due_on,
        next_due, apk_due_on, kept_since
    FROM passports_before;
DROP TABLE passports_before;
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id) WHERE driver_account_id IS NOT NULL;
CREATE INDEX passports_by_fleet ON passports (fleet_id, id) WHERE fleet_id IS NOT NULL;
CREATE INDEX passports_by_due ON passports (garage_id, next_due_on, id);
CREATE INDEX passports_by_fleet_due ON passports (fleet_id, next_due_on, id) WHERE fleet_id IS NOT NULL;
CREATE INDEX passports_archived ON passports (garage_id, plate) WHERE status = 'archived';
CREATE INDEX passports_by_vehicle ON passports (vehicle_id);
CREATE INDEX passports_unjudged ON passports (garage_id, id) WHERE is_judged IS NULL AND status <> 'archived';
CREATE INDEX passports_by_apk ON passports (garage_id, apk_due_on, id) WHERE status <> 'archived' AND apk_due_on IS NOT NULL;
