-- Rule R19: whether the plate before this one was a mistake in writing.
ALTER TABLE vehicle_plates ADD COLUMN corrects boolean NOT NULL DEFAULT false;

-- Rule L5: changes of link to which the side that lost the car can object.
ALTER TABLE garages ADD COLUMN second_thoughts_days bigint NOT NULL DEFAULT 7 CHECK (second_thoughts_days BETWEEN 0 AND 30);
CREATE TABLE link_changes (
    id uuid PRIMARY KEY,
    passport_id uuid NOT NULL REFERENCES passports (id),
    garage_id uuid NOT NULL REFERENCES garages (id),
    plate text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('linked', 'unlinked')),
    fleet_id uuid NOT NULL REFERENCES fleets (id),
    driver_account_id uuid NOT NULL REFERENCES accounts (id),
    status text NOT NULL CHECK (status IN ('open', 'agreed', 'objected', 'withdrawn', 'over')),
    changed_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    decided_at timestamptz,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX link_changes_open ON link_changes (passport_id) WHERE status = 'open';
CREATE INDEX link_changes_by_passport ON link_changes (passport_id, id);
CREATE INDEX link_changes_by_garage ON link_changes (garage_id, id);
CREATE INDEX link_changes_by_fleet ON link_changes (fleet_id, id);
CREATE INDEX link_changes_by_driver ON link_changes (driver_account_id, id);
