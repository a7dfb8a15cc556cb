-- Rules CH3 and ML3: an objection belongs to the customer who made it and to the address to which the mailing was sent. Where it
-- went along with the customer to another address it says with whom, so that it goes when they leave that address.
ALTER TABLE suppressions ADD COLUMN goes_with BLOB;

-- The record remembers its objection from the beginning, and not only while it has no e-mail.
UPDATE customers SET objection_id = (
    SELECT suppressions.id FROM suppressions
    WHERE suppressions.garage_id = customers.garage_id AND suppressions.email_key = customers.email_key
        AND suppressions.reason = 'objected'
) WHERE email_key IS NOT NULL;

-- Rule ML4: how many letters a mailbox got, by the form in which addresses are compared; erased with the address.
ALTER TABLE apk_mailing_recipients ADD COLUMN email_key TEXT;
CREATE INDEX apk_mailing_recipients_of_mailbox ON apk_mailing_recipients (email_key, updated_at)
    WHERE is_mailed AND email_key IS NOT NULL;

-- Rule CH3: the customers of all garages with an address from which mail came back.
CREATE INDEX customers_by_mailbox ON customers (email_key, garage_id) WHERE email_key IS NOT NULL;
