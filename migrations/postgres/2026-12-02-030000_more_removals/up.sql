-- Rule LS1: more lists tell what is gone from them. What is gone from a list of an account is of no garage; what is gone from a list
-- of a car is held by the car.
ALTER TABLE removals ALTER COLUMN garage_id DROP NOT NULL;
ALTER TABLE removals DROP CONSTRAINT removals_list_check;
ALTER TABLE removals ADD CONSTRAINT removals_list_check CHECK (
    list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets', 'staff', 'maintenance_schedules', 'check_templates',
        'checks', 'photos', 'attachments', 'apk_mailings', 'suppressions', 'sessions', 'devices')
);
