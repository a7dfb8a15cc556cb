-- Rule A12: guesses come back with time. What was remembered before is forgotten; that is a day at most.
DROP TABLE throttles;
CREATE TABLE throttles (
    subject BLOB NOT NULL PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttles_by_age ON throttles (full_at);

-- Rule A12: a device whose session was ended from elsewhere, or by a new password, is not known any more.
ALTER TABLE sessions ADD COLUMN is_distrusted INTEGER NOT NULL DEFAULT FALSE;
