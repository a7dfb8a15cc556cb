-- The odometer: a ledger of readings for each passport. Rule O1: it only grows; a correction is a new reading that
-- names the one it replaces, which was not replaced before.

CREATE TABLE odometer_readings (
    id uuid PRIMARY KEY,
    passport_id uuid NOT NULL REFERENCES passports (id),
    value bigint NOT NULL CHECK (value >= 0),
    unit text NOT NULL CHECK (unit IN ('km', 'mi')),
    km bigint NOT NULL CHECK (km BETWEEN 0 AND 1999999),
    read_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('garage', 'driver', 'fleet', 'gms', 'apk')),
    recorded_by uuid REFERENCES accounts (id),
    replaces_id uuid REFERENCES odometer_readings (id),
    counter_start text CHECK (counter_start IN ('counter_replaced', 'rolled_over')),
    confirmed boolean NOT NULL
);
CREATE UNIQUE INDEX odometer_readings_replaces ON odometer_readings (replaces_id);
CREATE INDEX odometer_readings_by_passport ON odometer_readings (passport_id, id);

-- What passports showed so far is their first reading. When it was read nobody wrote down: at the latest when the
-- vehicle's data was last changed, by the garage. Its id is the passport's own, which no other reading has.
INSERT INTO odometer_readings
    SELECT id, id, odometer_km, 'km', odometer_km, (known_at AT TIME ZONE 'UTC')::date, known_at, 'garage',
        NULL, NULL, NULL, false
    FROM (SELECT id, odometer_km, coalesce((SELECT max(happened_at) FROM events WHERE passport_id = passports.id
            AND kind IN ('passport_created', 'passport_changed')), created_at) AS known_at
        FROM passports WHERE odometer_km IS NOT NULL) AS known;

CREATE TRIGGER odometer_readings_only_grow BEFORE UPDATE OR DELETE ON odometer_readings
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER odometer_readings_are_not_emptied BEFORE TRUNCATE ON odometer_readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
