//! What was paid, kept small: from it groups are learned.
//!
//! An entry is what one car paid for one task on one day, all lines of the record for that task together. Four million
//! of them must fit into a tenth of a gigabyte, so garages, cars and names are numbers, and days are counted.

use super::{CostCar, quantile::float};
use crate::{
    Date, days_between,
    ids::{GarageId, VehicleId},
    service_record::{RecordOrigin, VatRate},
    service_task::TaskKey,
    value::{Country, Currency, search_key},
};
use jiff::{ToSpan, civil::date};
use std::collections::{BTreeMap, HashMap};

/// The number of something that is not there.
pub(super) const NONE: u32 = u32::MAX;
/// The day from which days are counted. Records of earlier days are left out.
const FIRST_DAY: Date = date(2000, 1, 1);
/// An amount is plausible from a tenth of the low price of the catalogue to ten times its high price.
const PLAUSIBLE: i64 = 10;

/// A garage of the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct NetworkGarage {
    pub(super) id: GarageId,
    pub(super) country: Country,
    pub(super) country_name: u32,
    pub(super) chain_name: u32,
}

/// A car of the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct NetworkCar {
    id: VehicleId,
    pub(super) model: u32,
    pub(super) class: u32,
}

/// The garages and cars whose records are learned from.
#[derive(Debug, Default)]
pub struct Network {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    garages: Vec<NetworkGarage>,
    garage_numbers: HashMap<GarageId, u32>,
    cars: Vec<NetworkCar>,
    car_numbers: HashMap<VehicleId, u32>,
}

/// The next number of a list of this length.
fn number_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

/// The place in a list of something with a number.
pub(super) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The name of a chain within a country, the same however it is written.
pub(super) fn chain_name(country: Country, chain: &str) -> String {
    format!("{} {}", country.as_str(), search_key(chain))
}

impl Network {
    fn name(&mut self, name: String) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = number_of(self.names.len());
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// Makes a garage known.
    pub fn add_garage(&mut self, id: GarageId, country: Country, chain: Option<&str>) {
        let country_name = self.name(country.as_str().to_owned());
        let chain_name = chain.map_or(NONE, |chain| self.name(chain_name(country, chain)));
        self.garage_numbers.insert(id, number_of(self.garages.len()));
        self.garages.push(NetworkGarage { id, country, country_name, chain_name });
    }

    /// Makes a car known. What is said last of a car counts.
    pub fn add_car(&mut self, id: VehicleId, car: &CostCar<'_>) {
        let model = car.model_key().map_or(NONE, |key| self.name(key));
        let class = self.name(car.class().key());
        let next = number_of(self.cars.len());
        let number = *self.car_numbers.entry(id).or_insert(next);
        match self.cars.get_mut(place(number)) {
            Some(known) => *known = NetworkCar { id, model, class },
            None => self.cars.push(NetworkCar { id, model, class }),
        }
    }

    pub(super) fn garage(&self, number: u32) -> Option<&NetworkGarage> {
        self.garages.get(place(number))
    }

    pub(super) fn car(&self, number: u32) -> Option<&NetworkCar> {
        self.cars.get(place(number))
    }

    pub(super) fn vehicle(&self, number: u32) -> Option<VehicleId> {
        self.car(number).map(|car| car.id)
    }

    pub(super) fn text(&self, name: u32) -> &str {
        self.names.get(place(name)).map_or("", String::as_str)
    }
}

/// What a car paid for a task, as a record says.
#[derive(Clone, Copy, Debug)]
pub struct PaidTask {
    /// The task.
    pub task: TaskKey,
    /// The net amount of all its lines, in minor units; none without amounts.
    pub net_cents: Option<i64>,
    /// The currency.
    pub currency: Currency,
    /// When it was done.
    pub done_on: Date,
    /// When it was written down.
    pub recorded_on: Date,
    /// Who says that it was done.
    pub origin: RecordOrigin,
    /// When a correction took the place of the record, if one did.
    pub replaced_on: Option<Date>,
    /// The garage.
    pub garage_id: GarageId,
    /// The car.
    pub vehicle_id: VehicleId,
}

/// How many entries were left out (rule EC3), and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// Another record took the place of theirs.
    pub replaced: i64,
    /// They were done elsewhere, or have no amounts.
    pub without_price: i64,
    /// The amount is nothing, or a credit.
    pub nothing: i64,
    /// The amount is beyond what is plausible for the task.
    pub implausible: i64,
    /// Another currency than the catalogue's, a garage or car that is not known, or a day before the year 2000.
    pub not_comparable: i64,
}

impl LeftOut {
    /// All of them.
    pub const fn total(&self) -> i64 {
        self.replaced + self.without_price + self.nothing + self.implausible + self.not_comparable
    }
}

/// An entry, in sixteen bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) cents: u32,
    pub(super) garage: u32,
    pub(super) car: u32,
    pub(super) done: u16,
    pub(super) recorded: u16,
}

/// An entry whose record was replaced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correction {
    pub(super) garage: u32,
    pub(super) car: u32,
    pub(super) recorded: u16,
    pub(super) corrected: u16,
}

/// The entries of all records, by task.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<TaskKey, Vec<Entry>>,
    corrections: BTreeMap<TaskKey, Vec<Correction>>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// A day as a number.
pub(super) fn day_number(day: Date) -> Option<u16> {
    u16::try_from(days_between(FIRST_DAY, day)).ok()
}

/// The day of a number.
pub(super) fn day_of(number: u16) -> Date {
    FIRST_DAY.saturating_add(i32::from(number).days())
}

/// What the catalogue says that a task costs, without VAT: the logarithms of low, usual and high at the prices of a day.
pub fn catalogue_price(task: TaskKey, country: Country, on: Date) -> Option<super::Quartiles> {
    let price = &task.task()?.price;
    let of_year = Date::new(i16::try_from(price.year).ok()?, 7, 1).ok()?;
    let vat = if price.vat_included { VatRate::standard(country, on).map_or(1.0, VatRate::factor) } else { 1.0 };
    let ln = |cents: i64| {
        (cents > 0).then(|| (float(cents) / vat).ln() + super::price_factor(country, task, of_year, on).ln())
    };
    let (low, middle, high) = (ln(price.low_cents)?, ln(price.usual_cents)?, ln(price.high_cents)?);
    Some(super::Quartiles { low, middle, high, effective: 0.0 })
}

/// Whether an amount can be the price of a task (rule EC3).
fn is_plausible(task: TaskKey, cents: i64) -> bool {
    task.task().is_some_and(|task| {
        task.price.low_cents <= cents.saturating_mul(PLAUSIBLE)
            && cents <= task.price.high_cents.saturating_mul(PLAUSIBLE)
    })
}

impl Ledger {
    /// Adds what a record says, or counts it as left out (rule EC3).
    pub fn add(&mut self, network: &Network, paid: &PaidTask) {
        let numbers = (|| {
            let garage = *network.garage_numbers.get(&paid.garage_id)?;
            let car = *network.car_numbers.get(&paid.vehicle_id)?;
            Some((garage, car, day_number(paid.done_on)?, day_number(paid.recorded_on)?))
        })();
        let is_catalogues = paid.task.task().is_some_and(|task| task.price.currency == paid.currency.as_str());
        let (Some((garage, car, done, recorded)), true) = (numbers, is_catalogues) else {
            self.left_out.not_comparable += 1;
            return;
        };
        if let Some(replaced_on) = paid.replaced_on {
            self.left_out.replaced += 1;
            if let Some(corrected) = day_number(replaced_on) {
                let correction = Correction { garage, car, recorded, corrected };
                self.corrections.entry(paid.task).or_default().push(correction);
            }
            return;
        }
        let (RecordOrigin::Garage, Some(net_cents)) = (paid.origin, paid.net_cents) else {
            self.left_out.without_price += 1;
            return;
        };
        if net_cents <= 0 {
            self.left_out.nothing += 1;
            return;
        }
        match u32::try_from(net_cents) {
            Ok(cents) if is_plausible(paid.task, net_cents) => {
                self.entries.entry(paid.task).or_default().push(Entry { cents, garage, car, done, recorded });
            }
            Ok(_) | Err(_) => self.left_out.implausible += 1,
        }
    }

    /// The tasks with entries.
    pub fn tasks(&self) -> impl Iterator<Item = TaskKey> {
        self.entries.keys().copied()
    }

    /// How many entries count.
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Whether none counts.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn of(&self, task: TaskKey) -> &[Entry] {
        self.entries.get(&task).map_or(&[], Vec::as_slice)
    }

    pub(super) fn corrections_of(&self, task: TaskKey) -> &[Correction] {
        self.corrections.get(&task).map_or(&[], Vec::as_slice)
    }
}
