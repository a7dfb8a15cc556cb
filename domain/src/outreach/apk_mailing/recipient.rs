//! Who is mailed, who is left out, and what became of each letter (rules ML2 to ML4).

use super::selection::Selection;
use crate::{Date, coded_enum};
use jiff::SignedDuration;

/// How long it takes until a car can be mailed once more again, and until letters to a mailbox count no longer (rule ML4).
pub const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The most letters of a garage's mailings that a mailbox gets within [`AGAIN_AFTER`] (rule ML4).
pub const MOST_OF_MAILBOX: usize = 10;

coded_enum! {
    /// Why a car is left out of a mailing. Of several reasons the first in this order is told: those first that concern the
    /// customer, whom no mailing reaches until they are mended, and then those that concern this expiry.
    pub enum LeftOut {
        /// The customer has no e-mail.
        NoAddress => "no_address",
        /// The customer objected to mailings (rule ML3). Before what can be mended about the address: whoever objected is not
        /// mailed at another one either.
        Objected => "objected",
        /// The address refused mail, or its holder complained.
        Suppressed => "suppressed",
        /// The address was not got as the law asks, and there is no consent (rule ML3).
        NoBasis => "no_basis",
        /// The APK does not expire in the selected days, or no longer on the day for which the car was chosen.
        AlreadyInspected => "already_inspected",
        /// An appointment for the APK stands.
        AlreadyPlanned => "already_planned",
        /// The car was mailed for this expiry (rule ML4).
        AlreadyMailed => "already_mailed",
        /// The car was mailed once more less than [`AGAIN_AFTER`] ago (rule ML4).
        AgainTooSoon => "again_too_soon",
        /// The mailbox got [`MOST_OF_MAILBOX`] letters of the garage within [`AGAIN_AFTER`] (rule ML4).
        MailboxHasEnough => "mailbox_has_enough",
        /// The mailing was stopped before the letter went out.
        Stopped => "stopped",
        /// The garage does not keep the passport any more, or it was archived.
        CarGone => "car_gone",
    }
}

/// What is known of a car and its customer when it is decided whether it is mailed: for the preview, when the mailing begins,
/// and again when the letter is sent.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any of them can hold together")]
pub struct Candidate<'a> {
    /// Whether the customer has an e-mail.
    pub has_address: bool,
    /// Whether the customer objected to mailings.
    pub objected: bool,
    /// Whether the address is suppressed.
    pub suppressed: bool,
    /// Whether the customer may be mailed at this address: [`crate::customer::may_be_mailed`].
    pub may_be_mailed: bool,
    /// Whether an appointment for the APK stands.
    pub is_planned: bool,
    /// The last day on which the APK is valid; none when it is not known.
    pub expiry: Option<Date>,
    /// The expiry for which the car was chosen when the mailing began; none before.
    pub chosen_for: Option<Date>,
    /// Which cars the mailing is for.
    pub selection: &'a Selection,
    /// Whether a letter of another mailing counts for this expiry: [`Outcome::claims`].
    pub mailed_for_this_expiry: bool,
    /// Whether the garage wants this car mailed again. It lifts [`LeftOut::AlreadyMailed`] and nothing else.
    pub forced: bool,
    /// Whether it was mailed because the garage wanted that less than [`AGAIN_AFTER`] ago: it is for a mistake, and not for a series.
    pub forced_lately: bool,
    /// How many letters of the garage's mailings the mailbox got within [`AGAIN_AFTER`], or is to get.
    pub letters_to_mailbox: usize,
}

/// Why a car is left out; none when it is mailed. A mailing that was stopped is not asked any more.
pub fn decide(candidate: &Candidate<'_>) -> Option<LeftOut> {
    let is_of_selection = candidate.expiry.is_some_and(|expiry| {
        candidate.selection.contains(expiry) && candidate.chosen_for.is_none_or(|chosen| chosen == expiry)
    });
    let reasons = [
        (!candidate.has_address, LeftOut::NoAddress),
        (candidate.objected, LeftOut::Objected),
        (candidate.suppressed, LeftOut::Suppressed),
        (!candidate.may_be_mailed, LeftOut::NoBasis),
        (!is_of_selection, LeftOut::AlreadyInspected),
        (candidate.is_planned, LeftOut::AlreadyPlanned),
        (candidate.mailed_for_this_expiry && !candidate.forced, LeftOut::AlreadyMailed),
        (candidate.mailed_for_this_expiry && candidate.forced_lately, LeftOut::AgainTooSoon),
        (candidate.letters_to_mailbox >= MOST_OF_MAILBOX, LeftOut::MailboxHasEnough),
    ];
    reasons.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
}

coded_enum! {
    /// What became of the letter to one recipient (rule ML4).
    pub enum Outcome {
        /// It has not gone out yet.
        Waiting => "waiting",
        /// The mail server took it.
        Sent => "sent",
        /// The mail server refused it.
        Failed => "failed",
        /// Nobody knows whether it went out, so it is not sent again.
        Unknown => "unknown",
        /// The car was left out, for a reason that stands beside it.
        LeftOut => "left_out",
        /// The mailing was stopped before.
        Stopped => "stopped",
    }
}

impl Outcome {
    /// Whether the car counts as mailed for its expiry, so that no other mailing writes about it (rule ML4). In doubt it does.
    pub const fn claims(self) -> bool {
        match self {
            Self::Waiting | Self::Sent | Self::Unknown => true,
            Self::Failed | Self::LeftOut | Self::Stopped => false,
        }
    }
}
