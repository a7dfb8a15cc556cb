-- Rule ML3: how a customer's e-mail address was obtained, and whether an objection was offered then. All three are known or
-- none.
ALTER TABLE customers ADD COLUMN email_source TEXT;
ALTER TABLE customers ADD COLUMN email_obtained_on TEXT;
ALTER TABLE customers ADD COLUMN objection_offered INTEGER CHECK (objection_offered IN (0, 1))
    CHECK ((email_source IS NULL) = (email_obtained_on IS NULL) AND (email_source IS NULL) = (objection_offered IS NULL));
-- Rule ML3: whether the customer agreed to be called; lists to telephone need that.
ALTER TABLE customers ADD COLUMN accepts_calls INTEGER NOT NULL DEFAULT 0 CHECK (accepts_calls IN (0, 1));

-- Rule ML1: the garage's cars by the day on which their APK is due.
CREATE INDEX passports_by_apk ON passports (garage_id, apk_due_on, id) WHERE status <> 'archived' AND apk_due_on IS NOT NULL;

-- Rule ML2: a mailing has a text, a selection and a moment.
CREATE TABLE apk_mailings (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    status TEXT NOT NULL CHECK (status IN ('draft', 'scheduled', 'sending', 'sent', 'stopped')),
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_from TEXT NOT NULL,
    expires_until TEXT NOT NULL,
    -- The cars that are mailed once more: their ids, separated by commas.
    forced TEXT NOT NULL,
    send_at INTEGER,
    begun_at INTEGER,
    ended_at INTEGER,
    created_by BLOB NOT NULL REFERENCES accounts (id),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Whether it is known of all its cars whether they are mailed.
    is_complete INTEGER NOT NULL DEFAULT 0 CHECK (is_complete IN (0, 1)),
    CHECK (expires_from <= expires_until),
    CHECK (status IN ('draft', 'stopped') OR send_at IS NOT NULL)
) STRICT;
CREATE INDEX apk_mailings_by_garage ON apk_mailings (garage_id, id);
CREATE INDEX apk_mailings_open ON apk_mailings (id) WHERE status IN ('scheduled', 'sending');

-- Rule ML4: what became of each car.
CREATE TABLE apk_mailing_recipients (
    mailing_id BLOB NOT NULL REFERENCES apk_mailings (id),
    passport_id BLOB NOT NULL REFERENCES passports (id),
    -- The vehicle, which is the same when its passport was made anew.
    vehicle_id BLOB NOT NULL,
    -- The record may be deleted later, so it is not referred to.
    customer_id BLOB,
    -- The address to which it goes or went; erased after some time.
    email TEXT,
    expires_on TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'sent', 'failed', 'unknown', 'left_out', 'stopped')),
    left_out TEXT,
    -- Whether the car counts as mailed for this expiry.
    is_mailed INTEGER NOT NULL CHECK (is_mailed IN (0, 1)),
    is_forced INTEGER NOT NULL CHECK (is_forced IN (0, 1)),
    job_id BLOB,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (mailing_id, passport_id),
    CHECK ((outcome = 'left_out') = (left_out IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX apk_mailing_recipients_once ON apk_mailing_recipients (vehicle_id, expires_on)
    WHERE is_mailed AND NOT is_forced;
CREATE INDEX apk_mailing_recipients_of_car ON apk_mailing_recipients (vehicle_id, expires_on) WHERE is_mailed;
CREATE INDEX apk_mailing_recipients_by_job ON apk_mailing_recipients (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX apk_mailing_recipients_by_outcome ON apk_mailing_recipients (mailing_id, outcome);
CREATE INDEX apk_mailing_recipients_waiting ON apk_mailing_recipients (mailing_id) WHERE outcome = 'waiting';
CREATE INDEX apk_mailing_recipients_addressed ON apk_mailing_recipients (updated_at) WHERE email IS NOT NULL;
