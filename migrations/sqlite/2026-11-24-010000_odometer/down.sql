-- Takes back all of up.sql; passports keep what they showed last.
DROP TABLE odometer_readings;
