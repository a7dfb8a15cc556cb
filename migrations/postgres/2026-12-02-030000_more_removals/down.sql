-- What is gone from the other lists is forgotten.
DELETE FROM removals WHERE list NOT IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets');
ALTER TABLE removals DROP CONSTRAINT removals_list_check;
ALTER TABLE removals ADD CONSTRAINT removals_list_check CHECK (list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets'));
ALTER TABLE removals ALTER COLUMN garage_id SET NOT NULL;
