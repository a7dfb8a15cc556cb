//! The state of the running program, which every request can use.

use crate::{
    brake::ServerCount,
    clock::Clock,
    config::Settings,
    database::Database,
    mail::Renderer,
    passwords::Passwords,
    picture::Darkroom,
    problem::Problem,
    pulse::{Correspondent, Pulse},
    push::Pusher,
    register_client::{Lookups, VehicleRegister},
    secret::Secret,
    storage::Files,
    streams::Streams,
    tokens::{self, Tokens},
    turns::Turns,
};
use domain::throttle::{CALENDAR_LOOKS, UNSUBSCRIBING};
use persistence::Store;
use std::sync::Arc;

/// The parts of the running program.
pub struct App {
    /// The database.
    pub database: Database,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The server's secret.
    pub secret: Secret,
    /// Signs and verifies access tokens.
    pub tokens: Tokens,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The vehicle register for requests, with a short time limit.
    pub lookups: Lookups,
    /// The vehicle register for the daily refresh, with a long time limit.
    pub patient_register: Arc<dyn VehicleRegister>,
    /// The photos and documents.
    pub files: Files,
    /// Writes photos anew.
    pub darkroom: Darkroom,
    /// The settings.
    pub settings: Settings,
    /// The imports that are running now.
    pub imports: Turns,
    /// When the worker was last seen at work.
    pub worker_seen: Pulse,
    /// How the mail server has answered this server lately.
    pub mail_server: Correspondent,
    /// The texts of mails and notifications.
    pub renderer: Renderer,
    /// Sends push messages; none when this server sends none.
    pub pusher: Option<Pusher>,
    /// The streams of events that this server has open.
    pub streams: Streams,
    /// How often calendars were looked at on this server.
    pub calendar_looks: ServerCount,
    /// How often each link to leave off was used lately.
    pub unsubscribing: ServerCount,
}

impl App {
    /// Puts the parts together. The database's schema must be up to date.
    pub fn new(settings: Settings, store: Store, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let secret = settings.secret.clone();
        let tokens = Tokens::load(&store, &secret, clock.as_ref(), &settings.public_url)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let passwords =
            Passwords::new(settings.argon2, cores).map_err(|error| Problem::internal(&format!("Argon2: {error}")))?;
        let pusher = settings.push.clone().map(Pusher::new).transpose();
        let pusher = pusher.map_err(|error| Problem::internal(&error.to_string()))?;
        let renderer = Renderer::new().map_err(|error| Problem::internal(&error.to_string()))?;
        let registers = settings.vehicle_register.open().map_err(|error| Problem::internal(&error))?;
        let files = Files::new(settings.files.open().map_err(|error| Problem::internal(&error))?);
        let lookups = Lookups::new(registers.prompt, &settings.vehicle_register);
        Ok(Self {
            // One connection is kept for the worker, and one for the refresh.
            database: Database::new(store, if lookups.is_off() { 1 } else { 2 }),
            clock,
            secret,
            tokens,
            passwords,
            lookups,
            patient_register: registers.patient,
            files,
            darkroom: Darkroom::new(cores),
            settings,
            imports: Turns::default(),
            worker_seen: Pulse::default(),
            mail_server: Correspondent::default(),
            renderer,
            pusher,
            streams: Streams::default(),
            calendar_looks: ServerCount::new(CALENDAR_LOOKS),
            unsubscribing: ServerCount::new(UNSUBSCRIBING),
        })
    }

    /// Makes a new signing key. This server publishes it at once, and signs with it two minutes later.
    pub fn rotate_keys(&self) -> Result<String, Problem> {
        let store = self.database.store();
        let id = tokens::rotate(store, &self.secret, self.clock.now())?;
        self.tokens.reload(store, &self.secret, self.clock.now())?;
        Ok(id)
    }
}
