-- Rule P8: which cars with this plate any garage archived, since a verdict on the odometer knows of their readings.
CREATE INDEX passports_archived_by_plate ON passports (country, plate) WHERE status = 'archived';
