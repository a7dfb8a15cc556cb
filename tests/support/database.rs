//! Throwaway databases: a file, or a database of the PostgreSQL cluster that `make test` starts.

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use persistence::Store;
use std::sync::OnceLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
    name: Option<String>,
}

const CLUSTER: &str = "AUTOPASPOORT_TEST_POSTGRES_URL";

fn cluster() -> String {
    std::env::var(CLUSTER).unwrap_or_else(|_| {
        panic!("{CLUSTER} is not set: run the tests with `make test`, which starts a PostgreSQL of its own")
    })
}

fn in_cluster(name: &str) -> String {
    let url = cluster();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

fn administer(sql: &str) {
    PgConnection::establish(&cluster()).unwrap().batch_execute(sql).unwrap();
}

/// A migrated database that the others are copies of, made once.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("template_{}", uuid::Uuid::now_v7().simple());
        administer(&format!("CREATE DATABASE {name}"));
        let store = Store::open(&in_cluster(&name).parse().unwrap(), 1).unwrap();
        store.migrate().unwrap();
        name
    })
}

/// A migrated SQLite database that the others are copies of, made once: the content of its file.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        Store::open(&sqlite_url(&folder).parse().unwrap(), 1).unwrap().migrate().unwrap();
        // What the log still has goes into the file that is made.
        let (original, whole) = (folder.path().join("autopaspoort.db"), folder.path().join("whole.db"));
        let mut connection = SqliteConnection::establish(&original.display().to_string()).unwrap();
        let copy = format!("PRAGMA busy_timeout = 10000; VACUUM INTO '{}'", whole.display());
        connection.batch_execute(&copy).unwrap();
        std::fs::read(whole).unwrap()
    })
}

fn sqlite_url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("autopaspoort.db").display())
}

/// A new database of the cluster with the content of another one: its name.
fn copy_in_cluster(template: &str) -> String {
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    // The template's own pool may hold its last connection for a moment.
    for attempt in 0.. {
        let made = PgConnection::establish(&cluster())
            .unwrap()
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        match made {
            Ok(()) => break,
            Err(error) => assert!(attempt < 100, "{error}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    name
}

impl Database {
    pub(crate) fn create(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        match backend {
            Backend::Sqlite => {
                std::fs::write(folder.path().join("autopaspoort.db"), sqlite_template()).unwrap();
                Self { url: sqlite_url(&folder), folder, name: None }
            }
            Backend::Postgres => {
                let name = copy_in_cluster(template());
                Self { url: in_cluster(&name), folder, name: Some(name) }
            }
        }
    }

    /// A database with the content of this one, which nobody may be using, and with its server's secret: so links and
    /// tokens stay valid.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap) {
            let is_database = file.file_name().to_string_lossy().contains(".db");
            if file.file_type().unwrap().is_file() && !is_database {
                std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
            }
        }
        copy_files(&self.folder.path().join("files"), &folder.path().join("files"));
        if self.name.is_none() {
            // The files alone are not a copy: the log goes into the database when the last connection closes, which can
            // come late.
            let path = |folder: &tempfile::TempDir| folder.path().join("autopaspoort.db").display().to_string();
            let mut original = SqliteConnection::establish(&path(&self.folder)).unwrap();
            let copy = format!("PRAGMA busy_timeout = 10000; VACUUM INTO '{}'", path(&folder));
            original.batch_execute(&copy).unwrap();
        }
        match &self.name {
            None => Self { url: sqlite_url(&folder), folder, name: None },
            Some(template) => {
                let name = copy_in_cluster(template);
                Self { url: in_cluster(&name), folder, name: Some(name) }
            }
        }
    }

    pub(crate) fn drop_now(self) {
        if let Some(name) = &self.name {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }

    /// Breaks every connection to it and lets nobody in, or lets them in again.
    pub(crate) fn set_reachable(&self, reachable: bool) {
        let name = self.name.as_ref().unwrap();
        administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {reachable}"));
        if !reachable {
            administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
        }
    }
}

/// The files of a folder, and of those in it.
fn copy_files(from: &std::path::Path, to: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(from) else { return };
    std::fs::create_dir_all(to).unwrap();
    for entry in entries.map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl super::Server {
    /// Runs a statement on the database itself.
    pub(crate) fn run_sql(&self, sql: &str) {
        if self.is_sqlite() {
            let path = self.database.folder.path().join("autopaspoort.db").display().to_string();
            let mut connection = SqliteConnection::establish(&path).unwrap();
            connection.batch_execute(&format!("PRAGMA busy_timeout = 10000; {sql}")).unwrap();
        } else {
            PgConnection::establish(&self.database.url).unwrap().batch_execute(sql).unwrap();
        }
    }

    /// Has PostgreSQL refuse to store anything, for those who come from now on.
    pub(crate) fn set_database_read_only(&self) {
        let name = self.database.name.as_ref().unwrap();
        administer(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
        self.database.set_reachable(false);
        self.database.set_reachable(true);
    }

    /// Takes every table of a PostgreSQL database away.
    pub(crate) fn lose_tables(&self) {
        let sql = "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' \
            LOOP EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_lost'); END LOOP; END $$";
        PgConnection::establish(&self.database.url).unwrap().batch_execute(sql).unwrap();
    }

    pub(crate) fn set_database_reachable(&self, reachable: bool) {
        self.database.set_reachable(reachable);
    }
}
