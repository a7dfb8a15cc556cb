-- The fleet story: garages, accounts, customers, passports, fleets, transfers, and the spine of events and jobs.

CREATE TABLE garages (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    chain text,
    email text NOT NULL,
    phone text,
    street text,
    postcode text,
    place text,
    country text NOT NULL,
    language text NOT NULL,
    currency text NOT NULL,
    time_zone text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- email_key is null once an account has ended: its address is free for another one (rule A1).
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('driver', 'fleet', 'staff', 'platform')),
    email text NOT NULL,
    email_key text,
    name text NOT NULL,
    language text NOT NULL,
    status text NOT NULL CHECK (status IN ('invited', 'active', 'ended')),
    garage_id uuid REFERENCES garages (id),
    role text,
    password_hash text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((kind = 'staff') = (garage_id IS NOT NULL AND role IS NOT NULL)),
    CHECK ((status = 'ended') = (email_key IS NULL))
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);
CREATE INDEX accounts_by_garage ON accounts (garage_id, id);

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    kind text NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    email text,
    email_key text,
    mobile text,
    street text,
    postcode text,
    place text,
    country text NOT NULL,
    language text NOT NULL,
    km_per_year bigint,
    usage text,
    accepts_promotions boolean NOT NULL,
    notes text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX customers_by_name ON customers (garage_id, name_key, id);
CREATE INDEX customers_by_email ON customers (garage_id, email_key);

-- The two references that would go in a circle (fleet to manager passport, passport to fleet) are kept by the domain.
CREATE TABLE fleets (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    customer_id uuid REFERENCES customers (id),
    manager_passport_id uuid NOT NULL,
    manager_account_id uuid NOT NULL REFERENCES accounts (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    begin_kind text NOT NULL CHECK (begin_kind IN ('invited', 'prepared')),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX fleets_account ON fleets (account_id);
CREATE INDEX fleets_by_name ON fleets (garage_id, name_key, id);
CREATE INDEX fleets_by_customer ON fleets (customer_id);
CREATE INDEX fleets_by_manager ON fleets (manager_account_id);

CREATE TABLE passports (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    customer_id uuid REFERENCES customers (id),
    country text NOT NULL,
    plate text NOT NULL,
    make text,
    model text,
    year bigint,
    fuel text,
    vin text,
    odometer_km bigint,
    status text NOT NULL CHECK (status IN ('invited', 'active', 'archived')),
    driver_account_id uuid REFERENCES accounts (id),
    fleet_id uuid REFERENCES fleets (id),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
);
-- Rule P1: at most one passport in use per plate, on the whole platform.
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id);
CREATE INDEX passports_by_fleet ON passports (fleet_id, id);

CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    passport_id uuid NOT NULL REFERENCES passports (id),
    garage_id uuid NOT NULL REFERENCES garages (id),
    plate text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('new_owner', 'new_driver')),
    offered_by uuid NOT NULL REFERENCES accounts (id),
    fleet_id uuid REFERENCES fleets (id),
    recipient_email text NOT NULL,
    recipient_email_key text NOT NULL,
    status text NOT NULL CHECK (status IN ('offered', 'accepted', 'declined', 'withdrawn', 'expired')),
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((status = 'offered') = (decided_at IS NULL))
);
-- Rule T5: at most one open offer per passport.
CREATE UNIQUE INDEX transfers_open ON transfers (passport_id) WHERE status = 'offered';
CREATE INDEX transfers_by_passport ON transfers (passport_id, id);
CREATE INDEX transfers_by_garage ON transfers (garage_id, id);
CREATE INDEX transfers_by_fleet ON transfers (fleet_id, id);
CREATE INDEX transfers_by_offerer ON transfers (offered_by, id);
CREATE INDEX transfers_by_recipient ON transfers (recipient_email_key, id);
CREATE INDEX transfers_by_expiry ON transfers (expires_at) WHERE status = 'offered';

-- Rule P5: the history of hands only grows. An entry ends where the next one of its role begins.
CREATE TABLE custody (
    passport_id uuid NOT NULL REFERENCES passports (id),
    number bigint NOT NULL,
    role text NOT NULL CHECK (role IN ('driver', 'owner', 'fleet')),
    account_id uuid REFERENCES accounts (id),
    fleet_id uuid REFERENCES fleets (id),
    since timestamptz NOT NULL,
    changed_by uuid REFERENCES accounts (id),
    PRIMARY KEY (passport_id, number),
    CHECK (account_id IS NULL OR fleet_id IS NULL)
);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    garage_id uuid REFERENCES garages (id),
    account_id uuid REFERENCES accounts (id),
    passport_id uuid REFERENCES passports (id),
    transfer_id uuid REFERENCES transfers (id),
    email text NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_by_account ON invitations (account_id);
CREATE INDEX invitations_by_passport ON invitations (passport_id);
CREATE INDEX invitations_by_transfer ON invitations (transfer_id);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    user_agent text,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_by_account ON sessions (account_id, id);

CREATE TABLE refresh_tokens (
    hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    issued_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_issue ON refresh_tokens (issued_at);

-- The private half is sealed with the server's secret.
CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    sealed_private bytea NOT NULL,
    public bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE throttles (
    subject bytea PRIMARY KEY,
    attempts bigint NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (last_at);

-- Answers to POSTs that carried an Idempotency-Key; bodies are sealed, since some carry tokens.
CREATE TABLE idempotency_keys (
    actor text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    location text,
    etag text,
    sealed_body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- One row a stream: its last number, and the lock that lets a garage's commands run one after the other.
CREATE TABLE event_streams (
    id uuid PRIMARY KEY,
    last_number bigint NOT NULL
);

CREATE TABLE events (
    stream_id uuid NOT NULL REFERENCES event_streams (id),
    number bigint NOT NULL,
    id uuid NOT NULL,
    happened_at timestamptz NOT NULL,
    account_id uuid,
    kind text NOT NULL,
    passport_id uuid,
    fact text NOT NULL,
    PRIMARY KEY (stream_id, number)
);
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_by_passport ON events (passport_id, stream_id, number);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    event_id uuid,
    position bigint NOT NULL,
    kind text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    attempts bigint NOT NULL,
    run_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
-- Never twice for one event.
CREATE UNIQUE INDEX jobs_event ON jobs (event_id, position);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (updated_at) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

-- What is recorded stays recorded.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER custody_only_grows BEFORE UPDATE OR DELETE ON custody FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER events_only_grow BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER custody_is_not_emptied BEFORE TRUNCATE ON custody FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
