-- Rules CH1 and ML3: an objection to a garage's mailings belongs to the customer. When the record has no e-mail any more it
-- remembers the objection, which then holds for the next e-mail too. It refers to nothing: one that was taken back is gone.
ALTER TABLE customers ADD COLUMN objection_id BLOB;
