-- Takes back all of up.sql.
DROP TABLE jobs;
DROP TABLE events;
DROP TABLE event_streams;
DROP TABLE idempotency_keys;
DROP TABLE throttles;
DROP TABLE signing_keys;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE invitations;
DROP TABLE custody;
DROP TABLE transfers;
DROP TABLE passports;
DROP TABLE fleets;
DROP TABLE customers;
DROP TABLE accounts;
DROP TABLE garages;
