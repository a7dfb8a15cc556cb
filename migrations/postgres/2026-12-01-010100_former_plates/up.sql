-- Rule R19: the plates that the vehicle of a passport in use had before, without those that were mistakes in writing: numbers
-- with spaces between them, by which searching finds the car; null when it had none.
ALTER TABLE passports ADD COLUMN former_plates text;
UPDATE passports SET former_plates = (SELECT string_agg(number, ' ') FROM (SELECT DISTINCT had.plate AS number
        FROM vehicle_plates AS had
        WHERE had.vehicle_id = passports.vehicle_id
            AND (had.country, had.plate) <> (SELECT has.country, has.plate FROM vehicle_plates AS has
                WHERE has.vehicle_id = passports.vehicle_id ORDER BY has.number DESC LIMIT 1)
            AND NOT EXISTS (SELECT 1 FROM vehicle_plates AS next WHERE next.vehicle_id = had.vehicle_id
                AND next.number = had.number + 1 AND next.corrects)) AS former)
    WHERE status <> 'archived' AND vehicle_id IN (SELECT vehicle_id FROM vehicle_plates WHERE number > 1);
