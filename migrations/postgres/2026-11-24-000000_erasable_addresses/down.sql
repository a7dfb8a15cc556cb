-- Takes back the schema of up.sql; addresses that were taken out of events stay out.
DROP INDEX jobs_ended;
DROP INDEX sessions_by_use;
DROP INDEX invitations_by_expiry;
ALTER TABLE invitations DROP COLUMN former_email;
