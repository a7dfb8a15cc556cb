//! Requests and answers of transfers.

use crate::{
    body, enum_scalars, query, sort,
    wire::{AnyOf, Days, Email, Id, Moment, Version},
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
    TransferKind(domain::value::TransferKind), "New owner: the car leaves its fleet. New driver: it stays in it.";
    /// The life of an offer.
    TransferStatus(domain::transfer::TransferStatus), "Where an offer is in its life.";
    /// What someone is to an offer.
    TransferRole(Role), "What the account that asks is to the offer.";
}

coded_enum! {
    /// What someone is to an offer.
    pub enum Role {
        /// Who made it.
        Offerer => "offerer",
        /// To whom it was made.
        Recipient => "recipient",
        /// The garage that keeps the passport.
        Garage => "garage",
    }
}

body! {
    /// To whom a passport is offered, and as what.
    #[schema(example = json!({ "kind": "new_owner", "recipientEmail": "piet@pietersen.example" }))]
    pub struct NewTransfer {
        /// What the recipient becomes.
        pub kind: TransferKind,
        /// To whom.
        pub recipient_email: Email,
        /// How many days the offer stands; 14 unless given.
        pub expires_in_days: Option<Days>,
    }
}

sort! {
    /// The order of offers.
    pub struct TransferSort("offeredAt");
}

query! {
    /// Which offers.
    pub struct TransferQuery {
        /// With one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<TransferStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<TransferStatus>>,
        /// Of this passport.
        pub passport_id: Option<Id>,
        /// `offeredAt`, as unless given, or `-offeredAt`: the newest first.
        #[param(inline)]
        pub sort: Option<TransferSort>,
    }
}

/// An offer to hand a passport over, and its outcome. Who offered keeps this record, not the car's data.
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
    "garageName": "Garage De Vries",
    "offeredAt": "2026-03-01T09:30:00Z",
    "expiresAt": "2026-03-15T09:30:00Z",
    "decidedAt": null,
    "version": 3,
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Transfer {
    /// Its id.
    pub id: Id,
    /// The passport.
    pub passport_id: Id,
    /// The plate, as shown when it was offered.
    #[schema(max_length = 14, pattern = "^[A-Z0-9-]+$")]
    pub licence_plate: String,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// Where it is in its life.
    pub status: TransferStatus,
    /// What you are to it.
    pub role: TransferRole,
    /// To whom.
    pub recipient_email: Email,
    /// The garage that keeps the passport.
    #[schema(max_length = 100)]
    pub garage_name: String,
    /// When it was offered.
    pub offered_at: Moment,
    /// From when it can no longer be accepted.
    pub expires_at: Moment,
    /// When it found its end.
    pub decided_at: Option<Moment>,
    /// The version, which `If-Match` takes in quotes: the same number as in `ETag`.
    pub version: Version,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Transfer {
    /// An offer as `actor` sees it at `now`.
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
            recipient_email: Email(transfer.recipient_email),
            garage_name,
            offered_at: Moment(transfer.offered_at),
            expires_at: Moment(transfer.expires_at),
            decided_at: transfer.decided_at.map(Moment),
            version: Version(transfer.version),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
