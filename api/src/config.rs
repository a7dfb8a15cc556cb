//! Settings, from flags and the environment. All are checked together, and one message lists everything that is wrong.

use crate::{
    passwords::OWASP,
    push::{OwnService, PushSettings, Pusher, ServiceAccount, SetupError, VapidKey},
    register_client::{AppToken, RDW, RegisterAt, RegisterSettings},
    secret::Secret,
    storage::{FilesAt, S3SettingsText},
    webhook::WebhookSecret,
};
use actix_web::http::Uri;
use clap::Args;
use domain::{session::Lifetimes, value::EmailAddress};
use jiff::SignedDuration;
use persistence::DatabaseUrl;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// The settings as they were given, not checked yet. In the help they stand under a heading of their own, after what is a
/// command's own.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings, the same for every command")]
pub struct Options {
    /// Where the database is: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(
        long,
        global = true,
        env = "AUTOPASPOORT_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://data/autopaspoort.db"
    )]
    database_url: String,

    /// The most connections to the database
    #[arg(long, global = true, env = "AUTOPASPOORT_DATABASE_CONNECTIONS", default_value = "8")]
    database_connections: String,

    /// The address and port to listen on
    #[arg(long, global = true, env = "AUTOPASPOORT_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,

    /// The URL at which people and programs reach this server [default: http:// and the address of `--listen`; this
    /// machine's own when it listens on all]
    #[arg(long, global = true, env = "AUTOPASPOORT_PUBLIC_URL")]
    public_url: Option<String>,

    /// The URL of the app, where mailed links lead [default: the public URL followed by /app]
    #[arg(long, global = true, env = "AUTOPASPOORT_APP_URL")]
    app_url: Option<String>,

    /// Where people get the app for Android, as its page in the store: the page at /app shows a link to it
    #[arg(long, global = true, env = "AUTOPASPOORT_ANDROID_APP_URL")]
    android_app_url: Option<String>,

    /// Where people get the app for iPhone: the page at /app shows a link to it
    #[arg(long, global = true, env = "AUTOPASPOORT_IOS_APP_URL")]
    ios_app_url: Option<String>,

    /// The folder for the secret, for photos and documents, and for mails that are written to files
    #[arg(long, global = true, env = "AUTOPASPOORT_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,

    /// The server's secret, 32 bytes in base64url [default: read from `DATA_DIR/secret`, which is made when it is
    /// missing]
    #[arg(long, global = true, env = "AUTOPASPOORT_SECRET", hide_env_values = true)]
    secret: Option<String>,

    /// The folder for photos and documents, unless S3-compatible storage is used [default: `DATA_DIR/files`]
    #[arg(long, global = true, env = "AUTOPASPOORT_FILES_FOLDER")]
    files_folder: Option<PathBuf>,

    /// The URL of S3-compatible storage for photos and documents, in place of a folder, such as <https://s3.example>
    #[arg(long, global = true, env = "AUTOPASPOORT_S3_ENDPOINT")]
    s3_endpoint: Option<String>,

    /// The region of the S3-compatible storage
    #[arg(long, global = true, env = "AUTOPASPOORT_S3_REGION", default_value = "us-east-1")]
    s3_region: String,

    /// The bucket for photos and documents, which holds nothing else
    #[arg(long, global = true, env = "AUTOPASPOORT_S3_BUCKET")]
    s3_bucket: Option<String>,

    /// The id of the key for the S3-compatible storage
    #[arg(long, global = true, env = "AUTOPASPOORT_S3_KEY_ID", hide_env_values = true)]
    s3_key_id: Option<String>,

    /// The secret key for the S3-compatible storage
    #[arg(long, global = true, env = "AUTOPASPOORT_S3_SECRET", hide_env_values = true)]
    s3_secret: Option<String>,

    /// The mail server: `smtp://` or `smtps://USER:PASSWORD@HOST` [default: write .eml files to `DATA_DIR/mail`]
    #[arg(long, global = true, env = "AUTOPASPOORT_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,

    /// The sender's address of mails
    #[arg(long, global = true, env = "AUTOPASPOORT_MAIL_FROM", default_value = "autopaspoort@localhost.localdomain")]
    mail_from: String,

    /// How push services reach whoever runs this server: `mailto:ADDRESS` or `https://…` [default: the public URL when that is https;
    /// without one there is no push]
    #[arg(long, global = true, env = "AUTOPASPOORT_PUSH_CONTACT")]
    push_contact: Option<String>,

    /// The origin of a push service that you run yourself, such as one of UnifiedPush at `http://192.168.1.5:8081`: messages are
    /// sent there too, while other addresses that are not public are refused
    #[arg(long, global = true, env = "AUTOPASPOORT_OWN_PUSH_SERVICE")]
    own_push_service: Option<String>,

    /// The file with the service account (JSON) of Firebase Cloud Messaging, which reaches the apps on Android and iOS
    #[arg(long, global = true, env = "AUTOPASPOORT_FCM_SERVICE_ACCOUNT")]
    fcm_service_account: Option<PathBuf>,

    /// The secret with which delivery reports are signed (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64 [default: none
    /// are taken over HTTP]
    #[arg(long, global = true, env = "AUTOPASPOORT_DELIVERY_REPORT_SECRET", hide_env_values = true)]
    delivery_report_secret: Option<String>,

    /// The origins whose web pages may call the API, separated by commas; `*` for all
    #[arg(long, global = true, env = "AUTOPASPOORT_CORS_ORIGINS", default_value = "")]
    cors_origins: String,

    /// The most requests a minute from one network address; 0 for no limit
    #[arg(long, global = true, env = "AUTOPASPOORT_REQUESTS_PER_MINUTE", default_value = "6000")]
    requests_per_minute: String,

    /// Take the client's address from the last entry of `X-Forwarded-For` or `Forwarded`; use this only
    /// behind a proxy that sets it
    #[arg(long, global = true, env = "AUTOPASPOORT_TRUST_FORWARDED")]
    trust_forwarded: bool,

    /// How many days a session lasts at most, of drivers and fleets
    #[arg(long, global = true, env = "AUTOPASPOORT_SESSION_DAYS", default_value = "180")]
    session_days: String,

    /// How many days a session lasts at most, of staff
    #[arg(long, global = true, env = "AUTOPASPOORT_STAFF_SESSION_DAYS", default_value = "30")]
    staff_session_days: String,

    /// The vehicle register: `off`, `demo` (only the demo garage's cars), `folder:PATH` (its JSON in files), or a URL
    /// [default: RDW Open Data, <https://opendata.rdw.nl/resource>; with `--demo`: demo]
    #[arg(long, global = true, env = "AUTOPASPOORT_VEHICLE_REGISTER")]
    vehicle_register: Option<String>,

    /// The app token for the vehicle register; without one, all programs at this network address share one limit
    #[arg(long, global = true, env = "AUTOPASPOORT_VEHICLE_REGISTER_TOKEN", hide_env_values = true)]
    vehicle_register_token: Option<String>,

    /// How many milliseconds a request waits for the vehicle register at the most
    #[arg(long, global = true, env = "AUTOPASPOORT_VEHICLE_REGISTER_TIMEOUT", default_value = "2000")]
    vehicle_register_timeout: String,

    /// The most questions a second that the daily refresh sends to the vehicle register
    #[arg(long, global = true, env = "AUTOPASPOORT_VEHICLE_REGISTER_RATE", default_value = "4")]
    vehicle_register_rate: String,

    /// The number of threads that serve HTTP [default: one for each core]
    #[arg(long, global = true, env = "AUTOPASPOORT_WORKERS")]
    workers: Option<String>,
}

/// What everyone's bodies get; only the tests are less patient.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// The most connections to the database.
    pub database_connections: u32,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The URL at which people and programs reach this server, without a slash at the end.
    pub public_url: String,
    /// The URL of the app, where mailed links lead, without a slash at the end.
    pub app_url: String,
    /// Where people get the apps.
    pub stores: Stores,
    /// The folder for mails that are written to files.
    pub mail_folder: PathBuf,
    /// Where photos and documents are stored.
    pub files: FilesAt,
    /// The server's secret.
    pub secret: Secret,
    /// The mail server; none to write mails to files.
    pub smtp_url: Option<String>,
    /// The sender's address of mails.
    pub mail_from: EmailAddress,
    /// What push messages are sent with; none when this server sends none.
    pub push: Option<PushSettings>,
    /// The secret with which delivery reports are signed; none when none are taken over HTTP.
    pub delivery_reports: Option<WebhookSecret>,
    /// The origins whose web pages may call the API.
    pub cors_origins: Vec<String>,
    /// The most requests a minute from one network address; none for no limit.
    pub requests_per_minute: Option<u32>,
    /// Whether the client's address is taken from `X-Forwarded-For` or `Forwarded`.
    pub trust_forwarded: bool,
    /// How long sessions last at most.
    pub sessions: Lifetimes,
    /// The vehicle register.
    pub vehicle_register: RegisterSettings,
    /// How long the server waits for a body of which too little arrives.
    pub body_patience: Duration,
    /// Whether the demo garage is served: the page at `/docs` shows its logins, and a browser may keep its tokens.
    pub demo: bool,
    /// The number of threads that serve HTTP.
    pub workers: usize,
    /// The parameters of Argon2id: memory in KiB, passes, lanes.
    pub argon2: (u32, u32, u32),
}

/// Where people get the apps, as the page at `/app` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stores {
    /// The page of the app for Android.
    pub android: Option<String>,
    /// The page of the app for iPhone.
    pub ios: Option<String>,
}

/// Collects what is wrong.
struct Checks(Vec<String>);

impl Checks {
    fn check<T, E: std::fmt::Display>(&mut self, name: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.push(format!("{name}: {error}"))).ok()
    }

    fn url(&mut self, name: &str, url: &str) -> Option<String> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let valid = rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic()));
        let url = url.trim_end_matches('/').to_owned();
        self.check(name, valid.then_some(url).ok_or("must begin with http:// or https:// and name a host"))
    }

    /// A page that people open, if one was given.
    fn page(&mut self, name: &str, url: Option<&String>) -> Option<String> {
        let url = url?;
        let is_page = url.parse::<Uri>().is_ok_and(|uri| {
            uri.scheme_str() == Some("https")
                && uri.host().is_some_and(|host| host.contains('.'))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        });
        let valid = is_page && url.chars().all(|c| c.is_ascii_graphic());
        self.check(name, valid.then(|| url.clone()).ok_or("must be the address of a page, which begins with https://"))
    }
}

impl Options {
    /// Checks all settings. The error lists everything that is wrong, one line for each.
    pub fn check(&self) -> Result<Settings, String> {
        let mut checks = Checks(vec![]);
        let database_url = checks.check("--database-url", self.database_url.parse::<DatabaseUrl>());
        let connections = self.database_connections.parse::<u32>().ok().filter(|count| (1..=500).contains(count));
        let database_connections =
            checks.check("--database-connections", connections.ok_or("must be a number from 1 to 500"));
        let listen = self.listen.parse::<SocketAddr>().map_err(|_| "must be ADDRESS:PORT, such as 127.0.0.1:8080");
        let listen = checks.check("--listen", listen);
        let public_url = self.public_url.clone().or_else(|| listen.map(reached_at)).unwrap_or_default();
        let app_url = self.app_url.clone().unwrap_or_else(|| format!("{}/app", public_url.trim_end_matches('/')));
        // Both follow `--listen`, and when that is wrong, nothing is said about what was not given.
        let public_url =
            (listen.is_some() || self.public_url.is_some()).then(|| checks.url("--public-url", &public_url)).flatten();
        let app_url =
            (public_url.is_some() || self.app_url.is_some()).then(|| checks.url("--app-url", &app_url)).flatten();
        let stores = Stores {
            android: checks.page("--android-app-url", self.android_app_url.as_ref()),
            ios: checks.page("--ios-app-url", self.ios_app_url.as_ref()),
        };
        let secret = match &self.secret {
            Some(text) => Secret::parse(text),
            None => Secret::from_file(&self.data_dir.join("secret")),
        };
        let secret = checks.check("--secret", secret);
        let mail_from =
            checks.check("--mail-from", EmailAddress::parse(&self.mail_from).map_err(|_| "is not an e-mail address"));
        let smtp = self.smtp_url.as_ref().is_none_or(|url| url.starts_with("smtp://") || url.starts_with("smtps://"));
        checks.check("--smtp-url", smtp.then_some(()).ok_or("must begin with smtp:// or smtps://"));
        let push = match (&secret, &public_url) {
            (Some(secret), Some(public_url)) => self.check_push(&mut checks, secret, public_url),
            _ => None,
        };
        let delivery_reports = self.check_delivery_reports(&mut checks);
        let rate = checks
            .check("--requests-per-minute", self.requests_per_minute.parse::<u32>().map_err(|_| "must be a number"));
        let mut days = |name, text: &str| {
            let days = text.parse::<i64>().ok().filter(|days| (1..=3_650).contains(days));
            let days = checks.check(name, days.ok_or("must be a number of days from 1 to 3650"))?;
            Some(SignedDuration::from_hours(24 * days))
        };
        let others = days("--session-days", &self.session_days);
        let staff = days("--staff-session-days", &self.staff_session_days);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = self.workers.as_ref().map_or(Ok(cores), |text| text.parse::<usize>());
        let workers = workers.ok().filter(|count| (1..=256).contains(count)).ok_or("must be a number from 1 to 256");
        let workers = checks.check("--workers", workers);
        let cors_origins: Vec<&str> =
            self.cors_origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
        for origin in cors_origins.iter().filter(|origin| !is_origin(origin)) {
            checks.0.push(format!("--cors-origins: {origin} must be * or an origin such as https://app.example"));
        }
        let vehicle_register = self.check_register(&mut checks);
        let files = self.check_files(&mut checks);
        let settings = (|| {
            Some(Settings {
                database_url: database_url?,
                database_connections: database_connections?,
                listen: listen?,
                public_url: public_url?,
                app_url: app_url?,
                stores,
                mail_folder: self.data_dir.join("mail"),
                files: files?,
                secret: secret?,
                smtp_url: self.smtp_url.clone(),
                mail_from: mail_from?,
                push,
                delivery_reports,
                cors_origins: cors_origins.iter().map(|origin| (*origin).to_owned()).collect(),
                requests_per_minute: Some(rate?).filter(|rate| *rate > 0),
                trust_forwarded: self.trust_forwarded,
                sessions: Lifetimes { staff: staff?, others: others? },
                vehicle_register: vehicle_register?,
                body_patience: BODY_PATIENCE,
                demo: false,
                workers: workers?,
                argon2: OWASP,
            })
        })();
        match settings {
            Some(settings) if checks.0.is_empty() => Ok(settings),
            _ => Err(format!("The settings are not right:\n  {}", checks.0.join("\n  "))),
        }
    }
}

impl Settings {
    /// Refuses the demo where others reach the server by its public URL: everyone knows its logins.
    pub fn check_demo(&self) -> Result<(), String> {
        if is_this_machine(&self.public_url) {
            return Ok(());
        }
        Err(format!(
            "The demo is refused on a server that others can reach: its logins are public, and --public-url is {}. To try it \
             out, use a public URL of this machine, such as http://127.0.0.1:8080; to serve a garage, leave out `--demo` and \
             make it with `autopaspoort garage create`.",
            self.public_url
        ))
    }
}

impl Options {
    /// The settings for `--demo`: they use the vehicle register that is built into the program, unless another was
    /// chosen.
    #[must_use]
    pub fn for_demo(self) -> Self {
        Self { vehicle_register: self.vehicle_register.or_else(|| Some("demo".to_owned())), ..self }
    }

    fn check_files(&self, checks: &mut Checks) -> Option<FilesAt> {
        let s3 = S3SettingsText {
            endpoint: self.s3_endpoint.as_deref(),
            region: &self.s3_region,
            bucket: self.s3_bucket.as_deref(),
            key_id: self.s3_key_id.as_deref(),
            secret: self.s3_secret.as_deref(),
        };
        match s3.check() {
            Ok(Some(_)) if self.files_folder.is_some() => {
                checks.0.push("--files-folder: cannot be combined with --s3-endpoint".into());
                None
            }
            Ok(Some(settings)) => Some(FilesAt::S3(settings)),
            Ok(None) => Some(FilesAt::Folder(self.files_folder.clone().unwrap_or_else(|| self.data_dir.join("files")))),
            Err(wrong) => {
                checks.0.extend(wrong);
                None
            }
        }
    }

    /// The secret of delivery reports, if one was given.
    fn check_delivery_reports(&self, checks: &mut Checks) -> Option<WebhookSecret> {
        let text = self.delivery_report_secret.as_deref()?;
        let wrong = "must be whsec_ and 24 to 64 bytes in base64, as of `echo whsec_$(openssl rand -base64 32)`";
        checks.check("--delivery-report-secret", WebhookSecret::parse(text).ok_or(wrong))
    }

    /// What push messages are sent with: the contact that was given, or the public URL if push services take it.
    fn check_push(&self, checks: &mut Checks, secret: &Secret, public_url: &str) -> Option<PushSettings> {
        let account = self.fcm_service_account.as_ref().and_then(|path| {
            let read = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
            let account = read.and_then(|text| ServiceAccount::from_json(&text).map_err(|error| error.to_string()));
            checks.check("--fcm-service-account", account)
        });
        let key = checks.check("--secret", VapidKey::from_bytes(&secret.mac("vapid", &[])))?;
        let contact = self.push_contact.clone().unwrap_or_else(|| public_url.to_owned());
        let own_service = self.own_push_service.as_deref().and_then(|text| {
            let wrong = "must be an origin: http:// or https://, a host, and a port if it is not the usual one";
            checks.check("--own-push-service", OwnService::parse(text).ok_or(wrong))
        });
        let settings = PushSettings { service_account: account, own_service, ..PushSettings::new(key, contact) };
        match (Pusher::new(settings.clone()), &self.push_contact) {
            (Ok(_), _) => Some(settings),
            (Err(error @ (SetupError::ServiceAccount(_) | SetupError::FcmBase)), _) => {
                checks.check("--fcm-service-account", Err(error))
            }
            (Err(error), Some(_)) => checks.check("--push-contact", Err(error)),
            (Err(_), None) if self.fcm_service_account.is_some() => {
                checks.check("--push-contact", Err("is needed for push, since the public URL is not https"))
            }
            // A server that is tried out on one's own machine sends none.
            (Err(_), None) => None,
        }
    }

    fn check_register(&self, checks: &mut Checks) -> Option<RegisterSettings> {
        let chosen = self.vehicle_register.as_deref().unwrap_or(RDW);
        let at = checks.check("--vehicle-register", register_at(chosen));
        let token = self.vehicle_register_token.as_deref().map(AppToken::parse);
        let token = match token {
            None => Some(None),
            Some(token) => checks.check("--vehicle-register-token", token.ok_or("must be visible ASCII")).map(Some),
        };
        if matches!((&token, &at), (Some(Some(_)), Some(RegisterAt::Http(base))) if !is_private(base)) {
            checks.0.push("--vehicle-register-token: would travel unencrypted; use https".into());
        }
        let timeout = self.vehicle_register_timeout.parse::<u64>().ok().filter(|ms| (100..=30_000).contains(ms));
        let timeout = checks.check("--vehicle-register-timeout", timeout.ok_or("must be a number from 100 to 30000"));
        let rate = self.vehicle_register_rate.parse::<u32>().ok().filter(|rate| (1..=1000).contains(rate));
        let rate = checks.check("--vehicle-register-rate", rate.ok_or("must be a number from 1 to 1000"));
        Some(RegisterSettings { at: at?, token: token?, timeout: Duration::from_millis(timeout?), rate: rate? })
    }
}

/// The URL at which this machine reaches a server that listens there.
fn reached_at(listen: SocketAddr) -> String {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    format!("http://{}", SocketAddr::new(host, listen.port()))
}

fn register_at(text: &str) -> Result<RegisterAt, &'static str> {
    match text {
        "off" => return Ok(RegisterAt::Off),
        "demo" => return Ok(RegisterAt::Demo),
        _ => {}
    }
    if let Some(path) = text.strip_prefix("folder:") {
        let path = PathBuf::from(path);
        return if path.is_dir() { Ok(RegisterAt::Folder(path)) } else { Err("there is no such folder") };
    }
    let is_address = text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.query().is_none()
    });
    let address = || RegisterAt::Http(text.trim_end_matches('/').to_owned());
    is_address.then(address).ok_or("must be off, demo, folder:PATH, or an address that begins with https:// or http://")
}

/// Whether nobody can listen in on requests to an address: they are encrypted, or stay on this machine.
fn is_private(base: &str) -> bool {
    let host = base.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    base.starts_with("https://") || matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether a URL leads nowhere but to this machine: `localhost`, a name below it (RFC 6761, 6.3), or a loopback address.
fn is_this_machine(url: &str) -> bool {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase)).unwrap_or_default();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Whether a text is an origin as browsers send it (RFC 6454): scheme, host, a port if it is not the scheme's default,
/// and nothing after that.
fn is_origin(text: &str) -> bool {
    let host = |uri: &Uri| uri.host().is_some_and(|host| !host.is_empty());
    text == "*"
        || text.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && host(&uri) && text.matches('/').count() == 2
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    fn checked(arguments: &[&str]) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let data = ["autopaspoort", "--data-dir", folder.path().to_str().unwrap()];
        Command::parse_from(data.iter().chain(arguments)).options.check()
    }

    #[test]
    fn the_register_is_where_it_was_set() {
        let at = |text: &str| checked(&["--vehicle-register", text]).map(|settings| settings.vehicle_register.at);
        assert_eq!(checked(&[]).unwrap().vehicle_register.at, RegisterAt::Http(RDW.into()));
        assert_eq!((at("off"), at("demo")), (Ok(RegisterAt::Off), Ok(RegisterAt::Demo)));
        assert_eq!(at("folder:/tmp"), Ok(RegisterAt::Folder("/tmp".into())));
        assert_eq!(
            at("http://127.0.0.1:8000/resource/"),
            Ok(RegisterAt::Http("http://127.0.0.1:8000/resource".into()))
        );
        for bad in
            ["", "on", "folder:/nowhere", "ftp://x", "https://", "https://user:pw@x", "https://x?a=b", "x.example"]
        {
            assert!(at(bad).is_err(), "{bad}");
        }
        let demo = Command::parse_from(["autopaspoort"]).options.for_demo();
        assert_eq!(demo.vehicle_register.as_deref(), Some("demo"));
        let chosen = Command::parse_from(["autopaspoort", "--vehicle-register", "off"]).options.for_demo();
        assert_eq!(chosen.vehicle_register.as_deref(), Some("off"));
    }

    #[test]
    fn the_demo_is_for_this_machine_alone() {
        let demo = |arguments: &[&str]| checked(arguments).unwrap().check_demo();
        for own in [
            &[][..],
            &["--listen=0.0.0.0:8090"],
            &["--public-url=http://localhost:8080"],
            &["--public-url=http://LOCALHOST"],
            &["--public-url=https://demo.localhost/api"],
            &["--public-url=http://127.1.2.3:80"],
            &["--public-url=http://[::1]:8090"],
            &["--public-url=http://[::ffff:127.0.0.1]:8090"],
        ] {
            assert_eq!(demo(own), Ok(()), "{own:?}");
        }
        for reached in [
            "https://api.autopaspoort.example",
            "http://192.0.2.7:8080",
            "http://0.0.0.0:8080",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://user@192.0.2.7",
            "http://[2001:db8::1]",
        ] {
            let refused = demo(&["--public-url", reached]).unwrap_err();
            assert!(refused.contains(reached) && refused.contains("leave out `--demo`"), "{refused}");
        }
        assert!(demo(&["--listen=192.0.2.7:80"]).is_err(), "the public URL follows the address that is listened on");
    }

    #[test]
    fn the_public_url_follows_the_address_that_is_listened_on() {
        let urls = |arguments: &[&str]| checked(arguments).map(|settings| (settings.public_url, settings.app_url));
        for (listen, url) in [
            (&[][..], "http://127.0.0.1:8080"),
            (&["--listen=127.0.0.1:18199"], "http://127.0.0.1:18199"),
            (&["--listen=192.0.2.7:80"], "http://192.0.2.7:80"),
            (&["--listen=0.0.0.0:8090"], "http://127.0.0.1:8090"),
            (&["--listen=[::]:8090"], "http://[::1]:8090"),
            (&["--listen=[::1]:8090"], "http://[::1]:8090"),
            (&["--listen=0.0.0.0:1", "--public-url=https://api.example/"], "https://api.example"),
        ] {
            assert_eq!(urls(listen), Ok((url.to_owned(), format!("{url}/app"))), "{listen:?}");
        }
        let app = urls(&["--listen=127.0.0.1:1", "--app-url=https://app.example"]);
        assert_eq!(app, Ok(("http://127.0.0.1:1".into(), "https://app.example".into())));
        let wrong =
            |arguments: &[&str]| urls(arguments).unwrap_err().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        let listen = "  --listen: must be ADDRESS:PORT, such as 127.0.0.1:8080";
        assert_eq!(wrong(&["--listen=8090"]), [listen]);
        let url = "must begin with http:// or https:// and name a host";
        let wrong = wrong(&["--listen=8090", "--public-url=api", "--app-url=app"]);
        assert_eq!(wrong, [listen, &format!("  --public-url: {url}"), &format!("  --app-url: {url}")]);
    }

    #[test]
    fn whoever_gives_a_contact_that_push_services_refuse_is_told_what_they_take() {
        let contact = |text: &str| checked(&["--push-contact", text]).map(|settings| settings.push.is_some());
        // The example of docs/operations.md.
        assert_eq!(contact("mailto:beheer@autopaspoort.nl"), Ok(true));
        for bad in ["mailto:beheer@garage.example", "beheer@autopaspoort.nl", "https://localhost", "mailto:a@127.0.0.1"]
        {
            let wrong = contact(bad).unwrap_err();
            assert!(wrong.contains("--push-contact: must be mailto: and your e-mail address"), "{bad}: {wrong}");
            assert!(!wrong.contains("VAPID"), "{wrong}");
        }
    }

    #[test]
    fn the_pages_of_the_apps_are_https() {
        let android = "https://play.google.com/store/apps/details?id=nl.autopaspoort&hl=nl";
        let stores = |arguments: &[&str]| checked(arguments).map(|settings| settings.stores);
        assert_eq!(stores(&[]), Ok(Stores::default()));
        let both = stores(&["--android-app-url", android, "--ios-app-url=https://apps.apple.com/nl/app/id1"]).unwrap();
        let ios = "https://apps.apple.com/nl/app/id1";
        assert_eq!((both.android.as_deref(), both.ios.as_deref()), (Some(android), Some(ios)));
        for bad in
            ["", "play.google.com", "http://apps.example/x", "https://", "javascript:alert(1)", "https://a@b.example/x"]
        {
            let wrong = stores(&["--android-app-url", bad, "--ios-app-url", bad]).unwrap_err();
            assert!(
                wrong.contains("--android-app-url: must") && wrong.contains("--ios-app-url: must"),
                "{bad}: {wrong}"
            );
        }
    }

    #[test]
    fn all_that_is_wrong_with_the_register_is_said_at_once() {
        let wrong = checked(&[
            "--vehicle-register=nowhere",
            "--vehicle-register-token=two words",
            "--vehicle-register-timeout=99",
            "--vehicle-register-rate=0",
        ]);
        let wrong = wrong.unwrap_err();
        for name in ["--vehicle-register:", "-token:", "-timeout:", "-rate:"] {
            assert!(wrong.contains(name), "{name} is not in {wrong}");
        }
        assert!(!wrong.contains("two words"));
    }

    #[test]
    fn the_token_stays_secret() {
        let token = "--vehicle-register-token=s3cret";
        let open = checked(&[token, "--vehicle-register=http://register.example"]).unwrap_err();
        assert!(open.contains("unencrypted") && !open.contains("s3cret"), "{open}");
        for private in ["https://register.example", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"] {
            let settings = checked(&[token, "--vehicle-register", private]).unwrap();
            assert!(!format!("{settings:?}").contains("s3cret"));
        }
    }

    #[test]
    fn files_are_in_a_folder_or_in_a_bucket() {
        let at = |arguments: &[&str]| checked(arguments).map(|settings| settings.files);
        assert!(matches!(at(&[]), Ok(FilesAt::Folder(path)) if path.ends_with("files")));
        assert_eq!(at(&["--files-folder=/srv/files"]), Ok(FilesAt::Folder("/srv/files".into())));
        let s3 = ["--s3-endpoint=http://minio:9000", "--s3-bucket=files", "--s3-key-id=k", "--s3-secret=s3cret"];
        let settings = at(&s3).unwrap();
        assert!(matches!(&settings, FilesAt::S3(s3) if s3.region == "us-east-1" && s3.bucket == "files"));
        assert!(!format!("{settings:?}").contains("s3cret"));
        let both = at(&[&s3[..], &["--files-folder=/srv/files"]].concat()).unwrap_err();
        assert!(both.contains("--files-folder: cannot be combined"), "{both}");
        let part = at(&s3[1..]).unwrap_err();
        assert!(part.contains("--s3-endpoint: is needed") && !part.contains("s3cret"), "{part}");
    }

    #[test]
    fn origins_are_checked() {
        for good in ["*", "https://app.example", "http://localhost:5173", "http://[::1]:8080"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in
            ["app.example", "https://", "https://app.example/", "https://app.example/x", "ftp://x", "https://a b"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
