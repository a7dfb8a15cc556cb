//! What maintenance costs, learned from what it did cost (rules EC1 to EC5).
//!
//! A task has a low, a usual and a high price: the quartiles of what similar cars paid. The records of a group are
//! weighted by their age and brought to the prices of today, and their quartiles are taken of the logarithms. A group with
//! few records leans on the group above it, one with many hardly ([`pool`]). A group tells nothing unless it has enough
//! records of enough cars or garages, counted without those of the garage that asks ([`GroupLevel::is_enough`]), so that nobody learns the
//! prices of a single other garage.

mod answer;
mod backtest;
mod class;
mod draws;
mod group;
mod index;
mod learn;
mod ledger;
mod measure;
mod quantile;
mod sum;

pub use answer::{Certainty, CostAnswer, CostBasis, Leaning, answer, combine};
pub use backtest::{Backtest, KAPPAS, SPREAD_FACTORS, Score, Scores, Splits, Truth, backtest, strategies};
pub use class::{CarClass, CarSize, CommonModel, CostCar, Drive, common_models};
pub use draws::{Draws, exp};
pub use group::{GroupLevel, GroupSize, MIN_CARS, MIN_GARAGES, MIN_RECORDS};
pub use index::price_factor;
pub use learn::{CostGroup, group_keys, learn, left_outs, told};
pub use ledger::{Ledger, LeftOut, Network, PaidTask, catalogue_price};
pub use quantile::{QUARTILE, Quartiles, Sample, effective_number, pinball, pool, quartiles};
pub(crate) use quantile::{float, integer};
pub use sum::sum_of_costs;

use crate::{Date, days_between};

/// A record weighs half as much after this many days: two years.
pub const HALF_LIFE_DAYS: f64 = 730.0;
/// Amounts are shown in steps of this many minor units: five euros.
pub const STEP_CENTS: i64 = 500;

/// A low, a usual and a high price in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostRange {
    /// A quarter of the cars pays less.
    pub low_cents: i64,
    /// Half of the cars pays less.
    pub usual_cents: i64,
    /// A quarter of the cars pays more.
    pub high_cents: i64,
}

impl CostRange {
    /// The prices of quartiles, in the steps in which they are shown.
    pub fn shown(quartiles: &Quartiles) -> Self {
        let [low_cents, usual_cents, high_cents] = [quartiles.low, quartiles.middle, quartiles.high].map(in_steps);
        Self { low_cents, usual_cents, high_cents }
    }
}

/// The amount of a logarithm, rounded to the nearest step.
fn in_steps(ln: f64) -> i64 {
    let steps = (ln.exp() / quantile::float(STEP_CENTS)).round();
    quantile::integer(steps).saturating_mul(STEP_CENTS)
}

/// How much a record of `on` weighs on the day `today` (rule EC3): 1 today, half after two years.
pub fn weight(on: Date, today: Date) -> f64 {
    (-quantile::float(days_between(on, today).max(0)) / HALF_LIFE_DAYS).exp2()
}

#[cfg(test)]
mod tests;
