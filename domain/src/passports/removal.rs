//! What is gone from a list: whoever keeps a copy of one, and asks for what changed since, is told what left it.

use crate::{
    Instant, coded_enum,
    custody::Hands,
    ids::{
        AccountId, ApkMailingId, CheckTemplateId, CustomerId, DeviceId, FileId, FleetId, GarageId,
        MaintenanceScheduleId, PassportId, SessionId, SuppressionId, VehicleCheckId, VehicleId,
    },
    passport::{Passport, PassportStatus},
};
use jiff::SignedDuration;
use uuid::Uuid;

coded_enum! {
    /// The lists of which it is known what is gone from them (rule LS1).
    pub enum FollowedList {
        /// The customers of a garage.
        Customers => "customers",
        /// The passports of a garage, a fleet or a driver.
        Passports => "passports",
        /// Those of a garage that are in use: it still has one that was archived.
        PassportsInUse => "passports_in_use",
        /// The passports of a fleet that one garage keeps, as that garage sees them.
        FleetPassports => "fleet_passports",
        /// The open fleets of a garage: it still has one that was closed.
        OpenFleets => "open_fleets",
        /// The colleagues of a garage.
        Staff => "staff",
        /// The maintenance schedules that a garage made, without those of single cars.
        MaintenanceSchedules => "maintenance_schedules",
        /// The check templates of a garage.
        CheckTemplates => "check_templates",
        /// The checks of a garage's cars, of all or of one.
        Checks => "checks",
        /// The photos of the checks of a car.
        Photos => "photos",
        /// What is attached to the service records of a car.
        Attachments => "attachments",
        /// The APK mailings of a garage.
        ApkMailings => "apk_mailings",
        /// The addresses that must not be written to, as far as a garage sees them.
        Suppressions => "suppressions",
        /// The open sessions of an account.
        Sessions => "sessions",
        /// The devices of an account.
        Devices => "devices",
    }
}

/// For how many days it is remembered what is gone.
pub const REMEMBERED_DAYS: i64 = 90;

/// Whose list something was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListHolder {
    /// A garage.
    Garage(GarageId),
    /// A fleet.
    Fleet(FleetId),
    /// A driver.
    Driver(AccountId),
    /// An account of any kind.
    Account(AccountId),
    /// A car, of which something is listed.
    Vehicle(VehicleId),
}

impl ListHolder {
    /// Its id. No two holders have the same one, except that a driver has that of their account.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Garage(id) => id.0,
            Self::Fleet(id) => id.0,
            Self::Driver(id) | Self::Account(id) => id.0,
            Self::Vehicle(id) => id.0,
        }
    }
}

/// Something that is gone from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The list.
    pub list: FollowedList,
    /// Whose list it is.
    pub holder: ListHolder,
    /// The garage that kept it until then; none of what is of an account.
    pub garage_id: Option<GarageId>,
    /// Its id.
    pub item: Uuid,
    /// When it went.
    pub at: Instant,
}

impl Removal {
    /// Something that a garage had in a list of its own.
    const fn of_garage(list: FollowedList, item: Uuid, garage: GarageId, at: Instant) -> Self {
        Self { list, holder: ListHolder::Garage(garage), garage_id: Some(garage), item, at }
    }

    /// Something that was listed of a car which a garage kept.
    const fn of_vehicle(list: FollowedList, item: Uuid, (vehicle, garage): (VehicleId, GarageId), at: Instant) -> Self {
        Self { list, holder: ListHolder::Vehicle(vehicle), garage_id: Some(garage), item, at }
    }

    /// Something that an account had in a list of its own.
    const fn of_account(list: FollowedList, item: Uuid, account: AccountId, at: Instant) -> Self {
        Self { list, holder: ListHolder::Account(account), garage_id: None, item, at }
    }

    /// A customer's record that its garage deleted.
    pub const fn of_customer(id: CustomerId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::Customers, id.0, garage, at)
    }

    /// A fleet that was closed.
    pub const fn of_closed_fleet(id: FleetId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::OpenFleets, id.0, garage, at)
    }

    /// A colleague whose account ended.
    pub const fn of_staff(id: AccountId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::Staff, id.0, garage, at)
    }

    /// A maintenance schedule that its garage deleted.
    pub const fn of_schedule(id: MaintenanceScheduleId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::MaintenanceSchedules, id.0, garage, at)
    }

    /// A check template that its garage deleted.
    pub const fn of_template(id: CheckTemplateId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::CheckTemplates, id.0, garage, at)
    }

    /// A mailing that its garage deleted before it began.
    pub const fn of_mailing(id: ApkMailingId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::ApkMailings, id.0, garage, at)
    }

    /// An address that a garage may write to again, or that no customer of it has any more.
    pub const fn of_suppression(id: SuppressionId, garage: GarageId, at: Instant) -> Self {
        Self::of_garage(FollowedList::Suppressions, id.0, garage, at)
    }

    /// A draft of a check that was discarded: it is gone from the garage's list of all cars, and from that of the car.
    pub const fn of_draft(id: VehicleCheckId, car: (VehicleId, GarageId), at: Instant) -> [Self; 2] {
        [Self::of_garage(FollowedList::Checks, id.0, car.1, at), Self::of_vehicle(FollowedList::Checks, id.0, car, at)]
    }

    /// A photo that was deleted from a draft of a check.
    pub const fn of_photo(id: FileId, car: (VehicleId, GarageId), at: Instant) -> Self {
        Self::of_vehicle(FollowedList::Photos, id.0, car, at)
    }

    /// A file that was deleted from a service record.
    pub const fn of_attachment(id: FileId, car: (VehicleId, GarageId), at: Instant) -> Self {
        Self::of_vehicle(FollowedList::Attachments, id.0, car, at)
    }

    /// A session that ended.
    pub const fn of_session(id: SessionId, account: AccountId, at: Instant) -> Self {
        Self::of_account(FollowedList::Sessions, id.0, account, at)
    }

    /// A device that receives no more push messages.
    pub const fn of_device(id: DeviceId, account: AccountId, at: Instant) -> Self {
        Self::of_account(FollowedList::Devices, id.0, account, at)
    }
}

/// In whose lists a passport is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The garage that keeps it.
    pub garage_id: GarageId,
    /// Its driver and its fleet.
    pub hands: Hands,
    /// Whether it is in use.
    pub in_use: bool,
}

impl From<&Passport> for Listed {
    fn from(passport: &Passport) -> Self {
        Self {
            garage_id: passport.garage_id,
            hands: passport.hands,
            in_use: passport.status != PassportStatus::Archived,
        }
    }
}

/// The lists from which a passport is gone, when it was listed as `before` and is as `after` now (rule LS1).
pub fn of_passport(id: PassportId, before: Listed, after: Listed, at: Instant) -> Vec<Removal> {
    let garage_id = before.garage_id;
    let (of_garage, item) = (ListHolder::Garage(garage_id), id.0);
    let gone = |list, holder| Removal { list, holder, garage_id: Some(garage_id), item, at };
    let (has_left, fleet, driver) = (after.garage_id != garage_id, before.hands.fleet, before.hands.driver);
    let left_fleet = fleet.filter(|_| after.hands.fleet != fleet).map(ListHolder::Fleet);
    let left_driver = driver.filter(|_| after.hands.driver != driver).map(ListHolder::Driver);
    let unseen_fleet = fleet.filter(|_| has_left || left_fleet.is_some()).map(ListHolder::Fleet);
    let archived = before.in_use && !after.in_use && !has_left;
    has_left
        .then_some(of_garage)
        .into_iter()
        .chain(left_fleet)
        .chain(left_driver)
        .map(|holder| gone(FollowedList::Passports, holder))
        .chain(unseen_fleet.map(|holder| gone(FollowedList::FleetPassports, holder)))
        .chain(archived.then(|| gone(FollowedList::PassportsInUse, of_garage)))
        .collect()
}

/// Whether all is remembered that is gone since an instant.
pub fn is_remembered(since: Instant, now: Instant) -> bool {
    now.duration_since(since) <= SignedDuration::from_hours(24 * REMEMBERED_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Instant = Instant::constant(1_790_000_000, 0);
    const CAR: PassportId = PassportId(Uuid::from_u128(1));
    const HERE: GarageId = GarageId(Uuid::from_u128(2));
    const THERE: GarageId = GarageId(Uuid::from_u128(3));
    const FLEET: FleetId = FleetId(Uuid::from_u128(4));
    const OTHER_FLEET: FleetId = FleetId(Uuid::from_u128(5));
    const JAN: AccountId = AccountId(Uuid::from_u128(6));
    const ELS: AccountId = AccountId(Uuid::from_u128(7));

    fn listed(garage_id: GarageId, driver: Option<AccountId>, fleet: Option<FleetId>) -> Listed {
        Listed { garage_id, hands: Hands { driver, fleet }, in_use: true }
    }

    fn gone(before: Listed, after: Listed) -> Vec<(FollowedList, ListHolder)> {
        let found = of_passport(CAR, before, after, AT);
        assert!(found.iter().all(|one| (one.item, one.at, one.garage_id) == (CAR.0, AT, Some(before.garage_id))));
        found.into_iter().map(|one| (one.list, one.holder)).collect()
    }

    #[test]
    fn ls1_who_loses_a_passport_is_told() {
        use FollowedList::{FleetPassports, Passports, PassportsInUse};
        use ListHolder::{Driver, Fleet, Garage};
        let company = listed(HERE, Some(JAN), Some(FLEET));
        let left_fleet = [(Passports, Fleet(FLEET)), (FleetPassports, Fleet(FLEET))];
        assert_eq!(gone(company, listed(HERE, Some(JAN), None)), left_fleet, "unlinked");
        assert_eq!(gone(company, listed(HERE, Some(JAN), Some(OTHER_FLEET))), left_fleet);
        assert_eq!(gone(company, listed(HERE, Some(ELS), Some(FLEET))), [(Passports, Driver(JAN))], "a new driver");
        assert_eq!(gone(company, listed(HERE, None, Some(FLEET))), [(Passports, Driver(JAN))], "the driver was ended");
        let sold = [(Passports, Fleet(FLEET)), (Passports, Driver(JAN)), (FleetPassports, Fleet(FLEET))];
        assert_eq!(gone(company, listed(HERE, Some(ELS), None)), sold, "a new owner");
        let moved = [(Passports, Garage(HERE)), (FleetPassports, Fleet(FLEET))];
        assert_eq!(
            gone(company, listed(THERE, Some(JAN), Some(FLEET))),
            moved,
            "its fleet and its driver have it still"
        );
        let archived = Listed { in_use: false, ..listed(HERE, None, None) };
        assert_eq!(gone(company, archived), [&sold[..], &[(PassportsInUse, Garage(HERE))]].concat());
    }

    #[test]
    fn ls1_who_gets_a_passport_loses_nothing() {
        let nobody = listed(HERE, None, None);
        let archived = Listed { in_use: false, ..nobody };
        for after in [nobody, listed(HERE, Some(JAN), None), listed(HERE, Some(JAN), Some(FLEET))] {
            assert_eq!(gone(nobody, after), []);
            assert_eq!(gone(after, after), []);
            assert_eq!(gone(archived, after), [], "taken back into use");
        }
        assert_eq!(gone(archived, archived), []);
    }

    #[test]
    fn ls1_what_is_gone_is_remembered_for_90_days() {
        let days = SignedDuration::from_hours(24 * 90);
        assert!(is_remembered(AT, AT) && is_remembered(AT + days, AT) && is_remembered(AT - days, AT));
        assert!(!is_remembered(AT - days - SignedDuration::from_micros(1), AT));
    }
}
