-- Rule R19: whether the plate before this one was a mistake in writing.
ALTER TABLE vehicle_plates ADD COLUMN corrects INTEGER NOT NULL DEFAULT FALSE;

-- Rule L5: changes of link to which the side that lost the car can object.
ALTER TABLE garages ADD COLUMN second_thoughts_days INTEGER NOT NULL DEFAULT 7 CHECK (second_thoughts_days BETWEEN 0 AND 30);
CREATE TABLE link_changes (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    garage_id BLOB NOT NULL REFERENCES garages (id),
    plate TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('linked', 'unlinked')),
    fleet_id BLOB NOT NULL REFERENCES fleets (id),
    driver_account_id BLOB NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL CHECK (status IN ('open', 'agreed', 'objected', 'withdrawn', 'over')),
    changed_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    decided_at INTEGER,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((status = 'open') = (decided_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX link_changes_open ON link_changes (passport_id) WHERE status = 'open';
CREATE INDEX link_changes_by_passport ON link_changes (passport_id, id);
CREATE INDEX link_changes_by_garage ON link_changes (garage_id, id);
CREATE INDEX link_changes_by_fleet ON link_changes (fleet_id, id);
CREATE INDEX link_changes_by_driver ON link_changes (driver_account_id, id);
