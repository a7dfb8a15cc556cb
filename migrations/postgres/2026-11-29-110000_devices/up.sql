-- Rule CH2: the devices that receive push messages. A device goes with its session.
CREATE TABLE devices (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('web_push', 'fcm')),
    -- A keyed hash of the address or token, by which a device that is registered again is known.
    target_hash bytea NOT NULL,
    -- The address or token with its keys, sealed: whoever has them can send to the device.
    sealed_target bytea NOT NULL,
    registered_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX devices_target ON devices (target_hash);
CREATE INDEX devices_by_account ON devices (account_id, id);
CREATE INDEX devices_by_session ON devices (session_id);
