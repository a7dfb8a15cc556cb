DROP INDEX customers_by_name;
CREATE INDEX customers_by_name ON customers (garage_id, name_key, id);
ALTER TABLE customers DROP COLUMN sort_key;
ALTER TABLE customers DROP COLUMN surname;
ALTER TABLE customers DROP COLUMN name_prefix;
ALTER TABLE customers DROP COLUMN given_name;
