//! The two ways a letter goes out: as a file in a folder, or to a mail server over SMTP.
//!
//! A mail goes out at most once. So a failure says what is known of the mail's fate, and only one after which the mail
//! was certainly not accepted may be tried again. Errors hold reply codes and causes, never the words of a reply: mail
//! servers quote what they refuse, and a mail holds one-time links.

use super::{Letter, single_line};
use lettre::{
    Address, Message, SmtpTransport, Transport as _,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use std::{
    error::Error as StdError,
    fmt, fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Where letters go.
pub enum Transport {
    /// Into this folder, one `.eml` file each.
    Files(PathBuf),
    /// To a mail server.
    Smtp(Box<SmtpTransport>),
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(folder) => f.debug_tuple("Files").field(folder).finish(),
            // The server's password is in there.
            Self::Smtp(_) => f.debug_tuple("Smtp").finish_non_exhaustive(),
        }
    }
}

/// Why a letter did not go out, or may not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing was accepted: it may be tried again.
    #[error("the mail was not accepted for now: {0}")]
    Temporary(String),
    /// It was refused, and would be again.
    #[error("the mail was refused: {0}")]
    Permanent(String),
    /// The connection broke when the mail may have been accepted: it must not be sent again without a person's decision.
    #[error("it is not known whether the mail was accepted: {0}")]
    Unknown(String),
}

impl Transport {
    /// A mail server when an address is given, the folder (made when it is missing) when not.
    ///
    /// `smtps://user:password@host` is TLS from the start, `smtp://…?tls=required` is STARTTLS, `smtp://` alone is plain.
    pub fn from_config(smtp_url: Option<&str>, folder: &Path) -> Result<Self, String> {
        if let Some(url) = smtp_url {
            // The cause is left out: it could quote the address, and with it the password.
            let builder = SmtpTransport::from_url(url).map_err(|_| {
                "the SMTP address must look like smtps://user:password@host:port, smtp://host:port?tls=required or \
                 smtp://host:port"
            })?;
            return Ok(Self::Smtp(Box::new(builder.timeout(Some(TIMEOUT)).build())));
        }
        fs::create_dir_all(folder).map_err(|error| format!("the mail folder {}: {error}", folder.display()))?;
        Ok(Self::Files(folder.to_owned()))
    }

    /// Sends a letter; waits until that is done, so it is to be called where blocking is allowed.
    pub fn send(&self, letter: &Letter) -> Result<(), SendError> {
        match self {
            // Files are for people to read: the text stands in them as it is.
            Self::Files(folder) => {
                let message = compose(letter, Some(ContentTransferEncoding::EightBit))?;
                write_file(folder, letter, &message.formatted())
                    .map_err(|error| SendError::Temporary(format!("writing the mail's file: {error}")))
            }
            Self::Smtp(server) => send_smtp(server, &compose(letter, None)?),
        }
    }
}

fn send_smtp(server: &SmtpTransport, message: &Message) -> Result<(), SendError> {
    // Before the mail itself is on its way, each failure is the server's, not the mail's: a wrong password or a server
    // that refuses everyone today is no reason to give this mail up.
    match server.test_connection() {
        Ok(true) => {}
        Ok(false) => return Err(SendError::Temporary("the mail server does not answer".to_owned())),
        Err(error) => return Err(SendError::Temporary(describe(&error))),
    }
    server.send(message).map(drop).map_err(|error| classify(&error))
}

/// What a failed attempt says of the mail's fate. A reply settles it, at whatever stage; a connection that broke, or a
/// reply that can't be read, may have come after the server took the mail.
fn classify(error: &smtp::Error) -> SendError {
    let description = describe(error);
    if error.is_permanent() {
        SendError::Permanent(description)
    } else if error.is_transient() || error.is_tls() {
        SendError::Temporary(description)
    } else if error.is_client() {
        SendError::Permanent("the mail server lacks what this address needs".to_owned())
    } else {
        SendError::Unknown(description)
    }
}

fn describe(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        let enhanced = error.source().map(ToString::to_string).as_deref().and_then(enhanced_code);
        return enhanced.map_or_else(|| format!("reply {code}"), |enhanced| format!("reply {code} {enhanced}"));
    }
    if error.is_timeout() {
        return "the mail server did not answer in time".to_owned();
    }
    if error.is_response() {
        return "the mail server's reply was cut off or could not be read".to_owned();
    }
    if error.is_client() {
        return "the mail server offers no STARTTLS, or no way to sign in that is known here".to_owned();
    }
    io_cause(error).map_or_else(|| "the connection to the mail server failed".to_owned(), ToString::to_string)
}

fn io_cause(error: &smtp::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

/// The status code that a reply begins with (RFC 3463): `5.1.1` in `5.1.1 user unknown`.
fn enhanced_code(reply: &str) -> Option<String> {
    let word = reply.split_whitespace().next()?;
    let numbers: Vec<&str> = word.split('.').collect();
    let is_number = |number: &&str| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (numbers.len() == 3 && numbers.iter().all(is_number)).then(|| word.to_owned())
}

fn compose(letter: &Letter, encoding: Option<ContentTransferEncoding>) -> Result<Message, SendError> {
    let refused = |what: &str| SendError::Permanent(format!("{what} cannot stand in a mail's header"));
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    if letter.message_id.is_empty() || !letter.message_id.chars().all(safe) {
        return Err(refused("the message id"));
    }
    let mailbox = |address: &str, name: Option<&str>| {
        let name = name.map(single_line).filter(|name| !name.is_empty());
        address.parse::<Address>().map(|address| Mailbox::new(name, address))
    };
    let from =
        mailbox(letter.from.as_str(), letter.from_name.as_deref()).map_err(|_| refused("the sender's address"))?;
    let to = mailbox(letter.to.as_str(), letter.to_name.as_deref()).map_err(|_| refused("the recipient's address"))?;
    let part = |kind, content: &str| SinglePart::builder().header(kind).body(encoded(content, encoding));
    Message::builder()
        .from(from)
        .to(to)
        .subject(single_line(&letter.subject))
        .date(SystemTime::from(letter.date))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .header(AutoSubmitted)
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
                .singlepart(part(ContentType::TEXT_HTML, &letter.html)),
        )
        .map_err(|_| SendError::Permanent("the mail could not be put together".to_owned()))
}

fn encoded(content: &str, encoding: Option<ContentTransferEncoding>) -> Body {
    encoding
        .and_then(|encoding| Body::new_with_encoding(content.to_owned(), encoding).ok())
        .unwrap_or_else(|| Body::new(content.to_owned()))
}

/// Writes to a name of its own first, so that a reader never sees half a mail. The last name follows from the letter, so
/// a second attempt replaces the first.
fn write_file(folder: &Path, letter: &Letter, message: &[u8]) -> io::Result<()> {
    let name = format!("{}-{}", letter.date.strftime("%Y%m%dT%H%M%SZ"), letter.message_id);
    let unfinished = folder.join(format!(".{name}.tmp"));
    let written = fs::write(&unfinished, message)
        .and_then(|()| fs::File::open(&unfinished)?.sync_all())
        .and_then(|()| fs::rename(&unfinished, folder.join(format!("{name}.eml"))));
    if written.is_err() {
        // What it leaves behind is of no use; that it can't be removed is no second failure.
        drop(fs::remove_file(&unfinished));
    }
    written
}

/// Tells other programs not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
