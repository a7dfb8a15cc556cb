-- Rule P8: the APK dates that garages entered are the vehicle's, and go on with it. An entry keeps the passport for which it was
-- entered.
DROP TRIGGER apk_entries_only_grow_update;
DROP TRIGGER apk_entries_only_grow_delete;
ALTER TABLE apk_entries ADD COLUMN vehicle_id BLOB;
UPDATE apk_entries SET vehicle_id = (SELECT vehicle_id FROM passports WHERE passports.id = passport_id);
-- SQLite adds no column that is never null: the table is made anew.
CREATE TABLE apk_entries_before AS SELECT * FROM apk_entries;
DROP TABLE apk_entries;
CREATE TABLE apk_entries (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    expires_on TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    entered_by BLOB NOT NULL REFERENCES accounts (id),
    vehicle_id BLOB NOT NULL
) STRICT;
INSERT INTO apk_entries SELECT * FROM apk_entries_before;
DROP TABLE apk_entries_before;
CREATE INDEX apk_entries_by_vehicle ON apk_entries (vehicle_id, id);
CREATE TRIGGER apk_entries_only_grow_update BEFORE UPDATE ON apk_entries
    BEGIN SELECT RAISE(ABORT, 'apk_entries only grows'); END;
CREATE TRIGGER apk_entries_only_grow_delete BEFORE DELETE ON apk_entries
    BEGIN SELECT RAISE(ABORT, 'apk_entries only grows'); END;
