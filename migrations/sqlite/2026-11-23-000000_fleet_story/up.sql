-- The fleet story: garages, accounts, customers, passports, fleets, transfers, and the spine of events and jobs.

CREATE TABLE garages (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    chain TEXT,
    email TEXT NOT NULL,
    phone TEXT,
    street TEXT,
    postcode TEXT,
    place TEXT,
    country TEXT NOT NULL,
    language TEXT NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- email_key is null once an account has ended: its address is free for another one (rule A1).
CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('driver', 'fleet', 'staff', 'platform')),
    email TEXT NOT NULL,
    email_key TEXT,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'ended')),
    garage_id BLOB REFERENCES garages (id),
    role TEXT,
    password_hash TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((kind = 'staff') = (garage_id IS NOT NULL AND role IS NOT NULL)),
    CHECK ((status = 'ended') = (email_key IS NULL))
) STRICT;
CREATE UNIQUE INDEX accounts_email_key ON accounts (email_key);
CREATE INDEX accounts_by_garage ON accounts (garage_id, id);

CREATE TABLE customers (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    search_key TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    mobile TEXT,
    street TEXT,
    postcode TEXT,
    place TEXT,
    country TEXT NOT NULL,
    language TEXT NOT NULL,
    km_per_year INTEGER,
    usage TEXT,
    accepts_promotions INTEGER NOT NULL,
    notes TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX customers_by_name ON customers (garage_id, name_key, id);
CREATE INDEX customers_by_email ON customers (garage_id, email_key);

-- The two references that would go in a circle (fleet to manager passport, passport to fleet) are kept by the domain.
CREATE TABLE fleets (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    customer_id BLOB REFERENCES customers (id),
    manager_passport_id BLOB NOT NULL,
    manager_account_id BLOB NOT NULL REFERENCES accounts (id),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    begin_kind TEXT NOT NULL CHECK (begin_kind IN ('invited', 'prepared')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX fleets_account ON fleets (account_id);
CREATE INDEX fleets_by_name ON fleets (garage_id, name_key, id);
CREATE INDEX fleets_by_customer ON fleets (customer_id);
CREATE INDEX fleets_by_manager ON fleets (manager_account_id);

CREATE TABLE passports (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    customer_id BLOB REFERENCES customers (id),
    country TEXT NOT NULL,
    plate TEXT NOT NULL,
    make TEXT,
    model TEXT,
    year INTEGER,
    fuel TEXT,
    vin TEXT,
    odometer_km INTEGER,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'archived')),
    driver_account_id BLOB REFERENCES accounts (id),
    fleet_id BLOB REFERENCES fleets (id),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (status <> 'active' OR driver_account_id IS NOT NULL),
    CHECK (status <> 'archived' OR (driver_account_id IS NULL AND fleet_id IS NULL))
) STRICT;
-- Rule P1: at most one passport in use per plate, on the whole platform.
CREATE UNIQUE INDEX passports_plate ON passports (country, plate) WHERE status <> 'archived';
CREATE INDEX passports_by_garage ON passports (garage_id, id);
CREATE INDEX passports_by_garage_plate ON passports (garage_id, plate);
CREATE INDEX passports_by_customer ON passports (customer_id, id);
CREATE INDEX passports_by_driver ON passports (driver_account_id, id);
CREATE INDEX passports_by_fleet ON passports (fleet_id, id);

CREATE TABLE transfers (
    id BLOB NOT NULL PRIMARY KEY,
    passport_id BLOB NOT NULL REFERENCES passports (id),
    garage_id BLOB NOT NULL REFERENCES garages (id),
    plate TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('new_owner', 'new_driver')),
    offered_by BLOB NOT NULL REFERENCES accounts (id),
    fleet_id BLOB REFERENCES fleets (id),
    recipient_email TEXT NOT NULL,
    recipient_email_key TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('offered', 'accepted', 'declined', 'withdrawn', 'expired')),
    offered_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decided_at INTEGER,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((status = 'offered') = (decided_at IS NULL))
) STRICT;
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
    passport_id BLOB NOT NULL REFERENCES passports (id),
    number INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('driver', 'owner', 'fleet')),
    account_id BLOB REFERENCES accounts (id),
    fleet_id BLOB REFERENCES fleets (id),
    since INTEGER NOT NULL,
    changed_by BLOB REFERENCES accounts (id),
    PRIMARY KEY (passport_id, number),
    CHECK (account_id IS NULL OR fleet_id IS NULL)
) STRICT;

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    garage_id BLOB REFERENCES garages (id),
    account_id BLOB REFERENCES accounts (id),
    passport_id BLOB REFERENCES passports (id),
    transfer_id BLOB REFERENCES transfers (id),
    email TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_by_account ON invitations (account_id);
CREATE INDEX invitations_by_passport ON invitations (passport_id);
CREATE INDEX invitations_by_transfer ON invitations (transfer_id);

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account_id, id);

CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id),
    issued_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_issue ON refresh_tokens (issued_at);

-- The private half is sealed with the server's secret.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    sealed_private BLOB NOT NULL,
    public BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE throttles (
    subject BLOB NOT NULL PRIMARY KEY,
    attempts INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttles_by_age ON throttles (last_at);

-- Answers to POSTs that carried an Idempotency-Key; bodies are sealed, since some carry tokens.
CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    sealed_body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (actor, idempotency_key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- One row a stream: its last number, and the lock that lets a garage's commands run one after the other.
CREATE TABLE event_streams (
    id BLOB NOT NULL PRIMARY KEY,
    last_number INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    stream_id BLOB NOT NULL REFERENCES event_streams (id),
    number INTEGER NOT NULL,
    id BLOB NOT NULL,
    happened_at INTEGER NOT NULL,
    account_id BLOB,
    kind TEXT NOT NULL,
    passport_id BLOB,
    fact TEXT NOT NULL,
    PRIMARY KEY (stream_id, number)
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_by_passport ON events (passport_id, stream_id, number);

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    event_id BLOB,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
-- Never twice for one event.
CREATE UNIQUE INDEX jobs_event ON jobs (event_id, position);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (updated_at) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

-- What is recorded stays recorded.
CREATE TRIGGER custody_only_grows_update BEFORE UPDATE ON custody BEGIN SELECT RAISE(ABORT, 'custody only grows'); END;
CREATE TRIGGER custody_only_grows_delete BEFORE DELETE ON custody BEGIN SELECT RAISE(ABORT, 'custody only grows'); END;
CREATE TRIGGER events_only_grow_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events only grows'); END;
CREATE TRIGGER events_only_grow_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events only grows'); END;
