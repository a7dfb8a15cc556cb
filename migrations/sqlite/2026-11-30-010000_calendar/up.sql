-- Rule CAL1: the private calendar of an account. Of its secret address a keyed hash alone is stored.
CREATE TABLE calendar_feeds (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret_hash BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX calendar_feeds_secret ON calendar_feeds (secret_hash);

-- What the calendar last showed, so that each change of an entry is seen to be one.
CREATE TABLE calendar_entries (
    account_id BLOB NOT NULL REFERENCES calendar_feeds (account_id) ON DELETE CASCADE,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    kind TEXT NOT NULL,
    -- The service task; empty for the APK.
    task TEXT NOT NULL,
    due_on TEXT NOT NULL,
    plate TEXT NOT NULL,
    car TEXT,
    language TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    changed_at INTEGER NOT NULL,
    cancelled_at INTEGER,
    PRIMARY KEY (account_id, passport_id, kind, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_entries_cancelled ON calendar_entries (cancelled_at) WHERE cancelled_at IS NOT NULL;
