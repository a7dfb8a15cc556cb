ALTER TABLE sessions DROP COLUMN remembered_until;
ALTER TABLE accounts DROP COLUMN must_enrol;
ALTER TABLE garages DROP COLUMN second_factor_required;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
