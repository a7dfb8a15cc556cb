//! Enums that the ground needs (events, access). They are here because the ground knows nothing of the areas above it.

use crate::coded_enum;

coded_enum! {
    /// What an account is for. The kind of an account never changes.
    pub enum AccountKind {
        /// A driver, who uses passports in the app.
        Driver => "driver",
        /// The account of one fleet, for its dashboard.
        Fleet => "fleet",
        /// Someone who works for one garage.
        Staff => "staff",
        /// Someone of the network's support.
        Platform => "platform",
    }
}

coded_enum! {
    /// The role of someone who works at a garage.
    pub enum StaffRole {
        /// May do everything for the garage, including colleagues and settings.
        Admin => "admin",
        /// Receives customers, and manages customers, passports and fleets.
        Advisor => "advisor",
        /// Works on cars: may read everything and change vehicle data.
        Mechanic => "mechanic",
    }
}

coded_enum! {
    /// How a fleet is set up (rule F4).
    pub enum FleetBegin {
        /// The manager gets a mail that explains how to sign in.
        Invited => "invited",
        /// The garage chooses an e-mail and a password for the fleet; no mail is sent.
        Prepared => "prepared",
    }
}

coded_enum! {
    /// What the recipient of a transfer becomes (rule T4).
    pub enum TransferKind {
        /// Owner and driver; a car in a fleet leaves it.
        NewOwner => "new_owner",
        /// Driver only; the car stays in its fleet.
        NewDriver => "new_driver",
    }
}

coded_enum! {
    /// What the garage did when it changed the link of a passport (rule L5).
    pub enum LinkChangeKind {
        /// It linked the passport to a fleet: the private owner lost the car.
        Linked => "linked",
        /// It unlinked the passport from a fleet: the fleet lost the car.
        Unlinked => "unlinked",
    }
}

coded_enum! {
    /// Why a vehicle needs no APK for the time being, as people say it (rule APK9).
    pub enum LiftReason {
        /// Its registration is suspended (*geschorst*).
        Suspended => "suspended",
        /// It is in the stock of a recognised dealer (*bedrijfsvoorraad*).
        DealerStock => "dealer_stock",
        /// It is a tractor that farmers, growers, foresters or fishers use mainly on and between their own grounds.
        OwnGrounds => "own_grounds",
    }
}

impl LiftReason {
    /// Whether it is for the garage to judge, and not for the owner alone.
    pub const fn is_for_garage(self) -> bool {
        match self {
            Self::Suspended | Self::DealerStock => false,
            Self::OwnGrounds => true,
        }
    }
}

coded_enum! {
    /// In which way the owner made the decision known.
    pub enum DecisionChannel {
        /// In the app.
        App => "app",
        /// At the counter.
        Counter => "counter",
        /// By telephone.
        Phone => "phone",
        /// In writing.
        Writing => "writing",
    }
}
