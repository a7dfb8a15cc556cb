//! What happened, recorded once. Audit trail, mails and whatever comes later follow from it.
//!
//! A command returns [`Fact`]s; the store numbers them per stream, without gaps, in the same transaction. Facts name
//! people by id and carry no address: events stay for ever, and a person's data must be erasable where it is kept.

use crate::{
    Date, Instant,
    ids::{
        AccountId, ApkEntryId, CustomerId, EventId, FleetId, GarageId, InvitationId, OdometerReadingId, PassportId,
        TransferId,
    },
    value::{FleetBegin, TransferKind},
};
use serde::{Deserialize, Serialize};

/// Where an event is numbered: in its garage's stream, or in the one of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// What happened at a garage.
    Garage(GarageId),
    /// What happened to an account, outside any garage.
    Platform,
}

/// One thing that happened.
#[expect(missing_docs, reason = "a field's name and type say what it is; the variant says when")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Fact {
    /// A garage joined.
    GarageCreated {},
    /// A garage's data changed.
    GarageChanged {},
    /// A colleague was added.
    StaffAdded { account_id: AccountId },
    /// A colleague's name or role changed.
    StaffChanged { account_id: AccountId },
    /// A colleague left.
    StaffRemoved { account_id: AccountId },
    /// A customer's record was made.
    CustomerCreated { customer_id: CustomerId },
    /// A customer's record changed.
    CustomerChanged { customer_id: CustomerId },
    /// A customer's record was deleted.
    CustomerDeleted { customer_id: CustomerId },
    /// A passport was made.
    PassportCreated { passport_id: PassportId, customer_id: CustomerId },
    /// The driver activated it.
    PassportActivated { passport_id: PassportId, driver: AccountId },
    /// The vehicle's data changed.
    PassportChanged { passport_id: PassportId },
    /// A reading joined the car's odometer ledger.
    OdometerRecorded { passport_id: PassportId, reading_id: OdometerReadingId },
    /// The garage entered an APK date, ahead of the register.
    ApkDateEntered { passport_id: PassportId, entry_id: ApkEntryId },
    /// The register gives the vehicle another APK date, or its first.
    ApkDateChanged { passport_id: PassportId, from: Option<Date>, to: Date },
    /// The register says that a recall waits for the vehicle.
    RecallOpened { passport_id: PassportId, reference: String },
    /// The register says that it was answered.
    RecallClosed { passport_id: PassportId, reference: String },
    /// The register says that the vehicle was exported.
    VehicleExported { passport_id: PassportId },
    /// It was put away.
    PassportArchived { passport_id: PassportId, driver: Option<AccountId>, fleet_id: Option<FleetId> },
    /// It was put into a fleet.
    PassportLinked { passport_id: PassportId, fleet_id: FleetId, driver: Option<AccountId> },
    /// It was taken out of its fleet.
    PassportUnlinked { passport_id: PassportId, fleet_id: FleetId, driver: Option<AccountId> },
    /// A fleet was made.
    FleetCreated { fleet_id: FleetId, begin: FleetBegin },
    /// A fleet's name or, before its manager signed in, its e-mail changed.
    FleetChanged { fleet_id: FleetId },
    /// A fleet was closed.
    FleetClosed { fleet_id: FleetId },
    /// A passport was offered.
    TransferOffered { transfer_id: TransferId, passport_id: PassportId, transfer_kind: TransferKind },
    /// An offer was sent again.
    TransferResent { transfer_id: TransferId },
    /// The recipient accepted.
    TransferAccepted {
        transfer_id: TransferId,
        passport_id: PassportId,
        transfer_kind: TransferKind,
        recipient: AccountId,
        offered_by: AccountId,
        former_driver: Option<AccountId>,
        former_fleet: Option<FleetId>,
    },
    /// The recipient declined.
    TransferDeclined { transfer_id: TransferId, offered_by: AccountId },
    /// Who offered took it back.
    TransferWithdrawn { transfer_id: TransferId },
    /// Nobody accepted in time.
    TransferExpired { transfer_id: TransferId, offered_by: AccountId },
    /// A one-time link was made, to be mailed.
    InvitationIssued { invitation_id: InvitationId, purpose: String },
    /// Someone chose the first password of an account.
    AccountActivated { account_id: AccountId },
    /// An account's name or language changed.
    AccountChanged { account_id: AccountId },
    /// An account's password changed.
    AccountPasswordChanged { account_id: AccountId },
    /// An account's e-mail changed, by this link; the link knows the address before.
    AccountEmailChanged { account_id: AccountId, invitation_id: InvitationId },
    /// Old refresh tokens were used again: a session was ended, since someone may hold a copy.
    SessionCompromised { account_id: AccountId },
}

impl Fact {
    /// The passport it is about, by which the audit trail of a car is read.
    pub fn passport_id(&self) -> Option<PassportId> {
        match self {
            Self::PassportCreated { passport_id, .. }
            | Self::PassportActivated { passport_id, .. }
            | Self::PassportChanged { passport_id }
            | Self::OdometerRecorded { passport_id, .. }
            | Self::ApkDateEntered { passport_id, .. }
            | Self::ApkDateChanged { passport_id, .. }
            | Self::RecallOpened { passport_id, .. }
            | Self::RecallClosed { passport_id, .. }
            | Self::VehicleExported { passport_id }
            | Self::PassportArchived { passport_id, .. }
            | Self::PassportLinked { passport_id, .. }
            | Self::PassportUnlinked { passport_id, .. }
            | Self::TransferOffered { passport_id, .. }
            | Self::TransferAccepted { passport_id, .. } => Some(*passport_id),
            _ => None,
        }
    }
}

/// A fact with its place in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Where it is numbered.
    pub stream: Stream,
    /// Its number there, from 1, without gaps.
    pub number: i64,
    /// When it happened.
    pub at: Instant,
    /// Whose act it was; none when time or the system itself did it.
    pub by: Option<AccountId>,
    /// What happened.
    pub fact: Fact,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn facts_are_stored_by_their_word() {
        let fact = Fact::PassportLinked {
            passport_id: PassportId(Uuid::from_u128(1)),
            fleet_id: FleetId(Uuid::from_u128(2)),
            driver: None,
        };
        let json = serde_json::to_value(&fact).unwrap();
        assert_eq!(json["kind"], "passport_linked");
        assert_eq!(json["data"]["fleetId"], "00000000-0000-0000-0000-000000000002");
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }
}
