ALTER TABLE sessions DROP COLUMN is_distrusted;
DROP TABLE throttles;
CREATE TABLE throttles (
    subject BLOB NOT NULL PRIMARY KEY,
    attempts INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttles_by_age ON throttles (last_at);
