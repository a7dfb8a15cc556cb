-- Rule P8: the vehicles that are the same car as another, which was on record before. A verdict on the odometer knows of their
-- readings, though nobody is shown them.
CREATE TABLE earlier_vehicles (
    vehicle_id BLOB NOT NULL,
    earlier_id BLOB NOT NULL CHECK (earlier_id <> vehicle_id),
    PRIMARY KEY (vehicle_id, earlier_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX earlier_vehicles_by_earlier ON earlier_vehicles (earlier_id);

-- The VINs that a vehicle had in its passports, and whether another vehicle in use had it when it got it.
CREATE TABLE vehicle_vins (
    vehicle_id BLOB NOT NULL,
    vin TEXT NOT NULL,
    is_contested INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (vehicle_id, vin)
) STRICT, WITHOUT ROWID;
CREATE INDEX vehicle_vins_by_vin ON vehicle_vins (vin);

-- Rule P16: of which vehicle the archived passports of another were before, which a garage kept when the car went to another one.
CREATE TABLE parted_vehicles (
    vehicle_id BLOB NOT NULL PRIMARY KEY,
    from_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX vehicle_plates_dutch ON vehicle_plates (plate) WHERE country = 'NL';
CREATE INDEX passports_by_vin ON passports (vin) WHERE vin IS NOT NULL;
DROP INDEX passports_archived_by_plate;

INSERT INTO vehicle_vins
    SELECT had.vehicle_id, had.vin, EXISTS (
        SELECT 1 FROM passports AS other
        WHERE other.vin = had.vin AND other.vehicle_id <> had.vehicle_id AND other.status <> 'archived' AND other.created_at < had.made), had.made, NULL
    FROM (SELECT vehicle_id, vin, min(created_at) AS made FROM passports WHERE vin IS NOT NULL GROUP BY vehicle_id, vin) AS had;

-- The same as `domain::same_car` says of the vehicles until now.
INSERT INTO earlier_vehicles
    WITH had AS (
        SELECT vehicle_id, country, plate, since,
            lead(since) OVER (PARTITION BY vehicle_id ORDER BY number) AS until,
            lead(corrects) OVER (PARTITION BY vehicle_id ORDER BY number) AS is_mistake
        FROM vehicle_plates
    ), own AS (
        SELECT vehicle_id, plate, until FROM had
        WHERE country = 'NL' AND (until IS NULL OR (NOT is_mistake AND until - since >= 2592000000000))
    ), one_car AS (
        SELECT mine.vehicle_id, other.vehicle_id AS earlier_id FROM own AS mine JOIN own AS other ON other.plate = mine.plate
        WHERE (mine.until IS NULL AND other.until IS NULL)
            OR mine.vehicle_id NOT IN (SELECT vehicle_id FROM vehicle_vins)
            OR other.vehicle_id NOT IN (SELECT vehicle_id FROM vehicle_vins)
        UNION
        SELECT mine.vehicle_id, other.vehicle_id FROM vehicle_vins AS mine JOIN vehicle_vins AS other ON other.vin = mine.vin
        WHERE NOT other.is_contested
    )
    SELECT vehicle_id, earlier_id FROM one_car WHERE earlier_id <> vehicle_id
        AND earlier_id NOT IN (SELECT vehicle_id FROM passports WHERE status <> 'archived');
