-- Rules A16 to A21: a second factor at sign-in. Without confirmed_at it is only begun: its secret was shown, and no code of
-- it was seen yet. The secret is sealed; last_step is the time step of the latest code that was used.
CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts (id),
    sealed_secret bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    CHECK ((confirmed_at IS NULL) = (last_step IS NULL))
);

-- Those that were not used yet. A code is hashed with the server's secret.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES second_factors (account_id),
    hash bytea NOT NULL,
    PRIMARY KEY (account_id, hash)
);

-- Rule A19: whether the garage demands a second factor of its staff, and who has to set one up before anything else.
ALTER TABLE garages ADD COLUMN second_factor_required boolean NOT NULL DEFAULT false;
ALTER TABLE accounts ADD COLUMN must_enrol boolean NOT NULL DEFAULT false;

-- Rule A21: until when the device of this session is remembered.
ALTER TABLE sessions ADD COLUMN remembered_until timestamptz;
