//! The binary `autopaspoort`: serves the API, and has the commands for an operator.

use actix_web::web;
use api::{
    clock::{Clock, SystemClock, new_id},
    config::{Options, Settings},
    demo, openapi, provision,
    register_client::RegisterAt,
    registration::refresh::Refresh,
    server,
    state::App,
    telemetry,
    worker::{LEASE, Worker},
};
use clap::{Parser, Subcommand};
use domain::value::{Country, Currency, EmailAddress, Language, StaffRole, line};
use persistence::{Store, jobs::RunningJob};
use std::{
    io::Write,
    net::TcpListener,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Each answer allocates and frees hundreds of small texts; docs/performance.md says how much this allocator helped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The backend of AutoPaspoort: a JSON API for garages, fleets and drivers.
#[derive(Parser)]
#[command(name = "autopaspoort", version, about, long_about = None, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    options: Options,

    /// What to log, such as `info` or `debug,actix_server=warn`
    #[arg(long, global = true, env = "AUTOPASPOORT_LOG", default_value = telemetry::DEFAULT_FILTER)]
    log: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (what happens without a subcommand)
    Serve {
        /// Fill an empty database with a demo garage, and print its logins
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's schema up to date
    Migrate,
    /// Print the OpenAPI document as YAML
    Openapi,
    /// Make garages
    Garage {
        #[command(subcommand)]
        command: GarageCommand,
    },
    /// Fill an empty database with a demo garage, and print its logins
    Demo,
    /// Make keys that sign access tokens
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// List dead jobs, or put them back into the queue
    Jobs {
        #[command(subcommand)]
        command: JobsCommand,
    },
}

#[derive(Subcommand)]
enum GarageCommand {
    /// Make a garage and its first admin, who gets a mail with a link to choose a password
    Create {
        /// The garage's name
        #[arg(long)]
        name: String,
        /// The garage's e-mail [default: the admin's]
        #[arg(long)]
        email: Option<String>,
        /// The admin's login e-mail
        #[arg(long)]
        admin_email: String,
        /// The admin's name
        #[arg(long)]
        admin_name: String,
        /// The language of mails to the garage: nl or en
        #[arg(long, default_value = "nl")]
        language: String,
        /// The garage's country (ISO 3166-1, two letters)
        #[arg(long, default_value = "NL")]
        country: String,
        /// The garage's currency (ISO 4217, three letters)
        #[arg(long, default_value = "EUR")]
        currency: String,
        /// The garage's time zone, by its IANA name
        #[arg(long, default_value = "Europe/Amsterdam")]
        time_zone: String,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a new key that signs access tokens; everyone stays signed in
    Rotate,
}

#[derive(Subcommand)]
enum JobsCommand {
    /// List the dead jobs (they failed for good, or nobody knows whether they succeeded) and those that are running
    List,
    /// Put dead jobs back into the queue
    Retry {
        /// Only the job with this id [default: all of them]
        id: Option<uuid::Uuid>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::install_logs(&cli.log);
    let result = match &cli.command {
        Some(Command::Openapi) => {
            say(openapi::yaml(&openapi::document()).trim_end());
            Ok(())
        }
        command => {
            let is_demo = matches!(command, Some(Command::Serve { demo: true }));
            let options = if is_demo { cli.options.for_demo() } else { cli.options };
            let settings = options.check().map(|settings| Settings { demo: is_demo, ..settings });
            settings.and_then(|settings| run(command.as_ref(), settings))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let written = writeln!(std::io::stderr(), "{message}");
            drop(written);
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    let written = writeln!(std::io::stdout(), "{line}");
    drop(written);
}

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn problem(problem: api::problem::Problem) -> String {
    problem.reason().unwrap_or_else(|| problem.code.texts(Language::English).1.to_owned())
}

fn run(command: Option<&Command>, settings: Settings) -> Result<(), String> {
    let store = Store::open(&settings.database_url, settings.database_connections).map_err(text)?;
    let applied = store.migrate().map_err(text)?;
    for migration in &applied {
        tracing::info!(migration, "migrated");
    }
    let clock = SystemClock;
    match command {
        None => block_on(serve(settings, store, false)),
        Some(Command::Serve { demo }) => block_on(serve(settings, store, *demo)),
        Some(Command::Migrate) => {
            say(&format!("The schema is up to date ({} migrations applied).", applied.len()));
            Ok(())
        }
        Some(Command::Openapi) => Ok(()),
        Some(Command::Garage { command }) => create_garage(command, &settings, &store, clock.now()),
        Some(Command::Demo) => block_on(async {
            let app = App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?;
            seed(&app).await
        }),
        Some(Command::Keys { command: KeysCommand::Rotate }) => {
            let app = App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?;
            let id = app.rotate_keys().map_err(problem)?;
            say(&format!(
                "Access tokens are signed with the new key {id}; it is published now and signs two minutes later."
            ));
            Ok(())
        }
        Some(Command::Jobs { command }) => jobs(command, &store, clock.now()),
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    actix_web::rt::System::new().block_on(work)
}

async fn seed(app: &App) -> Result<(), String> {
    let seeded =
        demo::seed(app.database.store(), &app.passwords, &app.secret, app.clock.now()).await.map_err(problem)?;
    let logins = app.database.store().read(demo::logins).map_err(problem)?;
    say(&demo::report(seeded, &logins));
    Ok(())
}

async fn serve(settings: Settings, store: Store, demo: bool) -> Result<(), String> {
    telemetry::install_metrics();
    let listener =
        TcpListener::bind(settings.listen).map_err(|error| format!("--listen {}: {error}", settings.listen))?;
    let app = web::Data::new(App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?);
    if demo {
        seed(&app).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let worker = Worker::new(app.clone())?.spawn(Arc::clone(&stop));
    let refresh = Refresh::new(app.clone()).map(|refresh| refresh.spawn(Arc::clone(&stop)));
    let server = server::serve(app.clone(), listener).map_err(text)?;
    let handle = server.handle();
    let settings = &app.settings;
    say(&format!("AutoPaspoort serves at {}", settings.public_url));
    say(&format!("  Swagger UI  {}/docs", settings.public_url));
    match &settings.smtp_url {
        Some(_) => say("  Mail        is sent by SMTP"),
        None => say(&format!("  Mail        is written to {}", settings.mail_folder.display())),
    }
    match &settings.vehicle_register.at {
        RegisterAt::Off => say("  Register    is switched off"),
        RegisterAt::Demo => say("  Register    has the demo garage's cars alone"),
        RegisterAt::Folder(path) => say(&format!("  Register    is read from {}", path.display())),
        RegisterAt::Http(base) => say(&format!("  Register    is asked at {base}")),
    }
    actix_web::rt::spawn(async move {
        signalled().await;
        tracing::info!("stopping: requests under way are finished");
        handle.stop(true).await;
    });
    let outcome = server.await.map_err(text);
    stop.store(true, Ordering::Relaxed);
    if worker.join().is_err() {
        tracing::error!("the worker had panicked");
    }
    if refresh.is_some_and(|refresh| refresh.join().is_err()) {
        tracing::error!("the refresh of the vehicle register had panicked");
    }
    outcome
}

/// Waits for SIGTERM or SIGINT.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received; stop the server by SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn create_garage(
    command: &GarageCommand,
    settings: &Settings,
    store: &Store,
    now: domain::Instant,
) -> Result<(), String> {
    let GarageCommand::Create { name, email, admin_email, admin_name, language, country, currency, time_zone } =
        command;
    let mut wrong = vec![];
    let mut check = |option: &str, valid: bool| {
        if !valid {
            wrong.push(format!("{option} is not valid"));
        }
    };
    let parsed = (
        line(name, 100),
        EmailAddress::parse(email.as_ref().unwrap_or(admin_email)),
        EmailAddress::parse(admin_email),
        line(admin_name, 100),
        Language::from_code(language),
        Country::parse(country),
        Currency::parse(currency),
    );
    check("--name", parsed.0.is_ok());
    check("--email", parsed.1.is_ok());
    check("--admin-email", parsed.2.is_ok());
    check("--admin-name", parsed.3.is_ok());
    check("--language", parsed.4.is_some());
    check("--country", parsed.5.is_ok());
    check("--currency", parsed.6.is_ok());
    check("--time-zone", (1..=64).contains(&time_zone.len()) && time_zone.is_ascii());
    let (Ok(name), Ok(email), Ok(admin_email), Ok(admin_name), Some(language), Ok(country), Ok(currency)) = parsed
    else {
        return Err(wrong.join("\n"));
    };
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    let time_zone = time_zone.clone();
    let new = provision::NewGarage { name, email, language, country, currency, time_zone };
    let admin = provision::NewColleague {
        id: new_id(),
        email: admin_email,
        name: admin_name,
        role: StaffRole::Admin,
        password_hash: None,
    };
    let id = store
        .write(|tx| -> Result<_, api::problem::Problem> {
            let garage = provision::create_garage(tx, &new, now)?;
            provision::add_colleague(tx, &settings.secret, &garage, &admin, now)?;
            Ok(garage.id)
        })
        .map_err(problem)?;
    say(&format!("Made garage {} ({id}).", new.name));
    say(&format!("{} is mailed a link to choose a password as soon as the server runs.", admin.email.as_str()));
    Ok(())
}

/// A running job as it is listed. Whether its server still runs cannot be seen; if it was killed, the job is given up
/// after its lease.
fn running_job(job: &RunningJob, now: domain::Instant) -> String {
    let until = job.since + LEASE;
    let [since, lease] = [job.since, until].map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let end = if now <= until { "" } else { "; its worker has vanished, and a server gives it up within a minute" };
    format!("{} {} attempts={} running (since {since}, lease until {lease}{end})", job.id, job.kind, job.attempts)
}

fn jobs(command: &JobsCommand, store: &Store, now: domain::Instant) -> Result<(), String> {
    match command {
        JobsCommand::List => {
            let dead = store.read(|tx| persistence::jobs::list_dead(tx, 1000)).map_err(text)?;
            say(&format!("{} jobs were given up.", dead.len()));
            for job in dead {
                // To the second: `2026-11-28T09:14:03Z`.
                let (since, error) = (job.since.strftime("%Y-%m-%dT%H:%M:%SZ"), job.last_error.unwrap_or_default());
                say(&format!("{} {} attempts={} since={since} {error}", job.id, job.kind, job.attempts));
            }
            let running = store.read(|tx| persistence::jobs::list_running(tx, 1000)).map_err(text)?;
            say(&format!("{} jobs are running.", running.len()));
            for job in running {
                say(&running_job(&job, now));
            }
        }
        JobsCommand::Retry { id } => {
            let revived = store.write(|tx| persistence::jobs::revive(tx, *id, now)).map_err(text)?;
            say(&format!("{revived} jobs are queued again."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_job_is_listed_with_the_end_of_its_lease() {
        let since: domain::Instant = "2026-11-28T09:14:03.5Z".parse().unwrap();
        let job = RunningJob { id: uuid::Uuid::nil(), kind: "mail".into(), attempts: 2, since };
        let line = "00000000-0000-0000-0000-000000000000 mail attempts=2 running (since 2026-11-28T09:14:03Z, lease until 2026-11-28T09:24:03Z";
        assert_eq!(running_job(&job, since), format!("{line})"));
        assert_eq!(running_job(&job, since + LEASE), format!("{line})"));
        let late = running_job(&job, since + LEASE + jiff::SignedDuration::from_secs(1));
        assert_eq!(late, format!("{line}; its worker has vanished, and a server gives it up within a minute)"));
    }
}
