-- Rule P16: the periods in which an account drove a car or a car was in a fleet, and what drivers and fleets entered themselves.
CREATE INDEX custody_by_account ON custody (account_id, passport_id) WHERE account_id IS NOT NULL;
CREATE INDEX custody_by_fleet ON custody (fleet_id, passport_id) WHERE fleet_id IS NOT NULL;
CREATE INDEX odometer_readings_entered ON odometer_readings (passport_id, id) WHERE source IN ('driver', 'fleet');
