//! What expected maintenance costs: the price of a task, and sums whose ranges are honest (rule EC5).

use super::wire::{CostBasis, ExpectedCost};
use crate::wire::{Currency, Money};
use domain::{
    cost::{CostRange, Quartiles, STEP_CENTS, Sample, sum_of_costs},
    service_task::TaskKey,
    value,
};

/// Of how many prices a sum is drawn at the most; more are represented by as many of them, evenly taken. What varies apart
/// for each price hardly matters in a sum of so many, and to draw it takes time.
const MOST_DRAWN: usize = 60;

/// What a task costs for a car.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Its quartiles, as logarithms of amounts in minor units; none when it costs nothing.
    quartiles: Option<Quartiles>,
    range: CostRange,
    currency: value::Currency,
    basis: CostBasis,
    year: i64,
    vat_included: bool,
}

/// What a task costs: the price to go by of the catalogue. None when the catalogue names a currency that nobody knows.
pub fn price_of(task: TaskKey) -> Option<Price> {
    let price = &task.task()?.price;
    let ln = |cents: i64| Sample::of(cents, 1.0).map(|sample| sample.ln);
    let quartiles = ln(price.usual_cents).zip(ln(price.high_cents)).map(|(middle, high)| Quartiles {
        // Where the lowest price is nothing, a logarithm has no such value: the usual one is halved.
        low: ln(price.low_cents).unwrap_or(middle - std::f64::consts::LN_2),
        middle,
        high,
        effective: 1.0,
    });
    Some(Price {
        quartiles,
        range: CostRange { low_cents: price.low_cents, usual_cents: price.usual_cents, high_cents: price.high_cents },
        currency: value::Currency::parse(&price.currency).ok()?,
        basis: CostBasis(domain::cost::CostBasis::Catalogue),
        year: price.year,
        vat_included: price.vat_included,
    })
}

impl Price {
    /// The price as it is shown.
    pub fn shown(&self) -> ExpectedCost {
        cost(self.range, self.currency, self.basis, self.year, self.vat_included)
    }

    /// The sum of some prices. None without any, and when they are in different currencies, which cannot be added.
    pub fn sum(prices: &[Self]) -> Option<ExpectedCost> {
        let first = prices.first()?;
        if prices.iter().any(|price| price.currency != first.currency) {
            return None;
        }
        let range = match prices {
            [only] => only.range,
            _ => sum_of(&prices.iter().filter_map(|price| price.quartiles).collect::<Vec<_>>()),
        };
        let year = prices.iter().map(|price| price.year).max()?;
        Some(cost(range, first.currency, first.basis, year, first.vat_included))
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

fn cost(range: CostRange, currency: value::Currency, basis: CostBasis, year: i64, vat_included: bool) -> ExpectedCost {
    let money = |cents| Money { cents, currency: Currency(currency) };
    ExpectedCost {
        low: money(range.low_cents),
        usual: money(range.usual_cents),
        high: money(range.high_cents),
        basis,
        year,
        vat_included,
    }
}
