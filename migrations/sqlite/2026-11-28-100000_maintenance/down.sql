-- Takes back all of up.sql.
DROP TABLE recommendations;
DROP TABLE service_attachments;
DROP TABLE service_lines;
DROP TABLE service_records;
DROP TABLE vehicle_check_photos;
DROP TABLE files;
DROP TABLE vehicle_check_findings;
DROP TABLE vehicle_checks;
DROP TABLE check_templates;
DROP TABLE service_indicators;
DROP TABLE maintenance_schedules;
ALTER TABLE passports DROP COLUMN next_due;
ALTER TABLE passports DROP COLUMN next_due_on;
ALTER TABLE passports DROP COLUMN urgent_from;
ALTER TABLE passports DROP COLUMN attention_from;
ALTER TABLE passports DROP COLUMN is_judged;
ALTER TABLE passports DROP COLUMN standing;
ALTER TABLE fleets DROP COLUMN drivers_see_amounts;
