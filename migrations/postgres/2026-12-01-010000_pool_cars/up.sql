-- Rule F7: a passport in use has a driver, or a fleet that has ended its driver's access (a pool car).
ALTER TABLE passports DROP CONSTRAINT passports_check,
    ADD CONSTRAINT passports_check CHECK (status <> 'active' OR driver_account_id IS NOT NULL OR fleet_id IS NOT NULL);
