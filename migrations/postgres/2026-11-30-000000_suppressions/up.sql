-- Rule CH3: addresses that must not be written to. What is about the mailbox concerns all garages and has none; an objection is
-- to the mailings of one.
CREATE TABLE suppressions (
    id uuid PRIMARY KEY,
    garage_id uuid REFERENCES garages (id),
    email text NOT NULL,
    email_key text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('bounced', 'complained', 'objected')),
    since timestamptz NOT NULL,
    CONSTRAINT suppressions_garage CHECK ((reason = 'objected') = (garage_id IS NOT NULL))
);
-- One row for an address and reason, and for an objection to each garage. Addresses are looked up by both.
CREATE UNIQUE INDEX suppressions_of_platform ON suppressions (email_key, reason) WHERE garage_id IS NULL;
CREATE UNIQUE INDEX suppressions_of_garage ON suppressions (garage_id, email_key, reason) WHERE garage_id IS NOT NULL;
CREATE INDEX suppressions_by_email ON suppressions (email_key);
