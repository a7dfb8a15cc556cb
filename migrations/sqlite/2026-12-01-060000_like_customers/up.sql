-- Rule CU8: the records of a garage that have the same telephone number.
CREATE INDEX customers_by_mobile ON customers (garage_id, mobile) WHERE mobile IS NOT NULL;
