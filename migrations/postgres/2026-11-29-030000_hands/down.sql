DROP TABLE link_changes;
ALTER TABLE garages DROP COLUMN second_thoughts_days;
ALTER TABLE vehicle_plates DROP COLUMN corrects;
