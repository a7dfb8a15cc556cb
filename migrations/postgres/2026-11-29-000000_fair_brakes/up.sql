-- Rule A12: guesses come back with time. What was remembered before is forgotten; that is a day at most.
DROP TABLE throttles;
CREATE TABLE throttles (
    subject bytea PRIMARY KEY,
    full_at timestamptz NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (full_at);

-- Rule A12: a device whose session was ended from elsewhere, or by a new password, is not known any more.
ALTER TABLE sessions ADD COLUMN is_distrusted boolean NOT NULL DEFAULT false;
