//! Lays in what drivers are told, as the server itself leaves it when a check of their car was completed: an event, and what
//! follows from it, at the stage that a measure begins with.

use crate::{
    data::{Data, Shape},
    world::text,
};
use api::clock::{Clock, SystemClock, new_id};
use clap::{Args, ValueEnum};
use domain::{
    Instant,
    consequence::{Mail, Recipient, Template},
    event::{Event, Fact, Stream},
    ids::{AccountId, EventId, GarageId, PassportId},
    job::{Pushed, PushedEvent, Task},
    notification::Notification,
    session::Lifetimes,
};
use persistence::{
    self as store, DatabaseUrl, Store, StoreError, Tx,
    jobs::{Cause, Job},
    session::OpenAt,
};
use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, Write},
};

/// What is laid in.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// A mail to the driver waits to be sent
    Mail,
    /// It waits to be told in the app
    Notify,
    /// It is told in the app, and unread
    Unread,
    /// It is told in the app, and was read
    Read,
    /// It is told in the app, and a message to each device of the driver waits to be sent
    Push,
}

/// Where, what, and of how many cars.
#[derive(Args)]
pub(crate) struct Options {
    /// The address of the database
    #[arg(long, env = "AUTOPASPOORT_DATABASE_URL", hide_env_values = true)]
    database_url: DatabaseUrl,
    /// How many cars there are
    #[arg(long)]
    cars: usize,
    /// At which stage it is laid in
    #[arg(long)]
    stage: Stage,
    /// How many cars come in one transaction
    #[arg(long, default_value = "500")]
    together: usize,
}

/// A car with its garage and its driver.
#[derive(Clone, Copy)]
struct Told {
    garage: GarageId,
    car: PassportId,
    driver: AccountId,
}

/// Each line of the input is the number of a car. For each transaction it prints how many cars that were, and the microsecond
/// since 1970 in which it was committed.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let mut numbers = std::io::stdin().lock().lines().map(|line| {
        let line = line.map_err(text)?;
        line.trim().parse().map_err(|_| format!("not the number of a car: {line}"))
    });
    let store = Store::open(&options.database_url, 1).map_err(text)?;
    lay_in(options, &store, &mut numbers, |count, at| {
        writeln!(std::io::stdout(), "{count} {}", at.as_microsecond()).map_err(text)
    })
}

fn lay_in(
    options: &Options,
    store: &Store,
    numbers: &mut impl Iterator<Item = Result<usize, String>>,
    mut committed: impl FnMut(usize, Instant) -> Result<(), String>,
) -> Result<(), String> {
    let data = Data::read()?;
    let shape = Shape::new(&data, options.cars);
    loop {
        let of_car = |number: Result<usize, String>| told(&data, shape, number?);
        let some: Vec<Told> = numbers.take(options.together).map(of_car).collect::<Result<_, _>>()?;
        if some.is_empty() {
            return Ok(());
        }
        store.write(|tx| lay(tx, options.stage, &some, SystemClock.now())).map_err(text)?;
        committed(some.len(), SystemClock.now())?;
    }
}

fn told(data: &Data, shape: Shape, car: usize) -> Result<Told, String> {
    Ok(Told {
        garage: data.garage_id(car / data.block % shape.garages)?,
        car: data.id(&data.id_kinds.passport, car)?,
        driver: data.id(&data.id_kinds.driver, car)?,
    })
}

fn lay(tx: &mut Tx<'_>, stage: Stage, all: &[Told], now: Instant) -> Result<(), StoreError> {
    // In the order of the garages, so that two who lay in never wait for one another.
    let mut by_garage: BTreeMap<GarageId, Vec<Told>> = BTreeMap::new();
    for one in all {
        by_garage.entry(one.garage).or_default().push(*one);
    }
    let mut happened: Vec<(Told, Event)> = vec![];
    for (garage, cars) in by_garage {
        let completed = |one: &Told| {
            let fact = Fact::VehicleCheckCompleted { passport_id: one.car, check_id: new_id(), replaces: None };
            (new_id::<EventId>(), fact)
        };
        let facts = cars.iter().map(completed).collect();
        let events = store::event::append_all(tx, Stream::Garage(garage), None, facts, now)?;
        happened.extend(cars.into_iter().zip(events));
    }
    let jobs = match stage {
        Stage::Mail => happened.iter().map(|(one, event)| job(event, Task::Mail(to_driver(*one)))).collect(),
        Stage::Notify => happened.iter().map(|(one, event)| job(event, Task::Notify(to_driver(*one)))).collect(),
        Stage::Unread | Stage::Read | Stage::Push => {
            let read_at = (stage == Stage::Read).then_some(now);
            let new = happened.iter().map(|(one, event)| notification(*one, event, read_at)).collect();
            let new = store::notification::insert_all(tx, new)?;
            if stage == Stage::Push { pushes(tx, &new, &happened)? } else { vec![] }
        }
    };
    store::jobs::insert_all(tx, &jobs, now, now)
}

fn to_driver(one: Told) -> Mail {
    Mail { template: Template::CheckReady, to: Recipient::Driver(one.car) }
}

fn job(event: &Event, task: Task) -> Job {
    let cause = Some(Cause { stream: event.stream, number: event.number, position: 0 });
    Job { id: new_id(), cause, task, attempts: 0 }
}

fn notification(one: Told, event: &Event, read_at: Option<Instant>) -> Notification {
    Notification {
        id: new_id(),
        account: one.driver,
        cause: event.id,
        kind: Template::CheckReady,
        passport: Some(one.car),
        title: "De controle van uw Volkswagen Golf met kenteken FF-D8-7D is klaar".into(),
        text:
            "De garage heeft uw auto gecontroleerd.\n\nBekijk in de app wat er is gevonden en wat de garage u aanraadt."
                .into(),
        link: Some(format!("/passports/{}", one.car)),
        made_at: event.at,
        read_at,
    }
}

/// A message to each device of those who were told.
fn pushes(tx: &mut Tx<'_>, new: &[Notification], events: &[(Told, Event)]) -> Result<Vec<Job>, StoreError> {
    let pushed = |event: &Event| PushedEvent { garage_id: event.stream.garage_id(), number: event.number };
    let events: HashMap<EventId, PushedEvent> = events.iter().map(|(_, event)| (event.id, pushed(event))).collect();
    let accounts: Vec<AccountId> = new.iter().map(|one| one.account).collect();
    let mut devices: HashMap<AccountId, Vec<_>> = HashMap::new();
    let open = OpenAt::new(Lifetimes::default(), SystemClock.now());
    for device in store::device::list_of_all(tx, &accounts, open)? {
        devices.entry(device.account).or_default().push(device.id);
    }
    let of_one = |one: &Notification| {
        let (notification_id, own) = (one.id, devices.get(&one.account).cloned().unwrap_or_default());
        let event = events.get(&one.cause).copied();
        let push =
            move |device_id| Job::without_cause(new_id(), Task::Push(Pushed { notification_id, device_id, event }));
        own.into_iter().map(push)
    };
    Ok(new.iter().flat_map(of_one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill;
    use domain::ids::SessionId;
    use domain::job::TaskKind;

    #[test]
    fn each_stage_is_what_the_server_would_have_left() {
        let (_folder, store, database_url) = fill::tests::filled(false);
        let cars = [7, 31, 8];
        let told = |stage, together| {
            let options = Options { database_url: database_url.clone(), cars: 1000, stage, together };
            let mut commits = vec![];
            let count = |count, _| {
                commits.push(count);
                Ok(())
            };
            lay_in(&options, &store, &mut cars.into_iter().map(Ok), count).unwrap();
            commits
        };
        let queued = |kind: TaskKind| {
            let counts = store.read(|tx| store::jobs::counts(tx, SystemClock.now())).unwrap();
            counts.into_iter().find(|(of, _)| *of == Some(kind)).unwrap().1.queued
        };
        let unread = |car| {
            let data = Data::read().unwrap();
            let session: SessionId = data.id(&data.id_kinds.driver_session, car).unwrap();
            store.read(|tx| store::notification::count_unread(tx, session)).unwrap()
        };
        assert_eq!(told(Stage::Mail, 2), [2, 1]);
        assert_eq!(told(Stage::Notify, 500), [3]);
        assert_eq!((queued(TaskKind::Mail), queued(TaskKind::Notify), unread(7)), (3, 3, 0));
        told(Stage::Unread, 500);
        told(Stage::Read, 500);
        told(Stage::Push, 1);
        // Nobody has a device.
        assert_eq!((unread(7), unread(31), unread(9), queued(TaskKind::Push)), (2, 2, 0, 0));
    }
}
