-- Rule CAL1: the private calendar of an account. Of its secret address a keyed hash alone is stored.
CREATE TABLE calendar_feeds (
    account_id uuid PRIMARY KEY REFERENCES accounts (id),
    secret_hash bytea NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX calendar_feeds_secret ON calendar_feeds (secret_hash);

-- What the calendar last showed, so that each change of an entry is seen to be one.
CREATE TABLE calendar_entries (
    account_id uuid NOT NULL REFERENCES calendar_feeds (account_id) ON DELETE CASCADE,
    passport_id uuid NOT NULL REFERENCES passports (id),
    kind text NOT NULL,
    -- The service task; empty for the APK.
    task text NOT NULL,
    due_on date NOT NULL,
    plate text NOT NULL,
    car text,
    language text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence >= 0),
    changed_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    PRIMARY KEY (account_id, passport_id, kind, task)
);
CREATE INDEX calendar_entries_cancelled ON calendar_entries (cancelled_at) WHERE cancelled_at IS NOT NULL;
