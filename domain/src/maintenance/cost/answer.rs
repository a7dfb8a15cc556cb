//! What is answered when someone asks for the cost of a task (rule EC1).

use super::{CostGroup, CostRange, GroupLevel, Quartiles, catalogue_price, pool};
use crate::{Date, coded_enum, service_task::TaskKey, value::Country};

/// How the groups of a car work together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaning {
    /// The nearest group that has enough, alone.
    Nearest,
    /// Each group leans on the one above it.
    Pooled {
        /// For the median.
        kappa: f64,
        /// For the distances to the quartiles.
        spread_kappa: f64,
    },
}

impl Leaning {
    /// What the backtest found to be best: see docs/cost-model.md.
    pub const BEST: Self = Self::Pooled { kappa: 8.0, spread_kappa: 32.0 };
}

coded_enum! {
    /// How sure a price is.
    pub enum Certainty {
        /// It rests on many records.
        High => "high",
        /// It rests on some records.
        Medium => "medium",
        /// It rests on few records.
        Low => "low",
        /// It rests on no records: it is the catalogue's price to go by.
        ToGoBy => "to_go_by",
    }
}

/// From this effective number of records on, a price is sure, and from this one on, it is fairly sure. Our choice.
const MANY: f64 = 100.0;
const SOME: f64 = 25.0;

/// What a price rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostBasis {
    /// The nearest group that has enough; none for the catalogue.
    pub level: Option<GroupLevel>,
    /// The number of records in that group.
    pub records: i64,
    /// The days of its oldest and latest record.
    pub period: Option<(Date, Date)>,
    /// How sure the price is.
    pub certainty: Certainty,
}

impl CostBasis {
    /// The catalogue.
    pub const CATALOGUE: Self = Self { level: None, records: 0, period: None, certainty: Certainty::ToGoBy };
}

/// The price of a task for a car.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostAnswer {
    /// The logarithms of the net amounts in minor units, for sums.
    pub quartiles: Quartiles,
    /// The net amounts, as they are shown.
    pub range: CostRange,
    /// What they rest on.
    pub basis: CostBasis,
}

/// The quartiles that follow from the groups that tell something, the nearest first.
pub fn combine(groups: &[&CostGroup], strategy: Leaning) -> Option<Quartiles> {
    let mut farthest_first = groups.iter().rev().filter_map(|group| group.quartiles);
    match strategy {
        Leaning::Nearest => farthest_first.next_back(),
        Leaning::Pooled { kappa, spread_kappa } => {
            let farthest = farthest_first.next()?;
            Some(farthest_first.fold(farthest, |above, group| pool(&group, &above, kappa, spread_kappa)))
        }
    }
}

/// The price of a task: of the groups that tell something, the nearest first, or of the catalogue at the prices of today.
/// None when the catalogue has none either, as for a repair that costs nothing.
pub fn answer(groups: &[&CostGroup], task: TaskKey, country: Country, today: Date) -> Option<CostAnswer> {
    let learned = combine(groups, Leaning::BEST);
    let quartiles = match learned {
        Some(quartiles) => quartiles,
        None => catalogue_price(task, country, today)?,
    };
    let basis = match groups.iter().find(|group| group.quartiles.is_some()) {
        Some(group) => CostBasis {
            level: Some(group.level),
            records: group.records,
            period: Some((group.from, group.until)),
            certainty: certainty(group.quartiles.map_or(0.0, |quartiles| quartiles.effective)),
        },
        None => CostBasis::CATALOGUE,
    };
    Some(CostAnswer { quartiles, range: CostRange::shown(&quartiles), basis })
}

fn certainty(effective: f64) -> Certainty {
    if effective >= MANY {
        Certainty::High
    } else if effective >= SOME {
        Certainty::Medium
    } else {
        Certainty::Low
    }
}
