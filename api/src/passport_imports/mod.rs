//! Importing passports: many cars with their customers in one stream, as when a garage joins with all it has.

mod handlers;
mod lines;
mod operations;
pub mod wire;

use crate::server::Registry;
use domain::ids::GarageId;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::import_passports);
}

/// How many imports one process runs at once: each holds its garage's lock for most of its time.
const AT_ONCE: usize = 4;

/// The garages that import now: each once, so that none keeps the others from their turn.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashSet<GarageId>>>);

/// A garage's turn, which ends with this.
struct Turn(Turns, GarageId);

impl Turns {
    fn begin(&self, garage: GarageId) -> Option<Turn> {
        let mut garages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = garages.len() < AT_ONCE && garages.insert(garage);
        free.then(|| Turn(self.clone(), garage))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_garage_imports_once_and_four_at_once() {
        let (turns, garage) = (Turns::default(), |number| GarageId(uuid::Uuid::from_u128(number)));
        let held: Vec<Turn> = (1..=4).map(|number| turns.begin(garage(number)).unwrap()).collect();
        assert!(turns.begin(garage(5)).is_none());
        drop(held);
        let one = turns.begin(garage(1));
        assert!(one.is_some() && turns.begin(garage(1)).is_none() && turns.begin(garage(2)).is_some());
    }
}
