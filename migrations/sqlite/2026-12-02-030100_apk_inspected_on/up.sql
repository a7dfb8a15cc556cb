-- Rule APK11: the day of the inspection, of entries whose garage said it.
ALTER TABLE apk_entries ADD COLUMN inspected_on TEXT;
