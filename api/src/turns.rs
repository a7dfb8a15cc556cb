//! Limits long requests (imports): how many run at once, and one at a time for each garage.

use domain::ids::GarageId;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The most imports that one process runs at once; each holds its garage's lock for most of its time.
const AT_ONCE: usize = 4;

/// The garages that run an import now. Each has at most one, so that no garage keeps the others waiting.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashSet<GarageId>>>);

/// A garage's turn, which ends when this value is dropped.
pub struct Turn(Turns, GarageId);

impl Turns {
    /// Begins a garage's turn; none when the garage already has one, or when the most imports are running.
    pub fn begin(&self, garage: GarageId) -> Option<Turn> {
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
