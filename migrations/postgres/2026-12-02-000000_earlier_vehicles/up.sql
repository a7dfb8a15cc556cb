-- Rule P8: the vehicles that are the same car as another, which was on record before. A verdict on the odometer knows of their
-- readings, though nobody is shown them.
CREATE TABLE earlier_vehicles (
    vehicle_id uuid NOT NULL,
    earlier_id uuid NOT NULL CHECK (earlier_id <> vehicle_id),
    PRIMARY KEY (vehicle_id, earlier_id)
);
CREATE INDEX vehicle_plates_dutch ON vehicle_plates (plate) WHERE country = 'NL';
CREATE INDEX passports_by_vin ON passports (vin) WHERE vin IS NOT NULL;
DROP INDEX passports_archived_by_plate;

-- The same as `domain::same_car` says of the vehicles until now.
INSERT INTO earlier_vehicles
    WITH had AS (
        SELECT vehicle_id, country, plate, since,
            lead(since) OVER (PARTITION BY vehicle_id ORDER BY number) AS until,
            lead(corrects) OVER (PARTITION BY vehicle_id ORDER BY number) AS is_mistake,
            min(since) OVER (PARTITION BY vehicle_id) AS begins
        FROM vehicle_plates
    ), own AS (
        SELECT vehicle_id, plate, until, begins FROM had
        WHERE country = 'NL' AND (until IS NULL OR (NOT is_mistake AND until - since >= interval '30 days'))
    ), vins AS (
        SELECT DISTINCT passports.vehicle_id, passports.vin, had.begins
        FROM passports JOIN had ON had.vehicle_id = passports.vehicle_id WHERE passports.vin IS NOT NULL
    )
    SELECT mine.vehicle_id, other.vehicle_id FROM own AS mine JOIN own AS other ON other.plate = mine.plate
    WHERE other.vehicle_id <> mine.vehicle_id AND other.begins <= mine.begins
        AND ((mine.until IS NULL AND other.until IS NULL)
            OR mine.vehicle_id NOT IN (SELECT vehicle_id FROM vins)
            OR other.vehicle_id NOT IN (SELECT vehicle_id FROM vins))
    UNION
    SELECT mine.vehicle_id, other.vehicle_id FROM vins AS mine JOIN vins AS other ON other.vin = mine.vin
    WHERE other.vehicle_id <> mine.vehicle_id AND other.begins <= mine.begins;
