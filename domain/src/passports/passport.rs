//! Passports: the AutoPaspoort of one vehicle, from invitation to archive, and its link to a fleet.

use crate::{
    Date, Instant, coded_enum,
    custody::{CustodyEntry, Hands},
    event::Fact,
    ids::{AccountId, CustomerId, FleetId, GarageId, OdometerReadingId, PassportId, VehicleId},
    invitation::Taken,
    licence_plate::LicencePlate,
    value::Vin,
};
use jiff::SignedDuration;

coded_enum! {
    /// The life of a passport (rule P2).
    pub enum PassportStatus {
        /// The garage made it, and the driver has not activated it. After an import, the link may not have been mailed yet.
        Invited => "invited",
        /// The driver activated it. A car in a fleet stays active when the fleet ends its driver's access (rule F7).
        Active => "active",
        /// It is kept for the record only.
        Archived => "archived",
    }
}

coded_enum! {
    /// What a vehicle runs on.
    pub enum Fuel {
        /// Petrol (*benzine*).
        Petrol => "petrol",
        /// Diesel.
        Diesel => "diesel",
        /// Electricity only.
        Electric => "electric",
        /// Petrol and electricity.
        HybridPetrol => "hybrid_petrol",
        /// Diesel and electricity.
        HybridDiesel => "hybrid_diesel",
        /// Liquefied petroleum gas.
        Lpg => "lpg",
        /// Compressed natural gas.
        Cng => "cng",
        /// Hydrogen (*waterstof*).
        Hydrogen => "hydrogen",
        /// Alcohol.
        Alcohol => "alcohol",
        /// Something else.
        Other => "other",
    }
}

impl Fuel {
    /// Whether something that is for cars on `fuels`, or for all, makes sense for a car on `fuel`. A car of which that is not
    /// known, or which runs on something else, may need anything.
    pub fn is_served(fuel: Option<Self>, fuels: Option<&[Self]>) -> bool {
        let known = fuel.filter(|fuel| *fuel != Self::Other);
        known.zip(fuels).is_none_or(|(fuel, fuels)| fuels.contains(&fuel))
    }
}

/// The earliest year of first admission that is accepted.
pub const MIN_YEAR: i64 = 1880;
/// The latest year of first admission that is accepted.
pub const MAX_YEAR: i64 = 2100;
/// The highest odometer reading that is accepted, in kilometres.
pub const MAX_ODOMETER_KM: i64 = 1_999_999;

/// What is known about the vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vehicle {
    /// Its id, which stays the same when it gets another plate (rule R19).
    pub id: VehicleId,
    /// Its plate.
    pub plate: LicencePlate,
    /// The make, such as Volkswagen (*merk*).
    pub make: Option<String>,
    /// The model, such as Golf.
    pub model: Option<String>,
    /// Year of first admission.
    pub year: Option<i64>,
    /// What it runs on.
    pub fuel: Option<Fuel>,
    /// Its vehicle identification number.
    pub vin: Option<Vin>,
    /// The latest odometer reading that counts, in kilometres.
    pub odometer_km: Option<i64>,
}

/// The digital passport of one vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passport {
    /// Its id.
    pub id: PassportId,
    /// The garage that keeps it.
    pub garage_id: GarageId,
    /// Since when that garage keeps it; none when no other kept it before (rule P6).
    pub kept_since: Option<Instant>,
    /// The garage's record of the person who uses the car; none after that record was deleted.
    pub customer_id: Option<CustomerId>,
    /// The vehicle.
    pub vehicle: Vehicle,
    /// Invited, active or archived.
    pub status: PassportStatus,
    /// Who drives it, and in which fleet it is.
    pub hands: Hands,
    /// Raised by one with each change.
    pub version: i64,
}

/// A passport after a command, with everything that must be stored with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The passport as it is now.
    pub passport: Passport,
    /// The new entries of its history of hands.
    pub custody: Vec<CustodyEntry>,
    /// What happened; empty when the command changed nothing.
    pub facts: Vec<Fact>,
}

impl Changed {
    /// A command that changed nothing.
    pub const fn nothing(passport: Passport) -> Self {
        Self { passport, custody: vec![], facts: vec![] }
    }
}

/// What about a passport waits for somebody's decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The car is offered to someone (rule T5).
    pub transfer: bool,
    /// The side that lost the car by a change of link can still object (rule L5).
    pub link_change: bool,
    /// Another garage has asked to keep the passport (rule P6).
    pub garage_change: bool,
}

coded_enum! {
    /// Why a command on a passport is refused.
    pub enum PassportRefusal {
        /// Rule P2: the passport is archived.
        Archived => "passport_archived",
        /// Rule P11: only an archived passport can be taken back.
        NotArchived => "passport_not_archived",
        /// Rule P11: the passport was archived too long ago.
        ArchivedTooLong => "passport_archived_too_long",
        /// Rule P2: the passport is already active.
        AlreadyActive => "passport_already_active",
        /// Rule L3: the car has an open offer.
        TransferOpen => "transfer_open",
        /// Rule L1: the fleet is closed.
        FleetClosed => "fleet_closed",
        /// Rule L2: the car is in another fleet.
        InOtherFleet => "passport_in_other_fleet",
        /// Rule L1: the car is in no fleet.
        NotInFleet => "passport_not_in_fleet",
        /// Rule F7: nobody drives the car, so that outside its fleet it would be nobody's.
        WithoutDriver => "pool_car_without_driver",
        /// Rule L5: the side that lost the car by a change of link can still object.
        LinkChangeOpen => "link_change_open",
        /// Rule P6: another garage has asked to keep the passport.
        GarageChangeOpen => "garage_change_open",
        /// Rule P3: the customer has no e-mail to which the link can be sent.
        CustomerWithoutEmail => "customer_without_email",
        /// Rule P14: the activation is not by an account with another address than the link's, or 7 days are over.
        ActivationStands => "activation_stands",
    }
}

impl Vehicle {
    /// The vehicle with what was written of it before, where nothing is written now (rule P8). The odometer has a ledger of its own.
    #[must_use]
    pub fn begins_where(self, before: Self) -> Self {
        // What is said to be of another make is described anew.
        if self.make.is_some() && self.make != before.make {
            return self;
        }
        Self {
            make: self.make.or(before.make),
            model: self.model.or(before.model),
            year: self.year.or(before.year),
            fuel: self.fuel.or(before.fuel),
            vin: self.vin.or(before.vin),
            ..self
        }
    }

    /// The first day on which the vehicle can have been admitted to the road: 1 January, since only the year is known.
    pub fn admitted_from(&self) -> Option<Date> {
        self.year.and_then(|year| Date::new(i16::try_from(year).ok()?, 1, 1).ok())
    }
}

/// For how many days the garage can take an archived passport back (rule P11).
pub const UNARCHIVE_DAYS: i64 = 30;

/// What is on record of the archiving of a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archiving {
    /// When it was archived.
    pub at: Instant,
    /// Whose it was until then.
    pub hands: Hands,
    /// Whether it was a car in a fleet without a driver, and not one that waited to be activated (rule F7).
    pub pool_car: bool,
}

/// What a passport must know about the fleet to which it is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FleetToJoin {
    /// The fleet.
    pub id: FleetId,
    /// Whether it is closed; a closed fleet accepts no cars.
    pub is_closed: bool,
}

impl Passport {
    /// Makes a passport, and links it to a fleet if one is given (rules P2 and P4).
    pub fn create(
        id: PassportId,
        garage_id: GarageId,
        customer_id: CustomerId,
        vehicle: Vehicle,
        fleet: Option<FleetToJoin>,
        by: AccountId,
        now: Instant,
    ) -> Result<Changed, PassportRefusal> {
        if fleet.is_some_and(|fleet| fleet.is_closed) {
            return Err(PassportRefusal::FleetClosed);
        }
        let hands = Hands { driver: None, fleet: fleet.map(|fleet| fleet.id) };
        let mut facts = vec![Fact::PassportCreated { passport_id: id, customer_id }];
        if let Some(fleet) = fleet {
            facts.push(Fact::PassportLinked { passport_id: id, fleet_id: fleet.id, driver: None, change_id: None });
        }
        let passport = Self {
            id,
            garage_id,
            kept_since: None,
            customer_id: Some(customer_id),
            vehicle,
            status: PassportStatus::Invited,
            hands,
            version: 1,
        };
        Ok(Changed { passport, custody: Hands::default().change(hands, id, now, Some(by)), facts })
    }

    /// Whether its garage sees the names of the people who did something at `at`. What was done before it kept the passport,
    /// people of another garage did, or customers of that one (rules P6 and T9).
    pub fn shows_names_of(&self, at: Instant) -> bool {
        self.kept_since.is_none_or(|since| at >= since)
    }

    /// Whether the link to activate it may be mailed again (rule P3).
    pub fn may_invite(&self) -> Result<(), PassportRefusal> {
        match self.status {
            PassportStatus::Invited => Ok(()),
            PassportStatus::Active => Err(PassportRefusal::AlreadyActive),
            PassportStatus::Archived => Err(PassportRefusal::Archived),
        }
    }

    /// Activates the passport, when the driver uses the mailed link (rules P2 and P3).
    pub fn activate(self, driver: AccountId, now: Instant) -> Result<Changed, PassportRefusal> {
        self.may_invite()?;
        let hands = Hands { driver: Some(driver), ..self.hands };
        let fact = Fact::PassportActivated { passport_id: self.id, driver };
        let passport = Self { status: PassportStatus::Active, ..self };
        Ok(passport.into_hands(hands, now, Some(driver), vec![fact]))
    }

    /// The garage ends the activation by an account with another address than the link was mailed to (rule P14). The passport
    /// waits for its driver again.
    pub fn revoke_activation(
        self,
        taken: Option<Taken>,
        transfer_open: bool,
        by: AccountId,
        now: Instant,
    ) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        let driver = taken
            .filter(|taken| taken.is_revocable(now))
            .map(|taken| taken.by)
            .filter(|driver| self.status == PassportStatus::Active && self.hands.driver == Some(*driver))
            .ok_or(PassportRefusal::ActivationStands)?;
        if transfer_open {
            return Err(PassportRefusal::TransferOpen);
        }
        let hands = Hands { driver: None, ..self.hands };
        let fact = Fact::ActivationRevoked { passport_id: self.id, driver };
        let passport = Self { status: PassportStatus::Invited, ..self };
        Ok(passport.into_hands(hands, now, Some(by), vec![fact]))
    }

    /// Changes what is known about the vehicle.
    pub fn revise(self, vehicle: Vehicle) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        // The same plate with other dashes is the same plate, and yet people see something else.
        let is_same = vehicle == self.vehicle && vehicle.plate.typed() == self.vehicle.plate.typed();
        let facts = if is_same { vec![] } else { vec![Fact::PassportChanged { passport_id: self.id }] };
        Ok(Changed { passport: Self { vehicle, ..self }, custody: vec![], facts })
    }

    /// The garage puts the passport under another of its records of customers (rule P15). Nobody's hands change: who drives the
    /// car, and in which fleet it is, does not depend on that record.
    pub fn put_under(self, customer_id: CustomerId) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        if self.customer_id == Some(customer_id) {
            return Ok(Changed::nothing(self));
        }
        let (passport_id, former_customer) = (self.id, self.customer_id);
        let fact = Fact::PassportCustomerChanged { passport_id, customer_id, former_customer };
        Ok(Changed { passport: Self { customer_id: Some(customer_id), ..self }, custody: vec![], facts: vec![fact] })
    }

    /// Takes over the latest reading from its odometer ledger, after a reading was added there (rule OD10).
    pub fn show_odometer(self, reading_id: OdometerReadingId, latest_km: Option<i64>) -> Changed {
        let fact = Fact::OdometerRecorded { passport_id: self.id, reading_id };
        let vehicle = Vehicle { odometer_km: latest_km, ..self.vehicle };
        Changed { passport: Self { vehicle, ..self }, custody: vec![], facts: vec![fact] }
    }

    /// Links the passport to a fleet (rules L1 to L3). Linking it to the fleet in which it already is changes nothing.
    pub fn link(
        self,
        fleet: impl Into<FleetToJoin>,
        transfer_open: bool,
        by: AccountId,
        now: Instant,
    ) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        let fleet = fleet.into();
        if self.hands.fleet == Some(fleet.id) {
            return Ok(Changed::nothing(self));
        }
        if transfer_open {
            return Err(PassportRefusal::TransferOpen);
        }
        if self.hands.fleet.is_some() {
            return Err(PassportRefusal::InOtherFleet);
        }
        if fleet.is_closed {
            return Err(PassportRefusal::FleetClosed);
        }
        let hands = Hands { fleet: Some(fleet.id), ..self.hands };
        let (driver, change_id) = (self.hands.driver, None);
        let fact = Fact::PassportLinked { passport_id: self.id, fleet_id: fleet.id, driver, change_id };
        Ok(self.into_hands(hands, now, Some(by), vec![fact]))
    }

    /// Whether it is a pool car: one in a fleet that nobody drives, and that waits for nobody to activate it (rule F7).
    pub fn is_pool_car(&self) -> bool {
        self.status == PassportStatus::Active && self.hands.driver.is_none()
    }

    /// The fleet ends the access of whoever drives its car, or was invited to. The car stays in the fleet without a driver until
    /// it is handed on (rule F7). `customer` is the garage's record of the company, if it has one: who left uses the car no
    /// longer. A car without a driver stays as it is.
    pub fn end_driver(
        self,
        customer: Option<CustomerId>,
        link_change_open: bool,
        by: AccountId,
        now: Instant,
    ) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        let fleet_id = self.hands.fleet.ok_or(PassportRefusal::NotInFleet)?;
        if self.is_pool_car() {
            return Ok(Changed::nothing(self));
        }
        // After a link the driver is the side that may object, and would lose the car for good (rule L5).
        if link_change_open {
            return Err(PassportRefusal::LinkChangeOpen);
        }
        let driver = self.hands.driver;
        let hands = Hands { driver: None, ..self.hands };
        let fact = Fact::DriverEnded { passport_id: self.id, fleet_id, driver };
        let passport = Self { status: PassportStatus::Active, customer_id: customer, ..self };
        Ok(passport.into_hands(hands, now, Some(by), vec![fact]))
    }

    /// Unlinks the passport from its fleet (rules L1, L3 and F7).
    pub fn unlink(self, transfer_open: bool, by: AccountId, now: Instant) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        let fleet_id = self.hands.fleet.ok_or(PassportRefusal::NotInFleet)?;
        if transfer_open {
            return Err(PassportRefusal::TransferOpen);
        }
        // Else the car would be nobody's, and whoever drove it last must not get it.
        if self.is_pool_car() {
            return Err(PassportRefusal::WithoutDriver);
        }
        let hands = Hands { fleet: None, ..self.hands };
        let (driver, change_id) = (self.hands.driver, None);
        let fact = Fact::PassportUnlinked { passport_id: self.id, fleet_id, driver, change_id };
        Ok(self.into_hands(hands, now, Some(by), vec![fact]))
    }

    /// Archives the passport: it has no driver and no fleet from now on (rule P2), and its plate is free for another
    /// passport (rule P1).
    pub fn archive(self, pending: Pending, by: AccountId, now: Instant) -> Result<Changed, PassportRefusal> {
        self.in_use()?;
        if pending.transfer {
            return Err(PassportRefusal::TransferOpen);
        }
        // Else who may have the car back, or is asked about it, could not decide in time.
        if pending.link_change {
            return Err(PassportRefusal::LinkChangeOpen);
        }
        if pending.garage_change {
            return Err(PassportRefusal::GarageChangeOpen);
        }
        let Hands { driver, fleet } = self.hands;
        let pool_car = self.is_pool_car().then_some(true);
        let fact = Fact::PassportArchived { passport_id: self.id, driver, fleet_id: fleet, pool_car };
        let passport = Self { status: PassportStatus::Archived, ..self };
        Ok(passport.into_hands(Hands::default(), now, Some(by), vec![fact]))
    }

    /// Takes the passport back into use, with the hands that it had when it was archived (rule P11). A driver whose account has
    /// ended since, and a fleet that was closed, do not come back; without a driver the passport waits to be activated, as it
    /// did when it was new, unless it was a pool car (rule F7) and its fleet is still there.
    pub fn unarchive(
        self,
        archiving: Option<Archiving>,
        driver_remains: bool,
        fleet_is_open: bool,
        by: AccountId,
        now: Instant,
    ) -> Result<Changed, PassportRefusal> {
        if self.status != PassportStatus::Archived {
            return Err(PassportRefusal::NotArchived);
        }
        let limit = SignedDuration::from_hours(24 * UNARCHIVE_DAYS);
        let archiving = archiving
            .filter(|archiving| now.duration_since(archiving.at) < limit)
            .ok_or(PassportRefusal::ArchivedTooLong)?;
        let driver = archiving.hands.driver.filter(|_| driver_remains);
        let fleet = archiving.hands.fleet.filter(|_| fleet_is_open);
        let is_active = driver.is_some() || (archiving.pool_car && fleet.is_some());
        let status = if is_active { PassportStatus::Active } else { PassportStatus::Invited };
        let fact = Fact::PassportUnarchived { passport_id: self.id, driver, fleet_id: fleet };
        let passport = Self { status, ..self };
        Ok(passport.into_hands(Hands { driver, fleet }, now, Some(by), vec![fact]))
    }

    /// Changes the hands of the passport, and makes the entries of its history.
    pub(crate) fn into_hands(mut self, hands: Hands, now: Instant, by: Option<AccountId>, facts: Vec<Fact>) -> Changed {
        let custody = self.hands.change(hands, self.id, now, by);
        self.hands = hands;
        Changed { passport: self, custody, facts }
    }

    /// Refuses when the passport is archived: then it can only be read (rule P2).
    pub fn in_use(&self) -> Result<(), PassportRefusal> {
        if self.status == PassportStatus::Archived { Err(PassportRefusal::Archived) } else { Ok(()) }
    }

    /// The fleet to which it is linked.
    pub fn fleet(&self) -> Option<FleetId> {
        self.hands.fleet
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        custody::Holder,
        fleet::{Fleet, FleetStatus, tests::fleet},
        value::Country,
    };
    use uuid::Uuid;

    pub(crate) const GARAGE: GarageId = GarageId(Uuid::from_u128(1));
    pub(crate) const STAFF: AccountId = AccountId(Uuid::from_u128(2));
    pub(crate) const DRIVER: AccountId = AccountId(Uuid::from_u128(3));

    pub(crate) fn now() -> Instant {
        Instant::from_second(1_700_000_000).unwrap()
    }

    pub(crate) fn vehicle() -> Vehicle {
        let plate = LicencePlate::parse(Country::NL, "TT601D").unwrap();
        let id = VehicleId(Uuid::from_u128(20));
        Vehicle { id, plate, make: None, model: None, year: None, fuel: None, vin: None, odometer_km: None }
    }

    pub(crate) fn invited(fleet: Option<&Fleet>) -> Passport {
        let id = PassportId(Uuid::from_u128(10));
        let customer = CustomerId(Uuid::from_u128(11));
        Passport::create(id, GARAGE, customer, vehicle(), fleet.map(FleetToJoin::from), STAFF, now()).unwrap().passport
    }

    pub(crate) fn active(fleet: Option<&Fleet>) -> Passport {
        invited(fleet).activate(DRIVER, now()).unwrap().passport
    }

    /// A car in a fleet whose driver has left.
    pub(crate) fn pool_car(company: &Fleet) -> Passport {
        active(Some(company)).end_driver(company.customer_id, false, company.account_id, now()).unwrap().passport
    }

    fn archived() -> Passport {
        active(None).archive(Pending::default(), STAFF, now()).unwrap().passport
    }

    fn refusal(result: Result<Changed, PassportRefusal>) -> Option<PassportRefusal> {
        result.err()
    }

    #[test]
    fn p2_life_goes_from_invited_to_active_to_archived() {
        let passport = invited(None);
        assert_eq!(passport.status, PassportStatus::Invited);
        let passport = passport.activate(DRIVER, now()).unwrap().passport;
        assert_eq!(passport.status, PassportStatus::Active);
        assert_eq!(refusal(passport.clone().activate(DRIVER, now())), Some(PassportRefusal::AlreadyActive));
        assert_eq!(passport.may_invite(), Err(PassportRefusal::AlreadyActive));
        let passport = passport.archive(Pending::default(), STAFF, now()).unwrap().passport;
        assert_eq!(passport.status, PassportStatus::Archived);
        assert_eq!(passport.hands, Hands::default());
        assert_eq!(refusal(passport.clone().activate(DRIVER, now())), Some(PassportRefusal::Archived));
        assert_eq!(
            refusal(passport.clone().archive(Pending::default(), STAFF, now())),
            Some(PassportRefusal::Archived)
        );
        assert_eq!(refusal(passport.clone().revise(vehicle())), Some(PassportRefusal::Archived));
        assert_eq!(refusal(passport.unlink(false, STAFF, now())), Some(PassportRefusal::Archived));
    }

    #[test]
    fn p15_another_customer_leaves_the_car_in_its_hands() {
        let company = fleet(1);
        let other = CustomerId(Uuid::from_u128(77));
        for before in [invited(None), active(None), active(Some(&company)), pool_car(&company)] {
            let done = before.clone().put_under(other).unwrap();
            let (passport_id, former_customer) = (before.id, before.customer_id);
            let fact = Fact::PassportCustomerChanged { passport_id, customer_id: other, former_customer };
            assert_eq!((done.facts, done.custody), (vec![fact], vec![]));
            let expected = Passport { customer_id: Some(other), ..before };
            assert_eq!(done.passport, expected, "driver, fleet and status are as before");
            assert_eq!(expected.clone().put_under(other).unwrap(), Changed::nothing(expected));
        }
        assert_eq!(refusal(archived().put_under(other)), Some(PassportRefusal::Archived));
    }

    fn archiving(hands: Hands) -> Archiving {
        Archiving { at: now(), hands, pool_car: false }
    }

    #[test]
    fn f7_the_fleet_ends_a_drivers_access_at_once_and_the_car_stays_in_the_fleet() {
        let company = fleet(1);
        let before = active(Some(&company));
        let done = before.clone().end_driver(company.customer_id, false, company.account_id, now()).unwrap();
        let car = done.passport;
        assert_eq!((car.status, car.is_pool_car(), before.is_pool_car()), (PassportStatus::Active, true, false));
        assert_eq!(car.hands, Hands { driver: None, fleet: Some(company.id) });
        assert_eq!((car.hands.owner(), car.customer_id), (Holder::Fleet(company.id), company.customer_id));
        let (passport_id, fleet_id) = (car.id, company.id);
        assert_eq!(done.facts, [Fact::DriverEnded { passport_id, fleet_id, driver: Some(DRIVER) }]);
        let by = Some(company.account_id);
        let role = crate::custody::CustodyRole::Driver;
        let entry = CustodyEntry { passport_id, role, holder: Holder::Nobody, since: now(), changed_by: by };
        assert_eq!(done.custody, [entry], "the owner stays the same");
        let again = car.clone().end_driver(None, true, company.account_id, now()).unwrap();
        assert_eq!((again.passport, again.facts, again.custody), (car, vec![], vec![]));
    }

    #[test]
    fn f7_whoever_was_invited_to_a_fleets_car_can_be_ended_too() {
        let company = fleet(1);
        let done = invited(Some(&company)).end_driver(None, false, company.account_id, now()).unwrap();
        assert_eq!((done.passport.is_pool_car(), done.passport.customer_id), (true, None));
        let (passport_id, fleet_id) = (done.passport.id, company.id);
        assert_eq!(done.facts, [Fact::DriverEnded { passport_id, fleet_id, driver: None }]);
        assert_eq!(done.custody, []);
        assert_eq!(done.passport.may_invite(), Err(PassportRefusal::AlreadyActive), "nobody waits for a link");
    }

    #[test]
    fn f7_whose_access_cannot_be_ended() {
        let company = fleet(1);
        let by = company.account_id;
        assert_eq!(refusal(active(None).end_driver(None, false, by, now())), Some(PassportRefusal::NotInFleet));
        assert_eq!(refusal(archived().end_driver(None, false, by, now())), Some(PassportRefusal::Archived));
        let objecting = active(Some(&company)).end_driver(None, true, by, now());
        assert_eq!(refusal(objecting), Some(PassportRefusal::LinkChangeOpen));
    }

    #[test]
    fn f7_a_pool_car_becomes_nobodys_by_an_unlink() {
        let company = fleet(1);
        let unlinked = pool_car(&company).unlink(false, STAFF, now());
        assert_eq!(refusal(unlinked), Some(PassportRefusal::WithoutDriver));
        let pending = Pending::default();
        let archived = pool_car(&company).archive(pending, STAFF, now()).unwrap();
        let (passport_id, fleet_id) = (archived.passport.id, Some(company.id));
        assert_eq!(
            archived.facts,
            [Fact::PassportArchived { passport_id, driver: None, fleet_id, pool_car: Some(true) }]
        );
    }

    #[test]
    fn f7_a_pool_car_comes_back_from_the_archive_as_one() {
        let company = fleet(1);
        let hands = pool_car(&company).hands;
        let before = Archiving { pool_car: true, ..archiving(hands) };
        let back = |fleet| archived().unarchive(Some(before), true, fleet, STAFF, now()).unwrap().passport;
        assert_eq!((back(true).is_pool_car(), back(true).hands), (true, hands));
        assert_eq!((back(false).status, back(false).hands), (PassportStatus::Invited, Hands::default()));
    }

    #[test]
    fn p11_an_archived_passport_comes_back_in_the_hands_that_it_had() {
        let company = fleet(1);
        for before in [invited(None), active(None), invited(Some(&company)), active(Some(&company))] {
            let archived = before.clone().archive(Pending::default(), STAFF, now()).unwrap().passport;
            let back = archived.unarchive(Some(archiving(before.hands)), true, true, STAFF, now()).unwrap();
            assert_eq!((back.passport.status, back.passport.hands), (before.status, before.hands));
            assert_eq!(back.custody, Hands::default().change(before.hands, before.id, now(), Some(STAFF)));
            let Hands { driver, fleet: fleet_id } = before.hands;
            assert_eq!(back.facts, [Fact::PassportUnarchived { passport_id: before.id, driver, fleet_id }]);
        }
    }

    #[test]
    fn p11_who_is_gone_meanwhile_does_not_come_back() {
        let company = fleet(1);
        let hands = active(Some(&company)).hands;
        let back =
            |driver, fleet| archived().unarchive(Some(archiving(hands)), driver, fleet, STAFF, now()).unwrap().passport;
        let without_driver = back(false, true);
        assert_eq!((without_driver.status, without_driver.hands.fleet), (PassportStatus::Invited, Some(company.id)));
        let without_fleet = back(true, false);
        assert_eq!(
            (without_fleet.status, without_fleet.hands.owner()),
            (PassportStatus::Active, Holder::Account(DRIVER))
        );
        assert_eq!(back(false, false).hands, Hands::default());
    }

    #[test]
    fn p11_a_passport_comes_back_within_thirty_days() {
        let back = |archiving, now| refusal(archived().unarchive(archiving, true, true, STAFF, now));
        let limit = now() + SignedDuration::from_hours(24 * 30);
        assert_eq!(back(Some(archiving(Hands::default())), limit - SignedDuration::from_secs(1)), None);
        assert_eq!(back(Some(archiving(Hands::default())), limit), Some(PassportRefusal::ArchivedTooLong));
        assert_eq!(back(None, now()), Some(PassportRefusal::ArchivedTooLong));
        let in_use = active(None).unarchive(Some(archiving(Hands::default())), true, true, STAFF, now());
        assert_eq!(refusal(in_use), Some(PassportRefusal::NotArchived));
    }

    #[test]
    fn p3_activation_makes_the_driver_the_owner_outside_a_fleet_only() {
        assert_eq!(active(None).hands.owner(), Holder::Account(DRIVER));
        let company = fleet(1);
        assert_eq!(active(Some(&company)).hands.owner(), Holder::Fleet(company.id));
    }

    #[test]
    fn p14_the_garage_ends_an_activation_by_another_address_within_seven_days() {
        let taken = Taken { by: DRIVER, at: now() };
        let company = fleet(1);
        for fleet in [None, Some(&company)] {
            let revoked = active(fleet).revoke_activation(Some(taken), false, STAFF, now()).unwrap();
            assert_eq!(revoked.passport, invited(fleet), "everything is as it was");
            assert_eq!(revoked.facts, [Fact::ActivationRevoked { passport_id: invited(None).id, driver: DRIVER }]);
            assert!(!revoked.custody.is_empty(), "its history stays");
        }
        let late = now() + Taken::REVOCABLE;
        let other = Taken { by: STAFF, ..taken };
        let stands = Some(PassportRefusal::ActivationStands);
        assert_eq!(refusal(active(None).revoke_activation(Some(taken), false, STAFF, late)), stands);
        assert_eq!(refusal(active(None).revoke_activation(Some(other), false, STAFF, now())), stands, "it moved on");
        assert_eq!(refusal(active(None).revoke_activation(None, false, STAFF, now())), stands);
        assert_eq!(refusal(invited(None).revoke_activation(Some(taken), false, STAFF, now())), stands);
        let open = refusal(active(None).revoke_activation(Some(taken), true, STAFF, now()));
        assert_eq!(open, Some(PassportRefusal::TransferOpen));
    }

    #[test]
    fn p4_a_passport_is_made_in_a_fleet_in_the_same_act() {
        let company = fleet(1);
        assert_eq!(invited(Some(&company)).fleet(), Some(company.id));
        let closed = Fleet { status: FleetStatus::Closed, ..company };
        let id = PassportId(Uuid::from_u128(10));
        let made = Passport::create(
            id,
            GARAGE,
            CustomerId(Uuid::from_u128(11)),
            vehicle(),
            Some((&closed).into()),
            STAFF,
            now(),
        );
        assert_eq!(refusal(made), Some(PassportRefusal::FleetClosed));
    }

    #[test]
    fn l1_active_and_invited_passports_are_linked_and_unlinked_and_archived_ones_are_not() {
        let company = fleet(1);
        for passport in [invited(None), active(None)] {
            let linked = passport.link(&company, false, STAFF, now()).unwrap();
            assert_eq!(linked.passport.fleet(), Some(company.id));
            let unlinked = linked.passport.unlink(false, STAFF, now()).unwrap();
            assert_eq!(unlinked.passport.fleet(), None);
            assert_eq!(refusal(unlinked.passport.unlink(false, STAFF, now())), Some(PassportRefusal::NotInFleet));
        }
        assert_eq!(refusal(archived().link(&company, false, STAFF, now())), Some(PassportRefusal::Archived));
        let closed = Fleet { status: FleetStatus::Closed, ..company };
        assert_eq!(refusal(active(None).link(&closed, false, STAFF, now())), Some(PassportRefusal::FleetClosed));
    }

    #[test]
    fn l2_one_fleet_at_most() {
        let (one, other) = (fleet(1), fleet(2));
        let linked = active(Some(&one));
        assert_eq!(refusal(linked.clone().link(&other, false, STAFF, now())), Some(PassportRefusal::InOtherFleet));
        let again = linked.clone().link(&one, false, STAFF, now()).unwrap();
        assert_eq!((again.passport, again.facts, again.custody), (linked, vec![], vec![]));
    }

    #[test]
    fn l3_an_open_transfer_holds_link_unlink_and_archive() {
        let company = fleet(1);
        let open = Some(PassportRefusal::TransferOpen);
        assert_eq!(refusal(active(None).link(&company, true, STAFF, now())), open);
        assert_eq!(refusal(active(Some(&company)).unlink(true, STAFF, now())), open);
        assert_eq!(refusal(active(None).archive(Pending { transfer: true, ..Pending::default() }, STAFF, now())), open);
    }

    #[test]
    fn l4_link_and_unlink_name_the_driver_to_tell() {
        let company = fleet(1);
        let linked = active(None).link(&company, false, STAFF, now()).unwrap();
        let id = linked.passport.id;
        assert_eq!(
            linked.facts,
            [Fact::PassportLinked { passport_id: id, fleet_id: company.id, driver: Some(DRIVER), change_id: None }]
        );
        let unlinked = linked.passport.unlink(false, STAFF, now()).unwrap();
        assert_eq!(
            unlinked.facts,
            [Fact::PassportUnlinked { passport_id: id, fleet_id: company.id, driver: Some(DRIVER), change_id: None }]
        );
    }

    #[test]
    fn o10_a_passport_shows_what_its_ledger_says_last() {
        let reading_id = OdometerReadingId(Uuid::from_u128(5));
        let changed = active(None).show_odometer(reading_id, Some(12));
        assert_eq!(changed.passport.vehicle.odometer_km, Some(12));
        assert_eq!(changed.facts, [Fact::OdometerRecorded { passport_id: changed.passport.id, reading_id }]);
        assert_eq!((active(None).in_use(), archived().in_use()), (Ok(()), Err(PassportRefusal::Archived)));
    }

    #[test]
    fn p8_a_car_that_comes_back_is_what_was_written_of_it() {
        let (vin, plate) = (Vin::parse("VF3CCHMZ6JT004711").ok(), LicencePlate::parse(Country::NL, "TT602D").unwrap());
        let before =
            Vehicle { make: Some("Volkswagen".into()), year: Some(2015), vin, odometer_km: Some(9), ..vehicle() };
        let now = Vehicle { year: Some(2016), plate: plate.clone(), make: None, odometer_km: None, ..vehicle() };
        let back = now.clone().begins_where(before.clone());
        assert_eq!(
            back,
            Vehicle { make: before.make, vin: before.vin, year: Some(2016), plate, odometer_km: None, ..now }
        );
    }

    #[test]
    fn o3_of_the_first_admission_the_year_is_known() {
        assert_eq!(vehicle().admitted_from(), None);
        let of = |year| Vehicle { year: Some(year), ..vehicle() }.admitted_from();
        assert_eq!((of(2013), of(MIN_YEAR)), ("2013-01-01".parse().ok(), "1880-01-01".parse().ok()));
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_event() {
        assert_eq!(active(None).revise(vehicle()).unwrap().facts, []);
        let driven = Vehicle { odometer_km: Some(12), ..vehicle() };
        assert_eq!(active(None).revise(driven).unwrap().facts.len(), 1);
    }
}
