-- The vehicle register: what it told of each plate, the vehicles with the plates they had, and the APK dates that garages
-- entered ahead of it.

-- Rule R19: a vehicle has an id of its own, and had one plate after the other.
CREATE TABLE vehicles (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL
);
CREATE TABLE vehicle_plates (
    vehicle_id uuid NOT NULL REFERENCES vehicles (id),
    number bigint NOT NULL CHECK (number >= 1),
    country text NOT NULL,
    plate text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (vehicle_id, number)
);

-- Of the vehicles before nobody wrote down whether two passports are of the same one: each gets its own, which has the
-- passport's id.
INSERT INTO vehicles SELECT id, created_at FROM passports;
INSERT INTO vehicle_plates SELECT id, 1, country, plate, created_at FROM passports;
ALTER TABLE passports ADD COLUMN vehicle_id uuid REFERENCES vehicles (id);
UPDATE passports SET vehicle_id = id;
ALTER TABLE passports ALTER COLUMN vehicle_id SET NOT NULL;

-- What the register told of a plate. A row stands from when a passport first needs it; turn_at is its place in the queue
-- of those to be asked of: when it was last asked, 1970 before that.
CREATE TABLE registrations (
    country text NOT NULL,
    plate text NOT NULL,
    data text,
    apk_expires_on date,
    apk_seen_at timestamptz,
    fetched_at timestamptz,
    checked_at timestamptz,
    stale_since timestamptz,
    recalls text NOT NULL,
    inspections text NOT NULL,
    turn_at timestamptz NOT NULL,
    claimed_until timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (country, plate),
    CHECK ((data IS NULL) = (fetched_at IS NULL)),
    CHECK ((apk_expires_on IS NULL) = (apk_seen_at IS NULL)),
    CHECK (apk_expires_on IS NULL OR data IS NOT NULL),
    CHECK (stale_since IS NULL OR data IS NOT NULL),
    CHECK (fetched_at IS NULL OR checked_at IS NOT NULL)
);
CREATE INDEX registrations_due ON registrations (turn_at, country, plate);
CREATE INDEX registrations_by_apk ON registrations (apk_expires_on) WHERE apk_expires_on IS NOT NULL;
INSERT INTO registrations (country, plate, recalls, inspections, turn_at, updated_at)
    SELECT country, plate, '[]', '[]', 'epoch', created_at FROM passports WHERE status <> 'archived' AND country = 'NL';

-- Rule R21: a garage's APK dates only grow; the latest one counts.
CREATE TABLE apk_entries (
    id uuid PRIMARY KEY,
    passport_id uuid NOT NULL REFERENCES passports (id),
    expires_on date NOT NULL,
    entered_at timestamptz NOT NULL,
    entered_by uuid NOT NULL REFERENCES accounts (id)
);
CREATE INDEX apk_entries_by_passport ON apk_entries (passport_id, id);

CREATE TRIGGER vehicle_plates_only_grow BEFORE UPDATE OR DELETE ON vehicle_plates
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER vehicle_plates_are_not_emptied BEFORE TRUNCATE ON vehicle_plates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER apk_entries_only_grow BEFORE UPDATE OR DELETE ON apk_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER apk_entries_are_not_emptied BEFORE TRUNCATE ON apk_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
