//! How well a model foretells costs that it has not seen (rule EC4).

use super::{
    CostGroup, GroupLevel, Leaning, MIN_GARAGES, Quartiles, Sample, catalogue_price, combine,
    learn::{Lesson, told},
    ledger::{Entry, Network, day_number, day_of},
    pinball, price_factor,
    quantile::float,
    quartiles,
};
use crate::{Date, ids::GarageId, service_task::TaskKey, value::Country};
use jiff::ToSpan;
use std::collections::HashMap;

/// What is learned is measured on the records of the last this many days.
const HELD_OUT_DAYS: i32 = 182;
/// With fewer records than this nothing can be said.
const MIN_MEASURED: usize = 30;
/// A stretch leans on 1, as a small group on its parent: it counts half with this many records.
const STRETCH_KAPPA: f64 = 500.0;
/// By how much the distances between the quartiles may be changed.
const STRETCH: (f64, f64) = (0.5, 2.0);

/// The three quantiles that are foretold.
pub(super) const TAUS: [f64; 3] = [0.25, 0.5, 0.75];

/// What measuring said about the groups of a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    /// Whether the groups are told at all: they beat the catalogue.
    beats_catalogue: bool,
    /// Whether the groups below the country are told: they beat the country's plain median.
    beats_median: bool,
    /// What the distances from the median to the quartiles are multiplied by, so that half of the costs lie between them.
    stretch: f64,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { beats_catalogue: true, beats_median: true, stretch: 1.0 }
    }
}

impl Verdict {
    /// Hides and stretches a group. One that was told before, and has no new result, is stretched already.
    pub(super) fn apply(&self, group: &mut CostGroup, today: Date) {
        group.is_shown &= self.beats_catalogue && (self.beats_median || group.level == GroupLevel::Country);
        if group.read_on == today {
            group.quartiles = group.quartiles.map(|quartiles| stretched(&quartiles, self.stretch));
        }
    }
}

pub(super) fn stretched(quartiles: &Quartiles, by: f64) -> Quartiles {
    let Quartiles { low, middle, high, effective } = *quartiles;
    Quartiles { low: middle - by * (middle - low), middle, high: middle + by * (high - middle), effective }
}

/// What was learned from some entries, to be asked about others.
pub(super) struct Book<'a> {
    network: &'a Network,
    task: TaskKey,
    learned_on: Date,
    by_group: HashMap<String, Vec<CostGroup>>,
    /// The quartiles of each country without weights and index.
    plain: HashMap<u32, Quartiles>,
}

/// What each of the models foretells of an entry, at the prices of its day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forecasts {
    pub(super) learned: Option<Quartiles>,
    pub(super) median: Option<Quartiles>,
    pub(super) catalogue: Option<Quartiles>,
}

impl<'a> Book<'a> {
    pub(super) fn learn(network: &'a Network, entries: &[Entry], task: TaskKey, today: Date) -> Self {
        let groups = Lesson { network, task, today }.fresh(entries);
        let mut by_group: HashMap<String, Vec<CostGroup>> = HashMap::new();
        for group in groups {
            by_group.entry(group.key.clone()).or_default().push(group);
        }
        let mut amounts: HashMap<u32, Vec<Sample>> = HashMap::new();
        for entry in entries {
            let country = network.garage(entry.garage).map(|garage| garage.country_name);
            if let (Some(country), Some(sample)) = (country, Sample::of(i64::from(entry.cents), 1.0)) {
                amounts.entry(country).or_default().push(sample);
            }
        }
        let plain =
            amounts.into_iter().filter_map(|(country, samples)| Some((country, quartiles(&samples)?))).collect();
        Self { network, task, learned_on: today, by_group, plain }
    }

    /// What is foretold for the garage and car of an entry.
    pub(super) fn foretell(&self, entry: &Entry, strategy: Leaning) -> Option<Forecasts> {
        let (garage, car) = (self.network.garage(entry.garage)?, self.network.car(entry.car)?);
        let day = day_of(entry.done);
        let grown = price_factor(garage.country, self.task, self.learned_on, day).ln();
        let groups = self.told(garage.id, garage.country, entry, car.model, car.class);
        Some(Forecasts {
            learned: combine(&groups, strategy).map(|quartiles| shifted(&quartiles, grown)),
            median: self.plain.get(&garage.country_name).copied(),
            catalogue: catalogue_price(self.task, garage.country, day),
        })
    }

    fn told(&self, id: GarageId, country: Country, entry: &Entry, model: u32, class: u32) -> Vec<&CostGroup> {
        let (id_text, country) = (id.to_string(), country.as_str());
        let chain = self.network.garage(entry.garage).map_or("", |garage| self.network.text(garage.chain_name));
        let (model, class) = (self.network.text(model), self.network.text(class));
        let names = |level: GroupLevel| match level {
            GroupLevel::GarageModel => (id_text.as_str(), model),
            GroupLevel::GarageClass => (id_text.as_str(), class),
            GroupLevel::ChainModel => (chain, model),
            GroupLevel::CountryModel => (country, model),
            GroupLevel::CountryClass => (country, class),
            GroupLevel::Country => (country, ""),
        };
        let keys = GroupLevel::ALL.iter().map(|level| super::learn::key(*level, names(*level)));
        keys.filter_map(|key| told(self.by_group.get(&key)?, id)).collect()
    }
}

fn shifted(quartiles: &Quartiles, by: f64) -> Quartiles {
    let Quartiles { low, middle, high, effective } = *quartiles;
    Quartiles { low: low + by, middle: middle + by, high: high + by, effective }
}

/// The mean pinball loss of the three quantiles, in logarithms.
pub(super) fn loss(quartiles: &Quartiles, y: f64) -> f64 {
    let [low, middle, high] = TAUS;
    (pinball(low, y, quartiles.low) + pinball(middle, y, quartiles.middle) + pinball(high, y, quartiles.high)) / 3.0
}

/// The logarithm of what an entry cost.
pub(super) fn ln_cost(entry: &Entry) -> f64 {
    f64::from(entry.cents).ln()
}

/// By how much the quartiles must be stretched so that half of these costs lie between them: the median of the distances
/// between cost and foretold median, in units of the foretold distance to the quartile on that side.
pub(super) fn fitting_stretch(foretold: &[(Quartiles, f64)]) -> f64 {
    let mut ratios: Vec<f64> = foretold
        .iter()
        .filter_map(|(quartiles, y)| {
            let spread = if *y < quartiles.middle {
                quartiles.middle - quartiles.low
            } else {
                quartiles.high - quartiles.middle
            };
            (spread > 0.0).then(|| (y - quartiles.middle).abs() / spread)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
    if ratios.len() < MIN_MEASURED {
        return 1.0;
    }
    let records = float(i64::try_from(ratios.len()).unwrap_or(i64::MAX));
    let lambda = records / (records + STRETCH_KAPPA);
    (lambda * middle + 1.0 - lambda).clamp(STRETCH.0, STRETCH.1)
}

/// Whether no garage alone decides what is measured: else its records would decide what others are told.
fn is_of_enough_garages(entries: &[Entry]) -> bool {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for entry in entries {
        *counts.entry(entry.garage).or_default() += 1;
    }
    let greatest = counts.values().max().copied().unwrap_or(0);
    counts.len() > MIN_GARAGES && greatest * 2 <= entries.len()
}

/// Measures the groups of a task on its last records, having learned from those before them.
pub(super) fn verdict(network: &Network, entries: &[Entry], task: TaskKey, today: Date) -> Verdict {
    let split = today.saturating_sub(HELD_OUT_DAYS.days());
    let Some(split_number) = day_number(split) else { return Verdict::default() };
    let (seen, held_out): (Vec<Entry>, Vec<Entry>) = entries.iter().partition(|entry| entry.done < split_number);
    if held_out.len() < MIN_MEASURED || seen.is_empty() || !is_of_enough_garages(&held_out) {
        return Verdict::default();
    }
    let book = Book::learn(network, &seen, task, split);
    let measured: Vec<(Forecasts, f64)> = held_out
        .iter()
        .filter_map(|entry| Some((book.foretell(entry, Leaning::BEST)?, ln_cost(entry))))
        .filter(|(forecasts, _)| forecasts.learned.is_some())
        .collect();
    if measured.len() < MIN_MEASURED {
        return Verdict::default();
    }
    let learned: Vec<(Quartiles, f64)> =
        measured.iter().filter_map(|(forecasts, y)| Some((forecasts.learned?, *y))).collect();
    let stretch = fitting_stretch(&learned);
    let ours: f64 = learned.iter().map(|(quartiles, y)| loss(&stretched(quartiles, stretch), *y)).sum();
    // A model that foretells nothing for some of them is beaten by one that does.
    let of = |model: fn(&Forecasts) -> Option<Quartiles>| -> f64 {
        measured.iter().map(|(forecasts, y)| model(forecasts).map_or(f64::INFINITY, |model| loss(&model, *y))).sum()
    };
    let (median, catalogue) = (of(|all| all.median), of(|all| all.catalogue));
    Verdict { beats_catalogue: ours < catalogue, beats_median: ours < median, stretch }
}
