-- Rule LS1: what is gone from lists, for whoever keeps a copy of one: a customer that was deleted, a passport that left a garage, a
-- fleet or a driver. It refers to nothing: what is gone may be deleted.
CREATE TABLE removals (
    -- The garage, the fleet or the account of the driver whose list it was in.
    holder_id uuid NOT NULL,
    removed_at timestamptz NOT NULL,
    item_id uuid NOT NULL,
    list text NOT NULL CHECK (list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets')),
    -- The garage that kept it then.
    garage_id uuid NOT NULL,
    PRIMARY KEY (holder_id, removed_at, item_id, list)
);
CREATE INDEX removals_by_age ON removals (removed_at);
