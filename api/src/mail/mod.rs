//! Mail: a template and a context make a letter, and the letter goes to the mail server or into a folder.
//!
//! Rendering is pure and sending is one synchronous call, for the worker that claims mail jobs. A letter contains
//! one-time links. So neither the letter nor its context can be printed with `{:?}`, and no error quotes them.

mod proof;
mod render;
mod smtp;
mod transport;

#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;

pub use proof::{PROOF_HEADER, PROOF_LASTS, Proven, make as proof, read as read_proof};
pub use render::{Context, Notice, RenderError, Rendered, Renderer};
pub use transport::{SendError, Transport};

use domain::{Instant, value::EmailAddress};
use std::fmt;

/// A mail that is ready to be sent.
#[derive(Clone)]
pub struct Letter {
    /// The sender's address.
    pub from: EmailAddress,
    /// The sender's name: the garage's, or the platform's.
    pub from_name: Option<String>,
    /// The recipient's address.
    pub to: EmailAddress,
    /// The recipient's name.
    pub to_name: Option<String>,
    /// The subject, one line.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The id that [`message_id`] makes: the same for each attempt at a job.
    pub message_id: String,
    /// What [`proof`] makes, for delivery reports.
    pub proof: String,
    /// Where answers go, when that is not the sender's address.
    pub reply_to: Option<EmailAddress>,
    /// The address of the page on which one leaves off, for the button of mail programs (RFC 8058).
    pub unsubscribe: Option<String>,
    /// When the mail was requested, not when it is sent: the same for each attempt at a job.
    pub date: Instant,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// The message id of a job's mail, without angle brackets: the job's id at the sender's domain. It proves nothing, since every
/// reply to the mail repeats it.
pub fn message_id(job: impl fmt::Display, from: &EmailAddress) -> String {
    let address = from.sent();
    let domain = address.rsplit('@').next().unwrap_or("localhost");
    format!("{job}@{domain}")
}

/// `input` as one line: control characters, direction overrides and repeated white space become one space, so that a
/// name can add neither a header nor a paragraph.
fn single_line(input: &str) -> String {
    let plain: String = input.chars().map(|c| if breaks_line(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `input` as a header has it: one line, in which nothing is read as an encoded word (RFC 2047). Otherwise a name such as
/// `=?utf-8?q?...?=` would be shown as whatever it encodes.
fn header_text(input: &str) -> String {
    single_line(input).replace("=?", "= ?")
}

/// `input` so that mail programs make no link of it: behind each point of what looks like a domain, and behind the colon of a
/// scheme, stands a character that nobody sees. An e-mail address stays as it is, so that it can be copied.
pub fn without_links(input: &str) -> String {
    input.split(' ').map(word_without_links).collect::<Vec<_>>().join(" ")
}

fn word_without_links(word: &str) -> String {
    const BREAK: char = '\u{200C}';
    if EmailAddress::parse(word).is_ok() {
        return word.to_owned();
    }
    let mut shown = String::with_capacity(word.len());
    let mut before = ' ';
    for (at, c) in word.char_indices() {
        shown.push(c);
        let rest = word.get(at + c.len_utf8()..).unwrap_or_default();
        let leads_on = match c {
            // "B.V." and "J.P." are no domains: the last part of one has two letters at least.
            '.' => before.is_alphanumeric() && rest.chars().take_while(|next| next.is_alphabetic()).nth(1).is_some(),
            ':' => rest.starts_with('/'),
            _ => false,
        };
        if leads_on {
            shown.push(BREAK);
        }
        before = c;
    }
    shown
}

fn breaks_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
