ALTER TABLE passports ADD COLUMN remind_on TEXT;
UPDATE passports SET remind_on = '0001-01-01' WHERE is_judged IS NOT NULL AND status <> 'active';
UPDATE passports SET remind_on = look_on FROM reminder_looks WHERE passport_id = passports.id;
CREATE INDEX passports_by_reminder ON passports (remind_on, id) WHERE status = 'active' AND remind_on IS NOT NULL;
DROP TABLE reminder_looks;
