//! Requests and answers of transfers.

use crate::{
    body, enum_scalars, query, sort,
    wire::{AnyOf, Days, Email, Id, LinkDelivery, Moment, Version},
};
use domain::{
    Instant,
    access::{Actor, Standing},
    coded_enum,
};
use persistence::transfer::TransferView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What the recipient of an offer becomes.
    TransferKind(domain::value::TransferKind), "What the recipient becomes. New owner: the car leaves its fleet, if it is in one. New driver: the car stays in its fleet.";
    /// The life of an offer.
    TransferStatus(domain::transfer::TransferStatus), "The status of an offer. Offered: the recipient has not decided yet. Accepted, declined: the recipient decided so. Withdrawn: the offerer took it back. Expired: nobody accepted it in time.";
    /// What someone is to an offer.
    TransferRole(Role), "The part that the account that asks has in the offer: it made it, received it, or is of the garage that keeps the passport.";
}

coded_enum! {
    /// What someone is to an offer.
    pub enum Role {
        /// The account that made the offer.
        Offerer => "offerer",
        /// The account to which the offer was made.
        Recipient => "recipient",
        /// The garage that keeps the passport.
        Garage => "garage",
    }
}

body! {
    /// An offer of a passport to a recipient.
    #[schema(example = json!({ "kind": "new_owner", "recipientEmail": "piet@pietersen.example" }))]
    pub struct NewTransfer {
        /// What the recipient becomes: the new owner or the new driver.
        pub kind: TransferKind,
        /// The e-mail of the recipient, to which the offer is mailed.
        pub recipient_email: Email,
        /// After how many days the offer expires. The default is 14.
        pub expires_in_days: Option<Days>,
    }
}

sort! {
    /// The order of offers.
    pub struct TransferSort("offeredAt");
}

query! {
    /// Which offers to list.
    pub struct TransferQuery {
        /// Only offers with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<TransferStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<TransferStatus>>,
        /// Only offers of the passport with this id.
        pub passport_id: Option<Id>,
        /// The order of the list: `offeredAt` has the oldest first and is the default; `-offeredAt` has the newest
        /// first.
        #[param(inline)]
        pub sort: Option<TransferSort>,
    }
}

/// An offer to hand a passport over, and its outcome. The offerer keeps this record, but not the data of the car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a15",
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "licencePlate": "TT-601-D",
    "kind": "new_owner",
    "status": "offered",
    "role": "offerer",
    "recipientEmail": "piet@pietersen.example",
    "recipientEmailSuggestion": null,
    "garageName": "Garage De Vries",
    "offeredAt": "2026-03-01T09:30:00Z",
    "expiresAt": "2026-03-15T09:30:00Z",
    "decidedAt": null,
    "invitationDelivery": null,
    "version": 3,
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Transfer {
    /// The id of the offer.
    pub id: Id,
    /// The id of the offered passport.
    pub passport_id: Id,
    /// The licence plate when the car was offered, as people write it.
    #[schema(max_length = 20, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ -]+$")]
    pub licence_plate: String,
    /// What the recipient becomes: the new owner or the new driver.
    pub kind: TransferKind,
    /// The status of the offer.
    pub status: TransferStatus,
    /// The part that the account that asks has in the offer.
    pub role: TransferRole,
    /// The e-mail of the recipient.
    pub recipient_email: Email,
    /// The address that was perhaps meant, when the e-mail of the recipient looks like a slip of the pen in the name of a great
    /// mail house (`gmial.com`); else null. It is a hint only.
    pub recipient_email_suggestion: Option<Email>,
    /// The name of the garage that keeps the passport.
    #[schema(max_length = 100)]
    pub garage_name: String,
    /// When the offer was made.
    pub offered_at: Moment,
    /// When the offer expires: from then on it can no longer be accepted.
    pub expires_at: Moment,
    /// When the offer ended; null while it is open, and until the server has recorded that it expired.
    pub decided_at: Option<Moment>,
    /// What became of the latest mail with the link to the offer. It is null when the offer is no longer open, and for the
    /// recipient. It is not part of the version.
    pub invitation_delivery: Option<LinkDelivery>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the offer last changed.
    pub updated_at: Moment,
}

impl Transfer {
    /// An offer as `actor` sees it at `now`. What became of the mail with its link is looked up apart.
    pub fn new((transfer, stamps, garage_name): TransferView, actor: &Actor, now: Instant) -> Self {
        let role = match actor.standing {
            Standing::Staff(..) => Role::Garage,
            Standing::Driver(account, _) | Standing::Fleet(_, account) if transfer.offered_by == account => {
                Role::Offerer
            }
            Standing::Driver(..) | Standing::Fleet(..) | Standing::Platform => Role::Recipient,
        };
        Self {
            id: Id(transfer.id.0),
            passport_id: Id(transfer.passport_id.0),
            kind: TransferKind(transfer.kind),
            status: TransferStatus(transfer.status_at(now)),
            role: TransferRole(role),
            licence_plate: transfer.plate,
            recipient_email_suggestion: transfer.recipient_email.suggestion().map(Email),
            recipient_email: Email(transfer.recipient_email),
            garage_name,
            offered_at: Moment(transfer.offered_at),
            expires_at: Moment(transfer.expires_at),
            decided_at: transfer.decided_at.map(Moment),
            invitation_delivery: None,
            version: Version(transfer.version),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
