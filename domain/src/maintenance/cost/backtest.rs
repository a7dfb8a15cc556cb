//! The backtest: learn from the records until a day, foretell those after it, and compare (rule EC4).
//!
//! Records are split by the day on which the work was done, so all lines of an invoice are on one side. There are three
//! parts: the first is learned from; on the second the strategy is chosen; the model learned from both is measured on
//! the third, which had no part in any choice.

use super::{
    Leaning, Quartiles,
    ledger::{Entry, Ledger, Network, day_number},
    measure::{Book, fitting_stretch, ln_cost, loss, stretched},
};
use crate::{
    Date,
    ids::{GarageId, VehicleId},
    service_task::TaskKey,
};
use std::collections::BTreeMap;

/// The κ that are tried.
pub const KAPPAS: [f64; 6] = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// The κ of the spreads, as multiples of the κ of the median.
pub const SPREAD_FACTORS: [f64; 3] = [1.0, 2.0, 4.0];

/// The days that separate the three parts.
#[derive(Clone, Copy, Debug)]
pub struct Splits {
    /// The first day of the second part.
    pub choose_from: Date,
    /// The first day of the third part.
    pub measure_from: Date,
    /// The day after the third part.
    pub until: Date,
}

/// How well a model did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The number of records.
    pub records: usize,
    /// How many of them lay between low and high.
    pub covered: usize,
    /// The sum of the pinball losses, in logarithms.
    pub loss: f64,
    /// The sum of the distances to the true median, in logarithms; 0 where no truth is known.
    pub distance: f64,
}

impl Score {
    fn add(&mut self, quartiles: &Quartiles, y: f64, truth: Option<&Quartiles>) {
        self.records += 1;
        self.covered += usize::from((quartiles.low..=quartiles.high).contains(&y));
        self.loss += loss(quartiles, y);
        self.distance += truth.map_or(0.0, |truth| (truth.middle - quartiles.middle).abs());
    }

    fn join(&mut self, other: &Self) {
        self.records += other.records;
        self.covered += other.covered;
        self.loss += other.loss;
        self.distance += other.distance;
    }

    /// The mean of a sum.
    pub fn mean(&self, sum: f64) -> f64 {
        if self.records == 0 { 0.0 } else { sum / count(self.records) }
    }

    /// The part that lay between low and high.
    pub fn coverage(&self) -> f64 {
        self.mean(count(self.covered))
    }

    /// By how much the coverage may differ from a half by chance: twice the standard deviation.
    pub fn tolerance(&self) -> f64 {
        if self.records == 0 { 1.0 } else { 2.0 * (0.25 / count(self.records)).sqrt() }
    }

    /// Whether the coverage is a half but for chance.
    pub fn is_calibrated(&self) -> bool {
        (self.coverage() - 0.5).abs() <= self.tolerance()
    }
}

fn count(number: usize) -> f64 {
    super::quantile::float(i64::try_from(number).unwrap_or(i64::MAX))
}

/// How the models did on the same records.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// The model.
    pub model: Score,
    /// The country's plain median.
    pub median: Score,
    /// The price of the catalogue.
    pub catalogue: Score,
    /// The true distribution, where it is known.
    pub truth: Score,
    /// How many records had no group that could tell something.
    pub untold: usize,
}

impl Scores {
    fn join(&mut self, other: &Self) {
        self.model.join(&other.model);
        self.median.join(&other.median);
        self.catalogue.join(&other.catalogue);
        self.truth.join(&other.truth);
        self.untold += other.untold;
    }

    /// Whether the model is better than the catalogue and than the country's median.
    pub fn wins(&self) -> bool {
        self.model.loss < self.catalogue.loss && self.model.loss < self.median.loss
    }
}

/// What a backtest found.
#[derive(Clone, Debug)]
pub struct Backtest {
    /// Each strategy that was tried with its mean loss on the second part, the best first.
    pub tried: Vec<(Leaning, f64)>,
    /// How the best did on the third part, by task.
    pub tasks: BTreeMap<TaskKey, Scores>,
}

impl Backtest {
    /// The best strategy.
    pub fn best(&self) -> Leaning {
        self.tried.first().map_or(Leaning::BEST, |(strategy, _)| *strategy)
    }

    /// All tasks together.
    pub fn all(&self) -> Scores {
        let mut all = Scores::default();
        self.tasks.values().for_each(|scores| all.join(scores));
        all
    }
}

/// What is true of a garage, a car and a day: the distribution that amounts were drawn from.
pub type Truth<'t> = &'t dyn Fn(TaskKey, GarageId, VehicleId, Date) -> Option<Quartiles>;

/// Every strategy that is tried.
pub fn strategies() -> Vec<Leaning> {
    let pooled = KAPPAS.iter().flat_map(|kappa| {
        SPREAD_FACTORS.iter().map(move |factor| Leaning::Pooled { kappa: *kappa, spread_kappa: kappa * factor })
    });
    std::iter::once(Leaning::Nearest).chain(pooled).collect()
}

fn part(entries: &[Entry], from: Option<Date>, until: Date) -> Vec<Entry> {
    let (from, until) = (from.and_then(day_number).unwrap_or(0), day_number(until).unwrap_or(u16::MAX));
    entries.iter().filter(|entry| (from..until).contains(&entry.done)).copied().collect()
}

/// Runs the backtest. `progress` is called with the number of the step, from 1, and that of all steps.
pub fn backtest(
    network: &Network,
    ledger: &Ledger,
    splits: &Splits,
    truth: Option<Truth<'_>>,
    mut progress: impl FnMut(usize, usize),
) -> Backtest {
    let tasks: Vec<TaskKey> = ledger.tasks().collect();
    let strategies = strategies();
    let mut losses = vec![(0.0, 0_usize); strategies.len()];
    let mut stretches: BTreeMap<TaskKey, Vec<f64>> = BTreeMap::new();
    for (step, task) in tasks.iter().copied().enumerate() {
        progress(step + 1, 2 * tasks.len());
        let book = Book::learn(network, &part(ledger.of(task), None, splits.choose_from), task, splits.choose_from);
        let chosen_on = part(ledger.of(task), Some(splits.choose_from), splits.measure_from);
        let mut of_task = vec![];
        for (strategy, (loss_sum, records)) in strategies.iter().zip(&mut losses) {
            let foretold: Vec<(Quartiles, f64)> = chosen_on
                .iter()
                .filter_map(|entry| Some((book.foretell(entry, *strategy)?.learned?, ln_cost(entry))))
                .collect();
            let stretch = fitting_stretch(&foretold);
            *loss_sum += foretold.iter().map(|(quartiles, y)| loss(&stretched(quartiles, stretch), *y)).sum::<f64>();
            *records += foretold.len();
            of_task.push(stretch);
        }
        stretches.insert(task, of_task);
    }
    let mut tried: Vec<(usize, Leaning, f64)> = (0..)
        .zip(&strategies)
        .zip(&losses)
        .map(|((index, strategy), (loss, records))| (index, *strategy, loss / count((*records).max(1))))
        .collect();
    tried.sort_by(|one, other| one.2.total_cmp(&other.2));
    let (best_index, best) = tried.first().map_or((0, Leaning::BEST), |(index, strategy, _)| (*index, *strategy));
    let mut measured = BTreeMap::new();
    for (step, task) in tasks.iter().copied().enumerate() {
        progress(tasks.len() + step + 1, 2 * tasks.len());
        let stretch = stretches.get(&task).and_then(|all| all.get(best_index)).copied().unwrap_or(1.0);
        let book = Book::learn(network, &part(ledger.of(task), None, splits.measure_from), task, splits.measure_from);
        let held_out = part(ledger.of(task), Some(splits.measure_from), splits.until);
        let scores = score(&book, network, &held_out, task, (best, stretch), truth);
        if scores.model.records > 0 {
            measured.insert(task, scores);
        }
    }
    Backtest { tried: tried.into_iter().map(|(_, strategy, loss)| (strategy, loss)).collect(), tasks: measured }
}

fn score(
    book: &Book<'_>,
    network: &Network,
    held_out: &[Entry],
    task: TaskKey,
    (strategy, stretch): (Leaning, f64),
    truth: Option<Truth<'_>>,
) -> Scores {
    let mut scores = Scores::default();
    for entry in held_out {
        let Some(forecasts) = book.foretell(entry, strategy) else { continue };
        let (Some(median), Some(catalogue)) = (forecasts.median, forecasts.catalogue) else { continue };
        let y = ln_cost(entry);
        let known = truth.and_then(|truth| {
            let garage = network.garage(entry.garage)?.id;
            truth(task, garage, network.vehicle(entry.car)?, super::ledger::day_of(entry.done))
        });
        let model = if let Some(learned) = forecasts.learned {
            stretched(&learned, stretch)
        } else {
            scores.untold += 1;
            catalogue
        };
        scores.model.add(&model, y, known.as_ref());
        scores.median.add(&median, y, known.as_ref());
        scores.catalogue.add(&catalogue, y, known.as_ref());
        if let Some(known) = known {
            scores.truth.add(&known, y, Some(&known));
        }
    }
    scores
}

#[cfg(test)]
mod tests;
