-- Rule ST4: the state of an APK that has no day, such as of a car that is exempt; null where apk_due_on says it, and while it is
-- not known.
ALTER TABLE passports ADD COLUMN apk_status TEXT;
-- The cars of a fleet by the day on which their APK is due.
CREATE INDEX passports_by_fleet_apk ON passports (fleet_id, apk_due_on, id)
    WHERE fleet_id IS NOT NULL AND status <> 'archived' AND apk_due_on IS NOT NULL;
-- The worker judges anew what is judged otherwise since: an APK without a day, and an odometer that was said to fall.
UPDATE passports SET standing = NULL, is_judged = NULL
    WHERE status <> 'archived' AND (apk_due_on IS NULL OR standing LIKE 'o;%' OR standing LIKE '%;o;%');
