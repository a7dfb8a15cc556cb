-- Rule P8: the APK dates that garages entered are the vehicle's, and go on with it. An entry keeps the passport for which it was
-- entered.
ALTER TABLE apk_entries ADD COLUMN vehicle_id uuid;
ALTER TABLE apk_entries DISABLE TRIGGER apk_entries_only_grow;
UPDATE apk_entries SET vehicle_id = passports.vehicle_id FROM passports WHERE passports.id = apk_entries.passport_id;
ALTER TABLE apk_entries ENABLE TRIGGER apk_entries_only_grow;
ALTER TABLE apk_entries ALTER COLUMN vehicle_id SET NOT NULL;
DROP INDEX apk_entries_by_passport;
CREATE INDEX apk_entries_by_vehicle ON apk_entries (vehicle_id, id);
