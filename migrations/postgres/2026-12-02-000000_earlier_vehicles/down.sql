CREATE INDEX passports_archived_by_plate ON passports (country, plate) WHERE status = 'archived';
DROP INDEX passports_by_vin;
DROP INDEX vehicle_plates_dutch;
DROP TABLE parted_vehicles;
DROP TABLE vehicle_vins;
DROP TABLE earlier_vehicles;
