DROP INDEX passports_by_fleet_apk;
ALTER TABLE passports DROP COLUMN apk_status;
-- The version before does not know what the standing says of an APK without a day.
UPDATE passports SET standing = NULL, is_judged = NULL WHERE standing LIKE 'n%';
