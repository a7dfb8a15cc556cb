-- Jobs are claimed by kind, so that a long queue of one kind holds up none of another.
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (kind, run_at, id) WHERE state = 'queued';
