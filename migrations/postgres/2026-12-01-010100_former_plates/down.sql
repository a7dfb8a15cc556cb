ALTER TABLE passports DROP COLUMN former_plates;
