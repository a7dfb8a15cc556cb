//! Requests and answers of transfers.

use crate::{
    body, query,
    wire::{Cursor, Days, Email, Id, Limit, ListQuery, Moment, TransferKind, TransferStatus},
};
use domain::{
    Instant,
    access::{Actor, Standing},
};
use persistence::transfer::TransferView;
use serde::Serialize;
use utoipa::ToSchema;

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

query! {
    /// Which offers.
    pub struct TransferQuery {
        /// With this status.
        pub status: Option<TransferStatus>,
        /// Of this passport.
        pub passport_id: Option<Id>,
        /// The most items on a page: 1 to 200, 50 unless given.
        pub limit: Option<Limit>,
        /// The `nextCursor` of the page before.
        pub cursor: Option<Cursor>,
        /// Only what was changed at or after this instant.
        pub updated_since: Option<Moment>,
    }
}

impl TransferQuery {
    /// The part that every list has.
    pub fn list(&self) -> ListQuery {
        ListQuery { limit: self.limit, cursor: self.cursor.clone(), updated_since: self.updated_since }
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
    /// What you are to it: `offerer`, `recipient` or `garage`.
    #[schema(max_length = 9, pattern = "^(offerer|recipient|garage)$")]
    pub role: &'static str,
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
    /// When it last changed.
    pub updated_at: Moment,
}

impl Transfer {
    /// An offer as `actor` sees it at `now`.
    pub fn new((transfer, stamps, garage_name): TransferView, actor: &Actor, now: Instant) -> Self {
        let role = match actor.standing {
            Standing::Staff(..) => "garage",
            Standing::Driver(account, _) | Standing::Fleet(_, account) if transfer.offered_by == account => "offerer",
            Standing::Driver(..) | Standing::Fleet(..) | Standing::Platform => "recipient",
        };
        Self {
            id: Id(transfer.id.0),
            passport_id: Id(transfer.passport_id.0),
            kind: TransferKind(transfer.kind),
            status: TransferStatus(transfer.status_at(now)),
            role,
            licence_plate: transfer.plate,
            recipient_email: Email(transfer.recipient_email),
            garage_name,
            offered_at: Moment(transfer.offered_at),
            expires_at: Moment(transfer.expires_at),
            decided_at: transfer.decided_at.map(Moment),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
