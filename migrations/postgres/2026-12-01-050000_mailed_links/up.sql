-- Rules A25 and CH4: links are found by the mailbox to which they went, as it is compared (rule A1). For those of before, the key of
-- an address in ASCII is made here; the few others have ended within two weeks.
ALTER TABLE invitations ADD COLUMN email_key text;
UPDATE invitations SET email_key = lower(btrim(email));
CREATE INDEX invitations_by_email ON invitations (email_key, created_at);

-- Rule CH4: what became of the mail. Of those of before nothing is known: their jobs are deleted after some days.
ALTER TABLE invitations ADD COLUMN delivery text NOT NULL DEFAULT 'unknown';
ALTER TABLE invitations ADD COLUMN delivery_at timestamptz;
ALTER TABLE invitations ADD COLUMN delivery_reason text;
