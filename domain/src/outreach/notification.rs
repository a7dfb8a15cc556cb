//! What an account is told in the app, and by which ways it wants to be told (rules N2, N3 and N5).

use crate::{
    Instant, coded_enum,
    consequence::{Class, Template},
    ids::{AccountId, EventId, NotificationId, PassportId},
};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// For how long a notification is kept (rule N5).
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The most notifications of one account that are kept and counted as unread: a list that nobody reads to its end helps
/// nobody. The oldest go first.
pub const MOST_UNREAD: usize = 1000;

coded_enum! {
    /// A way by which an account is told.
    pub enum Channel {
        /// In the app, where it stays until it is read.
        InApp => "in_app",
        /// By e-mail.
        Email => "email",
        /// By a message to the account's devices.
        Push => "push",
    }
}

/// What an account is told (rule N2): of one kind, about one event, in the language of the account when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub account: AccountId,
    /// The event that it follows from; with the account and the kind it is made once.
    pub cause: EventId,
    /// The kind.
    pub kind: Template,
    /// The car that it is about, if it is about one.
    pub passport: Option<PassportId>,
    /// What happened, in one line.
    pub title: String,
    /// What happened and what to do, in paragraphs that are separated by blank lines.
    pub text: String,
    /// Where in the app it leads: a path that begins with `/`.
    pub link: Option<String>,
    /// When it was made.
    pub made_at: Instant,
    /// When it was read.
    pub read_at: Option<Instant>,
}

/// What an account does not want to hear, by kind and channel. Everything else it hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    off: BTreeSet<(Template, Channel)>,
}

/// Why a setting is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingRefused {
    /// Messages about the account itself cannot be switched off (rule N3).
    AlwaysTold,
}

impl Settings {
    /// The settings as they were stored: what is switched off. What cannot be switched off any more is on.
    pub fn stored(off: impl IntoIterator<Item = (Template, Channel)>) -> Self {
        Self { off: off.into_iter().filter(|(kind, _)| can_be_switched(*kind)).collect() }
    }

    /// Whether the account hears of this kind by this channel (rule N3).
    pub fn wants(&self, kind: Template, channel: Channel) -> bool {
        !self.off.contains(&(kind, channel))
    }

    /// Switches a kind on or off for a channel.
    pub fn set(&mut self, kind: Template, channel: Channel, wanted: bool) -> Result<(), SettingRefused> {
        if wanted {
            self.off.remove(&(kind, channel));
        } else if can_be_switched(kind) {
            self.off.insert((kind, channel));
        } else {
            return Err(SettingRefused::AlwaysTold);
        }
        Ok(())
    }

    /// What is switched off, in the order of the kinds.
    pub fn off(&self) -> impl Iterator<Item = (Template, Channel)> {
        self.off.iter().copied()
    }
}

/// Whether messages of a kind can be switched off (rule N3).
pub const fn can_be_switched(kind: Template) -> bool {
    !matches!(kind.class(), Class::Account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n3_everything_is_told_until_it_is_switched_off() {
        let mut settings = Settings::default();
        for kind in Template::ALL {
            for channel in Channel::ALL {
                assert!(settings.wants(*kind, *channel));
                let switched = settings.set(*kind, *channel, false);
                let expected = if kind.class() == Class::Account { Err(SettingRefused::AlwaysTold) } else { Ok(()) };
                assert_eq!(switched, expected, "{kind:?}");
                assert_eq!(settings.wants(*kind, *channel), kind.class() == Class::Account);
            }
        }
        settings.set(Template::CheckReady, Channel::Email, true).unwrap();
        assert!(settings.wants(Template::CheckReady, Channel::Email));
        assert!(!settings.wants(Template::CheckReady, Channel::InApp), "by channel");
        assert_eq!(settings.set(Template::PasswordChanged, Channel::Email, true), Ok(()), "it is on already");
        assert_eq!(Settings::stored(settings.off()), settings);
    }

    #[test]
    fn n3_what_was_stored_switches_no_security_off() {
        let stored = Settings::stored([(Template::PasswordChanged, Channel::Email)]);
        assert!(stored.wants(Template::PasswordChanged, Channel::Email));
        assert_eq!(stored, Settings::default());
    }
}
