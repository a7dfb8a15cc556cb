-- Maintenance: schedules, check templates, checks, recommendations, service records, files, and the standing of a car.
-- What belongs to a car names the vehicle, so that it stays with it whichever passport, garage or plate it has (rule P8).

-- Rules MS2, MS3: a schedule of a garage, or of one car (then vehicle_id is set). Without counts_from the task does not
-- apply to these cars.
CREATE TABLE maintenance_schedules (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    vehicle_id BLOB,
    task TEXT NOT NULL,
    make TEXT,
    model TEXT,
    fuel TEXT,
    year_from INTEGER,
    year_to INTEGER,
    usage TEXT CHECK (usage IN ('normal', 'severe')),
    counts_from TEXT CHECK (counts_from IN ('completion', 'anniversary')),
    first_months INTEGER,
    first_km INTEGER,
    months INTEGER,
    km INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((counts_from IS NULL) = (months IS NULL AND km IS NULL)),
    CHECK (counts_from IS NOT NULL OR (first_months IS NULL AND first_km IS NULL)),
    CHECK (vehicle_id IS NULL OR (make IS NULL AND model IS NULL AND fuel IS NULL AND year_from IS NULL AND year_to IS NULL AND usage IS NULL))
) STRICT;
CREATE INDEX maintenance_schedules_by_garage ON maintenance_schedules (garage_id, id) WHERE vehicle_id IS NULL;
CREATE UNIQUE INDEX maintenance_schedules_of_car ON maintenance_schedules (vehicle_id, garage_id, task);

-- Rule MS6: what the car's own service indicator said last, for each task.
CREATE TABLE service_indicators (
    vehicle_id BLOB NOT NULL,
    task TEXT NOT NULL,
    read_on TEXT NOT NULL,
    km INTEGER,
    days_left INTEGER,
    km_left INTEGER,
    recorded_at INTEGER NOT NULL,
    recorded_by BLOB REFERENCES accounts (id),
    PRIMARY KEY (vehicle_id, task),
    CHECK (days_left IS NOT NULL OR km_left IS NOT NULL)
) STRICT;

-- Rule VC1: a garage's own lists of what a mechanic looks at.
CREATE TABLE check_templates (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    template_key TEXT NOT NULL,
    list TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_templates_by_garage ON check_templates (garage_id, id);
CREATE UNIQUE INDEX check_templates_key ON check_templates (garage_id, template_key);

-- Rules VC2 to VC4: a check, with the list as it was when the check began.
CREATE TABLE vehicle_checks (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB NOT NULL,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    template_key TEXT NOT NULL,
    template_names TEXT NOT NULL,
    list TEXT NOT NULL,
    fuel TEXT,
    started_by BLOB NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    checked_on TEXT,
    completed_at INTEGER,
    stands_at INTEGER,
    completed_by BLOB REFERENCES accounts (id),
    reading_id BLOB REFERENCES odometer_readings (id),
    odometer_km INTEGER,
    replaces_id BLOB REFERENCES vehicle_checks (id),
    version INTEGER NOT NULL,
    CHECK ((completed_at IS NULL) = (checked_on IS NULL)),
    CHECK ((completed_at IS NULL) = (completed_by IS NULL))
) STRICT;
CREATE INDEX vehicle_checks_by_vehicle ON vehicle_checks (vehicle_id, id);
CREATE INDEX vehicle_checks_drafts ON vehicle_checks (garage_id, id) WHERE completed_at IS NULL;
-- The checks of a garage, the newest first.
CREATE INDEX vehicle_checks_by_garage ON vehicle_checks (garage_id, id);
CREATE UNIQUE INDEX vehicle_checks_replaces ON vehicle_checks (replaces_id) WHERE completed_at IS NOT NULL;

-- Rule VC3: what was found at one place. The position is empty where the item has none.
CREATE TABLE vehicle_check_findings (
    check_id BLOB NOT NULL REFERENCES vehicle_checks (id),
    item TEXT NOT NULL,
    position TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('good', 'attention', 'urgent', 'not_checked')),
    measured TEXT,
    reason TEXT,
    note TEXT,
    found_by BLOB NOT NULL REFERENCES accounts (id),
    found_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (check_id, item, position)
) STRICT;

-- Files: what they hold lies in the storage, under their id, and the small version of a photo under small_id. vehicle_id
-- says whose they are. When a row is deleted, jobs delete what lies in the storage.
CREATE TABLE files (
    id BLOB NOT NULL PRIMARY KEY,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    vehicle_id BLOB NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    sha256 BLOB NOT NULL,
    name TEXT,
    width INTEGER,
    height INTEGER,
    small_id BLOB,
    small_bytes INTEGER CHECK (small_bytes > 0),
    created_at INTEGER NOT NULL,
    created_by BLOB REFERENCES accounts (id),
    CHECK ((small_id IS NULL) = (small_bytes IS NULL))
) STRICT;
CREATE UNIQUE INDEX files_small ON files (small_id);

-- Rule VC5: photos of an item of a check.
CREATE TABLE vehicle_check_photos (
    file_id BLOB NOT NULL PRIMARY KEY REFERENCES files (id),
    check_id BLOB NOT NULL REFERENCES vehicle_checks (id),
    item TEXT NOT NULL,
    position TEXT NOT NULL
) STRICT;
CREATE INDEX vehicle_check_photos_by_check ON vehicle_check_photos (check_id, file_id);

-- Rules SR1 to SR6: the history of what was done.
CREATE TABLE service_records (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB NOT NULL,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    origin TEXT NOT NULL CHECK (origin IN ('garage', 'declared')),
    done_on TEXT NOT NULL,
    reading_id BLOB REFERENCES odometer_readings (id),
    odometer_km INTEGER,
    mechanic TEXT,
    place TEXT,
    currency TEXT NOT NULL,
    net_cents INTEGER,
    vat_cents INTEGER,
    gross_cents INTEGER,
    invoice_number TEXT,
    note TEXT,
    owner_account_id BLOB REFERENCES accounts (id),
    owner_fleet_id BLOB REFERENCES fleets (id),
    replaces_id BLOB REFERENCES service_records (id),
    recorded_at INTEGER NOT NULL,
    stands_at INTEGER NOT NULL,
    recorded_by BLOB REFERENCES accounts (id),
    CHECK ((net_cents IS NULL) = (gross_cents IS NULL) AND (net_cents IS NULL) = (vat_cents IS NULL)),
    CHECK (net_cents IS NULL OR net_cents + vat_cents = gross_cents),
    CHECK (owner_account_id IS NULL OR owner_fleet_id IS NULL)
) STRICT;
CREATE INDEX service_records_by_vehicle ON service_records (vehicle_id, done_on, id);
CREATE UNIQUE INDEX service_records_replaces ON service_records (replaces_id);
-- Rule SR6: one invoice of a garage is one record. A correction takes over the number of the record that it replaces; a
-- number that was corrected is free again.
CREATE TABLE service_invoices (
    garage_id BLOB NOT NULL REFERENCES garages (id),
    invoice_number TEXT NOT NULL,
    record_id BLOB NOT NULL REFERENCES service_records (id),
    PRIMARY KEY (garage_id, invoice_number)
) STRICT;
CREATE UNIQUE INDEX service_invoices_by_record ON service_invoices (record_id);

CREATE TABLE service_lines (
    record_id BLOB NOT NULL REFERENCES service_records (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    task TEXT,
    position TEXT,
    line_text TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('labour', 'part', 'other')),
    quantity TEXT NOT NULL,
    net_cents INTEGER,
    vat_rate TEXT,
    PRIMARY KEY (record_id, number),
    CHECK ((net_cents IS NULL) = (vat_rate IS NULL))
) STRICT;

CREATE TABLE service_attachments (
    file_id BLOB NOT NULL PRIMARY KEY REFERENCES files (id),
    record_id BLOB NOT NULL REFERENCES service_records (id)
) STRICT;
CREATE INDEX service_attachments_by_record ON service_attachments (record_id, file_id);

-- Rules RC1, RC2: work that was advised. What has no ended_at is still to be done. What a check found, by which it is
-- advised, is JSON: the check's template may change later, and what was advised may not.
CREATE TABLE recommendations (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB NOT NULL,
    garage_id BLOB NOT NULL REFERENCES garages (id),
    check_id BLOB REFERENCES vehicle_checks (id),
    task TEXT,
    position TEXT,
    urgency TEXT NOT NULL CHECK (urgency IN ('attention', 'urgent')),
    advice TEXT NOT NULL,
    found TEXT NOT NULL DEFAULT '[]',
    expected_on TEXT,
    advised_on TEXT NOT NULL,
    advised_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    made_by BLOB REFERENCES accounts (id),
    agreed_at INTEGER,
    agreed_by BLOB REFERENCES accounts (id),
    agreed_channel TEXT,
    is_planned INTEGER NOT NULL,
    ended_at INTEGER,
    end_kind TEXT CHECK (end_kind IN ('done', 'declined', 'superseded')),
    done_record_id BLOB REFERENCES service_records (id),
    declined_by BLOB REFERENCES accounts (id),
    declined_channel TEXT,
    superseded_check_id BLOB REFERENCES vehicle_checks (id),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((ended_at IS NULL) = (end_kind IS NULL)),
    CHECK ((agreed_at IS NULL) = (agreed_by IS NULL) AND (agreed_at IS NULL) = (agreed_channel IS NULL)),
    CHECK ((done_record_id IS NOT NULL) = coalesce(end_kind = 'done', FALSE)),
    CHECK ((declined_by IS NOT NULL) = coalesce(end_kind = 'declined', FALSE) AND (declined_by IS NULL) = (declined_channel IS NULL)),
    CHECK ((superseded_check_id IS NOT NULL) = coalesce(end_kind = 'superseded', FALSE))
) STRICT;
CREATE INDEX recommendations_by_vehicle ON recommendations (vehicle_id, id);
CREATE INDEX recommendations_open ON recommendations (vehicle_id, id) WHERE ended_at IS NULL;
CREATE INDEX recommendations_by_garage ON recommendations (garage_id, id);
CREATE INDEX recommendations_open_of_garage ON recommendations (garage_id, id) WHERE ended_at IS NULL;

-- Rule ST2: the standing of a car: what it is judged by (a line of text; null when nothing was judged yet), and the days
-- that follow from it, by which lists filter and sort. Without a day on which something is due, next_due_on is the last day
-- of the calendar: so such cars come last, in the order of the index.
ALTER TABLE passports ADD COLUMN standing TEXT;
ALTER TABLE passports ADD COLUMN is_judged INTEGER;
ALTER TABLE passports ADD COLUMN attention_from TEXT;
ALTER TABLE passports ADD COLUMN urgent_from TEXT;
ALTER TABLE passports ADD COLUMN next_due_on TEXT NOT NULL DEFAULT '9999-12-31';
ALTER TABLE passports ADD COLUMN next_due TEXT;
ALTER TABLE passports ADD COLUMN apk_due_on TEXT;
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
ALTER TABLE customers ADD COLUMN severe_use TEXT NOT NULL DEFAULT '';

-- Rule EC6: whether a fleet lets the drivers of its cars see amounts.
ALTER TABLE fleets ADD COLUMN drivers_see_amounts INTEGER NOT NULL DEFAULT FALSE;

-- Rules SR2 and RC2: records are only added, and nothing deletes a recommendation.
CREATE TRIGGER service_records_only_grow_update BEFORE UPDATE ON service_records
    BEGIN SELECT RAISE(ABORT, 'service_records only grows'); END;
CREATE TRIGGER service_records_only_grow_delete BEFORE DELETE ON service_records
    BEGIN SELECT RAISE(ABORT, 'service_records only grows'); END;
CREATE TRIGGER service_lines_only_grow_update BEFORE UPDATE ON service_lines
    BEGIN SELECT RAISE(ABORT, 'service_lines only grows'); END;
CREATE TRIGGER service_lines_only_grow_delete BEFORE DELETE ON service_lines
    BEGIN SELECT RAISE(ABORT, 'service_lines only grows'); END;
-- Rule VC2: a completed check never changes, nor does what was found.
CREATE TRIGGER vehicle_checks_completed_update BEFORE UPDATE ON vehicle_checks WHEN OLD.completed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a completed check never changes'); END;
CREATE TRIGGER vehicle_checks_completed_delete BEFORE DELETE ON vehicle_checks WHEN OLD.completed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a completed check never changes'); END;
CREATE TRIGGER vehicle_check_findings_completed_insert BEFORE INSERT ON vehicle_check_findings
    WHEN EXISTS (SELECT 1 FROM vehicle_checks WHERE id = NEW.check_id AND completed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a completed check never changes'); END;
CREATE TRIGGER vehicle_check_findings_completed_update BEFORE UPDATE ON vehicle_check_findings
    WHEN EXISTS (SELECT 1 FROM vehicle_checks WHERE id = NEW.check_id AND completed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a completed check never changes'); END;
CREATE TRIGGER vehicle_check_findings_completed_delete BEFORE DELETE ON vehicle_check_findings
    WHEN EXISTS (SELECT 1 FROM vehicle_checks WHERE id = OLD.check_id AND completed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a completed check never changes'); END;
CREATE TRIGGER recommendations_stay BEFORE DELETE ON recommendations
    BEGIN SELECT RAISE(ABORT, 'recommendations is never deleted'); END;
