//! The server, as it is but for one thing: it sends push messages to addresses of this machine too. The program that people run
//! refuses those, and has no option to allow them, since whoever registers a device chooses the address.

use crate::world::text;
use actix_web::web;
use api::{
    clock::SystemClock,
    config,
    problem::Problem,
    push::{Networks, PushSettings},
    server,
    state::App,
    telemetry,
    worker::Worker,
};
use clap::Args;
use persistence::Store;
use std::{
    net::TcpListener,
    sync::{Arc, atomic::AtomicBool},
};

/// The server's own.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Options {
    #[command(flatten)]
    server: config::Options,
    /// What to log
    #[arg(long, default_value = telemetry::DEFAULT_FILTER)]
    log: String,
}

/// Serves, and does its jobs, until it is ended.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let mut settings = options.server.check()?;
    let push = settings.push.take().ok_or("--push-contact is needed")?;
    settings.push = Some(PushSettings { networks: Networks::Any, ..push });
    telemetry::install_logs(&options.log);
    let store = Store::open(&settings.database_url, settings.database_connections).map_err(text)?;
    let listener = TcpListener::bind(settings.listen).map_err(text)?;
    actix_web::rt::System::new().block_on(async {
        telemetry::install_metrics();
        let problem = |problem: Problem| problem.reason().unwrap_or_else(|| problem.code.code().to_owned());
        let app = web::Data::new(App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?);
        let worker = Worker::new(app.clone())?.spawn(Arc::new(AtomicBool::new(false)));
        let served = server::serve(app, listener).map_err(text)?.await.map_err(text);
        drop(worker);
        served
    })
}
