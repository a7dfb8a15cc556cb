//! The schema: the same on both databases, and gone without a trace when taken back.

use crate::support::{Database, Raw, sample, together};
use persistence::{Backend, StoreError, garages, health};

on_both!(
    migrations_up_down_up_leave_the_same_schema,
    many_processes_may_migrate_at_once,
    a_database_without_the_schema_says_so,
);

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
    assert_eq!(db.read(garages::count), 0);
}

fn many_processes_may_migrate_at_once(like: &Database) {
    for _ in 0..3 {
        let empty = Database::empty_like(like);
        let applied = together(6, |_| empty.another_store(1).migrate().unwrap().len());
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
        assert_eq!(catalogue(&empty), catalogue(like));
    }
}

fn a_database_without_the_schema_says_so(like: &Database) {
    let empty = Database::empty_like(like);
    assert!(empty.read(health::has_pending_migrations));
    let error = empty.store.read(garages::count).unwrap_err();
    assert!(matches!(error, StoreError::Internal(_)), "{error:?}");
    empty.store.migrate().unwrap();
    assert!(!empty.read(health::has_pending_migrations));
}

/// Tables, columns with what they may hold, and unique indexes, in words that fit both databases.
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
                SELECT 'index ' || name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%'
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
                SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'
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
