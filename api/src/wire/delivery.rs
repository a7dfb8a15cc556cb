//! What became of the mail with a link, as the garage sees it.

use super::Moment;
use crate::enum_scalars;
use domain::invitation::{Delivery, DeliveryReason};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What became of the mail with a link.
    LinkDeliveryStatus(domain::invitation::DeliveryStatus), "What became of the mail. Queued: it waits to be sent, or to be tried again. Sent: the recipient's mail server took it, and nothing came back. Failed: it did not go out, or it came back. Unknown: nobody can tell, or it was mailed before this was written down.";
    /// Why a mail has not arrived.
    LinkDeliveryReasonCode(domain::invitation::DeliveryReason), "Why the mail has not arrived. Delayed: the mail server does not take it for now; it is tried again for two days. No mailbox: the mail server knows no such mailbox. Bounced: it came back. Suppressed: earlier mail to the address came back, so nothing is mailed to it. Refused: the mail server refused it. Given up: no mail server took it in two days. Unclear: the connection broke off while it was sent, each time.";
}

/// What became of the latest mail with a link, as far as it is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "status": "failed",
    "at": "2026-03-01T09:31:00Z",
    "reason": {
        "code": "no_mailbox",
        "nl": "Dit e-mailadres bestaat niet. Verbeter het adres.",
        "en": "There is no such mailbox. Correct the address."
    }
}))]
pub struct LinkDelivery {
    /// What became of the mail.
    pub status: LinkDeliveryStatus,
    /// Since when that is so; null when it is not known.
    pub at: Option<Moment>,
    /// Why the mail has not arrived; null when nothing is wrong, or nothing is known.
    pub reason: Option<LinkDeliveryReason>,
}

/// Why a mail has not arrived, in words too.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "bounced",
    "nl": "Het bericht kwam terug. Verbeter het adres.",
    "en": "The mail came back. Correct the address."
}))]
pub struct LinkDeliveryReason {
    /// Why the mail has not arrived.
    pub code: LinkDeliveryReasonCode,
    /// The same in Dutch, and what to do.
    #[schema(max_length = 200)]
    pub nl: &'static str,
    /// The same in English, and what to do.
    #[schema(max_length = 200)]
    pub en: &'static str,
}

impl LinkDelivery {
    /// What became of a mail, as it is shown.
    pub fn new(delivery: Delivery) -> Self {
        let said = |reason| {
            let (en, nl) = in_words(reason);
            LinkDeliveryReason { code: LinkDeliveryReasonCode(reason), nl, en }
        };
        Self {
            status: LinkDeliveryStatus(delivery.status),
            at: delivery.at.map(Moment),
            reason: delivery.reason.map(said),
        }
    }
}

/// A reason in English and Dutch.
const fn in_words(reason: DeliveryReason) -> (&'static str, &'static str) {
    match reason {
        DeliveryReason::Delayed => (
            "The mail server does not take it for now. It is tried again.",
            "De mailserver neemt het bericht nu niet aan. Het wordt opnieuw geprobeerd.",
        ),
        DeliveryReason::NoMailbox => {
            ("There is no such mailbox. Correct the address.", "Dit e-mailadres bestaat niet. Verbeter het adres.")
        }
        DeliveryReason::Bounced => {
            ("The mail came back. Correct the address.", "Het bericht kwam terug. Verbeter het adres.")
        }
        DeliveryReason::Suppressed => (
            "Earlier mail to this address came back, so nothing is mailed to it. Correct the address.",
            "Eerdere berichten aan dit adres kwamen terug, dus er gaat geen mail meer heen. Verbeter het adres.",
        ),
        DeliveryReason::Refused => (
            "The mail server refused it. Ask for another address.",
            "De mailserver weigerde het bericht. Vraag om een ander adres.",
        ),
        DeliveryReason::GivenUp => (
            "No mail server took it in two days. Check the address and have it mailed again.",
            "Geen mailserver nam het bericht in twee dagen aan. Controleer het adres en verstuur het opnieuw.",
        ),
        DeliveryReason::Unclear => (
            "The connection to the mail server broke off. Ask whether it arrived, or have it mailed again.",
            "De verbinding met de mailserver werd verbroken. Vraag of het bericht is aangekomen, of verstuur het opnieuw.",
        ),
    }
}
