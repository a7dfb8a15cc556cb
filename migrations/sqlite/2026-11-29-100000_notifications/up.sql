-- Rules N2 to N6: what accounts are told in the app.
CREATE TABLE notifications (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    -- The event that it follows from. No foreign key: what comes due has no event.
    cause_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    passport_id BLOB REFERENCES passports (id),
    -- Whether it is shown only as long as the account has the car (rule N4).
    needs_access INTEGER NOT NULL CHECK (needs_access IN (0, 1)),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT,
    made_at INTEGER NOT NULL,
    read_at INTEGER,
    updated_at INTEGER NOT NULL,
    CHECK (passport_id IS NOT NULL OR NOT needs_access)
) STRICT;
-- Rule N2: once for an event and an account.
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, cause_id, kind);
CREATE INDEX notifications_by_account ON notifications (account_id, id);
CREATE INDEX notifications_unread ON notifications (account_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (made_at, id);

-- Rule N3: a row switches one kind off for one channel; without one it is on.
CREATE TABLE notification_settings (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (account_id, kind, channel)
) STRICT, WITHOUT ROWID;
