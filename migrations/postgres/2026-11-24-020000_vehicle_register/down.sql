-- Takes back all of up.sql; passports keep their present plate.
DROP TABLE apk_entries;
DROP TABLE registrations;
ALTER TABLE passports DROP COLUMN vehicle_id;
DROP TABLE vehicle_plates;
DROP TABLE vehicles;
