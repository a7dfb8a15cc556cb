-- Rule RM2: the reminders that were made, each once for an item, a task, a day of arming and an offset.
CREATE TABLE reminders (
    passport_id uuid NOT NULL REFERENCES passports (id),
    item text NOT NULL,
    -- The service task; empty for the APK.
    task text NOT NULL,
    armed_for date NOT NULL,
    "offset" bigint NOT NULL,
    due_on date NOT NULL,
    made_on date NOT NULL,
    PRIMARY KEY (passport_id, item, task, armed_for, "offset")
);

-- Rule RM5: the day on which a car must be looked at for reminders. The earliest day there is means at once: a car whose
-- standing was judged anew is looked at with the next pass. Null when nothing will come due without a change.
ALTER TABLE passports ADD COLUMN remind_on date;
UPDATE passports SET remind_on = '0001-01-01' WHERE is_judged IS NOT NULL;
CREATE INDEX passports_by_reminder ON passports (remind_on, id) WHERE status = 'active' AND remind_on IS NOT NULL;
