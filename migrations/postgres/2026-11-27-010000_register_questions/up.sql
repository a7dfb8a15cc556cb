-- When the register was last asked for the recalls and the inspections of a plate: they are not asked each day (rule R39).
-- Of the plates before that was not written down: they are asked once more.
ALTER TABLE registrations ADD COLUMN recalls_checked_at timestamptz;
ALTER TABLE registrations ADD COLUMN inspections_checked_at timestamptz;
