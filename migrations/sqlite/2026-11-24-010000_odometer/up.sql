-- The odometer: a ledger of readings for each passport. Rule O1: it only grows; a correction is a new reading that
-- names the one it replaces, which was not replaced before. Days are text, as in 2026-03-01.

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
    confirmed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id);
CREATE INDEX odometer_readings_by_passport ON odometer_readings (passport_id, id);

-- What passports showed so far is their first reading. When it was read nobody wrote down: at the latest when the
-- vehicle's data was last changed, by the garage. Its id is the passport's own, which no other reading has.
INSERT INTO odometer_readings
    SELECT id, id, odometer_km, 'km', odometer_km, date(known_at / 1000000, 'unixepoch'), known_at, 'garage',
        NULL, NULL, NULL, 0
    FROM (SELECT id, odometer_km, coalesce((SELECT max(happened_at) FROM events WHERE passport_id = passports.id
            AND kind IN ('passport_created', 'passport_changed')), created_at) AS known_at
        FROM passports WHERE odometer_km IS NOT NULL);

CREATE TRIGGER odometer_readings_only_grow_update BEFORE UPDATE ON odometer_readings
    BEGIN SELECT RAISE(ABORT, 'odometer_readings only grows'); END;
CREATE TRIGGER odometer_readings_only_grow_delete BEFORE DELETE ON odometer_readings
    BEGIN SELECT RAISE(ABORT, 'odometer_readings only grows'); END;
