-- Rule ML3: how a customer's e-mail address was obtained, and whether an objection was offered then. All three are known or
-- none.
ALTER TABLE customers ADD COLUMN email_source text;
ALTER TABLE customers ADD COLUMN email_obtained_on date;
ALTER TABLE customers ADD COLUMN objection_offered boolean
    CHECK ((email_source IS NULL) = (email_obtained_on IS NULL) AND (email_source IS NULL) = (objection_offered IS NULL));
-- Rule ML3: whether the customer agreed to be called; lists to telephone need that.
ALTER TABLE customers ADD COLUMN accepts_calls boolean NOT NULL DEFAULT false;

-- Rule ML1: the garage's cars by the day on which their APK is due.
CREATE INDEX passports_by_apk ON passports (garage_id, apk_due_on, id) WHERE status <> 'archived' AND apk_due_on IS NOT NULL;

-- Rule ML2: a mailing has a text, a selection and a moment.
CREATE TABLE apk_mailings (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    status text NOT NULL CHECK (status IN ('draft', 'scheduled', 'sending', 'sent', 'stopped')),
    subject text NOT NULL,
    body text NOT NULL,
    expires_from date NOT NULL,
    expires_until date NOT NULL,
    -- The cars that are mailed once more: their ids, separated by commas.
    forced text NOT NULL,
    send_at timestamptz,
    begun_at timestamptz,
    ended_at timestamptz,
    created_by uuid NOT NULL REFERENCES accounts (id),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Whether it is known of all its cars whether they are mailed.
    is_complete boolean NOT NULL DEFAULT false,
    CHECK (expires_from <= expires_until),
    CHECK (status IN ('draft', 'stopped') OR send_at IS NOT NULL)
);
CREATE INDEX apk_mailings_by_garage ON apk_mailings (garage_id, id);
CREATE INDEX apk_mailings_open ON apk_mailings (id) WHERE status IN ('scheduled', 'sending');

-- Rule ML4: what became of each car.
CREATE TABLE apk_mailing_recipients (
    mailing_id uuid NOT NULL REFERENCES apk_mailings (id),
    passport_id uuid NOT NULL REFERENCES passports (id),
    -- The vehicle, which is the same when its passport was made anew.
    vehicle_id uuid NOT NULL,
    -- The record may be deleted later, so it is not referred to.
    customer_id uuid,
    -- The address to which it goes or went; erased after some time.
    email text,
    expires_on date NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('waiting', 'sent', 'failed', 'unknown', 'left_out', 'stopped')),
    left_out text,
    -- Whether the car counts as mailed for this expiry.
    is_mailed boolean NOT NULL,
    is_forced boolean NOT NULL,
    job_id uuid,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (mailing_id, passport_id),
    CHECK ((outcome = 'left_out') = (left_out IS NOT NULL))
);
CREATE UNIQUE INDEX apk_mailing_recipients_once ON apk_mailing_recipients (vehicle_id, expires_on)
    WHERE is_mailed AND NOT is_forced;
CREATE INDEX apk_mailing_recipients_of_car ON apk_mailing_recipients (vehicle_id, expires_on) WHERE is_mailed;
CREATE INDEX apk_mailing_recipients_by_job ON apk_mailing_recipients (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX apk_mailing_recipients_by_outcome ON apk_mailing_recipients (mailing_id, outcome);
CREATE INDEX apk_mailing_recipients_waiting ON apk_mailing_recipients (mailing_id) WHERE outcome = 'waiting';
CREATE INDEX apk_mailing_recipients_addressed ON apk_mailing_recipients (updated_at) WHERE email IS NOT NULL;
