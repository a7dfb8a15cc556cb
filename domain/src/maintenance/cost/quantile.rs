//! Weighted quartiles, and how a small group leans on the group above it.

/// The distance between the median and a quartile of the normal distribution, in standard deviations.
pub const QUARTILE: f64 = 0.674_489_750_196_082;

/// One record: the logarithm of what was paid, and how much it weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The natural logarithm of the net amount in minor units, at the prices of today.
    pub ln: f64,
    /// Its weight, more than 0.
    pub weight: f64,
}

impl Sample {
    /// The sample of an amount. None for an amount of nothing or less, which says nothing about a price, and for a weight
    /// that is no positive number.
    pub fn of(net_cents: i64, weight: f64) -> Option<Self> {
        let is_good = net_cents > 0 && weight.is_finite() && weight > 0.0;
        is_good.then(|| Self { ln: float(net_cents).ln(), weight })
    }
}

/// The quartiles of a group, as logarithms, and on how many records they rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quartiles {
    /// The first quartile.
    pub low: f64,
    /// The median.
    pub middle: f64,
    /// The third quartile.
    pub high: f64,
    /// The effective number of records.
    pub effective: f64,
}

impl Quartiles {
    /// Whole numbers, to be stored: the logarithms in millionths, the effective number of records in thousandths.
    pub fn stored(&self) -> [i64; 4] {
        let millionths = |ln: f64| integer(ln * 1e6);
        [millionths(self.low), millionths(self.middle), millionths(self.high), integer(self.effective * 1e3)]
    }

    /// The quartiles of stored numbers.
    pub fn of_stored([low, middle, high, effective]: [i64; 4]) -> Self {
        let ln = |millionths: i64| float(millionths) / 1e6;
        Self { low: ln(low), middle: ln(middle), high: ln(high), effective: float(effective) / 1e3 }
    }
}

impl Quartiles {
    /// The quartiles of the same amounts, each multiplied by a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let ln = factor.ln();
        Self { low: self.low + ln, middle: self.middle + ln, high: self.high + ln, ..self }
    }
}

/// Amounts fit into 53 bits by far, so nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "amounts and days are far below 2^53")]
pub(crate) fn float(value: i64) -> f64 {
    value as f64
}

/// The nearest integer; what is out of range becomes the nearest that there is.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is meant")]
pub(crate) fn integer(value: f64) -> i64 {
    value.round() as i64
}

/// The effective number of records (Kish): (Σw)² / Σw². It is the number itself when all weigh the same.
pub fn effective_number(samples: &[Sample]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| sample.weight).sum();
    let squares: f64 = samples.iter().map(|sample| sample.weight * sample.weight).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// The quartiles of some records. None without any.
pub fn quartiles(samples: &[Sample]) -> Option<Quartiles> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|one, other| one.ln.total_cmp(&other.ln));
    let effective = effective_number(&sorted);
    let at = |p| quantile(&sorted, effective, p);
    Some(Quartiles { low: at(0.25)?, middle: at(0.5)?, high: at(0.75)?, effective })
}

/// A weighted quantile of sorted samples, which is the quantile of type 7 (Hyndman and Fan) when all weigh the same.
///
/// Type 7 is a mean of the values around the place h = p(n − 1) + 1: those whose share of [0, 1] lies between (h − 1) / n
/// and h / n. With weights, the share of each value is its part of all weights, and n is the effective number.
fn quantile(sorted: &[Sample], effective: f64, p: f64) -> Option<f64> {
    let total: f64 = sorted.iter().map(|sample| sample.weight).sum();
    let last = sorted.last()?;
    let h = p * (effective - 1.0) + 1.0;
    let (from, to) = ((h - 1.0) / effective, h / effective);
    let share_until = |part: f64| ((part - from) / (to - from)).clamp(0.0, 1.0);
    let (mut until, mut mean, mut used) = (0.0, 0.0, 0.0);
    for sample in sorted {
        let before = share_until(until);
        until += sample.weight / total;
        let share = share_until(until) - before;
        mean += share * sample.ln;
        used += share;
    }
    // Rounding can leave a last bit of the share, which belongs to the greatest value.
    Some(mean + (1.0 - used) * last.ln)
}

/// The quartiles of a group that leans on the group above it: λ of its own and 1 − λ of the parent's, where λ grows with
/// the effective number n of its records: λ = n / (n + κ). The distances between the quartiles need more records than the
/// median to be known, so they lean longer: `spread_kappa` is the greater one.
pub fn pool(group: &Quartiles, parent: &Quartiles, kappa: f64, spread_kappa: f64) -> Quartiles {
    let lambda = |kappa: f64| group.effective / (group.effective + kappa);
    let mix = |kappa: f64, own: f64, above: f64| {
        let lambda = lambda(kappa);
        lambda * own + (1.0 - lambda) * above
    };
    let middle = mix(kappa, group.middle, parent.middle);
    let below = mix(spread_kappa, group.middle - group.low, parent.middle - parent.low);
    let above = mix(spread_kappa, group.high - group.middle, parent.high - parent.middle);
    Quartiles { low: middle - below, middle, high: middle + above, effective: group.effective }
}

/// The pinball loss of a forecast `q` of the quantile `tau` when `y` came true: the smaller, the better (rule EC4).
pub fn pinball(tau: f64, y: f64, q: f64) -> f64 {
    (tau * (y - q)).max((tau - 1.0) * (y - q))
}
