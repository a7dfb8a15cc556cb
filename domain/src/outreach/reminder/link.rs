//! When someone is reminded of a mailed link that they did not use: of an invitation, or of the offer of a car (rule RM1).

use super::Offsets;
use crate::{
    Date, Instant, days_between,
    invitation::{Invitation, PurposeKind},
    value::ReminderItem,
};
use jiff::{ToSpan, tz::TimeZone};

impl PurposeKind {
    /// As what one is reminded of a link with this purpose; none for a link that its holder asked for a moment ago.
    pub const fn reminder(self) -> Option<ReminderItem> {
        match self {
            Self::Passport | Self::Fleet | Self::Staff => Some(ReminderItem::Invitation),
            Self::Transfer => Some(ReminderItem::Offer),
            Self::PasswordReset | Self::EmailChange => None,
        }
    }
}

/// A link of which one may be reminded.
#[derive(Clone, Debug)]
pub struct ExpiringLink {
    /// The link.
    pub invitation: Invitation,
    /// When it was mailed.
    pub mailed_at: Instant,
}

/// What a look at a link finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkLook {
    /// Its recipient is reminded now, and never again: nobody's mailbox is filled with reminders of one link.
    Remind,
    /// It is looked at again on this day.
    Later(Date),
    /// There will be no reminder of it.
    Never,
}

/// Decides about a link at an instant (rule RM1). Its due day is the day at the garage on which it ends. An offset whose day had
/// come when the link was mailed does not count: the mail itself was as late.
pub fn look_at_link(link: &ExpiringLink, offsets: &Offsets, now: Instant, zone: &TimeZone) -> LinkLook {
    let day = |at: Instant| zone.to_datetime(at).date();
    let (invitation, today) = (&link.invitation, day(now));
    if invitation.check(now).is_err() || invitation.purpose.kind().reminder().is_none() {
        return LinkLook::Never;
    }
    let due_on = day(invitation.expires_at);
    let mailed = days_between(due_on, day(link.mailed_at));
    let next = offsets.days().find(|offset| *offset > mailed);
    match next {
        None => LinkLook::Never,
        Some(offset) if offset <= days_between(due_on, today) => LinkLook::Remind,
        Some(offset) => due_on.checked_add(offset.days()).map_or(LinkLook::Never, LinkLook::Later),
    }
}
