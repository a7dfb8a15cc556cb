//! Lays in offers for the measure of accepting them: fleets offer their cars to new drivers, who have been mailed the link.

use crate::{
    data::{Data, Shape},
    world::{World, driver_email, text},
};
use api::clock::{Clock, SystemClock};
use clap::Args;
use domain::{
    Instant,
    invitation::{Invitation, Purpose},
    transfer::{DEFAULT_DAYS, Transfer, TransferStatus},
    value::TransferKind,
};
use jiff::SignedDuration;
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

/// Stores the offers of all lines of the input, each of a car to the driver of the next one.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let lines = std::io::stdin().lock().lines();
    let wanted = lines.map(|line| {
        let line = line.map_err(text)?;
        read(&line).ok_or_else(|| format!("not TRANSFER CAR: {line}"))
    });
    lay_in(options, wanted)
}

fn lay_in(options: &Options, wanted: impl Iterator<Item = Result<(usize, usize), String>>) -> Result<(), String> {
    let data = Data::read()?;
    let (shape, now) = (Shape::new(&data, options.cars), SystemClock.now());
    let world = World::new(data, shape, String::new(), now);
    let (mut offers, mut links) = (vec![], vec![]);
    for pair in wanted {
        let (number, car) = pair?;
        let (offer, link) = offer(&world, number, car, now)?;
        offers.push(offer);
        links.push((link, hash(number)));
    }
    let store = Store::open(&options.database_url, 1).map_err(text)?;
    let stored = store.write(|tx| -> Result<(), StoreError> {
        for offer in &offers {
            store::transfer::insert(tx, offer, now)?;
        }
        store::invitation::issue_first(tx, &links, now)
    });
    stored.map_err(text)
}

fn read(line: &str) -> Option<(usize, usize)> {
    let (number, car) = line.split_once(' ')?;
    Some((number.parse().ok()?, car.parse().ok()?))
}

fn offer(world: &World, number: usize, car: usize, now: Instant) -> Result<(Transfer, Invitation), String> {
    let (kinds, block) = (&world.data.id_kinds, car / world.data.block);
    let (garage_id, fleet) = (world.data.garage_id(block % world.shape.garages)?, block % world.shape.fleets);
    let id = world.data.id(&kinds.transfer, number)?;
    let recipient_email = driver_email(car + 1)?;
    let purpose = Purpose::Transfer(id);
    let invitation_id = world.data.id(&kinds.invitation, number)?;
    let link = Invitation::new(invitation_id, purpose, Some(garage_id), recipient_email.clone(), now);
    let transfer = Transfer {
        id,
        passport_id: world.data.id(&kinds.passport, car)?,
        garage_id,
        plate: world.plate(car)?.number().to_owned(),
        kind: TransferKind::NewDriver,
        offered_by: world.data.id(&kinds.fleet_account, fleet)?,
        fleet_id: Some(world.data.id(&kinds.fleet, fleet)?),
        recipient_email,
        recipient: None,
        status: TransferStatus::Offered,
        offered_at: now,
        expires_at: now + SignedDuration::from_hours(24 * DEFAULT_DAYS),
        decided_at: None,
        version: 1,
    };
    Ok((transfer, link))
}

/// The hash of a link's token: nobody has what it could be of.
fn hash(number: usize) -> Vec<u8> {
    [[0; 24].as_slice(), &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill;
    use persistence::Scope;

    #[test]
    fn cars_are_offered_to_the_drivers_of_the_next_ones() {
        let (_folder, store, database_url) = fill::tests::filled(false);
        let options = Options { database_url, cars: 1000 };
        lay_in(&options, [Ok((0, 7)), Ok((1, 32))].into_iter()).unwrap();
        let data = Data::read().unwrap();
        for (number, car) in [(0, 7), (1, 32)] {
            let id = data.id(&data.id_kinds.transfer, number).unwrap();
            let (offer, ..) = store.read(|tx| store::transfer::find(tx, &Scope::System, id)).unwrap().unwrap();
            assert_eq!(offer.status, TransferStatus::Offered);
            assert_eq!(offer.passport_id, data.id(&data.id_kinds.passport, car).unwrap());
            assert_eq!(offer.recipient_email, driver_email(car + 1).unwrap());
            let link = store.read(|tx| store::invitation::find_by_token(tx, &hash(number))).unwrap().unwrap();
            assert_eq!(link.purpose, Purpose::Transfer(id));
        }
    }
}
