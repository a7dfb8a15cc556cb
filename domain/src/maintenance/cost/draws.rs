//! Pseudo-random numbers that are the same on every machine, and an exponential function that is.

use super::quantile::float;

/// A generator of pseudo-random numbers (`SplitMix64`), which gives the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// A generator that begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of one of many things that share a seed, whose numbers do not depend on those of the others.
    pub fn of(seed: u64, number: u64) -> Self {
        let mut first = Self(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self(first.bits())
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of the uniform distribution from 0 to 1.
    pub fn uniform(&mut self) -> f64 {
        f64::from(u32::try_from(self.bits() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    /// A number of the uniform distribution between two others.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.uniform()
    }

    /// A whole number from 0 to `count - 1`; 0 when there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(((self.bits() >> 32) * count) >> 32).unwrap_or(0)
    }

    /// A number of the normal distribution: the sum of twelve of the uniform one has nearly its shape.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// The exponential of a number between −40 and 40. The one of the standard library may differ in its last bit from one
/// machine to another; multiplication does not.
pub fn exp(x: f64) -> f64 {
    const HALVINGS: i32 = 10;
    let small = x.clamp(-40.0, 40.0) / float(1 << HALVINGS);
    let mut value = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0 * (1.0 + small / 5.0))));
    for _ in 0..HALVINGS {
        value *= value;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_the_same_everywhere_and_well_spread() {
        let mut draws = Draws::of(1, 2);
        let first: Vec<u64> = (0..3).map(|_| draws.bits() >> 40).collect();
        let mut again = Draws::of(1, 2);
        assert_eq!(first, (0..3).map(|_| again.bits() >> 40).collect::<Vec<_>>());
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[draws.below(7)] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        let mean = (0..10_000).map(|_| draws.normal()).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05, "{mean}");
    }

    #[test]
    fn the_exponential_is_that_of_the_standard_library_but_for_its_last_digits() {
        for x in [-12.0, -1.0, 0.0, 0.3, 1.0, 9.9, 13.8, 25.0] {
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-9, "{x}");
        }
    }
}
