//! What expected maintenance costs: the prices of tasks for a car, and sums whose ranges are honest (rules EC1 and EC5).

use super::wire::{Certainty, CostBasis, ExpectedCost};
use crate::{
    command::Work,
    problem::Problem,
    wire::{Currency, Day, Money},
};
use domain::{
    Date,
    cost::{self, CostAnswer, CostBasis as Basis, CostCar, CostRange, Quartiles, STEP_CENTS, sum_of_costs},
    service_record::VatRate,
    service_task::TaskKey,
    value,
};
use persistence::{self as store, cost::CostAsker};
use std::collections::{BTreeMap, BTreeSet};

/// Of how many prices a sum is drawn at the most; more are represented by as many of them, evenly taken. What varies apart
/// for each price hardly matters in a sum of so many, and to draw it takes time.
const MOST_DRAWN: usize = 60;

/// The prices of tasks for one car, with the VAT of the garage's country.
#[derive(Clone, Debug, Default)]
pub struct Prices(BTreeMap<TaskKey, Price>);

/// What a task costs for a car.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Its quartiles, as logarithms of amounts in minor units; none when it costs nothing.
    quartiles: Option<Quartiles>,
    range: CostRange,
    currency: value::Currency,
    basis: Basis,
    on: Date,
    vat_included: bool,
}

impl Prices {
    /// The prices of some tasks for a car, in one query (rules EC1 and EC2).
    pub fn find(
        work: &mut Work<'_, '_>,
        asker: &CostAsker,
        car: &CostCar<'_>,
        tasks: &BTreeSet<TaskKey>,
        today: Date,
    ) -> Result<Self, Problem> {
        let answers = store::cost::find(work.tx, asker, car, tasks, today)?;
        let vat = VatRate::standard(asker.country, today);
        let price = |task: &TaskKey| Some((*task, Price::new(*task, answers.get(task), vat, today)?));
        Ok(Self(tasks.iter().filter_map(price).collect()))
    }

    /// The price of a task; none when no price is known.
    pub fn of(&self, task: TaskKey) -> Option<Price> {
        self.0.get(&task).copied()
    }
}

impl Price {
    fn new(task: TaskKey, answer: Option<&CostAnswer>, vat: Option<VatRate>, on: Date) -> Option<Self> {
        let to_go_by = &task.task()?.price;
        let currency = value::Currency::parse(&to_go_by.currency).ok()?;
        let vat_included = vat.is_some();
        let Some(answer) = answer else {
            // What the catalogue says costs nothing, such as the repair of a recall.
            let is_free = to_go_by.high_cents == 0;
            let range = CostRange { low_cents: 0, usual_cents: 0, high_cents: 0 };
            return is_free.then_some(Self {
                quartiles: None,
                range,
                currency,
                basis: Basis::CATALOGUE,
                on,
                vat_included,
            });
        };
        let quartiles = answer.quartiles.times(vat.map_or(1.0, VatRate::factor));
        let range = CostRange::shown(&quartiles);
        Some(Self { quartiles: Some(quartiles), range, currency, basis: answer.basis, on, vat_included })
    }

    /// The price as it is shown.
    pub fn shown(&self) -> ExpectedCost {
        self.cost(self.range, Some(self.basis), self.basis.certainty)
    }

    /// The sum of some prices. None without any, and when they are in different currencies, which cannot be added. It is as
    /// sure as the least sure of its parts.
    pub fn sum(prices: &[Self]) -> Option<ExpectedCost> {
        let first = prices.first()?;
        if prices.iter().any(|price| price.currency != first.currency) {
            return None;
        }
        let range = match prices {
            [only] => only.range,
            _ => sum_of(&prices.iter().filter_map(|price| price.quartiles).collect::<Vec<_>>()),
        };
        let certainty = prices.iter().map(|price| price.basis.certainty).max()?;
        let basis = prices.iter().all(|price| price.basis == first.basis).then_some(first.basis);
        Some(first.cost(range, basis, certainty))
    }

    fn cost(&self, range: CostRange, basis: Option<Basis>, certainty: cost::Certainty) -> ExpectedCost {
        let money = |cents| Money { cents, currency: Currency(self.currency) };
        let period = basis.and_then(|basis| basis.period);
        ExpectedCost {
            low: money(range.low_cents),
            usual: money(range.usual_cents),
            high: money(range.high_cents),
            basis: CostBasis::of(basis),
            certainty: Certainty(certainty),
            records: basis.filter(|basis| basis.level.is_some()).map(|basis| basis.records),
            records_from: period.map(|(from, _)| Day(from)),
            records_until: period.map(|(_, until)| Day(until)),
            prices_of: Day(self.on),
            vat_included: self.vat_included,
        }
    }
}

/// The sum of prices by their quartiles.
fn sum_of(quartiles: &[Quartiles]) -> CostRange {
    let many = quartiles.len();
    if many <= MOST_DRAWN {
        return sum_of_costs(quartiles);
    }
    let evenly = (0..MOST_DRAWN).filter_map(|number| quartiles.get(number * many / MOST_DRAWN).copied());
    let drawn = sum_of_costs(&evenly.collect::<Vec<_>>());
    let whole = |cents: i64| {
        let (many, drawn) = (i64::try_from(many).unwrap_or(i64::MAX), i64::try_from(MOST_DRAWN).unwrap_or(1));
        cents.saturating_mul(many) / drawn / STEP_CENTS * STEP_CENTS
    };
    CostRange {
        low_cents: whole(drawn.low_cents),
        usual_cents: whole(drawn.usual_cents),
        high_cents: whole(drawn.high_cents),
    }
}
