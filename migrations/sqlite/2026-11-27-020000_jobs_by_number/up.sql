-- A job knows its event by stream and number, the key that events have anyway. By id they were looked up for jobs alone, and
-- the largest table had a second unique index for that.
ALTER TABLE jobs ADD COLUMN stream_id BLOB;
ALTER TABLE jobs ADD COLUMN event_number INTEGER CHECK ((stream_id IS NULL) = (event_number IS NULL));
UPDATE jobs SET stream_id = events.stream_id, event_number = events.number FROM events WHERE events.id = jobs.event_id;
DROP INDEX jobs_event;
ALTER TABLE jobs DROP COLUMN event_id;
-- Never twice for one event.
CREATE UNIQUE INDEX jobs_event ON jobs (stream_id, event_number, position);
DROP INDEX events_id;
