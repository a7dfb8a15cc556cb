-- Rule R34: which body reported an inspection was not read. The register is asked once more about the inspections of each
-- vehicle that has any, as it is of those that were never asked about (rule R39).
UPDATE registrations SET inspections_checked_at = NULL WHERE inspections <> '[]';
