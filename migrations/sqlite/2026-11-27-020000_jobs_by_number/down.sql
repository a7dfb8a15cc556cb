CREATE UNIQUE INDEX events_id ON events (id);
ALTER TABLE jobs ADD COLUMN event_id BLOB;
UPDATE jobs SET event_id = events.id FROM events
    WHERE events.stream_id = jobs.stream_id AND events.number = jobs.event_number;
DROP INDEX jobs_event;
ALTER TABLE jobs DROP COLUMN event_number;
ALTER TABLE jobs DROP COLUMN stream_id;
CREATE UNIQUE INDEX jobs_event ON jobs (event_id, position);
