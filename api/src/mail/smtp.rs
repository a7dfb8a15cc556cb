//! A mail server, over connections that are kept for the next mails: an encrypted one costs several exchanges to open, and many
//! servers count how often one connects.
//!
//! The protocol is lettre's, but for the text of a mail. lettre sends its end apart from it, and the kernel holds that back until
//! the server has acknowledged the text, which it puts off for 40 ms in the hope of something to say; so each mail would
//! take that long. Here the text travels with its end.

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{SmtpConnection, Tls, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Severity,
    },
};
use percent_encoding::percent_decode_str;
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to say that a kept connection still stands.
const PROBE: Duration = Duration::from_secs(3);
/// How long it may take to say goodbye.
const PARTING: Duration = Duration::from_secs(1);
/// How many connections are kept: as many as there are jobs at once that send mails.
const MOST_KEPT: usize = 10;
/// For how long one is kept that is not used; servers close them after some minutes.
const KEPT: Duration = Duration::from_mins(1);
/// How many mails go over one: some servers allow no more.
const MAILS_EACH: u32 = 100;

/// The ports of RFC 5321, RFC 6409 and RFC 8314.
const RELAY: u16 = 25;
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

/// A mail server.
pub struct MailServer {
    host: String,
    port: u16,
    tls: Tls,
    /// How this program introduces itself.
    name: ClientId,
    credentials: Option<Credentials>,
    kept: Mutex<Vec<Kept>>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password is not printed.
        f.debug_struct("MailServer").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// How far a mail came when something failed.
pub(super) enum Failed {
    /// It is no text.
    NoText,
    /// The server could not be talked to yet: that is not about the mail.
    Connecting(Error),
    /// The server lacks what the mail needs.
    Lacking,
    /// The mail was not sent, so the server cannot have accepted it. Nothing was said of the recipient.
    Before(Error),
    /// The same, and it was the recipient of whom the server spoke.
    Recipient(Error),
    /// The server answered something that is no answer to what was asked: it has said more than it was asked before. The mail was
    /// not sent.
    OutOfStep,
    /// The mail was sent, or part of it.
    After(Error),
    /// The mail was sent, and the server's answer says neither that it was taken nor that it was not.
    Unclear,
}

/// A connection that waits for the next mail.
struct Kept {
    connection: SmtpConnection,
    mails: u32,
    since: Instant,
}

impl MailServer {
    /// `smtps://user:password@host` uses TLS from the start, `smtp://…?tls=required` uses STARTTLS, `?tls=opportunistic` as well
    /// where the server offers it, and `smtp://` alone is not encrypted. A path is the name with which this program introduces
    /// itself. None when the address is another one.
    pub(super) fn from_url(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let parameters = || TlsParameters::new(host.clone()).ok();
        let (tls, port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => (Tls::None, RELAY),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), SUBMISSION),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), SUBMISSION),
            ("smtps", _) => (Tls::Wrapper(parameters()?), SUBMISSIONS),
            _ => return None,
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        let name = url.path().trim_matches('/');
        let name = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        let port = url.port().unwrap_or(port);
        Some(Self { host, port, tls, name, credentials, kept: Mutex::default() })
    }

    /// Sends a mail, and waits until the server has answered.
    pub(super) fn send(&self, message: &Message) -> Result<(), Failed> {
        let text = String::from_utf8(message.formatted()).map_err(|_| Failed::NoText)?;
        let (mut connection, mails) = self.connection().map_err(Failed::Connecting)?;
        match hand_over(&mut connection, message, &text) {
            Ok(()) => {
                self.keep(connection, mails + 1);
                Ok(())
            }
            Err(failed) => {
                part(connection);
                Err(failed)
            }
        }
    }

    /// Closes the connections that were not used for a while.
    pub(super) fn rest(&self) {
        let mut old = vec![];
        let mut kept = self.kept();
        while let Some(place) = kept.iter().position(|one| one.since.elapsed() > KEPT) {
            old.push(kept.swap_remove(place));
        }
        drop(kept);
        for one in old {
            part(one.connection);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that the server answers, and how many mails went over it. One that it has closed meanwhile is no failure.
    fn connection(&self) -> Result<(SmtpConnection, u32), Error> {
        self.rest();
        loop {
            let known = self.kept().pop();
            let Some(Kept { mut connection, mails, .. }) = known else { break };
            let asked = Instant::now();
            if connection.set_timeout(Some(PROBE)).is_ok()
                && connection.test_connected()
                && connection.set_timeout(Some(TIMEOUT)).is_ok()
            {
                return Ok((connection, mails));
            }
            // Where one is closed, that is known at once. Where nothing is heard, one would wait for each of the others too.
            if asked.elapsed() >= PROBE {
                self.kept().clear();
            }
        }
        Ok((self.connect()?, 0))
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let wrapper = if let Tls::Wrapper(parameters) = &self.tls { Some(parameters) } else { None };
        let at = (self.host.trim_matches(['[', ']']), self.port);
        let mut connection = SmtpConnection::connect(at, Some(TIMEOUT), &self.name, wrapper, None)?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters, &self.name)?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters, &self.name)?;
            }
            Tls::Opportunistic(_) | Tls::Wrapper(_) | Tls::None => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials)?;
        }
        Ok(connection)
    }

    fn keep(&self, connection: SmtpConnection, mails: u32) {
        let mut kept = self.kept();
        if mails < MAILS_EACH && kept.len() < MOST_KEPT {
            kept.push(Kept { connection, mails, since: Instant::now() });
        } else {
            drop(kept);
            part(connection);
        }
    }
}

/// Says goodbye, and does not wait for long for an answer.
fn part(mut connection: SmtpConnection) {
    drop(connection.set_timeout(Some(PARTING)));
    connection.abort();
}

fn hand_over(connection: &mut SmtpConnection, message: &Message, text: &str) -> Result<(), Failed> {
    let envelope = message.envelope();
    let server = connection.server_info();
    let lacks = |extension| !server.supports_feature(extension);
    let is_international = |address: &lettre::Address| !address.to_string().is_ascii();
    let mut options = vec![];
    if envelope.to().iter().chain(envelope.from()).any(is_international) {
        options.push((Extension::SmtpUtfEight, MailParameter::SmtpUtfEight));
    }
    if !text.is_ascii() {
        options.push((Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)));
    }
    if options.iter().any(|(extension, _)| lacks(*extension)) {
        return Err(Failed::Lacking);
    }
    let options = options.into_iter().map(|(_, option)| option).collect();
    connection.command(Mail::new(envelope.from().cloned(), options)).map_err(Failed::Before)?;
    for address in envelope.to() {
        connection.command(Rcpt::new(address.clone(), vec![])).map_err(Failed::Recipient)?;
    }
    // The one command with an answer of its own. When an answer too much was left over from before, each is taken for the one to the
    // next command, and here that shows, before the text is sent.
    let go_on = connection.command(Data).map_err(Failed::Before)?;
    if !go_on.has_code(354) {
        return Err(Failed::OutOfStep);
    }
    let taken = connection.command(as_it_travels(text)).map_err(Failed::After)?;
    if taken.code().severity == Severity::PositiveCompletion { Ok(()) } else { Err(Failed::Unclear) }
}

/// A text with its end, which is a line with a dot alone: a line that begins with a dot has one more (RFC 5321, 4.5.2).
pub(super) fn as_it_travels(text: &str) -> String {
    let lines = text.strip_suffix("\r\n").unwrap_or(text);
    let first = if lines.starts_with('.') { "." } else { "" };
    format!("{first}{}\r\n.\r\n", lines.replace("\r\n.", "\r\n.."))
}
