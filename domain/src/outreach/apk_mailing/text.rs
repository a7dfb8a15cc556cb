//! What a mailing says (rule ML2): a subject and a body in plain text, with placeholders and links, and nothing that a mail
//! program or a template could take for something else.

use super::{price, scan};
use crate::coded_enum;

/// The most characters of a subject.
pub const MAX_SUBJECT: usize = 150;
/// The most characters of a body.
pub const MAX_BODY: usize = 5000;
/// The most links in a body.
pub const MAX_LINKS: usize = 20;

coded_enum! {
    /// A part of a mailing's text.
    pub enum TextField {
        /// The subject, which is one line.
        Subject => "subject",
        /// The body, which has paragraphs.
        Body => "body",
    }
}

coded_enum! {
    /// What is wrong with a text.
    pub enum TextFault {
        /// There is nothing in it.
        Blank => "blank",
        /// It has too many characters: [`MAX_SUBJECT`] or [`MAX_BODY`] are allowed.
        TooLong => "too_long",
        /// It has a control character, or one that turns the direction of the text.
        ControlCharacter => "control_character",
        /// The subject has more than one line: the others could become headers of the mail.
        LineBreak => "line_break",
        /// No placeholder has this name; [`super::Placeholder::known`] says which there are.
        UnknownPlaceholder => "placeholder_unknown",
        /// `{{` that no `}}` ends in its line.
        UnendedPlaceholder => "placeholder_unended",
        /// `}}` that no `{{` began.
        UnbegunPlaceholder => "placeholder_unbegun",
        /// A placeholder in single braces.
        SingleBraces => "placeholder_single_braces",
        /// A placeholder in the scheme or the host of a link, which would lead wherever a customer's name says.
        PlaceholderInHost => "placeholder_in_host",
        /// `{%` or `{#`, which are of a template language.
        Template => "template_syntax",
        /// HTML.
        Html => "html",
        /// A link with another scheme than `http` or `https`.
        Scheme => "link_scheme",
        /// It has more than [`MAX_LINKS`] links.
        TooManyLinks => "too_many_links",
    }
}

/// Why and where a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRefused {
    /// In the subject or in the body.
    pub field: TextField,
    /// What is wrong.
    pub fault: TextFault,
    /// In which line, from 1.
    pub line: usize,
    /// What is wrong there: at most 40 characters, or the number of a character that cannot be shown (`U+202E`).
    pub piece: String,
}

impl TextRefused {
    /// How much is allowed, when there is too much.
    pub fn most(&self) -> Option<usize> {
        match (self.fault, self.field) {
            (TextFault::TooLong, TextField::Subject) => Some(MAX_SUBJECT),
            (TextFault::TooLong, TextField::Body) => Some(MAX_BODY),
            (TextFault::TooManyLinks, _) => Some(MAX_LINKS),
            (
                TextFault::Blank
                | TextFault::ControlCharacter
                | TextFault::LineBreak
                | TextFault::UnknownPlaceholder
                | TextFault::UnendedPlaceholder
                | TextFault::UnbegunPlaceholder
                | TextFault::SingleBraces
                | TextFault::PlaceholderInHost
                | TextFault::Template
                | TextFault::Html
                | TextFault::Scheme,
                _,
            ) => None,
        }
    }
}

/// What a mailing says. Its lines end in LF and have no spaces at their ends; paragraphs are separated by one blank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingText {
    subject: String,
    body: String,
}

impl MailingText {
    /// Checks what someone wrote. What is refused comes in the order of the text, the subject first.
    pub fn parse(subject: &str, body: &str) -> Result<Self, Vec<TextRefused>> {
        match (scan::checked(TextField::Subject, subject), scan::checked(TextField::Body, body)) {
            (Ok(subject), Ok(body)) => Ok(Self { subject, body }),
            (subject, body) => Err([subject.err(), body.err()].into_iter().flatten().flatten().collect()),
        }
    }

    /// A stored text. Today's rules may refuse what was accepted once; what is no placeholder any more stays as it is when
    /// the text is filled in.
    pub fn stored(subject: String, body: String) -> Self {
        Self { subject, body }
    }

    /// The subject, with its placeholders.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The body, with its placeholders.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Whether it seems to name a price or an offer. Then the mailing is advertising in law, whatever it is about
    /// (Telecommunicatiewet 11.7). It is a guess, to warn who writes it; nothing is refused for it.
    pub fn names_price(&self) -> bool {
        price::is_named(&self.subject) || price::is_named(&self.body)
    }
}
