ALTER TABLE sessions DROP COLUMN is_distrusted;
DROP TABLE throttles;
CREATE TABLE throttles (
    subject bytea PRIMARY KEY,
    attempts bigint NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (last_at);
