-- Rule P6: a car changes garage. A garage asks, and the owner decides.
CREATE TABLE garage_changes (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    garage_id BLOB NOT NULL REFERENCES garages (id),
    former_garage_id BLOB NOT NULL REFERENCES garages (id),
    plate TEXT NOT NULL,
    -- No foreign key: the garage may delete its customer's record while the owner decides.
    customer_id BLOB NOT NULL,
    requested_by BLOB NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL CHECK (status IN ('requested', 'agreed', 'declined', 'withdrawn', 'expired')),
    requested_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decided_at INTEGER,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (garage_id <> former_garage_id),
    CHECK ((status = 'requested') = (decided_at IS NULL))
) STRICT;
-- Rule P6: at most one open request per passport.
CREATE UNIQUE INDEX garage_changes_open ON garage_changes (passport_id) WHERE status = 'requested';
CREATE INDEX garage_changes_by_passport ON garage_changes (passport_id, id);
CREATE INDEX garage_changes_by_garage ON garage_changes (garage_id, id);
CREATE INDEX garage_changes_by_former_garage ON garage_changes (former_garage_id, id);
CREATE INDEX garage_changes_by_expiry ON garage_changes (expires_at) WHERE status = 'requested';

-- Since when the present garage keeps the passport; null when no other kept it before.
ALTER TABLE passports ADD COLUMN kept_since INTEGER;
