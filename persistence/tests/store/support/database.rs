//! A fresh database for one test, gone when the test ends.

use super::Raw;
use persistence::{Backend, Store, StoreError, Tx};
use std::{
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Room for the tests that use many threads; connections are made only when needed.
const POOL_SIZE: u32 = 32;

/// A database with the schema in it, and the store that uses it.
pub(crate) struct Database {
    pub(crate) store: Store,
    url: String,
    // Declared last: dropped after the store has let go of its connections.
    _place: Place,
}

#[expect(dead_code, reason = "held for what happens when they are dropped")]
enum Place {
    Folder(tempfile::TempDir),
    Server(Named, Option<Arc<Named>>),
}

/// A database on the PostgreSQL server, dropped with this value.
struct Named(String);

impl Drop for Named {
    fn drop(&mut self) {
        server().run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0)).unwrap();
    }
}

impl Named {
    fn new(template: Option<&Self>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let template = template.map_or("template0", |template| template.0.as_str());
        server().run(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
        Self(name)
    }

    fn url(&self) -> String {
        let server = server_url();
        let (rest, _) = server.rsplit_once('/').unwrap();
        format!("{rest}/{}", self.0)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this one address")]
fn server_url() -> String {
    std::env::var("AUTOPASPOORT_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("AUTOPASPOORT_TEST_POSTGRES_URL is not set: run `make test`, which starts a PostgreSQL for the tests")
    })
}

/// The server's own database, as a superuser.
pub(crate) fn server() -> Raw {
    Raw::postgres(&server_url())
}

/// A migrated database to copy from: made once, and dropped with the last test that uses it.
fn template() -> Arc<Named> {
    static TEMPLATE: Mutex<Weak<Named>> = Mutex::new(Weak::new());
    let mut kept = TEMPLATE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(template) = kept.upgrade() {
        return template;
    }
    let template = Arc::new(Named::new(None));
    open(&template.url(), 1).migrate().unwrap();
    // A database that someone is connected to cannot be copied.
    let name = &template.0;
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    server().run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false; {end}")).unwrap();
    let connected = format!("SELECT count(*)::text AS line FROM pg_stat_activity WHERE datname = '{name}'");
    while server().line(&connected) != "0" {
        std::thread::sleep(Duration::from_millis(10));
    }
    *kept = Arc::downgrade(&template);
    template
}

fn open(url: &str, size: u32) -> Store {
    Store::open(&url.parse().unwrap(), size).unwrap()
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let database = Self::empty_sqlite();
        database.store.migrate().unwrap();
        database
    }

    pub(crate) fn postgres() -> Self {
        let template = template();
        let named = Named::new(Some(&template));
        let url = named.url();
        Self { store: open(&url, POOL_SIZE), url, _place: Place::Server(named, Some(template)) }
    }

    /// One of the same kind as `other`, without the schema.
    pub(crate) fn empty_like(other: &Self) -> Self {
        match other.backend() {
            Backend::Postgres => Self::empty_postgres(),
            Backend::Sqlite => Self::empty_sqlite(),
        }
    }

    fn empty_postgres() -> Self {
        let named = Named::new(None);
        let url = named.url();
        Self { store: open(&url, POOL_SIZE), url, _place: Place::Server(named, None) }
    }

    fn empty_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { store: open(&url, POOL_SIZE), url, _place: Place::Folder(folder) }
    }

    /// A second store on the same database, as another process would have.
    pub(crate) fn another_store(&self, size: u32) -> Store {
        open(&self.url, size)
    }

    /// The same with a setting of PostgreSQL's, as `name=value`.
    pub(crate) fn another_store_with(&self, size: u32, setting: &str) -> Store {
        open(&format!("{}?options=-c%20{}", self.url, setting.replace('=', "%3D")), size)
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn backend(&self) -> Backend {
        self.store.backend()
    }

    /// The statements that take a migration back, and those that make it.
    pub(crate) fn migration(&self, name: &str) -> (String, String) {
        let folder = match self.backend() {
            Backend::Postgres => "postgres",
            Backend::Sqlite => "sqlite",
        };
        let folder = format!("{}/../migrations/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
        let [down, up] = ["down", "up"].map(|part| std::fs::read_to_string(format!("{folder}/{part}.sql")).unwrap());
        (down, up)
    }

    /// A connection that is not the store's.
    pub(crate) fn raw(&self) -> Raw {
        match self.backend() {
            Backend::Postgres => Raw::postgres(&self.url),
            Backend::Sqlite => Raw::sqlite(self.url.strip_prefix("sqlite://").unwrap()),
        }
    }

    /// Writes, and must succeed.
    #[track_caller]
    pub(crate) fn write<T>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        self.store.write(work).unwrap()
    }

    /// Writes, and must fail.
    #[track_caller]
    pub(crate) fn refused<T: std::fmt::Debug>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> StoreError {
        self.store.write(work).unwrap_err()
    }

    /// Reads, and must succeed.
    #[track_caller]
    pub(crate) fn read<T>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        self.store.read(work).unwrap()
    }
}
