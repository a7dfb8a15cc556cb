//! Lays in recommendations for the measure of service records: two of each car, for work that the records of the measure
//! do.

use crate::{
    data::{Data, Shape},
    world::text,
};
use api::clock::{Clock, SystemClock};
use clap::Args;
use domain::{
    Instant,
    recommendation::{Advice, Happened, Recommendation, Urgency},
    service_task::TaskKey,
};
use jiff::tz::TimeZone;
use persistence::{self as store, DatabaseUrl, Store, StoreError};
use std::io::BufRead;

/// Where, and of how many cars.
#[derive(Args)]
pub(crate) struct Options {
    /// The address of the database
    #[arg(long, env = "AUTOPASPOORT_DATABASE_URL", hide_env_values = true)]
    database_url: DatabaseUrl,
    /// How many cars there are
    #[arg(long)]
    cars: usize,
}

/// What is advised. `bench/measures/records.py` has lines for it.
const ADVISED: [(&str, &str); 2] =
    [("wheel_alignment", "De auto trekt naar links."), ("lights", "Het dimlicht links doet het niet.")];

/// Stores the recommendations of all lines of the input.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let lines = std::io::stdin().lock().lines();
    let wanted = lines.map(|line| {
        let line = line.map_err(text)?;
        read(&line).ok_or_else(|| format!("not NUMBER CAR: {line}"))
    });
    lay_in(options, wanted)
}

fn read(line: &str) -> Option<(usize, usize)> {
    let (number, car) = line.split_once(' ')?;
    Some((number.parse().ok()?, car.parse().ok()?))
}

fn lay_in(options: &Options, wanted: impl Iterator<Item = Result<(usize, usize), String>>) -> Result<(), String> {
    let data = Data::read()?;
    let (shape, now) = (Shape::new(&data, options.cars), SystemClock.now());
    let mut made = vec![];
    for pair in wanted {
        let (number, car) = pair?;
        let garage = data.garage_id(car / data.block % shape.garages)?;
        made.push((garage, advices(&data, number, car, now)?));
    }
    let store = Store::open(&options.database_url, 1).map_err(text)?;
    let stored = store.write(|tx| -> Result<(), StoreError> {
        for (garage, advices) in &made {
            store::recommendation::insert_all(tx, *garage, None, advices, now)?;
        }
        Ok(())
    });
    stored.map_err(text)
}

fn advices(data: &Data, number: usize, car: usize, now: Instant) -> Result<Vec<Recommendation>, String> {
    let vehicle_id = data.id(&data.id_kinds.vehicle, car)?;
    let make = |(index, (task, words)): (usize, (&str, &str))| {
        let task = Some(TaskKey::find(task).ok_or_else(|| format!("there is no task {task}"))?);
        let advice = Advice {
            task,
            position: None,
            urgency: Urgency::Urgent,
            text: words.into(),
            found: vec![],
            expected_on: None,
        };
        let id = data.id(&data.id_kinds.advice, number * ADVISED.len() + index)?;
        Ok(Recommendation::make(
            id,
            vehicle_id,
            advice,
            None,
            (Happened { on: now.to_zoned(TimeZone::UTC).date(), at: now }, now),
        ))
    };
    ADVISED.into_iter().enumerate().map(make).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill;
    use persistence::Found;

    #[test]
    fn two_are_open_for_each_car() {
        let (_folder, store, database_url) = fill::tests::filled(true);
        lay_in(&Options { database_url, cars: 1000 }, [Ok((3, 23)), Ok((4, 48))].into_iter()).unwrap();
        let data = Data::read().unwrap();
        for (number, car) in [(3, 23), (4, 48)] {
            let vehicle = Found::by_system(data.id(&data.id_kinds.vehicle, car).unwrap());
            let open = store.read(|tx| store::recommendation::open_of(tx, vehicle)).unwrap();
            let ids = [0, 1].map(|index| data.id(&data.id_kinds.advice, number * 2 + index).unwrap());
            assert_eq!(open.iter().filter(|one| ids.contains(&one.id)).count(), 2);
        }
    }
}
