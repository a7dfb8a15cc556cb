//! The schema: the same on both databases, and gone without a trace when taken back.

use crate::support::{Database, Raw, sample, together};
use domain::{
    apk::ApkEntry,
    custody::{CustodyEntry, CustodyRole, Holder},
    event::{Fact, Stream},
    job::TaskKind,
    odometer::OdometerReading,
    value::AccountKind,
};
use persistence::{
    Backend, Found, Store, StoreError, apk, custody, event, garage, health,
    jobs::{self, Claimed},
    odometer, plates,
};

on_both!(
    migrations_up_down_up_leave_the_same_schema,
    many_processes_may_migrate_at_once,
    lean_keys_leave_what_older_servers_wrote,
    jobs_keep_their_event,
    a_database_without_the_schema_says_so,
);

/// The pool makes a connection in the background while the first one is asked for, and other processes start too.
#[test]
fn a_new_file_is_opened_by_many_at_once() {
    for _ in 0..100 {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("new/autopaspoort.db").display()).parse().unwrap();
        let migrated = together(4, |_| Store::open(&url, 2).unwrap().migrate());
        let applied: Vec<usize> = migrated.into_iter().map(|migrated| migrated.unwrap().len()).collect();
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
    }
}

#[test]
fn the_files_of_a_database_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let db = Database::sqlite();
    sample::stored_garage(&db);
    let file = db.url().strip_prefix("sqlite://").unwrap().to_owned();
    for end in ["", "-wal", "-shm"] {
        let mode = std::fs::metadata(format!("{file}{end}")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{end}");
    }
}

/// Everything the catalogue knows of what the migrations made, one line each.
fn catalogue(db: &Database) -> Vec<String> {
    db.raw().lines(match db.backend() {
        Backend::Sqlite => {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_schema
             WHERE name NOT LIKE '%diesel%' ORDER BY 1"
        }
        Backend::Postgres => {
            "SELECT line FROM (
                SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, is_nullable,
                    column_default) AS line FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
                    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT 'function ' || pg_get_functiondef(oid)
                    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             ) AS everything WHERE line NOT LIKE '%diesel%' ORDER BY line"
        }
    })
}

fn migrations_up_down_up_leave_the_same_schema(db: &Database) {
    sample::stored_garage(db);
    let before = catalogue(db);
    assert!(before.len() > 40, "{before:?}");
    assert!(db.store.migrate().unwrap().is_empty(), "nothing is left to do");
    db.store.revert_all().unwrap();
    assert_eq!(catalogue(db), Vec::<String>::new());
    assert!(!db.store.migrate().unwrap().is_empty());
    assert_eq!(catalogue(db), before);
    assert_eq!(db.read(garage::count), 0);
}

fn many_processes_may_migrate_at_once(like: &Database) {
    for _ in 0..3 {
        let empty = Database::empty_like(like);
        let applied = together(6, |_| empty.another_store(1).migrate().unwrap().len());
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
        assert_eq!(catalogue(&empty), catalogue(like));
    }
}

/// Every row of a table, with all that it holds.
fn rows(db: &Database, table: &str) -> Vec<String> {
    let mut raw = db.raw();
    let row = match db.backend() {
        Backend::Sqlite => raw.line(&format!(
            "SELECT group_concat('quote(' || name || ')', '||'' ''||') AS line FROM pragma_table_info('{table}')"
        )),
        Backend::Postgres => "row_to_json(t)::text".to_owned(),
    };
    raw.lines(&format!("SELECT {row} AS line FROM {table} t ORDER BY 1"))
}

/// Tables made anew, those whose foreign keys go, and those that refer to them.
const TOUCHED: [&str; 8] = [
    "vehicle_plates",
    "passports",
    "events",
    "event_streams",
    "transfers",
    "odometer_readings",
    "custody",
    "apk_entries",
];

/// Later migrations that add columns to what the code of today stores of garages, accounts, fleets, customers and cars.
const LATER: [&str; 15] = [
    "2026-11-28-100000_maintenance",
    "2026-11-29-020000_second_factor",
    "2026-11-29-030000_hands",
    "2026-11-29-050000_offers_of_accounts",
    "2026-11-29-060000_confirmed_addresses",
    "2026-11-29-070000_taken_links",
    "2026-11-29-080000_garage_changes",
    "2026-11-30-020000_reminder_settings",
    "2026-12-01-010100_former_plates",
    "2026-12-01-010200_odometer_of_vehicles",
    "2026-12-01-010300_apk_entries_of_vehicles",
    "2026-12-01-020000_person_names",
    "2026-12-01-040000_apk_in_lists",
    "2026-12-02-030100_apk_inspected_on",
    "2026-12-02-040000_plates_as_typed",
];

/// The statements of later migrations that add columns.
fn later_columns(db: &Database) -> Vec<String> {
    let all = LATER.map(|name| db.migration(name).1).concat();
    let adds = |line: &&str| line.starts_with("ALTER TABLE") && line.contains(" ADD COLUMN ");
    all.lines().filter(adds).map(str::to_owned).collect()
}

/// Makes room for what the code of today stores, which the schema of then has not: the columns that later migrations add, and some tables.
fn make_room(db: &Database) {
    let columns = later_columns(db);
    assert!(columns.len() > 5, "{columns:?}");
    db.raw().run(&columns.concat()).unwrap();
    let (_, up) = db.migration("2026-12-02-000000_earlier_vehicles");
    for table in up.split(';').filter(|statement| statement.contains("CREATE TABLE")) {
        db.raw().run(table).unwrap();
    }
}

/// Takes that room back.
fn take_room(db: &Database) {
    for table in ["earlier_vehicles", "vehicle_vins", "parted_vehicles"] {
        db.raw().run(&format!("DROP TABLE {table}")).unwrap();
    }
    for line in later_columns(db) {
        let words: Vec<&str> = line.split_whitespace().collect();
        db.raw().run(&format!("ALTER TABLE {} DROP COLUMN {}", words[2], words[5].trim_end_matches(';'))).unwrap();
    }
}

/// A row at least in each of these tables.
fn fill(db: &Database) {
    make_room(db);
    let driver = sample::stored_account(db, AccountKind::Driver);
    let garage = sample::stored_garage(db).id;
    let fleet = sample::stored_fleet(db, garage, "Bakkerij");
    let mut car = sample::store_passport(db, sample::active_passport(garage, &driver, Some(fleet.id)));
    sample::store_passport(db, sample::passport(garage));
    sample::store_transfer(db, sample::transfer(&car, &driver, "iemand@elders.example"));
    let entry = CustodyEntry {
        passport_id: car.id,
        role: CustodyRole::Driver,
        holder: Holder::Account(driver.id),
        since: sample::at(0),
        changed_by: None,
    };
    let apk = ApkEntry {
        id: sample::id(),
        expires_on: "2027-03-01".parse().unwrap(),
        inspected_on: None,
        entered_at: sample::at(0),
        entered_by: driver.id,
    };
    let reading = sample::odometer_reading(7);
    let corrected = OdometerReading { replaces: Some(reading.id), ..sample::odometer_reading(8) };
    car.vehicle.plate = sample::plate();
    db.write(|tx| {
        plates::give(tx, &car.vehicle, sample::at(5))?;
        custody::append(tx, std::slice::from_ref(&entry))?;
        apk::insert(tx, Found::by_system(sample::car(&car)), &apk)?;
        odometer::insert(tx, Found::by_system(sample::car(&car)), &reading)?;
        odometer::insert(tx, Found::by_system(sample::car(&car)), &corrected)?;
        let facts = [Fact::PassportChanged { passport_id: car.id }, Fact::GarageChanged {}];
        let facts = facts.map(|fact| (sample::id(), fact)).to_vec();
        event::append_all(tx, Stream::Garage(garage), Some(driver.id), facts, sample::at(0))
    });
    take_room(db);
}

/// The migration finds the rows of a server that ran before it, and taking it back finds those of one that ran after it
/// (rules R19, OD1).
fn lean_keys_leave_what_older_servers_wrote(like: &Database) {
    let db = &older(like, &[&BEFORE_LEAN_KEYS[..], &["2026-11-27-000000_lean_keys"]].concat());
    fill(db);
    let all = || TOUCHED.map(|table| rows(db, table));
    let (schema, before) = (catalogue(db), all());
    assert!(before.iter().all(|rows| !rows.is_empty()), "{before:?}");
    let (down, up) = db.migration("2026-11-27-000000_lean_keys");
    let take_back = || run(db, &down);
    take_back();
    assert_eq!(all(), before);
    assert_eq!(rows(db, "vehicles").len(), 3);
    // As an older server does it.
    db.raw()
        .run(
            "INSERT INTO vehicles SELECT garage_id, min(created_at) FROM passports GROUP BY garage_id;
             INSERT INTO vehicle_plates SELECT id, 1, 'DE', 'OLD1', created_at FROM vehicles
                WHERE id NOT IN (SELECT vehicle_id FROM vehicle_plates);
             INSERT INTO passports (id, garage_id, country, plate, status, version, created_at, updated_at, vehicle_id)
                SELECT vehicle_id, vehicle_id, country, plate, 'invited', 1, since, since, vehicle_id
                FROM vehicle_plates WHERE plate = 'OLD1'",
        )
        .unwrap();
    let with_older = all();
    for _ in 0..2 {
        run(db, &up);
        assert_eq!((all(), catalogue(db)), (with_older.clone(), schema.clone()));
        if db.backend() == Backend::Sqlite {
            let broken = db.raw().lines("SELECT \"table\" AS line FROM pragma_foreign_key_check");
            assert!(broken.is_empty(), "{broken:?}");
        }
        take_back();
        assert_eq!((all(), rows(db, "vehicles").len()), (with_older.clone(), 4));
    }
    let then = older(like, &BEFORE_LEAN_KEYS);
    assert_eq!(catalogue(db), catalogue(&then), "all of it is taken back");
}

const BEFORE_LEAN_KEYS: [&str; 5] = [
    "2026-11-23-000000_fleet_story",
    "2026-11-24-000000_erasable_addresses",
    "2026-11-24-010000_odometer",
    "2026-11-24-020000_vehicle_register",
    "2026-11-27-010000_register_questions",
];

/// A database that has these migrations alone.
fn older(like: &Database, migrations: &[&str]) -> Database {
    let older = Database::empty_like(like);
    for name in migrations {
        run(&older, &older.migration(name).1);
    }
    older
}

fn run(db: &Database, migration: &str) {
    db.raw().run(&format!("BEGIN; {migration} COMMIT")).unwrap();
}

/// A mail that waits while the server is replaced, by a newer one or an older, is still one of the same event.
fn jobs_keep_their_event(db: &Database) {
    let (down, _) = db.migration("2026-11-27-020000_jobs_by_number");
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version = '20261127020000';";
    let take_back = || run(db, &format!("{down} {forget}"));
    db.write(|tx| event::create_stream(tx, Stream::Platform));
    for stream in [Stream::Garage(sample::stored_garage(db).id), Stream::Platform] {
        let facts = (0..3).map(|_| (sample::id(), Fact::GarageChanged {})).collect();
        db.write(|tx| event::append_all(tx, stream, None, Vec::clone(&facts), sample::at(0)));
    }
    take_back();
    // As an older server does it: a job of each stream's second event, and as many of none.
    db.raw()
        .run(
            "INSERT INTO jobs (id, event_id, position, kind, payload, state, attempts, run_at, created_at, updated_at)
                SELECT id, id, 0, 'mail', '{\"template\":\"transfer_declined\",\"to\":{\"kind\":\"garage\"}}', 'queued', 0, happened_at, happened_at, happened_at
                FROM events WHERE number = 2;
             INSERT INTO jobs (id, position, kind, payload, state, attempts, run_at, created_at, updated_at)
                SELECT id, 0, 'password_reset', '{\"email\":\"jan@jansen.example\"}', 'queued', 0, happened_at, happened_at, happened_at
                FROM events WHERE number = 1",
        )
        .unwrap();
    for _ in 0..2 {
        let kept = db.raw().lines("SELECT cast(count(event_id) AS text) AS line FROM jobs WHERE event_id = id");
        assert_eq!(kept, ["2"]);
        assert_eq!(db.store.migrate().unwrap(), ["20261127020000"]);
        take_back();
    }
    db.store.migrate().unwrap();
    let claim = |kind| -> Vec<_> {
        let claimed = db.write(|tx| jobs::claim(tx, kind, 9, sample::at(1)));
        let job = |claimed| if let Claimed::Job(job) = claimed { Some(job) } else { None };
        claimed.into_iter().filter_map(job).collect()
    };
    let resets = claim(TaskKind::PasswordReset);
    assert_eq!(resets.iter().filter(|job| job.cause.is_none()).count(), 2);
    let mails = claim(TaskKind::Mail);
    assert_eq!(mails.len(), 2);
    for job in mails {
        let cause = job.cause.unwrap();
        let event = db.read(|tx| event::find(tx, cause.stream, cause.number)).unwrap();
        assert_eq!((event.id.0, event.stream, event.number), (job.id, cause.stream, 2));
    }
}

fn a_database_without_the_schema_says_so(like: &Database) {
    let empty = Database::empty_like(like);
    assert!(empty.read(health::has_pending_migrations));
    let error = empty.store.read(garage::count).unwrap_err();
    assert!(matches!(error, StoreError::Internal(_)), "{error:?}");
    empty.store.migrate().unwrap();
    assert!(!empty.read(health::has_pending_migrations));
}

/// Tables, columns with what they may hold, and indexes with their columns, in words that fit both databases.
fn shape(raw: &mut Raw) -> Vec<String> {
    raw.lines(match raw {
        Raw::Sqlite(_) => {
            "SELECT line FROM (
                SELECT 'column ' || t.name || '.' || c.name || ' ' || c.type || ' '
                    || CASE WHEN c.\"notnull\" THEN 'NOT NULL' ELSE 'NULL' END AS line
                FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
                UNION ALL
                SELECT 'unique ' || t.name || ' ' || (SELECT group_concat(name) FROM
                    (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
                    || CASE WHEN i.partial THEN ' partial' ELSE '' END
                FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND i.\"unique\"
                UNION ALL
                SELECT 'index ' || i.name || ' ' || (SELECT group_concat(coalesce(name, '?')) FROM
                    (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
                    || CASE WHEN i.partial THEN ' partial' ELSE '' END
                FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin = 'c'
                UNION ALL
                SELECT 'refers ' || t.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\"
                FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
             ) WHERE line NOT LIKE '%diesel%' AND line NOT LIKE '%sqlite_%' ORDER BY line"
        }
        Raw::Postgres(_) => {
            "SELECT line FROM (
                SELECT 'column ' || table_name || '.' || column_name || ' '
                    || CASE WHEN data_type IN ('uuid', 'bytea') THEN 'BLOB' WHEN data_type IN ('text', 'date') THEN 'TEXT'
                        ELSE 'INTEGER' END
                    || CASE is_nullable WHEN 'YES' THEN ' NULL' ELSE ' NOT NULL' END AS line
                FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL
                SELECT 'unique ' || i.indrelid::regclass || ' '
                    || (SELECT string_agg(a.attname, ',' ORDER BY k.position)
                        FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number)
                    || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
                UNION ALL
                SELECT 'index ' || c.relname || ' '
                    || (SELECT string_agg(coalesce(a.attname, '?'), ',' ORDER BY k.position)
                        FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                        WHERE k.position <= i.indnkeyatts)
                    || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '%_pkey'
                UNION ALL
                SELECT 'refers ' || k.conrelid::regclass || '.' || a.attname || ' ' || k.confrelid::regclass || '.'
                    || b.attname
                FROM pg_constraint k
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
                WHERE k.contype = 'f'
             ) AS everything WHERE line NOT LIKE '%diesel%' ORDER BY line COLLATE \"C\""
        }
    })
}

#[test]
fn both_schemas_agree() {
    let (sqlite, postgres) = (shape(&mut Database::sqlite().raw()), shape(&mut Database::postgres().raw()));
    assert!(sqlite.len() > 200, "{}", sqlite.len());
    assert_eq!(sqlite, postgres);
}
