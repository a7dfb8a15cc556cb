//! On PostgreSQL, with 200,000 cars, no list of a tenant's data reads through a whole table of everyone's; which indexes
//! each one reads is kept in a golden file.

use crate::support::{Database, first, sample};
use domain::{
    apk::ApkStatus,
    car_status::CarStatus,
    customer::Customer,
    event::FactKind,
    ids::{AccountId, FleetId, GarageId, PassportId, SessionId, VehicleId},
    invitation::PurposeKind,
    licence_plate::LicencePlate,
    passport::{Passport, Vehicle},
    recommendation::RecommendationStatus,
    removal::FollowedList,
    service_task::TaskKey,
    session::Lifetimes,
    value::{AccountKind, Country, PhoneNumber},
};
use persistence::{
    Found, Scope, Store, StoreError, Tx, apk,
    apk_list::{self, ApkListFilter},
    apk_mailing, calendar, car_status, check_template, custody, customer, device, earlier_vehicles, event, fleet,
    former_car, garage,
    garage_change::{self, GarageChangeFilter},
    invitation,
    link_change::{self, LinkChangeFilter},
    maintenance_schedule::{self, ScheduleFilter},
    notification::{self, NotificationFilter},
    odometer,
    passport::{self, PassportFilter},
    plates,
    recommendation::{self, EndedBy, RecommendationFilter},
    registration, reminder,
    removal::{self, ListOf},
    service_indicator,
    service_record::{self, ServiceRecordFilter},
    session::OpenAt,
    suppression::{self, SuppressionFilter},
    transfer::{self, TransferFilter},
    vehicle_check::{self, GarageCheckFilter},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};
use uuid::Uuid;

const TABLES: [&str; 36] = [
    "passports",
    "customers",
    "fleets",
    "transfers",
    "garage_changes",
    "link_changes",
    "custody",
    "odometer_readings",
    "events",
    "sessions",
    "accounts",
    "vehicle_plates",
    "earlier_vehicles",
    "vehicle_vins",
    "parted_vehicles",
    "registrations",
    "apk_entries",
    "apk_lifts",
    "maintenance_schedules",
    "service_indicators",
    "check_templates",
    "service_records",
    "service_lines",
    "vehicle_checks",
    "vehicle_check_findings",
    "recommendations",
    "notifications",
    "devices",
    "suppressions",
    "reminders",
    "reminder_looks",
    "calendar_entries",
    "apk_mailings",
    "apk_mailing_recipients",
    "invitations",
    "removals",
];

/// Tables that no list of a tenant reads: what the system keeps for itself, and what is found by its key.
const WITHOUT_LISTS: [&str; 20] = [
    "calendar_feeds",
    "cost_groups",
    "cost_snapshots",
    "files",
    "service_attachments",
    "service_invoices",
    "vehicle_check_photos",
    "__diesel_schema_migrations",
    "event_streams",
    "garages",
    "garage_reminder_offsets",
    "idempotency_keys",
    "jobs",
    "notification_settings",
    "recovery_codes",
    "reminder_offsets",
    "refresh_tokens",
    "second_factors",
    "signing_keys",
    "throttles",
];

/// 500 garages with, each, 400 customers with a passport, 80 archived passports, 100 offers, and 20 fleets; and some custody
/// and events. With much less, or with much more in the garage that is asked about than in others, reading a table through
/// is the better plan.
const FILL: &str = "
    CREATE FUNCTION key(kind int, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
        $$ SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(number), 24, '0'))::uuid $$;
    INSERT INTO garages SELECT key(1, n), 'Garage', NULL, 'a@b.example', NULL, NULL, NULL, NULL, 'NL', 'nl', 'EUR',
        'Europe/Amsterdam', 1, now(), now() FROM generate_series(1, 500) n;
    INSERT INTO accounts SELECT key(2, n), 'driver', n || '@b.example', n || '@b.example', 'Jan', 'nl', 'active', NULL,
        NULL, NULL, 1, now(), now(), false, true FROM generate_series(1, 200000) n;
    INSERT INTO accounts SELECT key(7, n), 'fleet', n || '@f.example', n || '@f.example', 'Jan', 'nl', 'active', NULL,
        NULL, NULL, 1, now(), now(), false, true FROM generate_series(1, 10000) n;
    INSERT INTO accounts SELECT key(10, n), 'staff', n || '@s.example', n || '@s.example', 'Jan', 'nl', 'active', key(1, n),
        'admin', NULL, 1, now(), now(), false, true FROM generate_series(1, 500) n;
    INSERT INTO sessions SELECT key(11, n), key(2, n), NULL, now(), now(), NULL FROM generate_series(1, 200000) n;
    INSERT INTO sessions SELECT key(12, n), key(7, n), NULL, now(), now(), NULL FROM generate_series(1, 10000) n;
    INSERT INTO sessions SELECT key(13, n), key(10, n), NULL, now(), now(), NULL FROM generate_series(1, 500) n;
    INSERT INTO customers (id, garage_id, kind, name, name_key, search_key, email_key, country, language, accepts_promotions,
        version, created_at, updated_at, sort_key, mobile)
        SELECT key(3, n), key(1, 1 + n % 500), 'person', 'Jan ' || n, 'jan ' || n, ' jan ' || n, n || '@b.example', 'NL', 'nl',
        false, 1, now(), now(), 'jansen van den ' || n, '+316' || lpad((10000000 + n)::text, 8, '0') FROM generate_series(1, 200000) n;
    INSERT INTO fleets SELECT key(4, n), key(1, 1 + n % 500), NULL, key(5, n), key(2, n), key(7, n), 'Vloot ' || n,
        'vloot ' || n, 'open', 'invited', 1, now(), now() FROM generate_series(1, 10000) n;
    INSERT INTO vehicle_plates SELECT key(14, n), 1, 'DE', 'T' || n, now() FROM generate_series(1, 200000) n;
    INSERT INTO passports SELECT key(5, n), key(1, 1 + n % 500), key(3, n), 'DE', 'T' || n, NULL, NULL, NULL, NULL,
        'VF3CCHMZ6JT' || lpad((n % 150000)::text, 6, '0'), NULL, 'active', key(2, n), CASE WHEN n % 2 = 0 THEN key(4, 1 + n % 10000) END, 1, now(), now(), key(14, n),
        '', true, date '2026-01-01' + (n % 700)::int, NULL, date '2026-01-01' + (n % 700)::int, 'tyres',
        date '2026-01-01' + (n % 700)::int, NULL FROM generate_series(1, 200000) n;
    INSERT INTO reminder_looks SELECT key(5, n), date '2026-01-01' + (n % 700)::int FROM generate_series(1, 200000) n;
    INSERT INTO passports SELECT key(15, n), key(1, 1 + n / 5 % 500), NULL, 'DE', 'T' || n, NULL, NULL, NULL, NULL, NULL,
        NULL, 'archived', NULL, NULL, 1, now(), now(), key(14, n) FROM generate_series(1, 200000, 5) n;
    UPDATE passports SET driver_account_id = NULL WHERE id = key(5, 10006);
    INSERT INTO vehicle_plates SELECT key(40 + m, n), 1, 'NL', 'AB' || lpad(n::text, 4, '0'), now()
        FROM generate_series(1, 9000) n, generate_series(1, 2) m;
    INSERT INTO vehicle_vins SELECT vehicle_id, vin, false, now(), NULL FROM passports WHERE vin IS NOT NULL AND status <> 'archived';
    INSERT INTO parted_vehicles SELECT key(14, n), key(14, n + 100000) FROM generate_series(1, 50000) n;
    INSERT INTO earlier_vehicles SELECT key(14, n), key(14, 1 + (n + 5000) % 10000) FROM generate_series(1, 50000) n;
    INSERT INTO registrations (country, plate, recalls, inspections, turn_at, updated_at)
        SELECT 'DE', 'T' || n, '[]', '[]', 'epoch', now() FROM generate_series(1, 200000) n;
    INSERT INTO apk_lifts SELECT key(14, n), 'suspended', now(), key(2, n) FROM generate_series(1, 20000) AS n;
    INSERT INTO apk_entries SELECT key(16, n), key(5, 1 + n % 10000), '2027-03-01', now(), key(2, 1 + n % 10000),
        key(14, 1 + n % 10000) FROM generate_series(0, 29999) n;
    INSERT INTO transfers SELECT key(6, n), key(5, n), key(1, 1 + n % 500), 'T' || n, 'new_owner',
        CASE WHEN n % 2 = 0 THEN key(7, 1 + n % 10000) ELSE key(2, n) END, CASE WHEN n % 2 = 0 THEN key(4, 1 + n % 10000) END,
        (n + 1) || '@b.example', (n + 1) || '@b.example', 'offered', now(), now() + interval '14 days', NULL, 1, now(), NULL
        FROM generate_series(1, 50000) n;
    INSERT INTO garage_changes SELECT key(30, n), key(5, n), key(1, 1 + n % 500), key(1, 1 + (n + 7) % 500), 'T' || n, key(3, n),
        key(2, n), 'agreed', now(), now() + interval '14 days', now(), 1, now() FROM generate_series(1, 10000) n;
    INSERT INTO link_changes SELECT key(38, n), key(5, n), key(1, 1 + n % 500), 'T' || n, 'unlinked', key(4, 1 + n % 10000),
        key(2, n), 'over', now(), now(), now(), 1, now() FROM generate_series(1, 50000) n;
    INSERT INTO custody SELECT key(5, 1 + n % 10000), 1 + n / 10000, 'driver', key(2, 1 + n % 10000), NULL, now(), NULL
        FROM generate_series(0, 29999) n;
    INSERT INTO custody SELECT key(5, n), 4, 'driver', key(2, n + 1), NULL, now(), NULL FROM generate_series(1, 10000) n;
    INSERT INTO custody SELECT key(5, n), 5, 'driver', key(2, n), NULL, now(), NULL FROM generate_series(1, 10000) n;
    INSERT INTO custody SELECT key(5, n), 6, 'fleet', NULL, key(4, 1 + (n + 1) % 10000), now(), NULL
        FROM generate_series(1, 10000) n;
    INSERT INTO custody SELECT key(5, n), 7, 'fleet', NULL, NULL, now(), NULL FROM generate_series(1, 10000) n;
    INSERT INTO odometer_readings SELECT key(46, n), key(5, n), n, 'km', n, '2026-03-01', now(), 'driver', key(2, n + 1), NULL, NULL,
        false, key(14, n) FROM generate_series(1, 10000) n;
    INSERT INTO odometer_readings SELECT key(9, n), key(5, 1 + n % 10000), n, 'km', n, '2026-03-01', now(), 'garage',
        key(2, 1 + n % 10000), NULL, NULL, false, key(14, 1 + n % 10000) FROM generate_series(0, 29999) n;
    INSERT INTO maintenance_schedules (id, garage_id, task, make, version, created_at, updated_at)
        SELECT key(17, n), key(1, 1 + n % 500), 'tyres', 'Make ' || n, 1, now(), now() FROM generate_series(0, 19999) n;
    INSERT INTO maintenance_schedules (id, garage_id, vehicle_id, task, version, created_at, updated_at)
        SELECT key(18, n), key(1, 1 + n % 500), key(14, n), 'tyres', 1, now(), now() FROM generate_series(1, 50000) n;
    INSERT INTO service_indicators SELECT key(14, n), 'tyres', '2026-03-01', NULL, 30, NULL, now(), key(2, n)
        FROM generate_series(1, 20000) n;
    INSERT INTO check_templates SELECT key(19, n), key(1, 1 + n % 500), 'own_' || n,
        '{\"key\":\"own_' || n || '\",\"names\":{\"nl\":\"E\",\"en\":\"O\"},\"groups\":[]}', 1, now(), now()
        FROM generate_series(0, 9999) n;
    INSERT INTO service_records (id, vehicle_id, garage_id, origin, done_on, currency, recorded_at, stands_at)
        SELECT key(27, n), key(14, 1 + n % 10000), key(1, 1 + n % 500), 'garage', date '2020-01-01' + (n / 100), 'EUR', now(), now()
        FROM generate_series(0, 99999) n;
    INSERT INTO service_records (id, vehicle_id, garage_id, origin, done_on, currency, recorded_at, stands_at, recorded_by)
        SELECT key(47, n), key(14, n), key(1, 1 + n % 500), 'declared', '2020-01-01', 'EUR', now(), now(), key(2, n + 1)
        FROM generate_series(1, 10000) n;
    INSERT INTO service_lines (record_id, number, task, kind, quantity)
        SELECT key(27, n / 2), 1 + n % 2, CASE WHEN n % 3 = 0 THEN 'tyres' ELSE 'oil_and_filter' END, 'part', '1'
        FROM generate_series(0, 199999) n;
    INSERT INTO vehicle_checks SELECT key(37, n), key(14, 1 + n % 10000), key(1, 1 + (n + 1) % 500), 'autostatus',
        '{\"nl\":\"Controle\",\"en\":\"Check\"}',
        '{\"key\":\"autostatus\",\"names\":{\"nl\":\"C\",\"en\":\"C\"},\"groups\":[]}', NULL, key(10, 1), now(), now(), NULL, NULL, NULL, NULL, NULL, NULL,
        CASE WHEN n >= 10000 THEN key(37, n - 10000) END, 1 FROM generate_series(0, 29999) n;
    INSERT INTO recommendations (id, vehicle_id, garage_id, check_id, task, urgency, advice, advised_on, advised_at, made_at,
        is_planned, ended_at, end_kind, done_record_id, superseded_check_id, declined_by, declined_channel, version, updated_at)
        SELECT key(28, n), key(14, 1 + n % 10000), key(1, 1 + (n + 1) % 500), CASE WHEN n % 10000 = 6 THEN key(37, 6) END, 'tyres',
        'urgent', 'x', date '2020-01-01', now(), now(), false, CASE WHEN kind <> '' THEN now() END, nullif(kind, ''),
        CASE WHEN kind = 'done' THEN key(27, n) END, CASE WHEN kind = 'superseded' THEN key(37, n % 9000) END,
        CASE WHEN kind = 'declined' THEN key(10, 1) END, CASE WHEN kind = 'declined' THEN 'app' END, 1, now()
        FROM (SELECT n, CASE WHEN n % 90 = 46 THEN 'declined' WHEN n % 30 = 26 THEN 'superseded' WHEN n % 3 > 0 THEN 'done'
        ELSE '' END AS kind FROM generate_series(0, 99999) n) kinds;
    INSERT INTO vehicle_check_findings SELECT key(37, n), 'tread_depth', position, 'attention', '2.8', NULL, NULL, key(10, 1),
        now(), 2 FROM generate_series(0, 29999) n, unnest(ARRAY['front_left', 'front_right', 'rear_left', 'rear_right']) position;
    UPDATE vehicle_checks SET checked_on = '2026-03-01', completed_at = now(), stands_at = now(), completed_by = key(10, 1), odometer_km = 1
        WHERE replaces_id IS NOT NULL OR id < key(37, 9000);
    INSERT INTO notifications SELECT key(40, n), key(2, 1 + n % 20000), key(41, n), 'check_ready', key(5, 1 + n % 20000), true,
        'T', 'T', NULL, now(), CASE WHEN n % 3 > 0 THEN now() END, now() FROM generate_series(0, 199999) n;
    UPDATE fleets SET digest_since = '2026-01-01', digest_on = date '2026-01-01' + substr(name, 7)::int % 700;
    INSERT INTO invitations (id, purpose, garage_id, passport_id, email, token_hash, expires_at, created_at, remind_on, email_key)
        SELECT key(43, n), 'passport', key(1, 1 + n % 500), key(5, n), n || '@b.example', int8send(n), now(), now(),
        date '2026-01-01' + (n % 700)::int, n || '@b.example' FROM generate_series(1, 50000) n;
    INSERT INTO devices SELECT key(42, n), key(11, n), key(2, n), 'fcm', int8send(n), '', now()
        FROM generate_series(1, 50000) n;
    INSERT INTO suppressions SELECT key(43, n), CASE WHEN n % 20 = 0 THEN key(1, 1 + n % 500) END, n || '@b.example',
        n || '@b.example', CASE WHEN n % 20 = 0 THEN 'objected' ELSE 'bounced' END, now()
        FROM generate_series(0, 199999, 5) n;
    INSERT INTO customers SELECT key(3, 200001), key(1, 8), 'person', 'Jan', 'jan', ' jan', NULL,
        '5@b.example', NULL, NULL, NULL, NULL, 'NL', 'nl', NULL, NULL, false, NULL, 1, now(), now();
    INSERT INTO reminders SELECT key(5, n), 'apk', '', date '2026-01-01' + (n % 700)::int, -28, date '2026-01-01', date '2026-01-01'
        FROM generate_series(1, 50000) n;
    INSERT INTO calendar_feeds SELECT key(2, n), int8send(n), now() FROM generate_series(1, 20000) n;
    INSERT INTO calendar_entries SELECT key(2, 1 + n % 20000), key(5, 1 + n), 'apk', '', date '2026-01-01', 'T', NULL, 'nl', 0, now(),
        CASE WHEN n % 9 = 0 THEN timestamptz '2020-01-01' + n * interval '1 hour' END FROM generate_series(0, 99999) n;
    INSERT INTO apk_mailings SELECT key(45, n), key(1, 1 + n % 500), CASE WHEN n % 100 = 0 THEN 'sending' ELSE 'sent' END, 'T', 'T', date '2026-01-01', date '2026-02-01', '', now(),
        now(), now(), key(10, 1), 1, now(), now(), true FROM generate_series(0, 49999) n;
    INSERT INTO apk_mailing_recipients SELECT key(45, n / 4), key(5, 1 + n), key(14, 1 + n), NULL, NULL, date '2026-01-01' + ((1 + n) % 700)::int, 'sent', NULL, n % 3 > 0, false,
        NULL, now() FROM generate_series(0, 199999) n;
    INSERT INTO removals SELECT key(1, 1 + n % 500), now(), key(5, n), 'passports', key(1, 1 + n % 500)
        FROM generate_series(1, 100000) n;
    INSERT INTO removals SELECT key(2, n), now(), key(5, n), 'passports', key(1, 1 + n % 500) FROM generate_series(1, 50000) n;
    INSERT INTO removals SELECT key(4, 1 + n % 10000), now(), key(5, n), list, key(1, 1 + n % 500)
        FROM generate_series(1, 50000) n, unnest(ARRAY['passports', 'fleet_passports']) list;
    INSERT INTO removals SELECT key(14, n), now(), key(48, n), 'checks', key(1, 1 + (n - 1) % 500) FROM generate_series(1, 20000) n;
    INSERT INTO removals SELECT key(2, n), now(), key(49, n), 'devices', NULL FROM generate_series(1, 20000) n;
    INSERT INTO event_streams SELECT key(1, n), 200 FROM generate_series(1, 500) n;
    INSERT INTO events SELECT key(1, 1 + n % 100), 1 + n / 100, key(8, n), now(), key(10, 1 + n % 100), 'garage_changed',
        CASE WHEN n % 7 <> 0 THEN key(5, n % 100 + 500 * (n / 100 % 20)) END, '{\"kind\":\"garage_changed\",\"data\":{}}'
        FROM generate_series(0, 19999) n;
";

fn key<T: From<Uuid>>(kind: u128, number: u128) -> T {
    Uuid::from_u128((kind << 96) + number).into()
}

/// How often a query is run: beyond the five times after which PostgreSQL may settle on a plan, and more often than it
/// looks for the ends of indexes while it plans once.
const RUNS: i64 = 20;

/// How many rows of each table were read, in its order or an index's.
fn rows_read(db: &Database) -> BTreeMap<String, i64> {
    let sql = "SELECT relname || ' ' || (seq_tup_read + coalesce(idx_tup_fetch, 0)) AS line FROM pg_stat_user_tables";
    let lines = db.raw().lines(sql);
    lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, count)| (name.into(), count.parse().unwrap()))
        .collect()
}

/// How often each table was read through from its beginning, and each index looked into.
fn scans(db: &Database) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
    let named = TABLES.map(|table| format!("'{table}'")).join(", ");
    let of = |name: &str, count: &str, from: &str| {
        let lines =
            db.raw().lines(&format!("SELECT {name} || ' ' || {count} AS line FROM {from} WHERE relname IN ({named})"));
        let pair = |line: &String| {
            let (name, count) = line.split_once(' ').unwrap();
            (name.to_owned(), count.parse().unwrap())
        };
        lines.iter().map(pair).collect()
    };
    (of("relname", "seq_scan", "pg_stat_user_tables"), of("indexrelname", "idx_scan", "pg_stat_user_indexes"))
}

/// Runs a query some times on a store of its own, whose end makes its statistics known.
#[track_caller]
fn run(db: &Database, what: &str, store: Store, query: &dyn Fn(&mut Tx<'_>) -> Result<usize, StoreError>) {
    for _ in 0..RUNS {
        assert!(store.read(query).unwrap() > 0, "{what} finds nothing");
    }
    end(db, store);
}

/// Ends a store, and waits until its statistics are known.
fn end(db: &Database, store: Store) {
    drop(store);
    // The test's own store holds one idle connection.
    let others = "SELECT (count(*) > 1)::text AS line FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while db.raw().line(others) != "false" {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The plans that were seen: what is listed, and the indexes that are read for it.
struct Plans<'d> {
    db: &'d Database,
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl Plans<'_> {
    /// Runs a query and asserts that no table was read through: as often as a server would before PostgreSQL settles on a
    /// plan, and with the plan for any parameters, which is the one that is kept.
    #[track_caller]
    fn add(&mut self, what: impl Into<String>, query: &dyn Fn(&mut Tx<'_>) -> Result<usize, StoreError>) {
        let (db, what) = (self.db, what.into());
        let (tables, _) = scans(db);
        run(db, &what, db.another_store(1), query);
        let (_, indexes) = scans(db);
        run(db, &what, db.another_store_with(1, "plan_cache_mode=force_generic_plan"), query);
        let (tables_after, indexes_after) = scans(db);
        assert_eq!(tables_after, tables, "{what} reads through a table");
        let read = indexes_after.into_iter().filter(|(name, count)| count - indexes[name] >= RUNS);
        let names = read.map(|(name, _)| name);
        self.seen.entry(what).or_default().extend(names);
    }

    /// Holds what was seen against the golden file.
    #[expect(clippy::disallowed_methods, reason = "who runs the test says by it that the plans are meant to change")]
    fn compare(self) {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/plans.txt");
        let lines = self
            .seen
            .into_iter()
            .map(|(what, indexes)| format!("{what}: {}\n", indexes.into_iter().collect::<Vec<_>>().join(", ")));
        let found: String = lines.collect();
        if std::env::var("UPDATE_GOLDEN").is_ok() {
            std::fs::write(golden, &found).unwrap();
        }
        let expected = std::fs::read_to_string(golden).unwrap_or_default();
        assert_eq!(found, expected, "other indexes are read; if that is meant, run the test with UPDATE_GOLDEN=1");
    }
}

/// Each table is either read by a list or said not to be.
fn every_table_is_named(db: &Database) {
    let tables = db.raw().lines("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'");
    let unknown: Vec<_> =
        tables.iter().filter(|table| ![&TABLES[..], &WITHOUT_LISTS].concat().contains(&table.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}: in `TABLES` and `FILL` when a list reads it, else in `WITHOUT_LISTS`");
}

/// How cars stand, and lists by what is due next.
fn plans_of_status(plans: &mut Plans<'_>, garage: &Scope, fleet: &Scope, staff: &Scope) {
    for (scope, name) in [(garage, "garage"), (fleet, "fleet"), (staff, "session of staff")] {
        plans.add(format!("passports of a {name} by the next due day"), &|tx| {
            Ok(passport::list_by_due(tx, scope, &PassportFilter::default(), &first(50))?.items.len())
        });
    }
    for (scope, name) in [(garage, "garage"), (fleet, "fleet"), (staff, "session of staff")] {
        plans.add(format!("passports of a {name} by the day of the APK"), &|tx| {
            Ok(passport::list_by_apk(tx, scope, &PassportFilter::default(), &first(50))?.items.len())
        });
    }
    let expired = PassportFilter {
        apk_statuses: vec![ApkStatus::Expired],
        apk_before: "2026-03-01".parse().ok(),
        today: "2026-06-01".parse().ok(),
        ..PassportFilter::default()
    };
    plans.add("passports whose APK has expired", &|tx| {
        Ok(passport::list_by_apk(tx, garage, &expired, &first(50))?.items.len())
    });
    let unread = PassportFilter { not_read_since: "2026-03-01".parse().ok(), ..PassportFilter::default() };
    plans.add("passports of cars that were not read", &|tx| {
        Ok(passport::list(tx, garage, &unread, &first(50))?.items.len())
    });
    let needing = PassportFilter {
        car_statuses: vec![CarStatus::Attention],
        today: "2026-06-01".parse().ok(),
        ..PassportFilter::default()
    };
    plans.add("passports by status and the next due day", &|tx| {
        Ok(passport::list_by_due(tx, garage, &needing, &first(50))?.items.len())
    });
    let today = "2026-06-01".parse().unwrap();
    plans.add("how the cars of a garage stand", &|tx| {
        Ok(usize::try_from(car_status::of_garage(tx, key(1, 7), today)?.cars).unwrap())
    });
    plans.add("how the cars of fleets stand", &|tx| {
        Ok(car_status::of_fleets(tx, &[Found::by_system(key(4, 7)), Found::by_system(key(4, 9))], None, today)?.len())
    });
    plans.add("cars of a fleet on which something is due", &|tx| {
        Ok(car_status::list_due(tx, Found::by_system(key(4, 7)), None, "2028-01-01".parse().unwrap(), 50)?.len())
    });
    let sample = sample::passport(key(1, 8));
    let on_road = Passport { id: key(5, 7), vehicle: Vehicle { id: key(14, 7), ..sample.vehicle.clone() }, ..sample };
    plans.add("what is on record of a car", &|tx| {
        let on_record = car_status::records(tx, &Found::by_system(on_road.clone()))?.records;
        Ok(on_record.done.len().min(on_record.measured.len()))
    });
    plans.add("readings of the same car before", &|tx| {
        Ok(odometer::ledger_before(tx, Found::by_system(key(14, 7)))?.len())
    });
    plans.add("vehicles that are the same car", &|tx| Ok(earlier_vehicles::find(tx, &[key(14, 7), key(41, 7)])?.len()));
    plans.add("cars of a fleet that nobody drives", &|tx| {
        let filter = PassportFilter { has_driver: Some(false), ..PassportFilter::default() };
        Ok(passport::list(tx, fleet, &filter, &first(50))?.items.len())
    });
}

/// The APK list, mailings, and what becomes of them.
fn plans_of_mailings(plans: &mut Plans<'_>) {
    let garage: GarageId = key(1, 8);
    let filter = ApkListFilter {
        from: "2026-03-01".parse().unwrap(),
        until: "2026-05-01".parse().unwrap(),
        mailed: None,
        search: None,
        latest_first: false,
    };
    for (name, latest_first, mailed) in
        [("", false, None), (", latest first", true, None), (", not mailed", false, Some(false))]
    {
        let filter = ApkListFilter { latest_first, mailed, ..filter.clone() };
        plans.add(format!("APK list{name}"), &|tx| Ok(apk_list::list(tx, garage, &filter, &first(50))?.items.len()));
    }
    plans.add("what of the APK list was mailed", &|tx| {
        let cars = apk_list::list(tx, garage, &filter, &first(50))?.items;
        Ok(apk_list::mailed(tx, &cars, None)?.len())
    });
    plans.add("last visits of the APK list", &|tx| {
        Ok(apk_list::last_visits(tx, garage, &[key(14, 8), key(14, 508)])?.len())
    });
    plans.add("mailings", &|tx| Ok(apk_mailing::list(tx, garage, &[], &first(50))?.items.len()));
    plans.add("outcomes of mailings, counted", &|tx| Ok(apk_mailing::counts(tx, &[key(45, 7), key(45, 507)])?.len()));
    plans
        .add("cars of a mailing", &|tx| Ok(apk_mailing::list_recipients(tx, key(45, 7), &[], &first(50))?.items.len()));
    plans.add("mailings that are dealt with", &|tx| Ok(apk_mailing::list_finished(tx, 100)?.len()));
}

/// What a calendar is made of.
fn plans_of_calendars(plans: &mut Plans<'_>) {
    let driver = Scope::Driver(key(2, 7), "7@b.example".into());
    for (name, scope) in [("driver", driver), ("fleet", Scope::Fleet(key(4, 7), key(7, 6)))] {
        plans.add(format!("cars of the calendar of a {name}"), &|tx| Ok(calendar::list_cars(tx, &scope, 1000)?.len()));
    }
    plans.add("what a calendar last showed", &|tx| Ok(calendar::list(tx, key(2, 7))?.len()));
    plans.add("whose calendar it is", &|tx| Ok(calendar::holder(tx, &7_i64.to_be_bytes())?.into_iter().count()));
}

/// What a garage lists for its home screen.
fn plans_of_garage(plans: &mut Plans<'_>) {
    let (fleet, lists) = (Found::by_system(key::<FleetId>(4, 7)), [FollowedList::FleetPassports]);
    plans.add("what is gone from a fleet, for its garage", &|tx| {
        Ok(removal::list(tx, &Scope::Garage(key(1, 7)), &lists, ListOf::Fleet(fleet), &first(50))?.items.len())
    });
    let (car, checks) = (Found::by_system(key::<VehicleId>(14, 7)), [FollowedList::Checks]);
    plans.add("what is gone from a car, for its garage", &|tx| {
        Ok(removal::list(tx, &Scope::Garage(key(1, 7)), &checks, ListOf::KeptCar(car), &first(50))?.items.len())
    });
    plans.add("what is gone from an account", &|tx| {
        let of = ListOf::Account(key(2, 7));
        Ok(removal::list(tx, &Scope::Nothing, &[FollowedList::Devices], of, &first(50))?.items.len())
    });
    for (name, statuses) in [("recommendations", vec![]), ("open recommendations", vec![RecommendationStatus::Open])] {
        let filter = RecommendationFilter { statuses, ..Default::default() };
        plans.add(format!("{name} of a garage"), &|tx| {
            Ok(recommendation::list_of_garage(tx, key(1, 7), &filter, &first(50))?.items.len())
        });
    }
    for (name, completed) in [("checks", None), ("drafts of checks", Some(false))] {
        let filter = GarageCheckFilter { completed, started_by: None };
        plans.add(format!("{name} of a garage"), &|tx| {
            Ok(vehicle_check::list_of_garage(tx, key(1, 7), filter, &first(50))?.items.len())
        });
    }
}

/// Changes of link, and what is gone from lists.
fn plans_of_links(plans: &mut Plans<'_>, scope: &Scope, name: &str) {
    plans.add(format!("changes of link of a {name}"), &|tx| {
        Ok(link_change::list(tx, scope, &LinkChangeFilter::default(), sample::at(0), &first(50))?.items.len())
    });
    plans.add(format!("what is gone from the passports of a {name}"), &|tx| {
        Ok(removal::list(tx, scope, &[FollowedList::Passports], ListOf::Actor, &first(50))?.items.len())
    });
}

/// The hands that a car had, and its plates, for the garage and for others.
fn plans_of_history(plans: &mut Plans<'_>) {
    plans.add("custody", &|tx| Ok(custody::list(tx, Found::by_system(key(5, 7)), &first(50))?.items.len()));
    let vehicle = Found::by_system(key(14, 7));
    plans.add("plates of a vehicle", &|tx| Ok(plates::list(tx, vehicle, &first(50))?.items.len()));
    plans.add("plates of a vehicle without mistakes", &|tx| {
        Ok(plates::list_without_mistakes(tx, vehicle, &first(50))?.items.len())
    });
    plans_of_former_cars(plans);
}

/// Cars that a driver or a fleet had, and what a driver entered about one.
fn plans_of_former_cars(plans: &mut Plans<'_>) {
    let driver = Scope::Driver(key(2, 7), "7@b.example".into());
    let scopes = [
        ("driver", driver.clone()),
        ("fleet", Scope::Fleet(key(4, 7), key(7, 7))),
        ("session of a driver", Scope::Session(key(11, 7), AccountKind::Driver)),
        ("session of a fleet", Scope::Session(key(12, 7), AccountKind::Fleet)),
    ];
    for (name, scope) in scopes {
        plans.add(format!("former cars of a {name}"), &|tx| Ok(former_car::list(tx, &scope, &first(50))?.items.len()));
    }
    plans.add("readings that a driver entered of a former car", &|tx| {
        let Some(car) = former_car::find(tx, &driver, key(5, 6))? else { return Ok(0) };
        Ok(odometer::list_entered(tx, &car, &first(50))?.items.len())
    });
    plans.add("records that a driver wrote down of a former car", &|tx| {
        let Some(car) = former_car::find(tx, &driver, key(5, 6))? else { return Ok(0) };
        Ok(service_record::list_entered(tx, &car, &first(50))?.items.len())
    });
}

/// What people are told, and of what they are reminded.
fn plans_of_outreach(plans: &mut Plans<'_>) {
    let session = key::<SessionId>(11, 7);
    for read in [None, Some(false), Some(true)] {
        plans.add("notifications", &|tx| {
            Ok(notification::list(tx, session, &NotificationFilter { read }, &first(50))?.items.len())
        });
    }
    plans.add("unread notifications, counted", &|tx| notification::count_unread(tx, session));
    plans.add("notifications that were just made", &|tx| {
        Ok(notification::list_made_since(tx, sample::at(0), None, 200)?.len())
    });
    let scope = Scope::Garage(key(1, 6));
    plans.add("suppressions", &|tx| {
        Ok(suppression::list(tx, &scope, &SuppressionFilter::default(), &first(50))?.items.len())
    });
    plans_of_calendars(plans);
    plans_of_mailings(plans);
    let open = OpenAt::new(Lifetimes::default(), sample::at(0));
    plans.add("devices", &|tx| Ok(device::list(tx, key(2, 7), open, &first(50))?.items.len()));
    let day = domain::Date::constant(2026, 1, 3);
    plans.add("cars that are to be looked at for reminders", &|tx| {
        Ok(reminder::list_due(tx, day, &[], None, 200)?.len())
    });
    plans.add("cars that are to be looked at where it is day", &|tx| {
        Ok(reminder::list_due(tx, day, &[key(1, 7), key(1, 8)], None, 200)?.len())
    });
    let some: Vec<PassportId> = (1..=200).map(|number| key(5, number)).collect();
    plans.add("reminders that were made of some cars", &|tx| Ok(reminder::made(tx, &some)?.len()));
    plans.add("reminders of a fleet", &|tx| {
        Ok(reminder::list_of_fleet(tx, key(4, 7), "2025-12-31".parse().unwrap(), day, 200)?.len())
    });
    plans.add("fleets whose digest is due", &|tx| Ok(fleet::list_digests(tx, day, &[], None, 200)?.len()));
    plans.add("links that are to be looked at for reminders", &|tx| {
        Ok(reminder::list_due_links(tx, day, &[], None, 200)?.len())
    });
    let email = sample::email("7@b.example");
    let then = domain::Instant::UNIX_EPOCH;
    plans.add("links by e-mail", &|tx| Ok(invitation::list_by_email(tx, &email, then, 200)?.len()));
    plans.add("the open link of an e-mail", &|tx| Ok(invitation::find_open_by_email(tx, &email, then)?.iter().count()));
    let cars = [key::<PassportId>(5, 7).0, key::<PassportId>(5, 9).0];
    plans.add("what became of the mails with links", &|tx| {
        Ok(invitation::deliveries(tx, PurposeKind::Passport, &cars)?.len())
    });
    plans.add("cars of a garage that are looked at anew", &|tx| {
        Ok(reminder::look_at_once(tx, key(1, 7), None, 100)?.iter().count())
    });
}

/// What is read when a record or check is replaced.
fn plans_of_what_ended(plans: &mut Plans, vehicle: Found<VehicleId>) {
    for (name, by) in [("record", EndedBy::Record(key(27, 10_006))), ("check", EndedBy::Check(key(37, 2_006)))] {
        plans.add(format!("recommendations that a {name} has ended"), &|tx| {
            Ok(recommendation::ended_by(tx, vehicle, by)?.len())
        });
    }
    plans.add("recommendations that a check has made", &|tx| {
        Ok(recommendation::made_by(tx, vehicle, key(37, 6))?.len())
    });
    plans.add("recommendations that were declined after a day", &|tx| {
        Ok(recommendation::declined_after(tx, vehicle, domain::Date::constant(2019, 1, 1))?.len())
    });
    let day = domain::Date::constant(2026, 2, 1);
    plans.add("completed checks since a day", &|tx| Ok(vehicle_check::completed_since(tx, vehicle, day, 200)?.len()));
}

/// The plate of a car that is there.
fn plate(number: u32) -> LicencePlate {
    LicencePlate::stored(Country::parse("DE").unwrap(), &format!("T{number}")).unwrap()
}

/// Look-ups for many plates or addresses at once.
fn plans_of_many(plans: &mut Plans<'_>) {
    let plates: Vec<_> = (1..=50).map(plate).collect();
    plans.add("passports in use by plate", &|tx| Ok(persistence::plates::in_use(tx, &plates)?.len()));
    plans.add("what their plates are taken by", &|tx| Ok(persistence::occupancy::occupants(tx, &plates)?.len()));
    let emails: Vec<_> = (0..50).map(|number| sample::email(&format!("{}@b.example", number * 500 + 6))).collect();
    plans.add("customers by e-mails", &|tx| Ok(customer::find_by_emails(tx, key(1, 7), &emails)?.len()));
    let mobiles: Vec<_> =
        ["+31610000006", "+31610000506"].iter().filter_map(|number| PhoneNumber::parse(number).ok()).collect();
    plans.add("customers by mobile numbers", &|tx| Ok(customer::find_by_mobiles(tx, key(1, 7), &mobiles)?.len()));
    let twin = Customer {
        email: Some(sample::email("6@b.example")),
        mobile: PhoneNumber::parse("+31612345678").ok(),
        ..sample::customer(key(1, 7), "Jan")
    };
    plans.add("customers that share an e-mail or telephone number", &|tx| {
        Ok(customer::sharing_contact(tx, &twin)?.len())
    });
}

/// A database with many rows in each table.
fn filled() -> Database {
    let db = Database::postgres();
    let mut sql = String::new();
    // What PostgreSQL does by itself after a minute would change what it knows of the tables meanwhile.
    for table in TABLES {
        write!(sql, "ALTER TABLE {table} SET (autovacuum_enabled = off);").unwrap();
    }
    sql.push_str(FILL);
    for table in TABLES.into_iter().chain(["garages"]) {
        write!(sql, "ANALYZE {table};").unwrap();
    }
    db.raw().run(&sql).unwrap();
    db
}

#[test]
fn lists_use_an_index() {
    let db = filled();
    every_table_is_named(&db);
    let mut plans = Plans { db: &db, seen: BTreeMap::new() };
    let garage = Scope::Garage(key::<GarageId>(1, 7));
    let fleet = Scope::Fleet(key::<FleetId>(4, 7), key::<AccountId>(7, 7));
    let driver = Scope::Driver(key::<AccountId>(2, 7), "7@b.example".into());
    let now = sample::at(0);
    // The same, looked up by the statement that reads.
    let session = |kind, number, account| Scope::Session(key::<SessionId>(kind, number), account);
    let staff = session(13, 7, AccountKind::Staff);
    let sessions = [
        (staff.clone(), "session of staff"),
        (session(12, 7, AccountKind::Fleet), "session of a fleet"),
        (session(11, 7, AccountKind::Driver), "session of a driver"),
    ];
    let scopes = [(&garage, "garage"), (&fleet, "fleet"), (&driver, "driver")];
    for (scope, name) in scopes.into_iter().chain(sessions.iter().map(|(scope, name)| (scope, *name))) {
        plans.add(format!("passports of a {name}"), &|tx| {
            Ok(passport::list(tx, scope, &PassportFilter::default(), &first(50))?.items.len())
        });
        plans_of_links(&mut plans, scope, name);
        plans.add(format!("transfers of a {name}"), &|tx| {
            Ok(transfer::list(tx, scope, &TransferFilter::default(), now, &first(50))?.items.len())
        });
        plans.add(format!("changes of garage of a {name}"), &|tx| {
            Ok(garage_change::list(tx, scope, &GarageChangeFilter::default(), now, &first(50))?.items.len())
        });
    }
    let filters = [
        ("plate", PassportFilter { plate: Some("T506".into()), ..PassportFilter::default() }),
        ("customer", PassportFilter { customer: Some(key(3, 506)), ..PassportFilter::default() }),
        ("fleet", PassportFilter { fleet: Some(key(4, 7)), ..PassportFilter::default() }),
    ];
    for (name, filter) in filters {
        plans.add(format!("passports by {name}"), &|tx| {
            Ok(passport::list(tx, &garage, &filter, &first(50))?.items.len())
        });
    }
    plans_of_status(&mut plans, &garage, &fleet, &staff);
    let named = PassportFilter { search: Some("jan".into()), ..PassportFilter::default() };
    plans.add("passports by search", &|tx| Ok(passport::list(tx, &garage, &named, &first(50))?.items.len()));
    for search in [None, Some("jan 1")] {
        plans.add("customers", &|tx| Ok(customer::list(tx, &garage, search, &first(50))?.items.len()));
    }
    for search in [None, Some("vloot"), Some("1"), Some("6")] {
        for (scope, name) in [(&garage, "garage"), (&staff, "session of staff")] {
            plans.add(format!("fleets of a {name}"), &|tx| {
                Ok(fleet::list(tx, scope, search, &[], &first(50))?.items.len())
            });
        }
    }
    let car = Found::by_system(key::<VehicleId>(14, 7));
    plans.add("odometer readings", &|tx| Ok(odometer::list(tx, car, &first(50))?.items.len()));
    plans.add("an odometer ledger", &|tx| Ok(odometer::ledger(tx, car)?.len()));
    plans.add("APK entries", &|tx| Ok(apk::list(tx, car, &first(50))?.items.len()));
    plans.add("the latest APK entry", &|tx| Ok(apk::latest(tx, car)?.iter().count()));
    plans_of_history(&mut plans);
    let vehicle = Found::by_system(key::<VehicleId>(14, 7));
    let tyres = ServiceRecordFilter { tasks: TaskKey::find("tyres").into_iter().collect(), ..Default::default() };
    for (name, filter) in [("of a car", &ServiceRecordFilter::default()), ("of a car by task", &tyres)] {
        plans.add(format!("service records {name}"), &|tx| {
            Ok(service_record::list(tx, vehicle, filter, &first(50))?.items.len())
        });
    }
    plans.add("a service record", &|tx| Ok(service_record::view(tx, vehicle, key(27, 6))?.iter().count()));
    plans.add("recommendations that records did", &|tx| {
        Ok(service_record::closed_by(tx, vehicle, &[key(27, 10_006), key(27, 20_006)])?.len())
    });
    plans.add("a vehicle by its plate", &|tx| Ok(plates::known_to(tx, key(1, 7), &plate(31))?.iter().count()));
    let completed = vehicle_check::CheckFilter { without_drafts: true, without_completed: false };
    plans.add("checks of a vehicle", &|tx| Ok(vehicle_check::list(tx, vehicle, completed, &first(50))?.items.len()));
    let any = RecommendationFilter::default();
    plans.add("recommendations for a vehicle", &|tx| {
        Ok(recommendation::list(tx, vehicle, &any, &first(50))?.items.len())
    });
    plans_of_garage(&mut plans);
    plans_of_what_ended(&mut plans, vehicle);
    plans.add("open recommendations for a vehicle", &|tx| Ok(recommendation::open_of(tx, vehicle)?.len()));
    plans.add("a registration", &|tx| Ok(registration::find(tx, Found::by_system(&plate(506)))?.iter().count()));
    let later = sample::at(1);
    plans.add("registrations that are due", &|tx| Ok(registration::claim_due(tx, now, later, now, 100)?.len()));
    let stream = domain::event::Stream::Garage(key(1, 7));
    plans.add("events", &|tx| Ok(event::list(tx, stream, &first(50))?.items.len()));
    let of_a_car = Passport { id: key(5, 508), ..sample::passport(key(1, 9)) };
    let of_a_car = Found::by_system(of_a_car);
    for kind in [None, Some(FactKind::GarageChanged)] {
        plans.add("events of a passport", &|tx| {
            Ok(event::list_of_passport(tx, &of_a_car, kind, &first(50))?.items.len())
        });
    }
    plans_of_many(&mut plans);
    plans_of_outreach(&mut plans);
    add_maintenance(&mut plans);
    plans.compare();
    a_garage_with_one_suppression_reads_few(&db);
}

/// Of 40,000 suppressions one is about a customer of this garage, and that is the oldest.
fn a_garage_with_one_suppression_reads_few(db: &Database) {
    let scope = Scope::Garage(key(1, 8));
    for settings in ["plan_cache_mode=force_custom_plan", "plan_cache_mode=force_generic_plan"] {
        let before = rows_read(db)["suppressions"];
        run(db, "suppressions", db.another_store_with(1, settings), &|tx| {
            Ok(suppression::list(tx, &scope, &SuppressionFilter::default(), &first(50))?.items.len())
        });
        let read = rows_read(db)["suppressions"] - before;
        assert!(read <= 10 * RUNS, "{read} rows are read by {RUNS} lists of one");
    }
}

fn add_maintenance(plans: &mut Plans<'_>) {
    let (garage, car) = (key::<GarageId>(1, 7), Found::by_system(key(14, 506)));
    let filter = ScheduleFilter::default();
    plans.add("maintenance schedules", &|tx| {
        Ok(maintenance_schedule::list(tx, garage, &filter, &first(50))?.items.len())
    });
    plans.add("maintenance schedules of a garage", &|tx| Ok(maintenance_schedule::of_garage(tx, garage)?.len()));
    plans.add("maintenance schedules of a car", &|tx| Ok(maintenance_schedule::of_car(tx, garage, car)?.len()));
    let tyres = TaskKey::find("tyres").unwrap();
    plans.add("the rule of a car", &|tx| Ok(maintenance_schedule::find_of_car(tx, garage, car, tyres)?.iter().count()));
    plans.add("what schedules know of a car", &|tx| {
        maintenance_schedule::car(tx, Found::by_system(key(5, 506)))?;
        Ok(1)
    });
    plans.add("what schedules know of the cars of a garage", &|tx| {
        maintenance_schedule::count_cars_in_use(tx, garage, |_| true)
    });
    plans.add("service indicators", &|tx| Ok(service_indicator::of_vehicle(tx, car)?.len()));
    plans.add("check templates", &|tx| Ok(check_template::list(tx, garage, &first(50))?.items.len()));
    plans.add("a check template by key", &|tx| Ok(check_template::find_for(tx, garage, "own_6")?.iter().count()));
}

/// Nobody has counted the rows of a garage that joins with all it has, and what it is asked for first finds none.
#[test]
fn an_import_reads_what_it_asks_for() {
    const BLOCKS: usize = 20;
    const EACH: usize = 200;
    let db = Database::postgres();
    let store = db.another_store(1);
    let garage = sample::garage();
    store.write(|tx| garage::insert(tx, &garage, sample::at(0))).unwrap();
    let garage = garage.id;
    for block in 0..BLOCKS {
        let customer = |number| Customer {
            email: Some(sample::email(&format!("jan.{block}.{number}@jansen.example"))),
            ..sample::customer(garage, "Jan")
        };
        let customers: Vec<Customer> = (0..EACH).map(customer).collect();
        let passport = |customer: &Customer| Passport { customer_id: Some(customer.id), ..sample::passport(garage) };
        let passports: Vec<Passport> = customers.iter().map(passport).collect();
        let emails: Vec<_> = customers.iter().filter_map(|customer| customer.email.clone()).collect();
        let plates: Vec<_> = passports.iter().map(|passport| passport.vehicle.plate.clone()).collect();
        let stored = store.write(|tx| {
            assert!(persistence::plates::in_use(tx, &plates)?.is_empty());
            assert!(plates::known_to_any(tx, garage, &plates)?.is_empty());
            assert_eq!(customer::find_by_emails(tx, garage, &emails)?, []);
            customer::insert_all(tx, &customers, sample::at(0))?;
            plates::insert_all(tx, passports.iter().map(|passport| &passport.vehicle), sample::at(0))?;
            passport::insert_all(tx, &passports, sample::at(0))
        });
        stored.unwrap();
    }
    end(&db, store);
    // Each passport looks for its customer once: that is the foreign key.
    let (read, made) = (rows_read(&db), i64::try_from(BLOCKS * EACH).unwrap());
    for table in ["customers", "passports"] {
        assert!(read[table] <= made, "{} rows of {table} for {made} cars", read[table]);
    }
}
