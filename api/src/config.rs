//! Settings, from flags and environment, checked whole: one message lists everything that is wrong.

use crate::{passwords::OWASP, secret::Secret};
use actix_web::http::Uri;
use clap::Args;
use domain::value::EmailAddress;
use persistence::DatabaseUrl;
use std::{net::SocketAddr, path::PathBuf};

/// The settings as they are given.
#[derive(Args, Clone, Debug)]
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

    /// How many connections to the database there are at the most
    #[arg(long, global = true, env = "AUTOPASPOORT_DATABASE_CONNECTIONS", default_value = "8")]
    database_connections: String,

    /// Where to listen
    #[arg(long, global = true, env = "AUTOPASPOORT_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,

    /// The address under which people and programs reach this server
    #[arg(long, global = true, env = "AUTOPASPOORT_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,

    /// The address of the app, to which mailed links lead [default: the public URL followed by /app]
    #[arg(long, global = true, env = "AUTOPASPOORT_APP_URL")]
    app_url: Option<String>,

    /// The folder for the secret and for mails that are written to files
    #[arg(long, global = true, env = "AUTOPASPOORT_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,

    /// The server's secret, 32 bytes in base64url [default: read from or made in `DATA_DIR/secret`]
    #[arg(long, global = true, env = "AUTOPASPOORT_SECRET", hide_env_values = true)]
    secret: Option<String>,

    /// Where to send mail: `smtp://` or `smtps://USER:PASSWORD@HOST` [default: write .eml files to `DATA_DIR/mail`]
    #[arg(long, global = true, env = "AUTOPASPOORT_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,

    /// The address that mails come from
    #[arg(long, global = true, env = "AUTOPASPOORT_MAIL_FROM", default_value = "autopaspoort@localhost.localdomain")]
    mail_from: String,

    /// Origins whose pages may call the API, separated by commas; `*` for all
    #[arg(long, global = true, env = "AUTOPASPOORT_CORS_ORIGINS", default_value = "")]
    cors_origins: String,

    /// How many requests a minute one address may send; 0 for no limit
    #[arg(long, global = true, env = "AUTOPASPOORT_REQUESTS_PER_MINUTE", default_value = "6000")]
    requests_per_minute: String,

    /// Take the client's address from the last entry of `X-Forwarded-For`: only behind a proxy that sets it
    #[arg(long, global = true, env = "AUTOPASPOORT_TRUST_FORWARDED")]
    trust_forwarded: bool,

    /// How many threads serve HTTP [default: one a core]
    #[arg(long, global = true, env = "AUTOPASPOORT_WORKERS")]
    workers: Option<String>,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// How many connections to it.
    pub database_connections: u32,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where people and programs reach this server, without a slash at the end.
    pub public_url: String,
    /// Where mailed links lead, without a slash at the end.
    pub app_url: String,
    /// The folder for mails that are written to files.
    pub mail_folder: PathBuf,
    /// The server's secret.
    pub secret: Secret,
    /// Where to send mail.
    pub smtp_url: Option<String>,
    /// Where mails come from.
    pub mail_from: EmailAddress,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// How many requests a minute one address may send; none for no limit.
    pub requests_per_minute: Option<u32>,
    /// Whether `X-Forwarded-For` is believed.
    pub trust_forwarded: bool,
    /// How many threads serve HTTP.
    pub workers: usize,
    /// Argon2id: memory in KiB, passes, lanes.
    pub argon2: (u32, u32, u32),
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
}

impl Options {
    /// Checks all settings; the error lists everything that is wrong, a line each.
    pub fn check(&self) -> Result<Settings, String> {
        let mut checks = Checks(vec![]);
        let database_url = checks.check("--database-url", self.database_url.parse::<DatabaseUrl>());
        let connections = self.database_connections.parse::<u32>().ok().filter(|count| (1..=500).contains(count));
        let database_connections =
            checks.check("--database-connections", connections.ok_or("must be a number from 1 to 500"));
        let listen = self.listen.parse::<SocketAddr>().map_err(|_| "must be ADDRESS:PORT, such as 127.0.0.1:8080");
        let listen = checks.check("--listen", listen);
        let public_url = checks.url("--public-url", &self.public_url);
        let app_url = checks.url(
            "--app-url",
            self.app_url.as_ref().unwrap_or(&format!("{}/app", self.public_url.trim_end_matches('/'))),
        );
        let secret = match &self.secret {
            Some(text) => Secret::parse(text),
            None => Secret::from_file(&self.data_dir.join("secret")),
        };
        let secret = checks.check("--secret", secret);
        let mail_from =
            checks.check("--mail-from", EmailAddress::parse(&self.mail_from).map_err(|_| "is not an e-mail address"));
        let smtp = self.smtp_url.as_ref().is_none_or(|url| url.starts_with("smtp://") || url.starts_with("smtps://"));
        checks.check("--smtp-url", smtp.then_some(()).ok_or("must begin with smtp:// or smtps://"));
        let rate = checks
            .check("--requests-per-minute", self.requests_per_minute.parse::<u32>().map_err(|_| "must be a number"));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = self.workers.as_ref().map_or(Ok(cores), |text| text.parse::<usize>());
        let workers = workers.ok().filter(|count| (1..=256).contains(count)).ok_or("must be a number from 1 to 256");
        let workers = checks.check("--workers", workers);
        let cors_origins: Vec<&str> =
            self.cors_origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
        for origin in cors_origins.iter().filter(|origin| !is_origin(origin)) {
            checks.0.push(format!("--cors-origins: {origin} must be * or an origin such as https://app.example"));
        }
        let settings = (|| {
            Some(Settings {
                database_url: database_url?,
                database_connections: database_connections?,
                listen: listen?,
                public_url: public_url?,
                app_url: app_url?,
                mail_folder: self.data_dir.join("mail"),
                secret: secret?,
                smtp_url: self.smtp_url.clone(),
                mail_from: mail_from?,
                cors_origins: cors_origins.iter().map(|origin| (*origin).to_owned()).collect(),
                requests_per_minute: Some(rate?).filter(|rate| *rate > 0),
                trust_forwarded: self.trust_forwarded,
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

/// An origin as browsers send it (RFC 6454): scheme and host, a port if it is not the scheme's own, nothing after that.
fn is_origin(text: &str) -> bool {
    let host = |uri: &Uri| uri.host().is_some_and(|host| !host.is_empty());
    text == "*"
        || text.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && host(&uri) && text.matches('/').count() == 2
        })
}

#[cfg(test)]
mod tests {
    use super::is_origin;

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
