//! What the tests stand on: a server each, actors, a clock that is moved by hand, mails that are read.

mod actor;
mod busy;
mod contract;
mod database;
mod demo;
pub(crate) mod firebase;
mod mail_server;
pub(crate) mod maintained;
pub(crate) mod push_service;
mod record;
pub(crate) mod register;
pub(crate) mod reports;
pub(crate) mod s3;
mod scene;
pub(crate) mod source;
mod world;

pub(crate) use actor::{Actor, Answer};
pub(crate) use contract::Contract;
pub(crate) use database::Backend;
pub(crate) use demo::{Demo, Example};
pub(crate) use mail_server::{MailServer, until};
pub(crate) use maintained::{draft_check, filled_check};
pub(crate) use scene::{Request, Scene, check_template, enter, leave_out_cars, tell};
pub(crate) use world::{Fleet, Garage, PASSWORD, kombi, plate};

use actix_web::web;
use api::{
    clock::Clock,
    config::Settings,
    register_client::{RegisterAt, RegisterSettings},
    registration::refresh::{Refresh, RefreshError, Tally},
    secret::Secret,
    server,
    state::App,
    storage::FilesAt,
    worker::Worker,
};
use database::Database;
use jiff::SignedDuration;
use persistence::Store;
use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

/// Runs a test once on each database.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn run($server: &$crate::support::Server) $body

            #[actix_web::test]
            async fn sqlite() {
                let server = $crate::support::Server::start($crate::support::Backend::Sqlite).await;
                run(&server).await;
                server.stop().await;
            }

            #[actix_web::test]
            async fn postgres() {
                let server = $crate::support::Server::start($crate::support::Backend::Postgres).await;
                run(&server).await;
                server.stop().await;
            }
        }
    )+};
}

/// A clock that stands still until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> domain::Instant {
        jiff::Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A running server with a database of its own.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) app: web::Data<App>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) client: reqwest::Client,
    pub(crate) backend: Backend,
    worker: Worker,
    clock: Arc<TestClock>,
    handle: actix_web::dev::ServerHandle,
    database: Database,
}

impl Server {
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |_| {}).await
    }

    pub(crate) async fn start_with(backend: Backend, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(backend, Database::create(backend), change).await
    }

    /// A server at a database that may hold something already.
    async fn start_at(backend: Backend, database: Database, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            database_url: database.url.parse().unwrap(),
            database_connections: 4,
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: "http://autopaspoort.test".into(),
            app_url: "http://autopaspoort.test/app".into(),
            stores: api::config::Stores::default(),
            mail_folder: database.folder.path().join("mail"),
            files: FilesAt::Folder(database.folder.path().join("files")),
            secret: Secret::from_file(&database.folder.path().join("secret")).unwrap(),
            smtp_url: None,
            mail_from: domain::value::EmailAddress::parse("autopaspoort@platform.example").unwrap(),
            push: Some(firebase::out_of_reach()),
            delivery_reports: Some(reports::secret()),
            cors_origins: vec!["https://app.autopaspoort.example".into()],
            requests_per_minute: None,
            sessions: domain::session::Lifetimes::default(),
            trust_forwarded: true,
            vehicle_register: RegisterSettings {
                at: RegisterAt::Off,
                token: None,
                timeout: std::time::Duration::from_secs(2),
                rate: 1000,
            },
            body_patience: std::time::Duration::from_secs(30),
            demo: false,
            workers: 1,
            // The least that Argon2 takes: the real parameters have a test of their own.
            argon2: (8, 1, 1),
        };
        change(&mut settings);
        let store = Store::open(&settings.database_url, settings.database_connections).unwrap();
        store.migrate().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_772_000_000_000_000)));
        let app = web::Data::new(App::new(settings, store, clock.clone()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let running = server::serve(app.clone(), listener).unwrap();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        let worker = Worker::new(app.clone()).unwrap();
        let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build().unwrap();
        Self { url, app, contract: Contract::shared(), client, backend, worker, clock, handle, database }
    }

    pub(crate) async fn stop(self) {
        self.leave().await.drop_now();
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.backend == Backend::Sqlite
    }

    /// Ends the server, and leaves its database as it is.
    async fn leave(self) -> Database {
        self.handle.stop(false).await;
        drop(self.app);
        drop(self.worker);
        self.database
    }

    pub(crate) fn store(&self) -> &Store {
        self.app.database.store()
    }

    pub(crate) fn now(&self) -> domain::Instant {
        self.clock.now()
    }

    /// Lets time pass, and the worker do what that brings about.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
        self.worker.keep_house().unwrap();
    }

    /// Has a worker run as in the program, on threads of its own.
    pub(crate) fn start_worker(&self) -> RunningWorker {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = Worker::new(self.app.clone()).unwrap().spawn(stop.clone());
        RunningWorker { stop, thread }
    }

    /// Has the next batch of due plates asked about.
    pub(crate) fn refresh(&self) -> Result<Tally, RefreshError> {
        Refresh::new(self.app.clone()).unwrap().run_batch()
    }

    /// Lets time pass with nobody at work.
    pub(crate) fn pass_idle(&self, time: SignedDuration) {
        self.clock.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn rotate_keys(&self) -> String {
        self.app.rotate_keys().unwrap()
    }

    /// How many streams of events are open.
    pub(crate) fn open_streams(&self) -> usize {
        self.app.streams.count()
    }

    /// Has the worker run all jobs that are due.
    pub(crate) fn work(&self) {
        while self.worker.run_due().unwrap() > 0 {}
    }

    /// The mails to an address, in the order in which they were caused.
    pub(crate) fn mails_to(&self, email: &str) -> Vec<Mail> {
        while self.worker.run_due().unwrap() > 0 {}
        let folder = &self.app.settings.mail_folder;
        let Ok(files) = std::fs::read_dir(folder) else { return vec![] };
        let mut mails: Vec<Mail> = files
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "eml"))
            .filter_map(|path| Mail::read(&std::fs::read_to_string(path).unwrap(), email))
            .collect();
        // Files that were written at nearly the same moment can have the same time. The ids are those of the jobs, which grow.
        mails.sort_by_key(Mail::message_id);
        mails
    }

    /// The token in the last mail to an address that has a link.
    pub(crate) fn token_for(&self, email: &str) -> String {
        let mails = self.mails_to(email);
        mails.iter().rev().find_map(Mail::token).unwrap_or_else(|| panic!("no link was mailed to {email}: {mails:?}"))
    }

    /// The code in the last mail to an address that has one.
    pub(crate) fn code_for(&self, email: &str) -> String {
        let mails = self.mails_to(email);
        mails.iter().rev().find_map(Mail::code).unwrap_or_else(|| panic!("no code was mailed to {email}: {mails:?}"))
    }

    pub(crate) fn anonymous(&self) -> Actor<'_> {
        Actor::new(self, None)
    }
}

/// A worker on threads of its own.
pub(crate) struct RunningWorker {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl RunningWorker {
    /// Tells it to stop.
    pub(crate) fn tell(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Waits until it has stopped.
    pub(crate) fn stop(self) {
        self.tell();
        self.thread.join().unwrap();
    }
}

/// A mail that went out.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) raw: String,
}

impl Mail {
    fn read(raw: &str, email: &str) -> Option<Self> {
        let to = raw.lines().find(|line| line.starts_with("To: "))?;
        to.to_lowercase().contains(&email.to_lowercase()).then(|| Self { raw: raw.to_owned() })
    }

    fn message_id(&self) -> String {
        let line = self.raw.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        line.unwrap_or_else(|| panic!("a mail without an id: {}", self.raw)).to_owned()
    }

    pub(crate) fn subject(&self) -> &str {
        self.raw.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default()
    }

    pub(crate) fn token(&self) -> Option<String> {
        let (_, rest) = self.raw.split_once("/invitation#")?;
        Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
    }

    /// The code beside the link.
    fn code(&self) -> Option<String> {
        let is_code = |text: &&str| {
            let (first, second) = text.split_at(4);
            let is_sign = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
            second.starts_with('-') && first.bytes().chain(second.bytes().skip(1)).all(is_sign)
        };
        let whole = self.raw.replace("=\r\n", "");
        let found = whole.split("code ").skip(1).filter_map(|rest| rest.get(..9)).find(is_code);
        found.map(str::to_owned)
    }
}
