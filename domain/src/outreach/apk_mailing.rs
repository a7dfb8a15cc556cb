//! A garage's mailing to customers whose APK expires (*APK-mailing*, rules ML1 to ML4): what it says, whom it is for, who
//! is left out, and its life from a draft to its end.
//!
//! Nobody is mailed because a mailing says so: whether a car is mailed is decided anew when its letter is sent, by what is
//! known then. Everything here is the same for the preview and for the sending.

mod fill;
mod link;
mod placeholder;
mod price;
mod recipient;
mod scan;
mod selection;
mod table;
mod text;

#[cfg(test)]
mod tests;

pub use fill::{Filled, Values};
pub use link::{Segment, segments};
pub use placeholder::Placeholder;
pub use recipient::{AGAIN_AFTER, Candidate, LeftOut, MOST_OF_MAILBOX, Outcome, decide};
pub use selection::{MAX_DAYS, MAX_FORCED, Selection, SelectionRefused};
pub use table::csv_cell;
pub use text::{MAX_BODY, MAX_LINKS, MAX_SUBJECT, MailingText, TextFault, TextField, TextRefused};

use crate::{
    Instant, coded_enum,
    ids::{AccountId, ApkMailingId, GarageId},
};
use jiff::SignedDuration;

/// How long ago a chosen moment may be: who chooses this minute should not be refused because the clock went on.
pub const LATENESS: SignedDuration = SignedDuration::from_mins(1);

/// How far ahead a mailing can be planned.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);

coded_enum! {
    /// The life of a mailing (rule ML4).
    pub enum MailingStatus {
        /// It is being written, and nothing is sent.
        Draft => "draft",
        /// It will be sent at its moment.
        Scheduled => "scheduled",
        /// Its letters are going out.
        Sending => "sending",
        /// All letters were dealt with.
        Sent => "sent",
        /// Someone stopped it; what had gone out stays listed.
        Stopped => "stopped",
    }
}

coded_enum! {
    /// Why a command on a mailing is refused.
    pub enum MailingRefusal {
        /// Letters may have gone out already, or it was stopped, so what it says, whom it is for and when it is sent stay as
        /// they are.
        HasBegun => "mailing_has_begun",
        /// It is scheduled, and made a draft again before it is deleted.
        IsScheduled => "mailing_is_scheduled",
        /// It was stopped before it began; it stays on record.
        WasStopped => "mailing_was_stopped",
        /// It is a draft, so there is nothing to take back or to stop.
        NotBegun => "mailing_not_begun",
        /// It was sent or stopped, so there is nothing to stop any more.
        HasEnded => "mailing_has_ended",
        /// The chosen moment is over.
        MomentOver => "mailing_moment_over",
        /// The chosen moment is more than a year ahead.
        MomentTooFar => "mailing_moment_too_far",
    }
}

/// A garage's mailing to customers whose APK expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkMailing {
    /// Its id.
    pub id: ApkMailingId,
    /// The garage that mails its own customers.
    pub garage_id: GarageId,
    /// Draft, scheduled, sending, sent or stopped.
    pub status: MailingStatus,
    /// What it says.
    pub text: MailingText,
    /// Which cars it is for.
    pub selection: Selection,
    /// When it is sent; none as long as it is a draft.
    pub send_at: Option<Instant>,
    /// Who of the garage's staff made it.
    pub created_by: AccountId,
    /// When its letters began to go out; none before, and when it was stopped before.
    pub begun_at: Option<Instant>,
    /// When it was sent or stopped.
    pub ended_at: Option<Instant>,
    /// Raised by one with each change.
    pub version: i64,
}

impl ApkMailing {
    /// A new mailing, which is a draft (rule ML2).
    pub fn draft(
        id: ApkMailingId,
        garage_id: GarageId,
        text: MailingText,
        selection: Selection,
        created_by: AccountId,
    ) -> Self {
        Self {
            id,
            garage_id,
            status: MailingStatus::Draft,
            text,
            selection,
            send_at: None,
            created_by,
            begun_at: None,
            ended_at: None,
            version: 1,
        }
    }

    /// Changes what it says and whom it is for. A mailing that is scheduled stays so.
    pub fn change(&self, text: MailingText, selection: Selection) -> Result<Self, MailingRefusal> {
        self.check_not_begun()?;
        Ok(Self { text, selection, ..self.clone() })
    }

    /// Schedules it for a moment, or for now, or chooses another moment.
    pub fn schedule(&self, at: Option<Instant>, now: Instant) -> Result<Self, MailingRefusal> {
        self.check_not_begun()?;
        let ahead = at.unwrap_or(now).duration_since(now);
        if ahead < -LATENESS {
            return Err(MailingRefusal::MomentOver);
        }
        if ahead > FURTHEST {
            return Err(MailingRefusal::MomentTooFar);
        }
        let send_at = at.map_or(now, |at| at.max(now));
        Ok(Self { status: MailingStatus::Scheduled, send_at: Some(send_at), ..self.clone() })
    }

    /// Makes a scheduled mailing a draft again.
    pub fn unschedule(&self) -> Result<Self, MailingRefusal> {
        self.check_not_begun()?;
        if self.status == MailingStatus::Draft {
            return Err(MailingRefusal::NotBegun);
        }
        Ok(Self { status: MailingStatus::Draft, send_at: None, ..self.clone() })
    }

    /// Begins to send a mailing whose moment has come. None for any other, such as one that was taken back or stopped
    /// meanwhile.
    pub fn begin(&self, now: Instant) -> Option<Self> {
        let is_due = self.status == MailingStatus::Scheduled && self.send_at.is_some_and(|at| at <= now);
        is_due.then(|| Self { status: MailingStatus::Sending, begun_at: Some(now), ..self.clone() })
    }

    /// Ends a mailing all of whose letters were dealt with. None for one that is not being sent, such as one that was stopped
    /// meanwhile.
    pub fn finish(&self, now: Instant) -> Option<Self> {
        let is_sending = self.status == MailingStatus::Sending;
        is_sending.then(|| Self { status: MailingStatus::Sent, ended_at: Some(now), ..self.clone() })
    }

    /// Stops it: no letter goes out any more (rule ML4). A stopped mailing is never taken up again.
    pub fn stop(&self, now: Instant) -> Result<Self, MailingRefusal> {
        match self.status {
            MailingStatus::Draft => Err(MailingRefusal::NotBegun),
            MailingStatus::Sent | MailingStatus::Stopped => Err(MailingRefusal::HasEnded),
            MailingStatus::Scheduled | MailingStatus::Sending => {
                Ok(Self { status: MailingStatus::Stopped, ended_at: Some(now), ..self.clone() })
            }
        }
    }

    /// Whether it may be deleted: a mailing that was sent stays on record.
    pub const fn may_delete(&self) -> Result<(), MailingRefusal> {
        match self.status {
            MailingStatus::Draft => Ok(()),
            MailingStatus::Scheduled => Err(MailingRefusal::IsScheduled),
            MailingStatus::Sending | MailingStatus::Sent | MailingStatus::Stopped => Err(self.is_over()),
        }
    }

    /// Why nothing of it changes any more.
    const fn is_over(&self) -> MailingRefusal {
        match (self.status, self.begun_at) {
            (MailingStatus::Stopped, None) => MailingRefusal::WasStopped,
            _ => MailingRefusal::HasBegun,
        }
    }

    /// Refuses what needs that it has not begun.
    pub fn check_not_begun(&self) -> Result<(), MailingRefusal> {
        match self.status {
            MailingStatus::Draft | MailingStatus::Scheduled => Ok(()),
            MailingStatus::Sending | MailingStatus::Sent | MailingStatus::Stopped => Err(self.is_over()),
        }
    }
}
