-- Rules N2 to N6: what accounts are told in the app.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    -- The event that it follows from. No foreign key: what comes due has no event.
    cause_id uuid NOT NULL,
    kind text NOT NULL,
    passport_id uuid REFERENCES passports (id),
    -- Whether it is shown only as long as the account has the car (rule N4).
    needs_access boolean NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    link text,
    made_at timestamptz NOT NULL,
    read_at timestamptz,
    updated_at timestamptz NOT NULL,
    CHECK (passport_id IS NOT NULL OR NOT needs_access)
);
-- Rule N2: once for an event and an account.
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, cause_id, kind);
CREATE INDEX notifications_by_account ON notifications (account_id, id);
CREATE INDEX notifications_unread ON notifications (account_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (made_at, id);

-- Rule N3: a row switches one kind off for one channel; without one it is on.
CREATE TABLE notification_settings (
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL,
    channel text NOT NULL,
    PRIMARY KEY (account_id, kind, channel)
);
