ALTER TABLE vehicle_plates DROP COLUMN plate_typed;
ALTER TABLE passports DROP COLUMN plate_typed;
