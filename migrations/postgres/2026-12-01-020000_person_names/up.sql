-- Rule CU7: the parts of a person's name, and the form by which customers are sorted. Both are filled in by the next migration,
-- which is in Rust; until then all have the same form.
ALTER TABLE customers ADD COLUMN given_name text;
ALTER TABLE customers ADD COLUMN name_prefix text;
ALTER TABLE customers ADD COLUMN surname text;
ALTER TABLE customers ADD COLUMN sort_key text COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX customers_by_name;
CREATE INDEX customers_by_name ON customers (garage_id, sort_key, id);
-- Of two indexes that cost the same, as they do while nobody has counted a new garage's rows, PostgreSQL takes the younger one: for an
-- e-mail that must be this one.
DROP INDEX customers_by_mailbox;
CREATE INDEX customers_by_mailbox ON customers (email_key, garage_id) WHERE email_key IS NOT NULL;
