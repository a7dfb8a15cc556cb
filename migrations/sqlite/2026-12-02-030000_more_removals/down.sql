-- What is gone from the other lists is forgotten.
CREATE TABLE removals_before AS SELECT * FROM removals WHERE list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets');
DROP TABLE removals;
CREATE TABLE removals (
    -- The garage, the fleet or the account of the driver whose list it was in.
    holder_id BLOB NOT NULL,
    removed_at INTEGER NOT NULL,
    item_id BLOB NOT NULL,
    list TEXT NOT NULL CHECK (list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets')),
    -- The garage that kept it then.
    garage_id BLOB NOT NULL,
    PRIMARY KEY (holder_id, removed_at, item_id, list)
) STRICT, WITHOUT ROWID;
INSERT INTO removals SELECT * FROM removals_before;
DROP TABLE removals_before;
CREATE INDEX removals_by_age ON removals (removed_at);
