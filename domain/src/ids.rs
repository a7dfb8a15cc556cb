//! Identifiers. One type each, so that a customer's id cannot stand where a passport's is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A garage, the tenant.
    GarageId,
    /// An account: someone who signs in.
    AccountId,
    /// A garage's record of a person or company.
    CustomerId,
    /// The passport of one vehicle.
    PassportId,
    /// A fleet.
    FleetId,
    /// An offer to hand a passport over.
    TransferId,
    /// A mailed one-time link.
    InvitationId,
    /// One sign-in on one device; also the family of its refresh tokens.
    SessionId,
    /// Something that happened.
    EventId,
    /// What an odometer showed, once.
    OdometerReadingId,
    /// A vehicle, whatever plate it has: within one garage, which alone can tell that it had another one.
    VehicleId,
    /// An APK date that a garage entered.
    ApkEntryId,
}
