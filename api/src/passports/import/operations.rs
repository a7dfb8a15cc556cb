//! What an import does: each line is decided as a passport that is made by itself, and all are stored together.

use crate::{
    car_status::operations::{NewCars, refresh_car},
    clock::{local_date, new_id},
    command::Work,
    customer::wire::NewCustomer,
    json_lines::Line,
    line_import::{PassedCar, Tally},
    occupancy::{self, ImportTries},
    odometer::operations::{self as odometer_operations, Draft},
    passport::{operations::vehicle, wire::NewPassport},
    problem::{Code, FieldProblem, Place, Problem},
};
use domain::{
    Date, Instant,
    access::{Action, Actor},
    car_status::Standing,
    custody::CustodyEntry,
    customer::{Customer, EmailSource, PossibleDuplicate, SharedContact, possible_duplicates},
    event::{Fact, Stream},
    fleet::Fleet,
    garage::Garage,
    ids::{CustomerId, FleetId, GarageId, PassportId, VehicleId},
    invitation::{Invitation, Purpose},
    licence_plate::LicencePlate,
    occupancy::{Occupancy, Occupant},
    odometer::OdometerReading,
    passport::{Passport, PassportRefusal, Vehicle},
    registration::Registration,
    value::{EmailAddress, PhoneNumber, search_key},
};
use persistence::{self as store, Found};
use std::collections::{BTreeSet, HashMap};

/// How many records that share an address are looked at for one line (rule CU8): of an address of a whole company there may be many.
const MOST_SHARING: usize = 100;

/// Whether who acts may import; the garage they do it for.
pub(super) fn may_import(work: &mut Work<'_, '_>) -> Result<GarageId, Problem> {
    work.require_staff(Action::CustomerChange)?;
    work.require_staff(Action::PassportManage)
}

/// Stores what the lines say, in one transaction (rules K9, P1 to P5, P7, P9, CU3, CU4, CU6, CU8, R19, R36, OD3, OD10).
pub(super) fn import(work: &mut Work<'_, '_>, lines: &[Line<NewPassport>], invite: bool) -> Result<Tally, Problem> {
    let garage = may_import(work)?;
    let plates: Vec<LicencePlate> =
        lines.iter().filter_map(|line| Some(line.content.as_ref().ok()?.licence_plate.0.clone())).collect();
    occupancy::lock(work, garage, &plates)?;
    let (garage, _) = store::garage::find(work.tx, garage)?.ok_or(Code::NotFound)?;
    let known = Known::load(work, &garage, &plates, lines)?;
    let actor = work.actor()?.clone();
    let today = local_date(work.now, &garage.time_zone);
    let schedules = store::maintenance_schedule::of_garage(work.tx, garage.id)?;
    let cars = NewCars::new(&schedules, today);
    let mut tries = ImportTries::new(work, garage.id)?;
    let mut import = Import { garage, actor, now: work.now, today, invite, known, cars, made: Made::default() };
    let mut tally = Tally::default();
    for line in lines {
        let mut odd = vec![];
        let content = line.content.as_ref().map_err(Problem::clone);
        let mut outcome = content.and_then(|new| import.line(new, &tries, &mut odd));
        if outcome.as_ref().is_err_and(|problem| problem.code == Code::PassportExists) && !tries.count(work)? {
            outcome = Err(Code::TooManyAttempts.into());
        }
        let outcome = outcome.map(|found| match found {
            OfLine::Made(passport) => {
                tally.warn(line.number, odd);
                tally.meet(line.number, passport);
                true
            }
            OfLine::There(passport, plate) => {
                tally.pass(PassedCar { line: line.number, plate, passport });
                false
            }
        });
        tally.count(line.number, outcome);
    }
    tally.beside = u64::try_from(import.made.customers.len()).unwrap_or_default();
    import.made.save(work, import.garage.id)?;
    Ok(tally)
}

/// What the garage has of what the lines refer to: a look at each table for all of them.
struct Known {
    /// What the garage finds at those plates that have a passport.
    found: HashMap<LicencePlate, Occupancy>,
    /// Cars that the garage had and that come back (rule R19).
    vehicles: HashMap<LicencePlate, Found<VehicleId>>,
    /// The readings of their odometers (rule P8).
    ledgers: HashMap<VehicleId, Vec<OdometerReading>>,
    /// What was written of them last (rule P8).
    written: HashMap<VehicleId, Vehicle>,
    /// What is kept of what the register told of them before (rule R36).
    told: HashMap<LicencePlate, Registration>,
    customers: HashMap<CustomerId, Customer>,
    /// By the keys of e-mail and name; of several, the oldest.
    by_email: HashMap<(String, String), CustomerId>,
    /// By mobile number and the key of the name, the oldest first.
    by_mobile: HashMap<(String, String), Vec<CustomerId>>,
    /// By the key of the e-mail, and by the mobile number, the oldest first.
    by_contact: HashMap<String, Vec<CustomerId>>,
    fleets: HashMap<FleetId, Fleet>,
}

impl Known {
    fn load(
        work: &mut Work<'_, '_>,
        garage: &Garage,
        plates: &[LicencePlate],
        lines: &[Line<NewPassport>],
    ) -> Result<Self, Problem> {
        let news = || lines.iter().filter_map(|line| line.content.as_ref().ok());
        let emails: Vec<EmailAddress> =
            news().filter_map(|new| Some(new.customer.as_ref()?.email.clone()?.0)).collect();
        let customer_ids: Vec<CustomerId> = news().filter_map(|new| Some(new.customer_id?.0.into())).collect();
        let fleet_ids: Vec<FleetId> = news().filter_map(|new| Some(new.fleet_id?.0.into())).collect();
        let scope = work.scope()?;
        // Plates that may be the same beside them (rule K9).
        let asked: Vec<_> = plates.iter().cloned().chain(plates.iter().flat_map(LicencePlate::may_be)).collect();
        let occupants = store::occupancy::occupants(work.tx, &asked)?;
        let found = |(plate, occupant)| (plate, Occupancy::of(garage.id, Some(occupant), work.now));
        let with_vin = |new: &NewPassport| Some((new.licence_plate.0.clone(), new.vin.as_ref()?.0.clone()));
        let with_vins: Vec<_> = news().filter_map(with_vin).collect();
        let mut vehicles = store::plates::known_by_vin(work.tx, garage.id, &with_vins)?;
        vehicles.extend(store::plates::known_to_any(work.tx, garage.id, plates)?);
        let (mut ledgers, mut written) = (HashMap::new(), HashMap::new());
        // Few cars come back.
        for vehicle in vehicles.values() {
            ledgers.insert(**vehicle, store::odometer::ledger(work.tx, *vehicle)?);
            written
                .extend(store::passport::last_of_vehicle(work.tx, garage.id, *vehicle)?.map(|last| (**vehicle, last)));
        }
        let mut known = Self {
            found: occupants.into_iter().map(found).collect(),
            vehicles,
            ledgers,
            written,
            told: store::registration::kept_of(work.tx, plates)?,
            customers: HashMap::new(),
            by_email: HashMap::new(),
            by_mobile: HashMap::new(),
            by_contact: HashMap::new(),
            fleets: store::fleet::find_all(work.tx, &scope, &fleet_ids)?
                .into_iter()
                .map(|fleet| (fleet.id, fleet))
                .collect(),
        };
        let mobile = |new: &NewPassport| new.customer.as_ref()?.mobile_number(garage);
        let mobiles: Vec<PhoneNumber> = news().filter_map(mobile).collect();
        let mut sharing = store::customer::find_by_emails(work.tx, garage.id, &emails)?;
        sharing.extend(store::customer::find_by_mobiles(work.tx, garage.id, &mobiles)?);
        sharing.sort_by_key(|customer| customer.id);
        for customer in sharing {
            known.remember(customer);
        }
        for customer in store::customer::find_all(work.tx, &scope, &customer_ids)? {
            known.customers.insert(customer.id, customer);
        }
        Ok(known)
    }

    fn remember(&mut self, customer: Customer) {
        if self.customers.contains_key(&customer.id) {
            return;
        }
        let name = search_key(&customer.name);
        let (email, mobile) = contacts(&customer);
        for contact in email.into_iter().chain(mobile.map(str::to_owned)) {
            self.by_contact.entry(contact).or_default().push(customer.id);
        }
        if let Some(mobile) = &customer.mobile {
            self.by_mobile.entry((mobile.as_str().to_owned(), name.clone())).or_default().push(customer.id);
        }
        if let Some(email) = &customer.email {
            self.by_email.entry((email.key(), name)).or_insert(customer.id);
        }
        self.customers.insert(customer.id, customer);
    }

    /// The record of who is called so and has this e-mail, or this mobile number where no other e-mail contradicts it. Whoever is
    /// invited needs the e-mail of the line, which a record without one does not get.
    fn record_of(&self, new: &NewCustomer, mobile: Option<PhoneNumber>, invite: bool) -> Option<&Customer> {
        let name = search_key(&new.name.0);
        let email = new.email.as_ref().map(|email| email.0.key());
        let with_email = email.clone().and_then(|email| self.by_email.get(&(email, name.clone())));
        if let Some(known) = with_email.and_then(|id| self.customers.get(id)) {
            return Some(known);
        }
        let fits = |known: &&Customer| match (&email, known.email.as_ref().map(EmailAddress::key)) {
            (None, _) => true,
            (Some(_), None) => !invite,
            (Some(sent), Some(known)) => *sent == known,
        };
        let with_mobile = self.by_mobile.get(&(mobile?.as_str().to_owned(), name))?;
        with_mobile.iter().filter_map(|id| self.customers.get(id)).find(fits)
    }

    /// The record that may be of the same customer as a new one (rule CU8): the first, of several.
    fn like(&self, new: &Customer) -> Option<FieldProblem> {
        let (email, mobile) = contacts(new);
        let contacts = email.as_deref().into_iter().chain(mobile);
        let sharing = contacts.filter_map(|contact| self.by_contact.get(contact));
        let ids: BTreeSet<CustomerId> = sharing.flat_map(|ids| ids.iter().take(MOST_SHARING).copied()).collect();
        let others = ids.iter().filter_map(|id| self.customers.get(id));
        let sharing =
            others.map(|other| PossibleDuplicate { id: other.id, name: other.name.clone(), why: shared(new, other) });
        let other = possible_duplicates(&new.name, sharing.collect()).into_iter().next()?;
        let field = FieldProblem::saying(Place::Body("/customer".to_owned()), "customer_may_be_known", other.name);
        Some(FieldProblem { other: Some(other.id.0), ..field })
    }
}

/// By what a customer can be reached: the key of the e-mail, and the mobile number.
fn contacts(customer: &Customer) -> (Option<String>, Option<&str>) {
    (customer.email.as_ref().map(EmailAddress::key), customer.mobile.as_ref().map(PhoneNumber::as_str))
}

/// What two records share.
fn shared(one: &Customer, other: &Customer) -> Vec<SharedContact> {
    let ((email, mobile), (other_email, other_mobile)) = (contacts(one), contacts(other));
    SharedContact::of((email.as_deref(), mobile), (other_email.as_deref(), other_mobile))
}

/// What the lines have made so far.
#[derive(Default)]
struct Made {
    /// The passports of other garages that lapsed, and whose plates are taken.
    lapsed: Vec<Occupant>,
    customers: Vec<Customer>,
    /// How the garage got the addresses of customers whom it had.
    sources: Vec<(CustomerId, EmailSource)>,
    vehicles: Vec<Vehicle>,
    passports: Vec<(Passport, Standing)>,
    /// Those of cars that come back, of which more is known.
    returned: Vec<(PassportId, Vehicle)>,
    custody: Vec<Vec<CustodyEntry>>,
    readings: Vec<store::odometer::NewReading>,
    links: Vec<Invitation>,
    facts: Vec<Fact>,
}

impl Made {
    fn save(self, work: &mut Work<'_, '_>, garage: GarageId) -> Result<(), Problem> {
        for lapsed in &self.lapsed {
            occupancy::end(work, lapsed)?;
        }
        store::customer::insert_all(work.tx, &self.customers, work.now)?;
        for (customer, source) in self.sources {
            store::customer::write_source(work.tx, garage, customer, source, work.now)?;
        }
        store::plates::insert_all(work.tx, &self.vehicles, work.now)?;
        let judged = self.passports.iter().map(|(passport, standing)| (passport, Some(standing)));
        let mut known: BTreeSet<PassportId> =
            store::passport::insert_judged(work.tx, judged, work.now)?.into_iter().collect();
        store::custody::begin(work.tx, &self.custody)?;
        store::odometer::insert_all(work.tx, &self.readings)?;
        work.issue_all(self.links)?;
        work.record(Stream::Garage(garage), self.facts)?;
        for (car, vehicle) in self.returned {
            store::plates::come_back(work.tx, &vehicle, work.now)?;
            known.insert(car);
        }
        for car in known {
            refresh_car(work.tx, car, work.now)?;
        }
        Ok(())
    }
}

/// What became of a line that was not refused.
enum OfLine {
    /// A passport was made.
    Made(PassportId),
    /// The garage has this passport of the car with this plate.
    There(PassportId, LicencePlate),
}

/// An import under way.
struct Import<'s> {
    garage: Garage,
    actor: Actor,
    now: Instant,
    today: Date,
    invite: bool,
    known: Known,
    cars: NewCars<'s>,
    made: Made,
}

impl Import<'_> {
    /// Makes what a line says, unless the garage has the car's passport. Nothing is kept of a line that is refused. What is left
    /// out of a new customer, or is odd in it, goes to `odd`.
    fn line(&mut self, new: &NewPassport, tries: &ImportTries, odd: &mut Vec<FieldProblem>) -> Result<OfLine, Problem> {
        let plate = new.licence_plate.0.clone();
        let found = self.known.found.get(&plate).copied().unwrap_or(Occupancy::Free);
        if let Occupancy::Own(passport) = found {
            // Of customers whom the garage has already, the same list says how their addresses were obtained.
            if let Some(source) = self.source(new.customer.as_ref())? {
                self.write_source(source);
            }
            return Ok(OfLine::There(passport, plate));
        }
        let fleet = match new.fleet_id {
            Some(id) => {
                Some(self.known.fleets.get(&id.0.into()).ok_or_else(|| Problem::body("/fleetId", "not_found"))?)
            }
            None => None,
        };
        let (customer, is_new) = self.customer(new.customer_id.map(|id| id.0.into()), new.customer.as_ref(), odd)?;
        let source = self.source(new.customer.as_ref())?;
        odd.extend(self.like(&plate));
        let known = self.known.vehicles.get(&plate).map(|vehicle| **vehicle);
        let by = self.actor.account_id();
        let mut readings = known.and_then(|known| self.known.ledgers.get(&known)).cloned().unwrap_or_default();
        let mut vehicle = vehicle(new, plate.clone(), known.unwrap_or_else(new_id));
        let before = known.and_then(|known| self.known.written.get(&known).cloned());
        vehicle = before.into_iter().fold(vehicle, Vehicle::begins_where);
        vehicle.odometer_km = odometer_operations::latest_km(&readings);
        if let Some(data) = self.known.told.get(&plate).and_then(|told| told.data.as_ref()) {
            vehicle = data.complete(vehicle);
        }
        let made =
            Passport::create(new_id(), self.garage.id, customer.id, vehicle, fleet.map(Into::into), by, self.now)?;
        let (mut passport, mut facts) = (made.passport, made.facts);
        let reading = match new.odometer_km {
            Some(km) => {
                let draft = Draft::of_today(km.0)?;
                let (actor, today) = (&self.actor, self.today);
                let (read, reading) =
                    odometer_operations::first(passport, &mut readings, &draft, actor, today, self.now)?;
                passport = read.passport;
                facts.extend(read.facts);
                Some(((passport.id, passport.vehicle.id), reading))
            }
            None => None,
        };
        let link = self.invite.then(|| self.link(passport.id, &customer)).transpose()?;
        // Last, as when it is made by itself: a line that would be refused anyway does not tell of another garage's car.
        if tries.is_exhausted() {
            return Err(Code::TooManyAttempts.into());
        }
        match found {
            Occupancy::Taken => return Err(Code::PassportExists.into()),
            Occupancy::Lapsed(occupant) => self.made.lapsed.push(occupant),
            Occupancy::Free | Occupancy::Own(_) => {}
        }
        if let Some(source) = source {
            self.write_source(source);
        }
        facts.extend(link.as_ref().map(Invitation::issued));
        let driving = customer.driving.clone();
        if is_new {
            self.made.facts.push(Fact::CustomerCreated { customer_id: customer.id });
            self.made.customers.push(customer.clone());
            self.known.remember(customer);
        }
        let told = self.known.told.get(&plate);
        let read = reading.as_ref().map(|(_, reading)| reading);
        let standing = self.cars.judge(&passport.vehicle, told, &driving, read);
        let id = passport.id;
        self.known.found.insert(plate, Occupancy::Own(id));
        match known {
            None => self.made.vehicles.push(passport.vehicle.clone()),
            Some(_) => self.made.returned.push((passport.id, passport.vehicle.clone())),
        }
        self.made.passports.push((passport, standing));
        self.made.custody.push(made.custody);
        self.made.readings.extend(reading);
        self.made.links.extend(link);
        self.made.facts.extend(facts);
        Ok(OfLine::Made(id))
    }

    /// The passports of the garage that may be of the same car as a new one with this plate (rule K9).
    fn like(&self, plate: &LicencePlate) -> Vec<FieldProblem> {
        let may_be = plate.may_be();
        let odd = |other: &LicencePlate| {
            let Some(Occupancy::Own(passport)) = self.known.found.get(other) else { return None };
            // Of the two, one says where its district ends.
            let is_clear = plate.number().contains('-');
            let (code, times) = if is_clear { ("own_plate_may_be", 1) } else { ("plate_may_be_own", 2) };
            let field = FieldProblem::new(Place::Body("/licencePlate/number".to_owned()), code);
            Some(FieldProblem { other: Some(passport.0), said: vec![other.shown(); times], ..field })
        };
        may_be.iter().filter_map(odd).collect()
    }

    /// The customer that a line names or describes, and whether the record is new. What is left out of it, or is odd in it, goes to
    /// `odd` (rules CU3, CU4, CU6 and CU8).
    fn customer(
        &self,
        id: Option<CustomerId>,
        new: Option<&NewCustomer>,
        odd: &mut Vec<FieldProblem>,
    ) -> Result<(Customer, bool), Problem> {
        match (id, new) {
            (Some(id), _) => {
                let found = self.known.customers.get(&id).filter(|customer| customer.garage_id == self.garage.id);
                Ok((found.ok_or_else(|| Problem::body("/customerId", "not_found"))?.clone(), false))
            }
            (None, Some(new)) => {
                let mobile = new.mobile_number(&self.garage);
                if let Some(customer) = self.known.record_of(new, mobile, self.invite) {
                    if new.email.is_some() && customer.email.is_none() {
                        let field = FieldProblem::new(Place::Body("/customer/email".to_owned()), "email_not_in_record");
                        odd.push(FieldProblem { other: Some(customer.id.0), ..field });
                    }
                    return Ok((customer.clone(), false));
                }
                let new = new.clone();
                let customer = new.as_far_as_read(new_id(), &self.garage, self.today, ("/customer", odd))?;
                if let Some(meant) = customer.email.as_ref().and_then(EmailAddress::suggestion) {
                    let place = Place::Body("/customer/email".to_owned());
                    odd.push(FieldProblem::saying(place, "email_misspelled", meant.as_str().to_owned()));
                }
                odd.extend(self.known.like(&customer));
                Ok((customer, true))
            }
            (None, None) => Err(Problem::body("/customerId", "required")),
        }
    }

    /// How the garage got the address of a customer whom it has, when a line says so and it was not known (rule ML3).
    fn source(&self, new: Option<&NewCustomer>) -> Result<Option<(CustomerId, EmailSource)>, Problem> {
        let Some((new, sent)) = new.and_then(|new| Some((new, new.email_source.as_ref()?))) else { return Ok(None) };
        let source = sent.check(self.today, "/customer")?;
        let (customer, is_new) = self.customer(None, Some(new), &mut vec![])?;
        // The line may have no e-mail, and the record none or another.
        let sent = new.email.as_ref().map(|email| email.0.key());
        let is_of_record = sent.is_some() && sent == customer.email.as_ref().map(EmailAddress::key);
        Ok((!is_new && is_of_record && customer.email_source.is_none()).then_some((customer.id, source)))
    }

    fn write_source(&mut self, (id, source): (CustomerId, EmailSource)) {
        if let Some(known) = self.known.customers.get_mut(&id) {
            known.email_source = Some(source);
        }
        self.made.sources.push((id, source));
        self.made.facts.push(Fact::CustomerChanged { customer_id: id });
    }

    /// The link to activate a passport (rule P3).
    fn link(&self, passport: PassportId, customer: &Customer) -> Result<Invitation, Problem> {
        let email = customer.email.clone().ok_or(PassportRefusal::CustomerWithoutEmail)?;
        Ok(Invitation::new(new_id(), Purpose::Passport(passport), Some(self.garage.id), email, self.now))
    }
}
