//! Fills a migrated, empty database with the data of `make bench`, by the product's own store, as the domain makes it: so
//! it is what the server itself would have left there, whatever the tables look like.
//!
//! Several write at once, each the cars of its own garages, so that none waits for another's lock. Each transaction has
//! the cars of some blocks, and all that it makes has one time, as in an import.

use crate::{
    data::{Data, Shape},
    past::{Judge, Past, PastCheck},
    world::{Car, World, text},
};
use api::{
    clock::{Clock, SystemClock},
    demo, passwords,
};
use clap::Args;
use domain::{
    Date, Instant,
    account::Account,
    car_status::Standing,
    custody::CustodyEntry,
    customer::Customer,
    event::{Fact, Stream},
    fleet::Fleet,
    ids::{AccountId, EventId, GarageId},
    passport::Passport,
    recommendation::Recommendation,
    service_record::ServiceRecord,
};
use jiff::{ToSpan, tz::TimeZone};
use persistence::{self as store, AsStoreError, DatabaseUrl, Store, StoreError, Tx, session::Session};
use std::{io::Write, thread};

/// How much, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The address of the database
    #[arg(long, env = "AUTOPASPOORT_DATABASE_URL", hide_env_values = true)]
    database_url: DatabaseUrl,
    /// How many cars; rounded up to whole garages
    #[arg(long)]
    cars: usize,
    /// How many write at once; one alone can on SQLite
    #[arg(long, default_value = "1")]
    writers: u32,
    /// With all of the past: events, hands, plates that vehicles had, what was done to the cars and found on them
    #[arg(long)]
    history: bool,
}

/// How many garages, and how many blocks of cars, come in one transaction.
const GARAGES: usize = 50;
const BLOCKS: usize = 40;

/// Over how many days the looks at the cars are spread.
const LOOKS: i64 = 180;

/// What went wrong: the store may have more to say of it, such as that the transaction is to be run again.
enum Trouble {
    Store(StoreError),
    Data(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Self::Data(what)
    }
}

impl AsStoreError for Trouble {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Data(_) => None,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Data(what) => f.write_str(what),
        }
    }
}

/// Fills the database. Each line that it prints says how many cars more are there.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let data = Data::read()?;
    let shape = Shape::new(&data, options.cars);
    let filler = Filler {
        world: World::new(data, shape, password_hash()?, SystemClock.now()),
        store: Store::open(&options.database_url, options.writers).map_err(text)?,
        writers: usize::try_from(options.writers).map_err(text)?.clamp(1, shape.garages),
        has_history: options.history,
    };
    filler.store.write(|tx| store::event::create_stream(tx, Stream::Platform)).map_err(text)?;
    thread::scope(|scope| {
        let writers: Vec<_> = (0..filler.writers)
            .map(|writer| {
                let filler = &filler;
                scope.spawn(move || filler.write(writer))
            })
            .collect();
        writers.into_iter().try_for_each(|writer| writer.join().map_err(|_| "a writer panicked".to_owned())?)
    })
}

/// The hash of the demo's password: everyone has the same one.
fn password_hash() -> Result<String, String> {
    let passwords = passwords::Passwords::new(passwords::OWASP, 1).map_err(text)?;
    let hash = actix_web::rt::System::new().block_on(passwords.hash(demo::PASSWORD));
    hash.map_err(|_| "the password could not be hashed".to_owned())
}

/// Who fills a database.
struct Filler {
    world: World,
    store: Store,
    writers: usize,
    has_history: bool,
}

impl Filler {
    /// Stores what one of the writers has to: its garages first, then their cars.
    fn write(&self, writer: usize) -> Result<(), String> {
        let shape = self.world.shape;
        let garages: Vec<usize> = (writer..shape.garages).step_by(self.writers).collect();
        for some in garages.chunks(GARAGES) {
            self.store.write(|tx| self.lay_garages(tx, some)).map_err(text)?;
        }
        let blocks: Vec<usize> =
            (0..shape.blocks).filter(|block| block % shape.garages % self.writers == writer).collect();
        let mut judge = Judge::default();
        for some in blocks.chunks(BLOCKS) {
            let made = self.make(some, &mut judge)?;
            self.store.write(|tx| self.lay_blocks(tx, &made)).map_err(text)?;
            writeln!(std::io::stdout(), "{}", some.len() * self.world.data.block).map_err(text)?;
        }
        Ok(())
    }

    /// Garages, each with its stream of events and its staff.
    fn lay_garages(&self, tx: &mut Tx<'_>, numbers: &[usize]) -> Result<(), Trouble> {
        let (world, at) = (&self.world, self.world.shape.time(0)?);
        for number in numbers.iter().copied() {
            let (garage, staff) = (world.garage(number)?, world.staff(number)?);
            let stream = Stream::Garage(garage.id);
            store::garage::insert(tx, &garage, at)?;
            store::event::create_stream(tx, stream)?;
            let added = staff.iter().map(|(account, _)| Fact::StaffAdded { account_id: account.id });
            let facts = [Fact::GarageCreated {}].into_iter().chain(added);
            if self.has_history {
                let numbered =
                    facts.enumerate().map(|(index, fact)| Ok((world.data.garage_event(number, index)?, fact)));
                store::event::append_all(tx, stream, None, numbered.collect::<Result<_, String>>()?, at)?;
            }
            let (staff, signed_in): (Vec<Account>, Vec<Session>) = staff.into_iter().unzip();
            store::account::insert_all(tx, &staff, at)?;
            sign_in(tx, &signed_in)?;
        }
        Ok(())
    }

    /// The cars of blocks, with the fleets that come with some of them.
    fn make(&self, blocks: &[usize], judge: &mut Judge) -> Result<Made, String> {
        let (world, shape) = (&self.world, self.world.shape);
        let at = shape.time(blocks.first().copied().unwrap_or_default())?;
        let mut made = Made { at, ..Made::default() };
        for block in blocks.iter().copied() {
            let garage = block % shape.garages;
            let mut laid = Laid::new(world.data.garage_id(garage)?, world.admin_id(garage)?);
            for (mut car, number) in world.cars(block)?.into_iter().zip(block * world.data.block..) {
                let past = Past::of(world, judge, (number, &mut car), at)?;
                made.add(world, number, car, past, &mut laid)?;
            }
            if block < shape.fleets {
                let (account, session) = world.fleet_account(block)?;
                let (fleet, fact) = world.fleet(block)?;
                made.accounts.push(account);
                made.sessions.push(session);
                made.fleets.push(fleet);
                // One more thing that happened with the last car.
                let last = block * world.data.block + world.data.block - 1;
                laid.facts.push((world.data.car_event(last, laid.of_car)?, fact));
            }
            made.blocks.push(laid);
        }
        Ok(made)
    }

    /// On which day the car with a number is looked at again for reminders: in the half year that begins in two days.
    fn look_on(&self, number: i64) -> Result<Option<Date>, Trouble> {
        let today = self.world.now.to_zoned(TimeZone::UTC).date();
        Ok(Some(today.checked_add((number % LOOKS + 2).days()).map_err(text)?))
    }

    fn lay_blocks(&self, tx: &mut Tx<'_>, made: &Made) -> Result<(), Trouble> {
        let at = made.at;
        store::account::insert_all(tx, &made.accounts, at)?;
        store::customer::insert_all(tx, &made.customers, at)?;
        for fleet in &made.fleets {
            store::fleet::insert(tx, fleet, at)?;
        }
        let judged = made.passports.iter().map(|(passport, standing)| (passport, Some(standing)));
        store::passport::insert_judged(tx, judged, at)?;
        // As if all that is due today had been reminded of: else a server would do so in the midst of a measure.
        let looked =
            made.passports.iter().zip(0..).map(|((passport, _), index)| Ok((passport.id, self.look_on(index)?)));
        store::reminder::look_again(tx, &looked.collect::<Result<Vec<_>, Trouble>>()?)?;
        if self.has_history {
            let vehicles = made.passports.iter().map(|(passport, _)| &passport.vehicle);
            store::plates::insert_all(tx, vehicles, at)?;
            store::custody::begin(tx, &made.custody)?;
            store::odometer::insert_all(tx, &made.readings)?;
            for laid in &made.blocks {
                for done in &laid.checks {
                    let begun = done.completed.at;
                    store::vehicle_check::insert(tx, laid.garage, &done.check, done.completed.by, begun)?;
                    store::vehicle_check::complete(tx, &done.check, done.completed, done.reading)?;
                }
            }
            store::service_record::insert_all(tx, &made.records)?;
            for laid in &made.blocks {
                store::recommendation::insert_all(tx, laid.garage, Some(laid.by), &laid.recommendations, at)?;
                store::event::append_all(tx, Stream::Garage(laid.garage), Some(laid.by), laid.facts.clone(), at)?;
            }
        }
        sign_in(tx, &made.sessions)
    }
}

/// Stores sessions, each with a refresh token. Nobody has what its hash could be of.
fn sign_in(tx: &mut Tx<'_>, new: &[Session]) -> Result<(), Trouble> {
    let with_token = |session: &Session| {
        let id = session.id.0.into_bytes();
        (session.clone(), [id, id].concat())
    };
    Ok(store::session::insert_all(tx, &new.iter().map(with_token).collect::<Vec<_>>())?)
}

/// What is stored in one transaction.
#[derive(Default)]
struct Made {
    /// When all of it was made.
    at: Instant,
    accounts: Vec<Account>,
    customers: Vec<Customer>,
    fleets: Vec<Fleet>,
    passports: Vec<(Passport, Standing)>,
    custody: Vec<Vec<CustodyEntry>>,
    readings: Vec<store::odometer::NewReading>,
    records: Vec<ServiceRecord>,
    sessions: Vec<Session>,
    blocks: Vec<Laid>,
}

/// What a block has of what is stored garage by garage.
struct Laid {
    garage: GarageId,
    by: AccountId,
    facts: Vec<(EventId, Fact)>,
    checks: Vec<PastCheck>,
    recommendations: Vec<Recommendation>,
    /// How many facts the last car has.
    of_car: usize,
}

impl Laid {
    fn new(garage: GarageId, by: AccountId) -> Self {
        Self { garage, by, facts: vec![], checks: vec![], recommendations: vec![], of_car: 0 }
    }
}

impl Made {
    fn add(&mut self, world: &World, number: usize, car: Car, past: Past, laid: &mut Laid) -> Result<(), String> {
        laid.of_car = car.facts.len();
        for (index, fact) in car.facts.into_iter().enumerate() {
            laid.facts.push((world.data.car_event(number, index)?, fact));
        }
        laid.checks.extend(past.checks);
        laid.recommendations.extend(past.recommendations);
        self.sessions.push(world.driver_session(number, car.driver.id)?);
        self.accounts.push(car.driver);
        self.customers.push(car.customer);
        self.passports.push((car.passport, past.standing));
        self.custody.push(car.custody);
        self.readings.extend(past.readings);
        self.records.extend(past.records);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::{access::Standing, ids::SessionId};
    use persistence::{
        Found, PageRequest, Scope, passport::PassportFilter, service_record::ServiceRecordFilter,
        vehicle_check::CheckFilter,
    };

    /// A database with one garage, in a folder that goes with it.
    pub(crate) fn filled(history: bool) -> (tempfile::TempDir, Store, DatabaseUrl) {
        let folder = tempfile::tempdir().unwrap();
        let database_url: DatabaseUrl = format!("sqlite://{}/bench.db", folder.path().display()).parse().unwrap();
        let store = Store::open(&database_url, 1).unwrap();
        store.migrate().unwrap();
        run(&Options { database_url: database_url.clone(), cars: 1000, writers: 1, history }).unwrap();
        (folder, store, database_url)
    }

    fn page<K>(limit: usize) -> PageRequest<K> {
        PageRequest { after: None, limit, updated_since: None }
    }

    #[test]
    fn the_data_is_what_the_measures_ask_for() {
        let (_folder, store, _) = filled(true);
        let data = Data::read().unwrap();
        let kinds = &data.id_kinds;
        let standing =
            |session: SessionId| store.read(|tx| store::account::actor(tx, session)).unwrap().unwrap().standing;
        let fleet = data.id(&kinds.fleet, 3).unwrap();
        let fleet_account = data.id(&kinds.fleet_account, 3).unwrap();
        assert_eq!(standing(data.id(&kinds.fleet_session, 3).unwrap()), Standing::Fleet(fleet, fleet_account));
        assert!(matches!(standing(data.id(&kinds.driver_session, 999).unwrap()), Standing::Driver(..)));
        assert!(matches!(standing(data.id(&kinds.staff_session, 0).unwrap()), Standing::Staff(..)));
        let listed = |scope: &Scope| {
            let filter = PassportFilter::default();
            store.read(|tx| store::passport::list(tx, scope, &filter, &page(2000))).unwrap().items.len()
        };
        assert_eq!((listed(&Scope::Fleet(fleet, fleet_account)), listed(&Scope::System)), (96, 1000));
        for (car, entries) in [(0, 3), (24, 2)] {
            let passport = Found::by_system(data.id(&kinds.passport, car).unwrap());
            assert_eq!(store.read(|tx| store::custody::list(tx, passport, &page(10))).unwrap().items.len(), entries);
        }
        let stream = Stream::Garage(data.garage_id(0).unwrap());
        let events = store.read(|tx| store::event::list(tx, stream, &page(5000))).unwrap().items;
        // Of the garage and its staff, of 40 blocks, of 10 fleets.
        assert_eq!(events.len(), 4 + 40 * (24 * 4 + 3) + 10);
    }

    #[test]
    fn cars_have_a_past_of_twenty_lines_on_average_and_stand_as_the_server_would_judge_them() {
        let (_folder, store, _) = filled(true);
        let kinds = Data::read().unwrap().id_kinds;
        let data = Data::read().unwrap();
        let (mut lines, mut checks, mut open, mut statuses) = (0, 0, 0, std::collections::BTreeMap::new());
        for car in 0..1000 {
            let id = data.id(&kinds.passport, car).unwrap();
            let vehicle = Found::by_system(data.id(&kinds.vehicle, car).unwrap());
            store
                .read(|tx| -> Result<(), StoreError> {
                    let view = store::car_status::view(tx, &Scope::System, id)?.unwrap();
                    let standing = domain::car_status::Standing::of(&api::car_status::operations::needs(tx, &view)?);
                    assert!(view.standing.says(&standing), "car {car}");
                    let status = standing.days().status(SystemClock.now().to_zoned(TimeZone::UTC).date());
                    *statuses.entry(status.code()).or_insert(0) += 1;
                    let (all, completed) =
                        (ServiceRecordFilter::default(), CheckFilter { without_drafts: true, ..Default::default() });
                    let records = store::service_record::list(tx, vehicle, &all, &page(100))?.items;
                    lines += records.iter().map(|view| view.record.lines.len()).sum::<usize>();
                    checks += store::vehicle_check::list(tx, vehicle, completed, &page(100))?.items.len();
                    open += store::recommendation::open_of(tx, vehicle)?.len();
                    Ok(())
                })
                .unwrap();
        }
        assert!((19_500..20_500).contains(&lines), "{lines}");
        assert!(checks > 50 && open > 50, "{checks} checks, {open} open recommendations");
        assert!(["good", "attention", "urgent"].iter().all(|status| statuses[status] > 5), "{statuses:?}");
    }

    #[test]
    fn without_history_only_commands_miss_something() {
        let (_folder, store, _) = filled(false);
        let data = Data::read().unwrap();
        let passport = Found::by_system(data.id(&data.id_kinds.passport, 0).unwrap());
        assert!(store.read(|tx| store::custody::list(tx, passport, &page(10))).unwrap().items.is_empty());
        let fleets = store.read(|tx| store::fleet::list(tx, &Scope::System, None, &[], &page(50))).unwrap().items;
        assert_eq!(fleets.iter().map(|fleet| fleet.passport_count).collect::<Vec<_>>(), [96; 10]);
    }
}
