//! The cost of several tasks together (rule EC5).
//!
//! Medians do not add, and the sum of the high prices is far too high: it would need every task to be dear at once. So the
//! sum is drawn, some thousand times, from the distributions of the tasks. The prices of one garage go together, so a part
//! of what varies is common to all tasks. The draws come from a fixed seed: the same tasks always give the same sum.

use super::{
    CostRange, Quartiles,
    draws::Draws,
    quantile::{QUARTILE, float, integer},
};

/// How often the sum is drawn.
pub const DRAWS: usize = 2_000;

/// The part of the variance that is common to all tasks of a garage. A choice of ours until the network's records are
/// enough to measure it.
const COMMON: f64 = 0.5;

/// The low, usual and high sum of tasks with these quartiles, in minor units. Each amount has a distribution whose logarithm
/// is normal on either side of its median, with the quartile of that side.
pub fn sum_of_costs(costs: &[Quartiles]) -> CostRange {
    let mut draws = Draws::new(2_026);
    let mut sums: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let common = draws.normal();
            costs
                .iter()
                .map(|cost| {
                    let z = COMMON.sqrt() * common + (1.0 - COMMON).sqrt() * draws.normal();
                    let spread = if z < 0.0 { cost.middle - cost.low } else { cost.high - cost.middle };
                    (cost.middle + z * spread / QUARTILE).exp()
                })
                .sum()
        })
        .collect();
    sums.sort_by(f64::total_cmp);
    let at = |quarters: usize| sums.get(DRAWS * quarters / 4).copied().unwrap_or_default();
    let [low_cents, usual_cents, high_cents] = [1, 2, 3].map(|quarters| {
        let step = float(super::STEP_CENTS);
        integer(at(quarters) / step) * super::STEP_CENTS
    });
    CostRange { low_cents, usual_cents, high_cents }
}
