-- Rule LS1: more lists tell what is gone from them. What is gone from a list of an account is of no garage; what is gone from a list
-- of a car is held by the car. SQLite changes no condition of a column: the table is made anew.
CREATE TABLE removals_before AS SELECT * FROM removals;
DROP TABLE removals;
CREATE TABLE removals (
    -- The garage, the fleet, the account or the vehicle whose list it was in.
    holder_id BLOB NOT NULL,
    removed_at INTEGER NOT NULL,
    item_id BLOB NOT NULL,
    list TEXT NOT NULL CHECK (
        list IN ('customers', 'passports', 'passports_in_use', 'fleet_passports', 'open_fleets', 'staff', 'maintenance_schedules',
        'check_templates', 'checks', 'photos', 'attachments', 'apk_mailings', 'suppressions', 'sessions', 'devices')
    ),
    -- The garage that kept it then; null of what is of an account.
    garage_id BLOB,
    PRIMARY KEY (holder_id, removed_at, item_id, list)
) STRICT, WITHOUT ROWID;
INSERT INTO removals SELECT * FROM removals_before;
DROP TABLE removals_before;
CREATE INDEX removals_by_age ON removals (removed_at);
