-- Rule P8: the odometer's ledger is the vehicle's, and goes on with it in whichever passport it is written. A reading keeps the
-- passport in which it was recorded.
DROP TRIGGER odometer_readings_only_grow_update;
DROP TRIGGER odometer_readings_only_grow_delete;
ALTER TABLE odometer_readings ADD COLUMN vehicle_id BLOB;
UPDATE odometer_readings SET vehicle_id = (SELECT vehicle_id FROM passports WHERE passports.id = passport_id);
-- SQLite adds no column that is never null: the table is made anew. What refers to it is checked when the migration ends.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE odometer_readings_before AS SELECT * FROM odometer_readings;
DROP TABLE odometer_readings;
CREATE TABLE odometer_readings (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    value INTEGER NOT NULL CHECK (value >= 0),
    unit TEXT NOT NULL CHECK (unit IN ('km', 'mi')),
    km INTEGER NOT NULL CHECK (km BETWEEN 0 AND 1999999),
    read_on TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('garage', 'driver', 'fleet', 'gms', 'apk')),
    recorded_by BLOB REFERENCES accounts (id),
    replaces_id BLOB REFERENCES odometer_readings (id),
    counter_start TEXT CHECK (counter_start IN ('counter_replaced', 'rolled_over')),
    confirmed INTEGER NOT NULL,
    vehicle_id BLOB NOT NULL
) STRICT;
INSERT INTO odometer_readings SELECT * FROM odometer_readings_before;
DROP TABLE odometer_readings_before;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id) WHERE replaces_id IS NOT NULL;
CREATE INDEX odometer_readings_by_vehicle ON odometer_readings (vehicle_id, id);
CREATE TRIGGER odometer_readings_only_grow_update BEFORE UPDATE ON odometer_readings
    BEGIN SELECT RAISE(ABORT, 'odometer_readings only grows'); END;
CREATE TRIGGER odometer_readings_only_grow_delete BEFORE DELETE ON odometer_readings
    BEGIN SELECT RAISE(ABORT, 'odometer_readings only grows'); END;
