//! Identifiers. Each kind of thing has its own type, so that a customer's id cannot be used as a passport's.

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
    /// A garage's request to keep a passport that another garage keeps.
    GarageChangeId,
    /// A change of link that the side that lost the car can object to.
    LinkChangeId,
    /// A mailed one-time link.
    InvitationId,
    /// One sign-in on one device, with all refresh tokens that follow from it.
    SessionId,
    /// Something that happened.
    EventId,
    /// A device that receives push messages.
    DeviceId,
    /// A mailing of a garage to customers whose APK expires.
    ApkMailingId,
    /// What an account was told in the app.
    NotificationId,
    /// An address that must not be written to.
    SuppressionId,
    /// One reading of an odometer.
    OdometerReadingId,
    /// A vehicle, whatever its plate. It is known within one garage, since only the garage can say that a vehicle had
    /// another plate before.
    VehicleId,
    /// An APK date that a garage entered.
    ApkEntryId,
    /// A maintenance schedule of a garage or of one car.
    MaintenanceScheduleId,
    /// A list of what a mechanic looks at.
    CheckTemplateId,
    /// A mechanic's check of a car.
    VehicleCheckId,
    /// Work that was advised.
    RecommendationId,
    /// Work that was done.
    ServiceRecordId,
    /// A photo or document, which lies in the storage of files.
    FileId,
}
