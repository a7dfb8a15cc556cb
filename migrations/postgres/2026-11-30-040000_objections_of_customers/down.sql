ALTER TABLE customers DROP COLUMN objection_id;
