//! Mail: from a template and what it is about to a letter, and from a letter to the mail server or a folder.
//!
//! Rendering is pure and sending is one synchronous call, for the worker that claims mail jobs. A letter holds one-time
//! links, so neither it nor what it was made of can be printed with `{:?}`, and no error quotes it.

mod render;
mod transport;

#[cfg(test)]
mod tests;

pub use render::{Context, RenderError, Rendered, Renderer};
pub use transport::{SendError, Transport};

use domain::{Instant, value::EmailAddress};
use std::fmt;

/// A mail, ready to be sent.
#[derive(Clone)]
pub struct Letter {
    /// The address it comes from.
    pub from: EmailAddress,
    /// The name shown with it: the garage's, or the platform's.
    pub from_name: Option<String>,
    /// The address it goes to.
    pub to: EmailAddress,
    /// The name shown with it.
    pub to_name: Option<String>,
    /// One line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// As [`message_id`] makes it: the same for each attempt at one job.
    pub message_id: String,
    /// When the mail was asked for, not when it is tried: the same for each attempt at one job.
    pub date: Instant,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// The message id of a job's mail, without angle brackets: the job's id at the sender's domain.
pub fn message_id(job: impl fmt::Display, from: &EmailAddress) -> String {
    let domain = from.as_str().rsplit('@').next().unwrap_or("localhost");
    format!("{job}@{domain}")
}

/// `input` in one line: control characters, direction overrides and runs of white space become one space, so that a
/// name can neither add a header nor a paragraph.
fn single_line(input: &str) -> String {
    let plain: String = input.chars().map(|c| if breaks_line(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn breaks_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
