//! The binary `autopaspoort`: serves the API, and has the commands for an operator.

use actix_web::web;
use api::{
    clock::{Clock, SystemClock, known_zone, new_id},
    config::{Options, Settings},
    cost::{
        command::{self as costs, CostsCommand},
        progress::Progress,
    },
    delivery_report, demo,
    file_check::{self, Comparison},
    openapi,
    problem::{FieldProblem, Place, field_message},
    provision::{self, NewColleague, NewGarage},
    register_client::RegisterAt,
    registration::refresh::Refresh,
    reminder::command::{self as reminder_offsets, OffsetsCommand},
    server,
    state::App,
    telemetry,
    worker::{LEASE, Worker},
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use domain::delivery_report::ReportOutcome;
use domain::value::{self, Country, Currency, EmailAddress, Language, StaffRole, ValueError};
use persistence::{Store, Tx, jobs::RunningJob};
use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Each answer allocates and frees hundreds of small texts; docs/performance.md says how much this allocator helped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What stands at the end of the help.
const USUAL: &str = "\
The usual commands:
  autopaspoort serve --demo    try it out, with a demo garage
  autopaspoort serve           serve the API
  autopaspoort garage create --name 'Garage De Vries' --admin-name 'Sanne de Boer' --admin-email sanne@devries.example
                               make a garage, and mail its first admin a link";

/// The backend of AutoPaspoort: a JSON API for garages, fleets and drivers
#[derive(Parser)]
#[command(name = "autopaspoort", version, after_help = USUAL)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Belongs to `serve`. Here it is only known so that the error can say so
    #[arg(long, hide = true)]
    demo: bool,

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
    /// Help someone who has lost their second factor and has nobody else to ask
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Fill an empty database with a demo garage, and print its logins
    Demo,
    /// Make keys that sign access tokens
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Compare the photos and documents of the storage with the database
    Files {
        #[command(subcommand)]
        command: FilesCommand,
    },
    /// Learn what maintenance costs from the records of all garages, or measure how well that works
    Costs {
        #[command(subcommand)]
        command: CostsCommand,
    },
    /// List the addresses that must not be written to, or lift that
    Suppression {
        #[command(subcommand)]
        command: SuppressionCommand,
    },
    /// Read a delivery report from standard input, for a mail alias that pipes mail into it
    ///
    /// A report that a mail came back, or a complaint about one, suppresses the address that the mail was sent to. Anything else
    /// does nothing.
    #[command(
        after_help = "Exit codes: 0 it was read, also when it did nothing; 75 it failed, and the mail server should try again; 2 wrong options"
    )]
    DeliveryReport,
    /// Set when people are reminded of what comes due, for all garages or for those of a chain
    ReminderOffsets {
        #[command(subcommand)]
        command: OffsetsCommand,
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
    Create(GarageOptions),
}

/// A garage and its admin as they were given, not checked yet.
#[derive(clap::Args)]
struct GarageOptions {
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
}

impl GarageOptions {
    /// The garage and its admin. The error lists everything that is wrong, one line for each.
    fn check(&self) -> Result<(NewGarage, NewColleague), String> {
        let mut wrong = vec![];
        let name = checked(&mut wrong, "--name", value::name(&self.name, 100));
        let email = self.email.as_ref().map(|email| checked(&mut wrong, "--email", EmailAddress::parse(email)));
        let admin_email = checked(&mut wrong, "--admin-email", EmailAddress::parse(&self.admin_email));
        let admin_name = checked(&mut wrong, "--admin-name", value::name(&self.admin_name, 100));
        let country = checked(&mut wrong, "--country", Country::parse(&self.country));
        let currency = checked(&mut wrong, "--currency", Currency::parse(&self.currency));
        let language = Language::from_code(&self.language);
        if language.is_none() {
            wrong.push("--language: must be nl or en".into());
        }
        let time_zone = known_zone(&self.time_zone);
        if time_zone.is_none() {
            wrong.push("--time-zone: is not a name of the IANA time zone database, such as Europe/Amsterdam".into());
        }
        let new = (|| {
            let admin_email = admin_email?;
            let email = email.unwrap_or_else(|| Some(admin_email.clone()))?;
            let (name, language, country) = (name?, language?, country?);
            let garage =
                NewGarage { name, email, phone: None, language, country, currency: currency?, time_zone: time_zone? };
            let (id, role) = (new_id(), StaffRole::Admin);
            Some((garage, NewColleague { id, email: admin_email, name: admin_name?, role, password_hash: None }))
        })();
        new.ok_or_else(|| format!("The garage cannot be made like this:\n  {}", wrong.join("\n  ")))
    }
}

/// The value of an option. What is wrong with it is added to what is wrong with others.
fn checked<T>(wrong: &mut Vec<String>, option: &str, value: Result<T, ValueError>) -> Option<T> {
    let place = || Place::Parameter(option.to_owned().into());
    let told =
        |field: FieldProblem| format!("{option}: {}", field_message(field.code, field.bounds, Language::English));
    value.map_err(|error| wrong.push(told(FieldProblem::from_value(place(), error)))).ok()
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a new key that signs access tokens; everyone stays signed in
    Rotate,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Remove the second factor of an account; its sessions end, and its holder is mailed
    ///
    /// Make sure first, by another way than a mail, that whoever asks for it is the holder.
    ResetSecondFactor {
        /// The login e-mail of the account
        email: String,
    },
}

#[derive(Subcommand)]
enum SuppressionCommand {
    /// List the addresses to which mail came back, whose readers complained, or who objected to a garage's mailings
    List {
        /// Only of this address [default: all of them]
        email: Option<String>,
    },
    /// Write to an address again; objections stay, since only who objected can take them back
    Lift {
        /// The address
        email: String,
    },
}

#[derive(Subcommand)]
enum FilesCommand {
    /// List what the storage has and the database has not, and the other way round
    ///
    /// A file that was just uploaded may not have its row yet: what is younger than a day is only counted. It changes
    /// nothing, may run beside the server, and says every five seconds how far it is. In a folder, what does not look like
    /// a stored file is passed over.
    #[command(
        after_help = "Exit codes: 0 every file of the database is there; 1 one is missing, or it failed; 2 wrong options"
    )]
    Check {
        /// Delete what the storage alone has, when it is older than a day
        #[arg(long)]
        delete_orphans: bool,
    },
}

#[derive(Subcommand)]
enum JobsCommand {
    /// Count the jobs of each kind, and list those that are dead (they failed for good) and those that are running
    List,
    /// Put dead jobs back into the queue
    Retry {
        /// Only the job with this id [default: all of them, but for mails of APK mailings]
        id: Option<uuid::Uuid>,
    },
}

/// The options that only a server needs.
const FOR_SERVERS: [&str; 21] = [
    "listen",
    "public_url",
    "app_url",
    "android_app_url",
    "ios_app_url",
    "smtp_url",
    "mail_from",
    "push_contact",
    "own_push_service",
    "fcm_service_account",
    "delivery_report_secret",
    "cors_origins",
    "requests_per_minute",
    "trust_forwarded",
    "session_days",
    "staff_session_days",
    "vehicle_register",
    "vehicle_register_token",
    "vehicle_register_timeout",
    "vehicle_register_rate",
    "workers",
];

/// The command line. The help of a command that is not a server does not list what only a server needs; it is accepted
/// all the same, since a server's environment may be given to every command.
fn command_line() -> clap::Command {
    fn without(command: clap::Command, options: &[clap::Arg]) -> clap::Command {
        let command = options.iter().fold(command, |command, option| command.arg(option.clone().hide(true)));
        command.mut_subcommands(|command| without(command, options))
    }
    let whole = Cli::command();
    let options: Vec<_> =
        whole.get_arguments().filter(|option| FOR_SERVERS.contains(&option.get_id().as_str())).cloned().collect();
    whole.mut_subcommands(|command| if command.get_name() == "serve" { command } else { without(command, &options) })
}

fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&command_line().get_matches()).unwrap_or_else(|error| error.exit());
    if cli.demo {
        let hint = "`--demo` belongs to `serve`: autopaspoort serve --demo";
        command_line().error(clap::error::ErrorKind::UnknownArgument, hint).exit();
    }
    telemetry::install_logs(&cli.log);
    let done = work(cli);
    persistence::make_no_more_connections();
    match done {
        Ok(code) => code,
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

fn work(cli: Cli) -> Result<ExitCode, String> {
    let options = cli.options;
    let done = match cli.command {
        Some(Command::Costs { command }) => {
            let open = || Ok(open(options.check()?)?.1);
            return costs::run(&command, open, SystemClock.now(), say);
        }
        None => run_server(options, false),
        Some(Command::Serve { demo }) => run_server(options, demo),
        Some(Command::Migrate) => {
            let (_, _, applied) = open(options.check()?)?;
            say(&format!("The schema is up to date ({applied} migrations applied)."));
            Ok(())
        }
        Some(Command::Openapi) => {
            say(openapi::yaml(&openapi::document()).trim_end());
            Ok(())
        }
        Some(Command::Garage { command: GarageCommand::Create(new) }) => {
            // First of all, so that nothing is made for a garage that cannot be made.
            let (garage, admin) = new.check()?;
            let (settings, store, _) = open(options.check()?)?;
            create_garage(&garage, &admin, &settings, &store, SystemClock.now())
        }
        Some(Command::Account { command: AccountCommand::ResetSecondFactor { email } }) => {
            let (_, store, _) = open(options.check()?)?;
            reset_second_factor(&email, &store, SystemClock.now())
        }
        Some(Command::Demo) => {
            let settings = options.check()?;
            settings.check_demo()?;
            let (settings, store, _) = open(settings)?;
            block_on(async {
                let app = App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?;
                seed(&app).await
            })
        }
        Some(Command::Keys { command: KeysCommand::Rotate }) => {
            let (settings, store, _) = open(options.check()?)?;
            let app = App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?;
            let id = app.rotate_keys().map_err(problem)?;
            say(&format!(
                "Access tokens are signed with the new key {id}; it is published now and signs two minutes later."
            ));
            Ok(())
        }
        Some(Command::Files { command: FilesCommand::Check { delete_orphans } }) => {
            let (settings, store, _) = open(options.check()?)?;
            let storage = settings.files.open()?;
            say(&format!("Comparing {} with the database.", storage.place()));
            let found =
                file_check::compare(&store, storage.as_ref(), SystemClock.now(), delete_orphans, &mut |line| {
                    say(line);
                })?;
            compared(&found)
        }
        Some(Command::Suppression { command }) => {
            let (_, store, _) = open(options.check()?)?;
            suppressions(&command, &store, SystemClock.now())
        }
        Some(Command::DeliveryReport) => return Ok(delivery_report(&options)),
        Some(Command::ReminderOffsets { command }) => {
            let open = || Ok(open(options.check()?)?.1);
            reminder_offsets::run(&command, open, SystemClock.now(), say)
        }
        Some(Command::Jobs { command }) => {
            let (_, store, _) = open(options.check()?)?;
            jobs(&command, &store, SystemClock.now())
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn reset_second_factor(email: &str, store: &Store, now: domain::Instant) -> Result<(), String> {
    let email = EmailAddress::parse(email).map_err(|_| format!("{email} is not an e-mail address"))?;
    let reset = store.write(|tx| provision::reset_second_factor(tx, &email, now));
    match reset {
        Ok(true) => {
            say("The account has no second factor any more, and its sessions have ended. Its holder will be mailed.");
        }
        Ok(false) => say("The account has no second factor, so nothing was changed."),
        Err(refusal) if refusal.code == api::problem::Code::NotFound => {
            return Err(format!("No account has the e-mail {}", email.as_str()));
        }
        Err(refusal) => return Err(problem(refusal)),
    }
    Ok(())
}

fn suppressions(command: &SuppressionCommand, store: &Store, now: domain::Instant) -> Result<(), String> {
    let parse = |email: &str| EmailAddress::parse(email).map_err(|_| format!("{email} is not an e-mail address"));
    match command {
        SuppressionCommand::List { email: Some(email) } => {
            let email = parse(email)?;
            let found = store.read(|tx| persistence::suppression::list_of_email(tx, &email)).map_err(text)?;
            say_suppressions(store, &found)?;
            say(&format!("{}.", counted(found.len(), "suppression", "suppressions")));
        }
        SuppressionCommand::List { email: None } => {
            let (mut count, mut after) = (0, None);
            loop {
                let block = store.read(|tx| persistence::suppression::list_all(tx, after)).map_err(text)?;
                let Some(last) = block.last() else { break };
                (count, after) = (count + block.len(), Some(last.id));
                say_suppressions(store, &block)?;
            }
            say(&format!("{}.", counted(count, "suppression", "suppressions")));
        }
        SuppressionCommand::Lift { email } => {
            let email = parse(email)?;
            let (lifted, stay) = store.write(|tx| provision::lift_suppressions(tx, &email, now)).map_err(problem)?;
            let stay = if stay == 0 { String::new() } else { format!(" Objections that stay: {stay}.") };
            say(&format!("Lifted: {lifted}.{stay}"));
        }
    }
    Ok(())
}

/// One line for each address, with the names of garages.
fn say_suppressions(store: &Store, all: &[domain::suppression::Suppression]) -> Result<(), String> {
    let garages: Vec<_> = all.iter().filter_map(|one| one.garage).collect();
    let names = store.read(|tx| persistence::garage::names(tx, &garages)).map_err(text)?;
    for one in all {
        let name = |garage| names.get(&garage).map_or_else(String::new, |name| format!(" \"{name}\""));
        say(&suppression_line(one, name));
    }
    Ok(())
}

fn suppression_line(
    one: &domain::suppression::Suppression,
    name: impl FnOnce(domain::ids::GarageId) -> String,
) -> String {
    let garage =
        one.garage.map_or_else(|| "all garages".to_owned(), |garage| format!("garage {garage}{}", name(garage)));
    let since = one.since.strftime("%Y-%m-%dT%H:%M:%SZ");
    format!("{} {} since={since} {garage}", one.email.as_str(), one.reason.code())
}

/// A number with its noun: `1 job`, `2 jobs`.
fn counted(many: usize, one: &str, more: &str) -> String {
    if many == 1 { format!("1 {one}") } else { format!("{many} {more}") }
}

/// The same with the verb that belongs to it: `1 job is`, `2 jobs are`.
fn jobs_are(many: usize) -> String {
    counted(many, "job is", "jobs are")
}

/// Reads a delivery report from standard input, and says on standard error what came of it. Whatever cannot be done now may be
/// done later, and the mail server keeps the report until then: nobody would read what it sent back.
fn delivery_report(options: &Options) -> ExitCode {
    /// `EX_TEMPFAIL` of `sysexits.h`.
    const TRY_AGAIN: u8 = 75;
    let (line, code) = match read_delivery_report(options, &mut std::io::stdin().lock()) {
        Ok(outcome) => (format!("delivery report: {}", outcome.code()), ExitCode::SUCCESS),
        Err(reason) => (format!("delivery report: {reason}"), ExitCode::from(TRY_AGAIN)),
    };
    let written = writeln!(std::io::stderr(), "{line}");
    drop(written);
    code
}

fn read_delivery_report(options: &Options, input: &mut impl Read) -> Result<ReportOutcome, String> {
    let mut message = Vec::new();
    let most = u64::try_from(delivery_report::MAX_BYTES).unwrap_or(u64::MAX);
    input.by_ref().take(most.saturating_add(1)).read_to_end(&mut message).map_err(text)?;
    // Mail servers take it for a failure when a program does not read to the end.
    std::io::copy(input, &mut std::io::sink()).map_err(text)?;
    let is_too_long = message.len() > delivery_report::MAX_BYTES;
    let report = if is_too_long { None } else { delivery_report::Report::read(&message) };
    // Most of what arrives at such an address is no report, and needs no database.
    if report.is_none() {
        return Ok(ReportOutcome::NoReport);
    }
    let (settings, store, _) = open(options.check()?)?;
    let now = SystemClock.now();
    let receive = |tx: &mut Tx<'_>| delivery_report::operations::receive(tx, &settings.secret, report.as_ref(), now);
    store.write(receive).map_err(problem)
}

/// The database, with its schema brought up to date, and how many migrations that took.
fn open(settings: Settings) -> Result<(Settings, Store, usize), String> {
    let store = Store::open(&settings.database_url, settings.database_connections).map_err(text)?;
    let applied = store.migrate().map_err(text)?;
    for migration in &applied {
        tracing::info!(migration, "migrated");
    }
    Ok((settings, store, applied.len()))
}

fn run_server(options: Options, demo: bool) -> Result<(), String> {
    let options = if demo { options.for_demo() } else { options };
    let settings = options.check()?;
    if demo {
        settings.check_demo()?;
    }
    let (settings, store, _) = open(Settings { demo, ..settings })?;
    block_on(serve(settings, store, demo))
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    actix_web::rt::System::new().block_on(work)
}

async fn seed(app: &App) -> Result<(), String> {
    let seeded = demo::seed(app).await.map_err(problem)?;
    if seeded {
        let mut progress = Progress::shown();
        progress.step("Making five years of history");
        let show = move |done, all| progress.part(done, all);
        demo::seed_history(app, show).await.map_err(problem)?;
    }
    let logins = app.database.store().read(demo::logins).map_err(problem)?;
    say(&demo::report(seeded, &logins));
    Ok(())
}

/// Warns that the database has logins that everyone knows, as after the demo was tried out on it.
async fn warn_of_demo(app: &App) -> Result<(), String> {
    let open = demo::open_logins(app).await.map_err(problem)?;
    if !open.is_empty() {
        tracing::warn!(
            logins = open.join(", "),
            "the database has logins of the demo, whose password everyone knows: serve another database, with --database-url, or \
             change the password of each of them before others can reach this server"
        );
    }
    Ok(())
}

async fn serve(settings: Settings, store: Store, demo: bool) -> Result<(), String> {
    telemetry::install_metrics();
    let listener = TcpListener::bind(settings.listen).map_err(|error| not_listening(settings.listen, &error))?;
    let app = web::Data::new(App::new(settings, store, Arc::new(SystemClock)).map_err(problem)?);
    if demo {
        seed(&app).await?;
    } else {
        warn_of_demo(&app).await?;
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
    say(&format!("  Files       are in {}", app.files.storage().place()));
    match &settings.vehicle_register.at {
        RegisterAt::Off => say("  Register    is switched off"),
        RegisterAt::Demo => say("  Register    has the demo garage's cars alone"),
        RegisterAt::Folder(path) => say(&format!("  Register    is read from {}", path.display())),
        RegisterAt::Http(base) => say(&format!("  Register    is asked at {base}")),
    }
    let streams = app.clone();
    actix_web::rt::spawn(async move {
        signalled().await;
        tracing::info!("stopping: requests under way are finished");
        streams.streams.close();
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

/// Why nothing listens there, and what to do about it.
fn not_listening(address: SocketAddr, error: &std::io::Error) -> String {
    let choose = if error.kind() == ErrorKind::AddrInUse {
        "; another program has this port: stop it, or choose another port, with --listen 127.0.0.1:8090 or as in \
         `AUTOPASPOORT_LISTEN=127.0.0.1:8090 make run`"
    } else {
        ""
    };
    format!("--listen {address}: {error}{choose}")
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

/// Says what the comparison of the storage with the database found. What was lost is an error.
fn compared(found: &Comparison) -> Result<(), String> {
    let Comparison { stored, orphans, under_way, damaged, deleted, rows, missing } = found;
    say(&format!("The storage has {}, the database names {rows}.", files(*stored)));
    let are = if *orphans == 1 { "is" } else { "are" };
    let fate = match (*orphans, *deleted) {
        (0, _) => String::new(),
        (_, 0) => "; `--delete-orphans` deletes what is older than a day".into(),
        (_, deleted) => format!("; {deleted} deleted"),
    };
    say(&format!("{} {are} in the storage alone{fate}.", files(*orphans)));
    if *under_way > 0 {
        say(&format!("{under_way} more are younger than a day: they may belong to uploads under way."));
    }
    let lost = [(*missing, "in the database alone"), (*damaged, "of another size than it should be")];
    let lost: Vec<String> = lost
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", files(count)))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(format!("{}: restore from a backup of the files.", lost.join("; ")))
}

/// So many files, in words.
fn files(many: u64) -> String {
    if many == 1 { "1 file".into() } else { format!("{many} files") }
}

fn create_garage(
    new: &NewGarage,
    admin: &NewColleague,
    settings: &Settings,
    store: &Store,
    now: domain::Instant,
) -> Result<(), String> {
    let id = store
        .write(|tx| -> Result<_, api::problem::Problem> {
            let garage = provision::create_garage(tx, new, now)?;
            provision::add_colleague(tx, &settings.secret, &garage, admin, now)?;
            Ok(garage.id)
        })
        .map_err(problem)?;
    say(&format!("Made garage {} ({id}).", new.name));
    say(&format!("{} is mailed a link to choose a password as soon as the server runs.", admin.email.as_str()));
    Ok(())
}

/// How many jobs of each kind there are, in a table, and those that are dead or running.
fn list_jobs(store: &Store, now: domain::Instant) -> Result<Vec<String>, String> {
    let counts = store.read(|tx| persistence::jobs::counts(tx, now)).map_err(text)?;
    let mut lines = vec![format!(
        "{:<18}{:>8}{:>20}{:>9}{:>6}  longest due",
        "kind", "queued", "(of them retrying)", "running", "dead"
    )];
    for (kind, jobs) in counts {
        let kind = kind.map_or("unknown", domain::job::TaskKind::code);
        let due = jobs.due_since.map_or_else(|| "-".to_owned(), |since| format!("{} s", (now - since).get_seconds()));
        let (queued, retrying) = (jobs.queued, jobs.retrying);
        lines.push(format!("{kind:<18}{queued:>8}{retrying:>20}{:>9}{:>6}  {due}", jobs.running, jobs.dead));
    }
    lines.push("(unknown: jobs of kinds that only another version of the program knows)".to_owned());
    let dead = store.read(|tx| persistence::jobs::list_dead(tx, 1000)).map_err(text)?;
    lines.push(format!("{} dead.", jobs_are(dead.len())));
    for job in dead {
        // To the second: `2026-11-28T09:14:03Z`.
        let since = job.since.strftime("%Y-%m-%dT%H:%M:%SZ");
        let about = store.read(|tx| api::worker::about(tx, &job)).map_err(problem)?;
        lines.push(format!("{} {} attempts={} since={since} {about}", job.id, job.kind, job.attempts));
    }
    let running = store.read(|tx| persistence::jobs::list_running(tx, 1000)).map_err(text)?;
    lines.push(format!("{} running.", jobs_are(running.len())));
    lines.extend(running.iter().map(|job| running_job(job, now)));
    Ok(lines)
}

/// A running job as it is listed. Whether its server still runs cannot be seen; if it was killed, the job is done again
/// after its lease.
fn running_job(job: &RunningJob, now: domain::Instant) -> String {
    let until = job.since + LEASE;
    let [since, lease] = [job.since, until].map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let end = if now <= until {
        ""
    } else {
        "; its worker has vanished, and it is done again within a minute if a server runs"
    };
    format!("{} {} attempts={} running (since {since}, lease until {lease}{end})", job.id, job.kind, job.attempts)
}

fn jobs(command: &JobsCommand, store: &Store, now: domain::Instant) -> Result<(), String> {
    match command {
        JobsCommand::List => list_jobs(store, now)?.iter().for_each(|line| say(line)),
        JobsCommand::Retry { id } => {
            let revived = store.write(|tx| persistence::jobs::revive(tx, *id, now)).map_err(text)?;
            match id {
                Some(id) if revived == 0 => {
                    return Err(format!(
                        "No dead job has the id {id}; `autopaspoort jobs list` lists those that there are."
                    ));
                }
                _ => say(&format!("{} queued again.", jobs_are(revived))),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a garage that is made with these options, in their order.
    fn garage(options: &[&str]) -> Result<(NewGarage, NewColleague), Vec<String>> {
        let command = ["autopaspoort", "garage", "create", "--admin-name=Sanne de Boer"];
        let cli = Cli::parse_from(command.iter().chain(options));
        let Some(Command::Garage { command: GarageCommand::Create(new) }) = cli.command else {
            panic!("another command")
        };
        new.check().map_err(|wrong| wrong.lines().skip(1).map(|line| line.trim().to_owned()).collect())
    }

    #[test]
    fn all_that_is_wrong_with_a_new_garage_is_said_at_once_and_why() {
        let wrong = garage(&[
            "--name= ",
            "--email=x@",
            "--admin-email=nobody",
            "--language=de",
            "--country=ZZ",
            "--currency=ZZZ",
            "--time-zone=Mars",
        ]);
        let wrong = wrong.unwrap_err();
        let options: Vec<_> = wrong.iter().filter_map(|line| line.split_once(": ").map(|(option, _)| option)).collect();
        let all = ["--name", "--email", "--admin-email", "--country", "--currency", "--language", "--time-zone"];
        assert_eq!(options, all, "{wrong:?}");
        let email = field_message("email_invalid", (None, None), Language::English);
        assert_eq!(wrong.get(2), Some(&format!("--admin-email: {email}")));
        let admin = garage(&["--name=De Vries", "--admin-email=nobody"]).unwrap_err();
        assert_eq!(admin, [format!("--admin-email: {email}")], "it is not said of --email, which was not given");
    }

    #[test]
    fn the_time_zone_of_a_garage_exists() {
        let zone = |name: &str| {
            let option = format!("--time-zone={name}");
            garage(&["--name=De Vries", "--admin-email=a@devries.example", &option]).map(|(garage, _)| garage.time_zone)
        };
        assert_eq!(zone("Europe/Amsterdam").as_deref(), Ok("Europe/Amsterdam"));
        assert_eq!(zone("europe/brussels").as_deref(), Ok("Europe/Brussels"));
        for name in ["Mars", "", "Europe", "+01:00", "CET-1CEST", "Etc/Unknown"] {
            assert!(zone(name).is_err(), "{name}");
        }
    }

    #[test]
    fn help_says_what_this_is_and_lists_what_the_command_needs() {
        let mut line = command_line();
        line.build();
        let help = line.clone().render_long_help().to_string();
        assert!(help.starts_with("The backend of AutoPaspoort") && help.ends_with(&format!("{USUAL}\n")), "{help}");
        let of = |path: &[&str]| {
            let command = path.iter().fold(&line, |command, name| command.find_subcommand(name).unwrap());
            command.clone().render_long_help().to_string()
        };
        let lists = |help: &str, option: &str| help.contains(&format!("--{}", option.replace('_', "-")));
        for path in [&["migrate"][..], &["garage", "create"], &["demo"], &["keys", "rotate"], &["jobs", "retry"]] {
            let help = of(path);
            let listed: Vec<_> = FOR_SERVERS.into_iter().filter(|option| lists(&help, option)).collect();
            assert!(listed.is_empty(), "{path:?} lists {listed:?}");
            assert!(lists(&help, "database_url"), "{help}");
        }
        let serve = of(&["serve"]);
        assert!(FOR_SERVERS.into_iter().all(|option| lists(&serve, option)), "{serve}");
        let taken = command_line().try_get_matches_from(["autopaspoort", "jobs", "list", "--listen=127.0.0.1:1"]);
        assert!(taken.is_ok(), "what is not listed is accepted");
    }

    #[test]
    fn a_job_that_is_not_dead_cannot_be_retried() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("jobs.db").display());
        let store = Store::open(&url.parse().unwrap(), 2).unwrap();
        store.migrate().unwrap();
        let retry = |id| jobs(&JobsCommand::Retry { id }, &store, "2026-11-28T09:14:03Z".parse().unwrap());
        let unknown = retry(Some(uuid::Uuid::nil())).unwrap_err();
        assert!(unknown.contains("00000000-0000-0000-0000-000000000000") && unknown.contains("jobs list"), "{unknown}");
        assert_eq!(retry(None), Ok(()));
    }

    #[test]
    fn an_operator_sees_queues_and_dead_jobs_and_sends_again() {
        use domain::job::{MailingCar, Task, TaskKind};
        use persistence::jobs::{self as stored, Job, Outcome};
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("jobs.db").display());
        let store = Store::open(&url.parse().unwrap(), 2).unwrap();
        store.migrate().unwrap();
        let at = |second: i64| domain::Instant::from_second(1_792_890_000 + second).unwrap();
        let reset = |name: &str| Task::PasswordReset(EmailAddress::parse(&format!("{name}@x.example")).unwrap());
        let id = uuid::Uuid::from_u128(5);
        let of_mailing = MailingCar { mailing_id: id.into(), passport_id: id.into() };
        let [waits, again, dead, letter] = [1, 2, 3, 4].map(uuid::Uuid::from_u128);
        let queue = |id, task: &Task| {
            let job = Job::without_cause(id, task.clone());
            store.write(|tx| stored::insert(tx, &job, at(0), at(0))).unwrap();
        };
        let end = |kind, outcome: &Outcome| {
            store.write(|tx| {
                let claimed = stored::claim(tx, kind, 1, at(10))?;
                assert_eq!(claimed.len(), 1);
                let persistence::jobs::Claimed::Job(job) = &claimed[0] else { panic!() };
                stored::finish(tx, job.id, outcome.clone(), at(10))
            })
        };
        queue(dead, &reset("dead"));
        end(TaskKind::PasswordReset, &Outcome::Dead("the reply was cut off".into())).unwrap();
        queue(again, &reset("again"));
        end(TaskKind::PasswordReset, &Outcome::Retry(at(20), "not now".into())).unwrap();
        queue(waits, &reset("waits"));
        queue(letter, &Task::MailingLetter(of_mailing));
        end(TaskKind::MailingLetter, &Outcome::Dead("nobody knows".into())).unwrap();
        let list = |now| list_jobs(&store, now).unwrap();
        let is_in = |line: &str| list(at(90)).iter().any(|shown| shown == line);
        assert!(is_in("password_reset           2                   1        0     1  90 s"), "{:#?}", list(at(90)));
        assert!(is_in("mailing_letter           0                   0        0     1  -"), "{:#?}", list(at(90)));
        assert!(is_in("2 jobs are dead."));
        assert!(
            is_in(&format!(
                "{dead} password_reset attempts=1 since=2026-10-25T01:00:10Z to=d…@x.example the reply was cut off"
            )),
            "{:#?}",
            list(at(90))
        );
        // All that may be done twice are sent again at once; a mail of a mailing only by its id.
        let retry = |id| jobs(&JobsCommand::Retry { id }, &store, at(90));
        retry(None).unwrap();
        assert!(
            is_in("password_reset           3                   1        0     0  90 s") && is_in("1 job is dead."),
            "{:#?}",
            list(at(90))
        );
        retry(Some(letter)).unwrap();
        assert!(
            is_in("mailing_letter           1                   0        0     0  0 s") && is_in("0 jobs are dead."),
            "{:#?}",
            list(at(90))
        );
        retry(Some(letter)).unwrap_err();
    }

    #[test]
    fn a20_nobody_is_reset_who_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("reset.db").display());
        let store = Store::open(&url.parse().unwrap(), 2).unwrap();
        store.migrate().unwrap();
        let reset = |email| reset_second_factor(email, &store, "2026-11-28T09:14:03Z".parse().unwrap()).unwrap_err();
        assert_eq!(reset("nobody@devries.example"), "No account has the e-mail nobody@devries.example");
        assert_eq!(reset("nobody"), "nobody is not an e-mail address");
    }

    #[test]
    fn ch3_a_report_is_read_from_a_pipe_and_an_operator_lifts_what_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let (data, url) = (folder.path().display(), folder.path().join("report.db"));
        let cli = Cli::parse_from([
            "autopaspoort",
            &format!("--data-dir={data}"),
            &format!("--database-url=sqlite://{}", url.display()),
            "delivery-report",
        ]);
        let read = |message: &str| read_delivery_report(&cli.options, &mut message.as_bytes());
        assert_eq!(read("Subject: hello\n\nno report\n"), Ok(ReportOutcome::NoReport));
        assert!(!url.exists(), "what is no report needs no database");
        let (settings, store, _) = open(cli.options.check().unwrap()).unwrap();
        let email = EmailAddress::parse("jan@jansen.example").unwrap();
        let proof = api::mail::proof(&settings.secret, uuid::Uuid::nil(), SystemClock.now(), &email);
        let sample = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/exim.eml"));
        let report = sample.replace("{to}", email.as_str()).replace("{proof}", &proof);
        let piped = format!("From MAILER-DAEMON  Wed Feb 25 07:14:02 2026\n{report}");
        assert_eq!(read(&piped), Ok(ReportOutcome::Suppressed));
        assert_eq!(read(&report), Ok(ReportOutcome::Known));
        assert_eq!(read(&report.replace(&proof, "other")), Ok(ReportOutcome::NotOurs));
        let long = format!("{report}{}", "x".repeat(delivery_report::MAX_BYTES));
        assert_eq!(read(&long), Ok(ReportOutcome::NoReport));

        let now = "2026-11-28T09:14:03Z".parse().unwrap();
        let run = |command: SuppressionCommand| suppressions(&command, &store, now);
        assert_eq!(run(SuppressionCommand::List { email: None }), Ok(()));
        assert_eq!(run(SuppressionCommand::List { email: Some("jan@jansen.example".into()) }), Ok(()));
        assert!(run(SuppressionCommand::Lift { email: "nobody".into() }).is_err());
        assert_eq!(run(SuppressionCommand::Lift { email: "JAN@jansen.example".into() }), Ok(()));
        assert_eq!(store.read(|tx| persistence::suppression::list_of_email(tx, &email)).unwrap(), []);
        assert_eq!(read(&report), Ok(ReportOutcome::Suppressed), "if mail comes back again, it is noted again");
    }

    #[test]
    fn who_finds_the_port_taken_is_told_how_to_choose_another() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let told = not_listening(address, &TcpListener::bind(address).unwrap_err());
        assert!(told.starts_with(&format!("--listen {address}: ")), "{told}");
        assert!(told.ends_with("`AUTOPASPOORT_LISTEN=127.0.0.1:8090 make run`"), "{told}");
        let refused = not_listening(address, &ErrorKind::PermissionDenied.into());
        assert!(!refused.contains("make run"), "{refused}");
    }

    #[test]
    fn a_running_job_is_listed_with_the_end_of_its_lease() {
        let since: domain::Instant = "2026-11-28T09:14:03.5Z".parse().unwrap();
        let job = RunningJob { id: uuid::Uuid::nil(), kind: "mail".into(), attempts: 2, since };
        let line = "00000000-0000-0000-0000-000000000000 mail attempts=2 running (since 2026-11-28T09:14:03Z, lease until 2026-11-28T09:24:03Z";
        assert_eq!(running_job(&job, since), format!("{line})"));
        assert_eq!(running_job(&job, since + LEASE), format!("{line})"));
        let late = running_job(&job, since + LEASE + jiff::SignedDuration::from_secs(1));
        assert_eq!(
            late,
            format!("{line}; its worker has vanished, and it is done again within a minute if a server runs)")
        );
    }
}
