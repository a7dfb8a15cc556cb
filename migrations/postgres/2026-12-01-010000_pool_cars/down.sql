-- Takes back all of up.sql. A passport without a driver waits for one, as servers of then know it.
UPDATE passports SET status = 'invited' WHERE status = 'active' AND driver_account_id IS NULL;
ALTER TABLE passports DROP CONSTRAINT passports_check,
    ADD CONSTRAINT passports_check CHECK (status <> 'active' OR driver_account_id IS NOT NULL);
