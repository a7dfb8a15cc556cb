-- Maintenance: schedules, check templates, checks, recommendations, service records, files, and the standing of a car.
-- What belongs to a car names the vehicle, so that it stays with it whichever passport, garage or plate it has (rule P8).

-- Rules MS2, MS3: a schedule of a garage, or of one car (then vehicle_id is set). Without counts_from the task does not
-- apply to these cars.
CREATE TABLE maintenance_schedules (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    vehicle_id uuid,
    task text NOT NULL,
    make text,
    model text,
    fuel text,
    year_from bigint,
    year_to bigint,
    usage text CHECK (usage IN ('normal', 'severe')),
    counts_from text CHECK (counts_from IN ('completion', 'anniversary')),
    first_months bigint,
    first_km bigint,
    months bigint,
    km bigint,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((counts_from IS NULL) = (months IS NULL AND km IS NULL)),
    CHECK (counts_from IS NOT NULL OR (first_months IS NULL AND first_km IS NULL)),
    CHECK (vehicle_id IS NULL OR (make IS NULL AND model IS NULL AND fuel IS NULL AND year_from IS NULL AND year_to IS NULL AND usage IS NULL))
);
CREATE INDEX maintenance_schedules_by_garage ON maintenance_schedules (garage_id, id) WHERE vehicle_id IS NULL;
CREATE UNIQUE INDEX maintenance_schedules_of_car ON maintenance_schedules (vehicle_id, garage_id, task);

-- Rule MS6: what the car's own service indicator said last, for each task.
CREATE TABLE service_indicators (
    vehicle_id uuid NOT NULL,
    task text NOT NULL,
    read_on date NOT NULL,
    km bigint,
    days_left bigint,
    km_left bigint,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid REFERENCES accounts (id),
    PRIMARY KEY (vehicle_id, task),
    CHECK (days_left IS NOT NULL OR km_left IS NOT NULL)
);

-- Rule VC1: a garage's own lists of what a mechanic looks at.
CREATE TABLE check_templates (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    template_key text NOT NULL,
    list text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX check_templates_by_garage ON check_templates (garage_id, id);
CREATE UNIQUE INDEX check_templates_key ON check_templates (garage_id, template_key);

-- Rules VC2 to VC4: a check, with the list as it was when the check began.
CREATE TABLE vehicle_checks (
    id uuid PRIMARY KEY,
    vehicle_id uuid NOT NULL,
    garage_id uuid NOT NULL REFERENCES garages (id),
    template_key text NOT NULL,
    template_names text NOT NULL,
    list text NOT NULL,
    fuel text,
    started_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    checked_on date,
    completed_at timestamptz,
    stands_at timestamptz,
    completed_by uuid REFERENCES accounts (id),
    reading_id uuid REFERENCES odometer_readings (id),
    odometer_km bigint,
    replaces_id uuid REFERENCES vehicle_checks (id),
    version bigint NOT NULL,
    CHECK ((completed_at IS NULL) = (checked_on IS NULL)),
    CHECK ((completed_at IS NULL) = (completed_by IS NULL))
);
CREATE INDEX vehicle_checks_by_vehicle ON vehicle_checks (vehicle_id, id);
CREATE INDEX vehicle_checks_drafts ON vehicle_checks (garage_id, id) WHERE completed_at IS NULL;
-- The checks of a garage, the newest first.
CREATE INDEX vehicle_checks_by_garage ON vehicle_checks (garage_id, id);
CREATE UNIQUE INDEX vehicle_checks_replaces ON vehicle_checks (replaces_id) WHERE completed_at IS NOT NULL;

-- Rule VC3: what was found at one place. The position is empty where the item has none.
CREATE TABLE vehicle_check_findings (
    check_id uuid NOT NULL REFERENCES vehicle_checks (id),
    item text NOT NULL,
    position text NOT NULL,
    result text NOT NULL CHECK (result IN ('good', 'attention', 'urgent', 'not_checked')),
    measured text,
    reason text,
    note text,
    found_by uuid NOT NULL REFERENCES accounts (id),
    found_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (check_id, item, position)
);

-- Files: what they hold lies in the storage, under their id, and the small version of a photo under small_id. vehicle_id
-- says whose they are. When a row is deleted, jobs delete what lies in the storage.
CREATE TABLE files (
    id uuid PRIMARY KEY,
    garage_id uuid NOT NULL REFERENCES garages (id),
    vehicle_id uuid NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL CHECK (bytes > 0),
    sha256 bytea NOT NULL,
    name text,
    width bigint,
    height bigint,
    small_id uuid,
    small_bytes bigint CHECK (small_bytes > 0),
    created_at timestamptz NOT NULL,
    created_by uuid REFERENCES accounts (id),
    CHECK ((small_id IS NULL) = (small_bytes IS NULL))
);
CREATE UNIQUE INDEX files_small ON files (small_id);

-- Rule VC5: photos of an item of a check.
CREATE TABLE vehicle_check_photos (
    file_id uuid PRIMARY KEY REFERENCES files (id),
    check_id uuid NOT NULL REFERENCES vehicle_checks (id),
    item text NOT NULL,
    position text NOT NULL
);
CREATE INDEX vehicle_check_photos_by_check ON vehicle_check_photos (check_id, file_id);

-- Rules SR1 to SR6: the history of what was done.
CREATE TABLE service_records (
    id uuid PRIMARY KEY,
    vehicle_id uuid NOT NULL,
    garage_id uuid NOT NULL REFERENCES garages (id),
    origin text NOT NULL CHECK (origin IN ('garage', 'declared')),
    done_on date NOT NULL,
    reading_id uuid REFERENCES odometer_readings (id),
    odometer_km bigint,
    mechanic text,
    place text,
    currency text NOT NULL,
    net_cents bigint,
    vat_cents bigint,
    gross_cents bigint,
    invoice_number text,
    note text,
    owner_account_id uuid REFERENCES accounts (id),
    owner_fleet_id uuid REFERENCES fleets (id),
    replaces_id uuid REFERENCES service_records (id),
    recorded_at timestamptz NOT NULL,
    stands_at timestamptz NOT NULL,
    recorded_by uuid REFERENCES accounts (id),
    CHECK ((net_cents IS NULL) = (gross_cents IS NULL) AND (net_cents IS NULL) = (vat_cents IS NULL)),
    CHECK (net_cents IS NULL OR net_cents + vat_cents = gross_cents),
    CHECK (owner_account_id IS NULL OR owner_fleet_id IS NULL)
);
CREATE INDEX service_records_by_vehicle ON service_records (vehicle_id, done_on, id);
CREATE UNIQUE INDEX service_records_replaces ON service_records (replaces_id);
-- Rule SR6: one invoice of a garage is one record. A correction takes over the number of the record that it replaces; a
-- number that was corrected is free again.
CREATE TABLE service_invoices (
    garage_id uuid NOT NULL REFERENCES garages (id),
    invoice_number text NOT NULL,
    record_id uuid NOT NULL REFERENCES service_records (id),
    PRIMARY KEY (garage_id, invoice_number)
);
CREATE UNIQUE INDEX service_invoices_by_record ON service_invoices (record_id);

CREATE TABLE service_lines (
    record_id uuid NOT NULL REFERENCES service_records (id),
    number bigint NOT NULL CHECK (number >= 1),
    task text,
    position text,
    line_text text,
    kind text NOT NULL CHECK (kind IN ('labour', 'part', 'other')),
    quantity text NOT NULL,
    net_cents bigint,
    vat_rate text,
    PRIMARY KEY (record_id, number),
    CHECK ((net_cents IS NULL) = (vat_rate IS NULL))
);

CREATE TABLE service_attachments (
    file_id uuid PRIMARY KEY REFERENCES files (id),
    record_id uuid NOT NULL REFERENCES service_records (id)
);
CREATE INDEX service_attachments_by_record ON service_attachments (record_id, file_id);

-- Rules RC1, RC2: work that was advised. What has no ended_at is still to be done. What a check found, by which it is
-- advised, is JSON: the check's template may change later, and what was advised may not.
CREATE TABLE recommendations (
    id uuid PRIMARY KEY,
    vehicle_id uuid NOT NULL,
    garage_id uuid NOT NULL REFERENCES garages (id),
    check_id uuid REFERENCES vehicle_checks (id),
    task text,
    position text,
    urgency text NOT NULL CHECK (urgency IN ('attention', 'urgent')),
    advice text NOT NULL,
    found text NOT NULL DEFAULT '[]',
    expected_on date,
    advised_on date NOT NULL,
    advised_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid REFERENCES accounts (id),
    agreed_at timestamptz,
    agreed_by uuid REFERENCES accounts (id),
    agreed_channel text,
    is_planned boolean NOT NULL,
    ended_at timestamptz,
    end_kind text CHECK (end_kind IN ('done', 'declined', 'superseded')),
    done_record_id uuid REFERENCES service_records (id),
    declined_by uuid REFERENCES accounts (id),
    declined_channel text,
    superseded_check_id uuid REFERENCES vehicle_checks (id),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((ended_at IS NULL) = (end_kind IS NULL)),
    CHECK ((agreed_at IS NULL) = (agreed_by IS NULL) AND (agreed_at IS NULL) = (agreed_channel IS NULL)),
    CHECK ((done_record_id IS NOT NULL) = coalesce(end_kind = 'done', FALSE)),
    CHECK ((declined_by IS NOT NULL) = coalesce(end_kind = 'declined', FALSE) AND (declined_by IS NULL) = (declined_channel IS NULL)),
    CHECK ((superseded_check_id IS NOT NULL) = coalesce(end_kind = 'superseded', FALSE))
);
CREATE INDEX recommendations_by_vehicle ON recommendations (vehicle_id, id);
CREATE INDEX recommendations_open ON recommendations (vehicle_id, id) WHERE ended_at IS NULL;
CREATE INDEX recommendations_by_garage ON recommendations (garage_id, id);
CREATE INDEX recommendations_open_of_garage ON recommendations (garage_id, id) WHERE ended_at IS NULL;

-- Rule ST2: the standing of a car: what it is judged by (a line of text; null when nothing was judged yet), and the days
-- that follow from it, by which lists filter and sort. Without a day on which something is due, next_due_on is the last day
-- of the calendar: so such cars come last, in the order of the index.
ALTER TABLE passports ADD COLUMN standing text;
ALTER TABLE passports ADD COLUMN is_judged boolean;
ALTER TABLE passports ADD COLUMN attention_from date;
ALTER TABLE passports ADD COLUMN urgent_from date;
ALTER TABLE passports ADD COLUMN next_due_on date NOT NULL DEFAULT '9999-12-31';
ALTER TABLE passports ADD COLUMN next_due text;
ALTER TABLE passports ADD COLUMN apk_due_on date;
CREATE INDEX passports_by_due ON passports (garage_id, next_due_on, id);
CREATE INDEX passports_by_fleet_due ON passports (fleet_id, next_due_on, id) WHERE fleet_id IS NOT NULL;
-- Rule R19: whether a garage knew a plate that it is told of. Beside the index above, this one is found also in a table that
-- was never counted.
CREATE INDEX passports_archived ON passports (garage_id, plate) WHERE status = 'archived';
-- The passport of a car of which only the vehicle is known, as in the lists of a garage's checks and recommendations.
CREATE INDEX passports_by_vehicle ON passports (vehicle_id);
-- Cars that were never judged, as after an upgrade: the worker finds them here.
CREATE INDEX passports_unjudged ON passports (garage_id, id) WHERE is_judged IS NULL AND status <> 'archived';

-- Rule MS6: what makes the use of a customer's car severe: words with commas between them.
ALTER TABLE customers ADD COLUMN severe_use text NOT NULL DEFAULT '';

-- Rule EC6: whether a fleet lets the drivers of its cars see amounts.
ALTER TABLE fleets ADD COLUMN drivers_see_amounts boolean NOT NULL DEFAULT FALSE;

-- Rules SR2 and RC2: records are only added, and nothing deletes a recommendation.
CREATE TRIGGER service_records_only_grow BEFORE UPDATE OR DELETE ON service_records
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER service_lines_only_grow BEFORE UPDATE OR DELETE ON service_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
-- Rule VC2: a completed check never changes, nor does what was found.
CREATE FUNCTION refuse_changing_completed_checks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.completed_at IS NOT NULL THEN RAISE EXCEPTION 'a completed check never changes'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER vehicle_checks_completed BEFORE UPDATE OR DELETE ON vehicle_checks
    FOR EACH ROW EXECUTE FUNCTION refuse_changing_completed_checks();
CREATE FUNCTION refuse_changing_completed_findings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM vehicle_checks WHERE completed_at IS NOT NULL
            AND id = CASE WHEN TG_OP = 'DELETE' THEN OLD.check_id ELSE NEW.check_id END)
        THEN RAISE EXCEPTION 'a completed check never changes'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER vehicle_check_findings_completed BEFORE INSERT OR UPDATE OR DELETE ON vehicle_check_findings
    FOR EACH ROW EXECUTE FUNCTION refuse_changing_completed_findings();
CREATE FUNCTION refuse_deleting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is never deleted', TG_TABLE_NAME; END $$;
CREATE TRIGGER recommendations_stay BEFORE DELETE ON recommendations
    FOR EACH ROW EXECUTE FUNCTION refuse_deleting();
