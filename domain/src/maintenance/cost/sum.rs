//! The cost of several tasks together (rule EC5).
//!
//! Medians do not add, and the sum of the high prices is far too high: it would need every task to be dear at once. So the
//! sum is drawn, some hundred times, from the distributions of the tasks. The prices of one garage go together, so a part
//! of what varies is common to all tasks. The draws are always the same: the same tasks always give the same sum.

use super::{
    CostRange, Quartiles,
    draws::Draws,
    quantile::{QUARTILE, float, integer},
};
use std::sync::LazyLock;

/// How often the sum is drawn: a prime number.
const DRAWS: usize = 509;

/// The part of the variance that is common to all tasks of a garage. A choice of ours until the network's records are
/// enough to measure it.
const COMMON: f64 = 0.5;

/// In draw k, the common part is in slice k of the normal distribution, and the part of task j alone in slice
/// k × `FACTOR`^j modulo the number of draws. All slices are equally likely, so all pairs of slices are evenly spread (a
/// lattice of rank 1, as Korobov made them), and 509 draws are as good as some ten thousand random ones. The factor is the
/// best of sixty that were tried: it differs from 200,000 random draws by a hundredth at most, for 2 to 60 tasks.
const FACTOR: usize = 26;

/// The mean of each slice of the normal distribution.
static SLICES: LazyLock<Vec<f64>> = LazyLock::new(|| {
    const IN_A_SLICE: usize = 64;
    let mut draws = Draws::new(2_026);
    let mut normals: Vec<f64> = (0..DRAWS * IN_A_SLICE).map(|_| draws.normal()).collect();
    normals.sort_by(f64::total_cmp);
    normals.chunks(IN_A_SLICE).map(|slice| slice.iter().sum::<f64>() / float(64)).collect()
});

/// The low, usual and high sum of tasks with these quartiles, in minor units. Each amount has a distribution whose logarithm
/// is normal on either side of its median, with the quartile of that side.
pub fn sum_of_costs(costs: &[Quartiles]) -> CostRange {
    let mut sums = [0.0; DRAWS];
    let mut step = 1;
    for cost in costs {
        let (below, above) = ((cost.middle - cost.low) / QUARTILE, (cost.high - cost.middle) / QUARTILE);
        step = step * FACTOR % DRAWS;
        let mut own = 0;
        for (sum, common) in sums.iter_mut().zip(SLICES.iter()) {
            let alone = SLICES.get(own).copied().unwrap_or_default();
            let z = COMMON.sqrt() * common + (1.0 - COMMON).sqrt() * alone;
            *sum += (cost.middle + z * if z < 0.0 { below } else { above }).exp();
            own = (own + step) % DRAWS;
        }
    }
    sums.sort_unstable_by(f64::total_cmp);
    let at = |quarters: usize| sums.get(DRAWS * quarters / 4).copied().unwrap_or_default();
    let [low_cents, usual_cents, high_cents] = [1, 2, 3].map(|quarters| {
        let step = float(super::STEP_CENTS);
        integer(at(quarters) / step) * super::STEP_CENTS
    });
    CostRange { low_cents, usual_cents, high_cents }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quartiles of sums that are drawn very often, each draw by itself.
    fn drawn_often(costs: &[Quartiles]) -> [f64; 3] {
        const OFTEN: usize = 100_000;
        let mut draws = Draws::new(7);
        let mut sums: Vec<f64> = (0..OFTEN)
            .map(|_| {
                let common = draws.normal();
                let z = |own: f64| COMMON.sqrt() * common + (1.0 - COMMON).sqrt() * own;
                let amount = |cost: &Quartiles, z: f64| {
                    let spread = if z < 0.0 { cost.middle - cost.low } else { cost.high - cost.middle };
                    (cost.middle + z * spread / QUARTILE).exp()
                };
                costs.iter().map(|cost| amount(cost, z(draws.normal()))).sum()
            })
            .collect();
        sums.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarters| sums[OFTEN * quarters / 4])
    }

    #[test]
    fn ec5_few_draws_are_as_good_as_many() {
        let cost = |low: f64, middle: f64, high: f64| Quartiles {
            low: low.ln(),
            middle: middle.ln(),
            high: high.ln(),
            effective: 50.0,
        };
        let all: Vec<Quartiles> = (1..=60)
            .map(|number| {
                let usual = 4_000.0 + 1_700.0 * f64::from(number * 7 % 31);
                cost(usual * 0.78, usual, usual * (1.2 + 0.01 * f64::from(number % 9)))
            })
            .collect();
        for count in [2, 3, 5, 9, 20, 60] {
            for costs in all.chunks_exact(count) {
                let shown = sum_of_costs(costs);
                let shown = [shown.low_cents, shown.usual_cents, shown.high_cents];
                for (shown, truth) in shown.map(float).into_iter().zip(drawn_often(costs)) {
                    // A hundredth and a half of the amount, and half of the step to which what is shown is rounded.
                    let tolerance = 0.015 * truth + float(super::super::STEP_CENTS) / 2.0;
                    assert!((shown - truth).abs() <= tolerance, "{count} tasks: {shown} for {truth}");
                }
            }
        }
    }
}
