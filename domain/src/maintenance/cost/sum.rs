//! The cost of several tasks together (rule EC5).
//!
//! Medians do not add, and the sum of the high prices is far too high: it would need every task to be dear at once. So the
//! sum is drawn, some thousand times, from the distributions of the tasks. The prices of one garage go together, so a part
//! of what varies is common to all tasks. The draws come from a fixed seed: the same tasks always give the same sum.

use super::{CostRange, Quartiles, quantile::float, quantile::integer};

/// How often the sum is drawn.
pub const DRAWS: usize = 2_000;

/// The part of the variance that is common to all tasks of a garage. A choice of ours until the network's records are
/// enough to measure it.
const COMMON: f64 = 0.5;

/// The distance between the median and a quartile of the normal distribution, in standard deviations.
const QUARTILE: f64 = 0.674_489_750_196_082;

/// A generator of pseudo-random numbers (`SplitMix64`), which gives the same numbers on every machine.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of the normal distribution: the sum of twelve of the uniform one has nearly its shape.
    fn normal(&mut self) -> f64 {
        let uniform = |bits: u64| f64::from(u32::try_from(bits >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        (0..12).map(|_| uniform(self.next())).sum::<f64>() - 6.0
    }
}

/// The low, usual and high sum of tasks with these quartiles, in minor units. Each amount has a distribution whose logarithm
/// is normal on either side of its median, with the quartile of that side.
pub fn sum_of_costs(costs: &[Quartiles]) -> CostRange {
    let mut draws = Draws(2_026);
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
