//! The two ways to send a letter: as a file in a folder, or to a mail server over SMTP.
//!
//! A failure says what is known about the mail: that it was certainly not accepted, or that nobody knows, since the connection
//! broke after the mail was sent to its end. Whether it is then tried again is for the caller to decide. Errors contain reply codes
//! and causes, and of the text of a reply the plain words alone: mail servers quote what they refuse, and a mail contains addresses
//! and one-time links.

use super::{
    Letter, PROOF_HEADER, header_text,
    smtp::{Failed, MailServer},
};
use crate::private;
use domain::delivery_report::means_no_mailbox;
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use std::{
    error::Error as StdError,
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The most bytes that a line of a mail may have, without its end.
const LONGEST_LINE: usize = 998;

/// Where letters are sent.
pub enum Transport {
    /// Into this folder, each as an `.eml` file.
    Files(PathBuf),
    /// To a mail server.
    Smtp(Box<MailServer>),
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(folder) => f.debug_tuple("Files").field(folder).finish(),
            Self::Smtp(server) => f.debug_tuple("Smtp").field(server).finish(),
        }
    }
}

/// Why a letter was not sent, or may not have been sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The mail was not accepted, and may be tried again.
    #[error("the mail was not accepted for now: {0}")]
    Temporary(String),
    /// The mail server answers, and does not take mail for this recipient for now, as when it greylists. It may be tried again.
    #[error("the recipient was not accepted for now: {0}")]
    NotNow(String),
    /// The mail was refused, and would be refused again.
    #[error("the mail was refused: {0}")]
    Permanent(String),
    /// The mail was refused, since there is no mailbox with the recipient's address (rule CH3).
    #[error("there is no such mailbox: {0}")]
    NoMailbox(String),
    /// The connection broke at a moment when the mail may have been accepted. Who sends it again must accept that it may
    /// arrive twice.
    #[error("it is not known whether the mail was accepted: {0}")]
    Unknown(String),
}

impl Transport {
    /// Uses the mail server if an address is given, else the folder, which is made if it is missing.
    ///
    /// `smtps://user:password@host` uses TLS from the start, `smtp://…?tls=required` uses STARTTLS, and `smtp://` alone
    /// is not encrypted.
    pub fn from_config(smtp_url: Option<&str>, folder: &Path) -> Result<Self, String> {
        if let Some(url) = smtp_url {
            // What is wrong is left out, since it could quote the address with the password.
            let server = MailServer::from_url(url).ok_or(
                "the SMTP address must look like smtps://user:password@host:port, smtp://host:port?tls=required or \
                 smtp://host:port",
            )?;
            return Ok(Self::Smtp(Box::new(server)));
        }
        private::create_folder(folder).map_err(|error| format!("the mail folder {}: {error}", folder.display()))?;
        Ok(Self::Files(folder.to_owned()))
    }

    /// Sends a letter, and waits until it is sent. Call it only where blocking is allowed.
    pub fn send(&self, letter: &Letter) -> Result<(), SendError> {
        match self {
            Self::Files(folder) => {
                let message = compose(letter, as_it_reads)?;
                write_file(folder, letter, &message.formatted())
                    .map_err(|error| SendError::Temporary(format!("writing the mail's file: {error}")))
            }
            Self::Smtp(server) => send_smtp(server, &compose(letter, Body::new)?),
        }
    }

    /// Gives up what is held for the next letter and was not used for a while. It is called now and then.
    pub fn rest(&self) {
        if let Self::Smtp(server) = self {
            server.rest();
        }
    }
}

fn send_smtp(server: &MailServer, message: &Message) -> Result<(), SendError> {
    server.send(message).map_err(|failed| match failed {
        // A wrong password, or a server that refuses everyone today, is no reason to give up this mail.
        Failed::Connecting(error) => SendError::Temporary(describe(&error)),
        Failed::NoText => SendError::Permanent("the mail could not be put together".to_owned()),
        Failed::Lacking => SendError::Permanent("the mail server lacks what this address needs".to_owned()),
        Failed::Before(error) => match replied(&error) {
            // Who may not send learns nothing of the recipient's mailbox, whatever the code of the reply.
            Some(SendError::NoMailbox(reason)) => SendError::Permanent(reason),
            Some(said) => said,
            None => SendError::Temporary(describe(&error)),
        },
        Failed::Recipient(error) => match replied(&error) {
            Some(SendError::Temporary(reason)) => SendError::NotNow(reason),
            Some(said) => said,
            None => SendError::Temporary(describe(&error)),
        },
        Failed::OutOfStep => SendError::Temporary("the mail server answered more often than it was asked".to_owned()),
        // If the connection broke, or the reply cannot be read, the server may already have accepted the mail.
        Failed::After(error) => replied(&error).unwrap_or_else(|| SendError::Unknown(describe(&error))),
        Failed::Unclear => SendError::Unknown("the mail server said neither yes nor no".to_owned()),
    })
}

/// What a reply says about the mail: after one it is clear, at any stage. None when there was no reply that could be read.
fn replied(error: &smtp::Error) -> Option<SendError> {
    let description = describe(error);
    if error.is_permanent() {
        let code = reply_code(error).unwrap_or_default();
        Some(if means_no_mailbox(&code) {
            SendError::NoMailbox(description)
        } else {
            SendError::Permanent(description)
        })
    } else {
        error.is_transient().then_some(SendError::Temporary(description))
    }
}

fn describe(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        let reply = error.source().map(ToString::to_string).unwrap_or_default();
        let enhanced = enhanced_code(&reply);
        let said = said(reply.trim().strip_prefix(enhanced.as_deref().unwrap_or_default()).unwrap_or_default());
        let enhanced = enhanced.map_or_else(String::new, |enhanced| format!(" {enhanced}"));
        let said = if said.is_empty() { said } else { format!(": {said}") };
        return format!("reply {code}{enhanced}{said}");
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

/// The status code of a reply, or its reply code when it has none.
fn reply_code(error: &smtp::Error) -> Option<String> {
    let enhanced = error.source().map(ToString::to_string).as_deref().and_then(enhanced_code);
    enhanced.or_else(|| error.status().map(|code| code.to_string()))
}

/// How many characters of what a mail server said are kept.
const MAX_SAID: usize = 100;
/// The longest word of it that is kept.
const MAX_WORD: usize = 20;

/// What a mail server said, as far as it is words: it may quote addresses, links and whatever else stands in the mail.
fn said(reply: &str) -> String {
    let is_sign = |c: char| c.is_alphabetic() || ".,:;()'!-".contains(c);
    let is_word = |word: &str| word.chars().count() <= MAX_WORD && word.chars().all(is_sign);
    let mut words: Vec<&str> = reply.split_whitespace().map(|word| if is_word(word) { word } else { "…" }).collect();
    words.dedup_by(|next, before| *next == "…" && *before == "…");
    let line = words.join(" ");
    match line.char_indices().nth(MAX_SAID) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
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

fn compose(letter: &Letter, encode: fn(String) -> Body) -> Result<Message, SendError> {
    let refused = |what: &str| SendError::Permanent(format!("{what} cannot stand in a mail's header"));
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    if letter.message_id.is_empty() || !letter.message_id.chars().all(safe) {
        return Err(refused("the message id"));
    }
    if letter.proof.is_empty() || !letter.proof.chars().all(safe) {
        return Err(refused("the proof"));
    }
    let mailbox = |address: &str, name: Option<&str>| {
        let name = name.map(header_text).filter(|name| !name.is_empty());
        address.parse::<Address>().map(|address| Mailbox::new(name, address))
    };
    let from =
        mailbox(&letter.from.sent(), letter.from_name.as_deref()).map_err(|_| refused("the sender's address"))?;
    let to = mailbox(&letter.to.sent(), letter.to_name.as_deref()).map_err(|_| refused("the recipient's address"))?;
    let reply_to = letter.reply_to.as_ref().map(|address| mailbox(&address.sent(), letter.from_name.as_deref()));
    let reply_to = reply_to.transpose().map_err(|_| refused("the address for answers"))?;
    let part = |kind, content: &str| SinglePart::builder().header(kind).body(encode(content.to_owned()));
    let mut message = Message::builder().from(from).to(to);
    if let Some(address) = reply_to {
        message = message.reply_to(address);
    }
    if let Some(link) = &letter.unsubscribe {
        if !link.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>')) {
            return Err(refused("the link to leave off"));
        }
        message = message.header(ListUnsubscribe(format!("<{link}>"))).header(ListUnsubscribePost);
    }
    message
        .subject(header_text(&letter.subject))
        .date(SystemTime::from(letter.date))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .header(AutoSubmitted)
        .header(Proof(letter.proof.clone()))
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
                .singlepart(part(ContentType::TEXT_HTML, &letter.html)),
        )
        .map_err(|_| SendError::Permanent("the mail could not be put together".to_owned()))
}

/// A part as people read it in a file: nothing is encoded, so a link is one whole line, which can be copied. Only a line
/// that is longer than a mail's lines may be (RFC 5322) is encoded, with the part that it is in.
fn as_it_reads(content: String) -> Body {
    if content.lines().any(|line| line.len() > LONGEST_LINE) {
        return Body::new(content);
    }
    let lines: Vec<&str> = content.lines().collect();
    Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), ContentTransferEncoding::EightBit)
}

/// Writes the file under a temporary name first, so that a reader never sees half a mail. The final name is derived
/// from the letter, so a second attempt replaces the first.
fn write_file(folder: &Path, letter: &Letter, message: &[u8]) -> io::Result<()> {
    let name = format!("{}-{}", letter.date.strftime("%Y%m%dT%H%M%SZ"), letter.message_id);
    let unfinished = folder.join(format!(".{name}.tmp"));
    let written = private::create_file(&unfinished)
        .and_then(|mut file| file.write_all(message).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, folder.join(format!("{name}.eml"))));
    if written.is_err() {
        // The unfinished file is of no use. If it cannot be removed, that is not another failure.
        drop(fs::remove_file(&unfinished));
    }
    written
}

/// The page on which one leaves off (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        // On one line: where others folded it, signatures of the mail broke.
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

/// That a mail program may use that page with one click (RFC 8058).
#[derive(Clone)]
struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// What proves to whom the mail went, to a delivery report alone (rule CH3).
#[derive(Clone)]
struct Proof(String);

impl Header for Proof {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str(PROOF_HEADER)
    }

    fn parse(text: &str) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

/// A header that asks other programs not to reply automatically (RFC 3834).
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
