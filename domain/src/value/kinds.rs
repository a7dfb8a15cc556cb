//! The kinds of things that the ground speaks of, which knows nothing of the areas above it.

use crate::coded_enum;

coded_enum! {
    /// What an account is for. It never changes.
    pub enum AccountKind {
        /// Uses passports in the app.
        Driver => "driver",
        /// Signs in to the dashboard of one fleet.
        Fleet => "fleet",
        /// Works for one garage.
        Staff => "staff",
        /// Support of the network.
        Platform => "platform",
    }
}

coded_enum! {
    /// What someone does at the garage.
    pub enum StaffRole {
        /// Runs the garage's account: colleagues and settings too.
        Admin => "admin",
        /// Receives customers: customers, passports, fleets.
        Advisor => "advisor",
        /// Works on cars: reads all, keeps vehicle data.
        Mechanic => "mechanic",
    }
}

coded_enum! {
    /// The two ways to begin (rule F4).
    pub enum FleetBegin {
        /// The manager is mailed how to sign in.
        Invited => "invited",
        /// The garage sets the fleet up with an e-mail and a password of its own; no mail goes out.
        Prepared => "prepared",
    }
}

coded_enum! {
    /// What the recipient becomes (rule T4).
    pub enum TransferKind {
        /// Owner and driver; the car leaves its fleet.
        NewOwner => "new_owner",
        /// Driver; the car stays in its fleet.
        NewDriver => "new_driver",
    }
}
