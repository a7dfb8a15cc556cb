//! On PostgreSQL, no list of a tenant's data reads through a whole table of everyone's.

use crate::support::{Database, first, sample};
use domain::{
    account::AccountKind,
    ids::{AccountId, FleetId, GarageId, PassportId, SessionId},
    licence_plate::LicencePlate,
    value::Country,
};
use persistence::{
    Scope, StoreError, Tx, apk_entries, custody, customers, events, fleets, odometer,
    passports::{self, PassportFilter},
    transfers::{self, TransferFilter},
    vehicle_register, vehicles,
};
use std::{fmt::Write as _, time::Duration};
use uuid::Uuid;

const TABLES: [&str; 12] = [
    "passports",
    "customers",
    "fleets",
    "transfers",
    "custody",
    "odometer_readings",
    "events",
    "sessions",
    "accounts",
    "vehicle_plates",
    "registrations",
    "apk_entries",
];

/// 500 garages with, each, 100 customers, 100 passports with as many offers, and 20 fleets; and some custody
/// and events. With much less, reading a table through is the better plan.
const FILL: &str = "
    CREATE FUNCTION key(kind int, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
        $$ SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(number), 24, '0'))::uuid $$;
    INSERT INTO garages SELECT key(1, n), 'Garage', NULL, 'a@b.example', NULL, NULL, NULL, NULL, 'NL', 'nl', 'EUR',
        'Europe/Amsterdam', 1, now(), now() FROM generate_series(1, 500) n;
    INSERT INTO accounts SELECT key(2, n), 'driver', n || '@b.example', n || '@b.example', 'Jan', 'nl', 'active', NULL,
        NULL, NULL, 1, now(), now() FROM generate_series(1, 50000) n;
    INSERT INTO accounts SELECT key(7, n), 'fleet', n || '@f.example', n || '@f.example', 'Jan', 'nl', 'active', NULL,
        NULL, NULL, 1, now(), now() FROM generate_series(1, 10000) n;
    INSERT INTO accounts SELECT key(10, n), 'staff', n || '@s.example', n || '@s.example', 'Jan', 'nl', 'active', key(1, n),
        'admin', NULL, 1, now(), now() FROM generate_series(1, 500) n;
    INSERT INTO sessions SELECT key(11, n), key(2, n), NULL, now(), now(), NULL FROM generate_series(1, 50000) n;
    INSERT INTO sessions SELECT key(12, n), key(7, n), NULL, now(), now(), NULL FROM generate_series(1, 10000) n;
    INSERT INTO sessions SELECT key(13, n), key(10, n), NULL, now(), now(), NULL FROM generate_series(1, 500) n;
    INSERT INTO customers SELECT key(3, n), key(1, 1 + n % 500), 'person', 'Jan ' || n, 'jan ' || n, ' jan ' || n, NULL,
        n || '@b.example', NULL, NULL, NULL, NULL, 'NL', 'nl', NULL, NULL, false, NULL, 1, now(), now()
        FROM generate_series(1, 50000) n;
    INSERT INTO fleets SELECT key(4, n), key(1, 1 + n % 500), NULL, key(5, n), key(2, n), key(7, n), 'Vloot ' || n,
        'vloot ' || n, 'open', 'invited', 1, now(), now() FROM generate_series(1, 10000) n;
    INSERT INTO vehicles SELECT key(14, n), now() FROM generate_series(1, 50000) n;
    INSERT INTO vehicle_plates SELECT key(14, n), 1, 'DE', 'T' || n, now() FROM generate_series(1, 50000) n;
    INSERT INTO passports SELECT key(5, n), key(1, 1 + n % 500), key(3, n), 'DE', 'T' || n, NULL, NULL, NULL, NULL, NULL,
        NULL, 'active', key(2, n), CASE WHEN n % 2 = 0 THEN key(4, 1 + n % 10000) END, 1, now(), now(), key(14, n)
        FROM generate_series(1, 50000) n;
    INSERT INTO passports SELECT key(15, n), key(1, 1 + n % 500), NULL, 'DE', 'T' || n, NULL, NULL, NULL, NULL, NULL,
        NULL, 'archived', NULL, NULL, 1, now(), now(), key(14, n) FROM generate_series(1, 50000, 5) n;
    INSERT INTO registrations (country, plate, recalls, inspections, turn_at, updated_at)
        SELECT 'DE', 'T' || n, '[]', '[]', 'epoch', now() FROM generate_series(1, 50000) n;
    INSERT INTO apk_entries SELECT key(16, n), key(5, 1 + n % 10000), '2027-03-01', now(), key(2, 1 + n % 10000)
        FROM generate_series(0, 29999) n;
    INSERT INTO transfers SELECT key(6, n), key(5, n), key(1, 1 + n % 500), 'T' || n, 'new_owner',
        CASE WHEN n % 2 = 0 THEN key(7, 1 + n % 10000) ELSE key(2, n) END, CASE WHEN n % 2 = 0 THEN key(4, 1 + n % 10000) END,
        (n + 1) || '@b.example', (n + 1) || '@b.example', 'offered', now(), now() + interval '14 days', NULL, 1, now()
        FROM generate_series(1, 50000) n;
    INSERT INTO custody SELECT key(5, 1 + n % 10000), 1 + n / 10000, 'driver', key(2, 1 + n % 10000), NULL, now(), NULL
        FROM generate_series(0, 29999) n;
    INSERT INTO odometer_readings SELECT key(9, n), key(5, 1 + n % 10000), n, 'km', n, '2026-03-01', now(), 'garage',
        key(2, 1 + n % 10000), NULL, NULL, false FROM generate_series(0, 29999) n;
    INSERT INTO event_streams SELECT key(1, n), 200 FROM generate_series(1, 500) n;
    INSERT INTO events SELECT key(1, 1 + n % 100), 1 + n / 100, key(8, n), now(), NULL, 'garage_changed', NULL,
        '{\"kind\":\"garage_changed\",\"data\":{}}' FROM generate_series(0, 19999) n;
";

fn key<T: From<Uuid>>(kind: u128, number: u128) -> T {
    Uuid::from_u128((kind << 96) + number).into()
}

/// How often each table was read through from its beginning.
fn scans(db: &Database) -> Vec<String> {
    let named = TABLES.map(|table| format!("'{table}'")).join(", ");
    let sql = format!(
        "SELECT relname || ' ' || seq_scan AS line FROM pg_stat_user_tables WHERE relname IN ({named}) ORDER BY 1"
    );
    db.raw().lines(&sql)
}

/// Runs a query, as often as a server would before PostgreSQL settles on a plan, on a connection whose end makes its
/// statistics known, and asserts that no table was read through.
#[track_caller]
fn assert_indexed(db: &Database, what: &str, query: &dyn Fn(&mut Tx<'_>) -> Result<usize, StoreError>) {
    let before = scans(db);
    let store = db.another_store(1);
    for _ in 0..8 {
        assert!(store.read(query).unwrap() > 0, "{what} finds nothing");
    }
    drop(store);
    // The test's own store holds one idle connection.
    let others = "SELECT (count(*) > 1)::text AS line FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while db.raw().line(others) != "false" {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(scans(db), before, "{what} reads through a table");
}

#[test]
fn lists_use_an_index() {
    let db = Database::postgres();
    let mut sql = FILL.to_owned();
    for table in TABLES.into_iter().chain(["garages"]) {
        write!(sql, "ANALYZE {table};").unwrap();
    }
    db.raw().run(&sql).unwrap();
    let garage = Scope::Garage(key::<GarageId>(1, 7));
    let fleet = Scope::Fleet(key::<FleetId>(4, 7), key::<AccountId>(7, 7));
    let driver = Scope::Driver(key::<AccountId>(2, 7), "7@b.example".into());
    let now = sample::at(0);
    // The same, looked up by the statement that reads.
    let session = |kind, number, account| Scope::Session(key::<SessionId>(kind, number), account);
    let staff = session(13, 7, AccountKind::Staff);
    let sessions = [staff.clone(), session(12, 7, AccountKind::Fleet), session(11, 7, AccountKind::Driver)];
    let scopes = [(&garage, "garage"), (&fleet, "fleet"), (&driver, "driver")];
    for (scope, name) in scopes.into_iter().chain(sessions.iter().map(|scope| (scope, "session"))) {
        assert_indexed(&db, &format!("passports of a {name}"), &|tx| {
            Ok(passports::list(tx, scope, &PassportFilter::default(), &first(50))?.items.len())
        });
        assert_indexed(&db, &format!("transfers of a {name}"), &|tx| {
            Ok(transfers::list(tx, scope, &TransferFilter::default(), now, &first(50))?.items.len())
        });
    }
    let filters = [
        PassportFilter { plate: Some("T506".into()), ..PassportFilter::default() },
        PassportFilter { customer: Some(key(3, 506)), ..PassportFilter::default() },
        PassportFilter { fleet: Some(key(4, 7)), ..PassportFilter::default() },
    ];
    for filter in filters {
        assert_indexed(&db, &format!("{filter:?}"), &|tx| {
            Ok(passports::list(tx, &garage, &filter, &first(50))?.items.len())
        });
    }
    let named = PassportFilter { search: Some("jan".into()), ..PassportFilter::default() };
    assert_indexed(&db, "passports by search", &|tx| Ok(passports::list(tx, &garage, &named, &first(50))?.items.len()));
    for search in [None, Some("jan 1")] {
        assert_indexed(&db, "customers", &|tx| Ok(customers::list(tx, &garage, search, &first(50))?.items.len()));
    }
    for search in [None, Some("vloot"), Some("1"), Some("6")] {
        for scope in [&garage, &staff] {
            assert_indexed(&db, "fleets", &|tx| Ok(fleets::list(tx, scope, search, None, &first(50))?.items.len()));
        }
    }
    assert_indexed(&db, "custody", &|tx| Ok(custody::list(tx, key::<PassportId>(5, 7), &first(50))?.items.len()));
    let car = key::<PassportId>(5, 7);
    assert_indexed(&db, "odometer readings", &|tx| Ok(odometer::list(tx, car, &first(50))?.items.len()));
    assert_indexed(&db, "an odometer ledger", &|tx| Ok(odometer::ledger(tx, car)?.len()));
    assert_indexed(&db, "APK entries", &|tx| Ok(apk_entries::list(tx, car, &first(50))?.items.len()));
    assert_indexed(&db, "the latest APK entry", &|tx| Ok(apk_entries::latest(tx, car)?.iter().count()));
    assert_indexed(&db, "plates of a vehicle", &|tx| {
        Ok(vehicles::list_plates(tx, key(14, 7), &first(50))?.items.len())
    });
    let plate = |number: u32| LicencePlate::parse(Country::parse("DE").unwrap(), &format!("T{number}")).unwrap();
    assert_indexed(&db, "a vehicle by its plate", &|tx| {
        Ok(vehicles::known_to(tx, key(1, 7), &plate(506))?.iter().count())
    });
    assert_indexed(&db, "a registration", &|tx| Ok(vehicle_register::find(tx, &plate(506))?.iter().count()));
    let later = sample::at(1);
    assert_indexed(&db, "registrations that are due", &|tx| {
        Ok(vehicle_register::claim_due(tx, now, later, now, 100)?.len())
    });
    let stream = domain::event::Stream::Garage(key(1, 7));
    assert_indexed(&db, "events", &|tx| Ok(events::list(tx, stream, &first(50))?.items.len()));
}
