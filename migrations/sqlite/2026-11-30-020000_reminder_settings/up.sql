-- Rule RM1: when people are reminded, where the garage itself sets it. The days are numbers with spaces between them.
CREATE TABLE garage_reminder_offsets (
    garage_id BLOB NOT NULL REFERENCES garages (id),
    item TEXT NOT NULL,
    days TEXT NOT NULL,
    PRIMARY KEY (garage_id, item)
) STRICT, WITHOUT ROWID;

-- The same, where the operator sets it: for a chain by the normal form of its name, or, with an empty name, for all.
CREATE TABLE reminder_offsets (
    chain_key TEXT NOT NULL,
    item TEXT NOT NULL,
    days TEXT NOT NULL,
    PRIMARY KEY (chain_key, item)
) STRICT, WITHOUT ROWID;

-- Rule RM4: who is reminded of the cars of a fleet; and of a fleet that takes digests the first day whose reminders the next
-- one tells of, and the day on which that comes.
ALTER TABLE fleets ADD COLUMN reminders_to TEXT NOT NULL DEFAULT 'both';
ALTER TABLE fleets ADD COLUMN digest_since TEXT;
ALTER TABLE fleets ADD COLUMN digest_on TEXT;
CREATE INDEX fleets_by_digest ON fleets (digest_on, id) WHERE digest_on IS NOT NULL;

-- Rule RM1: the day on which a link must be looked at for a reminder, as for cars. Null when there will be none: it was made, or
-- the link is for something that its holder asked for a moment ago.
ALTER TABLE invitations ADD COLUMN remind_on TEXT;
UPDATE invitations SET remind_on = '0001-01-01'
    WHERE used_at IS NULL AND revoked_at IS NULL AND garage_id IS NOT NULL
    AND purpose IN ('passport', 'fleet', 'staff', 'transfer');
CREATE INDEX invitations_by_reminder ON invitations (remind_on, id) WHERE remind_on IS NOT NULL;
CREATE INDEX invitations_of_garage ON invitations (garage_id) WHERE remind_on IS NOT NULL;
