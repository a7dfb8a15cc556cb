//! The data of `make bench`, as `bench/data.py` describes it: how many things there are, the ids that follow from their
//! numbers, and the lists that their names are put together from. `bench/data.json` holds what both need.

use domain::{
    Instant,
    ids::{EventId, GarageId},
    value::StaffRole,
};
use jiff::SignedDuration;
use serde::Deserialize;
use uuid::Uuid;

/// What `bench/data.json` holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    pub(crate) id_kinds: Kinds,
    numbers_from: usize,
    /// How many cars come together, the last of them private.
    pub(crate) block: usize,
    blocks_of_fleet: usize,
    pub(crate) staff_roles: Vec<StaffRole>,
    pub(crate) trades: Vec<String>,
    plates: Plates,
    pub(crate) first_names: Vec<String>,
    pub(crate) last_names: Vec<String>,
    pub(crate) garage_kinds: Vec<String>,
    /// Each with the digits of a postcode.
    pub(crate) places: Vec<(String, usize)>,
    pub(crate) streets: Vec<String>,
}

/// The parts of ids that tell their kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kinds {
    garage: String,
    pub(crate) staff: String,
    pub(crate) fleet_account: String,
    pub(crate) driver: String,
    pub(crate) customer: String,
    pub(crate) fleet: String,
    pub(crate) passport: String,
    pub(crate) transfer: String,
    pub(crate) invitation: String,
    pub(crate) staff_session: String,
    pub(crate) fleet_session: String,
    pub(crate) driver_session: String,
    pub(crate) vehicle: String,
    pub(crate) reading: String,
    pub(crate) record: String,
    pub(crate) check: String,
    pub(crate) recommendation: String,
    pub(crate) advice: String,
    car_event: String,
    garage_event: String,
}

/// How plates follow from numbers.
#[derive(Deserialize)]
struct Plates {
    letters: String,
    step: usize,
    start: usize,
}

/// Events of a car, at the most, and of a garage before its first car.
const EVENTS_OF_CAR: usize = 5;
const EVENTS_OF_GARAGE: usize = 100;

/// When the first cars were brought in, 2024-01-01 at 8:00 UTC, and in which time all were.
const FIRST_SECOND: i64 = 1_704_096_000;
const TIME_OF_ALL: SignedDuration = SignedDuration::from_hours(24 * 500);

/// The thing with a number in a list that is gone through again and again.
pub(crate) fn of<T>(list: &[T], number: usize) -> Result<&T, String> {
    number.checked_rem(list.len()).and_then(|index| list.get(index)).ok_or_else(|| "a list is empty".to_owned())
}

impl Data {
    /// Reads it.
    pub(crate) fn read() -> Result<Self, String> {
        let data: Self = serde_json::from_str(include_str!("../../data.json")).map_err(|error| error.to_string())?;
        let counts = [data.block, data.blocks_of_fleet, data.trades.len(), data.staff_roles.len()];
        if counts.contains(&0) { Err("data.json says that there is nothing".to_owned()) } else { Ok(data) }
    }

    /// The id of the thing with a number, from 0, of its kind.
    pub(crate) fn id<T: From<Uuid>>(&self, kind: &str, number: usize) -> Result<T, String> {
        let text = format!("0199c000-{kind}-7000-8000-{}", self.numbers_from + number);
        Uuid::try_parse(&text).map(T::from).map_err(|error| format!("{text}: {error}"))
    }

    pub(crate) fn garage_id(&self, number: usize) -> Result<GarageId, String> {
        self.id(&self.id_kinds.garage, number)
    }

    /// The id of one of the events of a car.
    pub(crate) fn car_event(&self, car: usize, index: usize) -> Result<EventId, String> {
        self.id(&self.id_kinds.car_event, car * EVENTS_OF_CAR + index)
    }

    /// The id of one of the events of a garage before its first car.
    pub(crate) fn garage_event(&self, garage: usize, index: usize) -> Result<EventId, String> {
        self.id(&self.id_kinds.garage_event, garage * EVENTS_OF_GARAGE + index)
    }

    /// A name: the last names follow one another in another order for each first name.
    pub(crate) fn person(&self, number: usize) -> Result<String, String> {
        let (first, round) = (number % self.first_names.len().max(1), number / self.first_names.len().max(1));
        Ok(format!("{} {}", of(&self.first_names, first)?, of(&self.last_names, round + first * 7)?))
    }

    /// The name of a driver, and of the customer that they are.
    pub(crate) fn driver_name(&self, car: usize) -> Result<String, String> {
        let index = car * 31 % (self.first_names.len() * self.last_names.len()).max(1);
        let first = of(&self.first_names, index / self.last_names.len().max(1))?;
        Ok(format!("{first} {}", of(&self.last_names, index)?))
    }

    /// A plate of the layout `XXX-99-X` in its normal form. A step without a common factor visits each plate once, in an
    /// order that looks like none. `bench/names.py` and pgbench compute the same.
    pub(crate) fn plate(&self, car: usize) -> Result<String, String> {
        let letters: Vec<char> = self.plates.letters.chars().collect();
        let count = letters.len().max(1);
        let plate = (car * self.plates.step + self.plates.start) % (count.pow(4) * 100);
        let letter = |weight: usize| of(&letters, plate / weight);
        Ok(format!(
            "{}{}{}{:02}{}",
            letter(count.pow(3) * 100)?,
            letter(count.pow(2) * 100)?,
            letter(count * 100)?,
            plate / count % 100,
            letter(1)?
        ))
    }
}

/// How many there are of each, for a number of cars.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) garages: usize,
    pub(crate) fleets: usize,
    pub(crate) blocks: usize,
}

impl Shape {
    /// For so many cars, rounded up to whole garages.
    pub(crate) fn new(data: &Data, cars: usize) -> Self {
        let of_garage = data.block * data.blocks_of_fleet * data.trades.len();
        let garages = cars.div_ceil(of_garage).max(1);
        let fleets = garages * data.trades.len();
        Self { garages, fleets, blocks: fleets * data.blocks_of_fleet }
    }

    /// When the cars of a block were brought in.
    pub(crate) fn time(self, block: usize) -> Result<Instant, String> {
        let share = |number: usize| i64::try_from(number).map_err(|error| error.to_string());
        let seconds = share(block)? * TIME_OF_ALL.as_secs() / share(self.blocks)?;
        Instant::from_second(FIRST_SECOND + seconds).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_end_in_the_number() {
        let data = Data::read().unwrap();
        let id: Uuid = data.id(&data.id_kinds.passport, 17).unwrap();
        assert_eq!(id.to_string(), "0199c000-0007-7000-8000-100000000017");
        assert_eq!(id.get_version_num(), 7);
    }

    #[test]
    fn plates_differ_and_are_the_same_each_time() {
        let data = Data::read().unwrap();
        let plates: std::collections::HashSet<String> = (0..20_000).map(|car| data.plate(car).unwrap()).collect();
        assert_eq!(plates.len(), 20_000);
        // What names.plate in bench/names.py says.
        assert_eq!((data.plate(0).unwrap().as_str(), data.plate(1_000_003).unwrap().as_str()), ("FFD87D", "XJX73V"));
    }

    #[test]
    fn the_shape_is_the_same_at_every_size() {
        let data = Data::read().unwrap();
        for cars in [1, 1000, 20_000] {
            let shape = Shape::new(&data, cars);
            assert_eq!((shape.fleets, shape.blocks), (shape.garages * 10, shape.garages * 40));
        }
        assert_eq!(Shape::new(&data, 1001).garages, 2);
    }
}
