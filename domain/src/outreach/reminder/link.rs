//! When someone is reminded of a mailed link that is about to end: of an invitation that they did not use, or of the offer of a
//! car about which they did not decide (rule RM1).

use super::{DECENT_FROM_HOUR, Offsets};
use crate::{
    Date, Instant,
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

impl Invitation {
    /// Whether its recipient still has something to do with what it is for. A link that was used has done its work, but whoever
    /// made an account with the link of an offer has yet to decide about the offer. When the offer ends, or is mailed again, the
    /// link is revoked, also when it was used.
    pub fn waits_for_recipient(&self, now: Instant) -> bool {
        let is_offer = self.purpose.kind() == PurposeKind::Transfer;
        (self.used_at.is_none() || is_offer) && self.revoked_at.is_none() && now < self.expires_at
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

/// Decides about a link at an instant (rule RM1). Its due day is the day at the garage on which it ends. No reminder is planned
/// for a day on which there is hardly a decent hour left before the end: it comes on the last day that has one. An offset whose
/// day had come when the link was mailed does not count: the mail itself was as late.
pub fn look_at_link(link: &ExpiringLink, offsets: &Offsets, now: Instant, zone: &TimeZone) -> LinkLook {
    let day = |at: Instant| zone.to_datetime(at).date();
    let (invitation, today) = (&link.invitation, day(now));
    if !invitation.waits_for_recipient(now) || invitation.purpose.kind().reminder().is_none() {
        return LinkLook::Never;
    }
    let (due_on, mailed_on) = (day(invitation.expires_at), day(link.mailed_at));
    let last = last_day(invitation.expires_at, zone);
    let mut days = offsets.days().filter_map(|offset| due_on.checked_add(offset.days()).ok()).map(|on| on.min(last));
    match days.find(|on| *on > mailed_on) {
        None => LinkLook::Never,
        Some(on) if on <= today => LinkLook::Remind,
        Some(on) => LinkLook::Later(on),
    }
}

/// The last day at the garage that has a whole decent hour before an instant (rule RM3).
fn last_day(ends_at: Instant, zone: &TimeZone) -> Date {
    let end = zone.to_datetime(ends_at);
    if end.hour() > DECENT_FROM_HOUR { end.date() } else { end.date().yesterday().unwrap_or(Date::MIN) }
}
