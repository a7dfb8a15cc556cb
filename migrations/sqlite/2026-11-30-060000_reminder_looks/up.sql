-- Rule RM5: the day on which a car must be looked at for reminders, in a table of its own: each look gives another day, and a
-- row of passports, of which a new day would be a new entry in each index, is many times as dear to write. The earliest day there
-- is means at once. A car that is not here has nothing that will come due without a
-- change, or its passport is not in use.
CREATE TABLE reminder_looks (
    passport_id BLOB NOT NULL PRIMARY KEY REFERENCES passports (id),
    look_on TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO reminder_looks SELECT id, remind_on FROM passports WHERE remind_on IS NOT NULL AND status = 'active';
CREATE INDEX reminder_looks_by_day ON reminder_looks (look_on, passport_id);
DROP INDEX passports_by_reminder;
ALTER TABLE passports DROP COLUMN remind_on;
