DROP INDEX odometer_readings_entered;
DROP INDEX custody_by_fleet;
DROP INDEX custody_by_account;
