//! Requests and answers of expected maintenance.

use super::costs::{Price, Prices};
use crate::{
    enum_scalars,
    maintenance_schedule::wire::ScheduleLevel,
    parameters,
    wire::{Day, Id, Money, Position, TaskKey},
};
use domain::{
    Date, coded_enum,
    cost::{self, GroupLevel},
    expected_maintenance::{
        self as expected, About, CarNeeds, ExpectedItem, Forecast, Need, Road as DomainRoad, Visit,
    },
    ids::RecommendationId,
    value::Language,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use utoipa::ToSchema;

enum_scalars! {
    /// Why a task is expected.
    ItemSource(expected::ItemSource), "Why a task is expected. Schedule: by a maintenance schedule. Service indicator: the car itself says so. Wear: what checks measured shows how fast a part wears. Recommendation: it was recommended. APK: the law demands an inspection. Recall: the manufacturer recalls the car.";
    /// How near a task is.
    DueStatus(expected::DueStatus), "How near a task is. Due soon: within 60 days or 2,000 km, or within a tenth of a shorter interval. Overdue: more than 30 days or 1,000 km late; for the APK, from the first day after its expiry.";
    /// What the predicted days rest on.
    RoadBasis(expected::RoadBasis), "What the distance a year rests on. Readings: the car's own readings. Average: one reading of the car, and what cars on the same fuel drive in a year.";
    /// What a cost rests on.
    CostBasis(Basis), "What a cost rests on: what was paid at this garage for this model or class of car, at the garages of its chain for this model, or at the garages of its country for this model, class of car, or all cars; the catalogue's price to go by; or, of a sum, several of these. What other garages charge is never told of fewer than three of them.";
    /// How sure a cost is.
    Certainty(cost::Certainty), "How sure a cost is. High, medium and low: it rests on many, some or few records. To go by: it rests on no records, but on the catalogue.";
    /// Over which time a cost is.
    CostPeriod(Period), "Whether a cost is that of a month or of a year.";
}

coded_enum! {
    /// What a cost rests on.
    pub enum Basis {
        /// This garage, and this model.
        GarageModel => "garage_model",
        /// This garage, and this class of car.
        GarageClass => "garage_class",
        /// The garages of this chain, and this model.
        ChainModel => "chain_model",
        /// The garages of this country, and this model.
        CountryModel => "country_model",
        /// The garages of this country, and this class of car.
        CountryClass => "country_class",
        /// The garages of this country.
        Country => "country",
        /// The price to go by of the catalogue.
        Catalogue => "catalogue",
        /// Several of these, of which it is the sum.
        Several => "several",
    }
}

impl CostBasis {
    /// What a cost rests on; of a sum whose parts rest on different things, several.
    pub(super) fn of(basis: Option<cost::CostBasis>) -> Self {
        Self(match basis.map(|basis| basis.level) {
            None => Basis::Several,
            Some(None) => Basis::Catalogue,
            Some(Some(GroupLevel::GarageModel)) => Basis::GarageModel,
            Some(Some(GroupLevel::GarageClass)) => Basis::GarageClass,
            Some(Some(GroupLevel::ChainModel)) => Basis::ChainModel,
            Some(Some(GroupLevel::CountryModel)) => Basis::CountryModel,
            Some(Some(GroupLevel::CountryClass)) => Basis::CountryClass,
            Some(Some(GroupLevel::Country)) => Basis::Country,
        })
    }
}

coded_enum! {
    /// Over which time a cost is.
    pub enum Period {
        /// A month.
        Month => "month",
        /// A year.
        Year => "year",
    }
}

parameters! {
    /// Until when to foretell.
    pub struct ExpectedMaintenanceQuery {
        /// The last day of a visit that is foretold, at most 5 years ahead. The default is two years ahead. What is gathered into
        /// a visit can itself be due some weeks after that.
        pub until: Option<Day>,
    }
}

/// What something is expected to cost.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "low": { "cents": 5000, "currency": "EUR" },
    "usual": { "cents": 7000, "currency": "EUR" },
    "high": { "cents": 9500, "currency": "EUR" },
    "basis": "catalogue", "certainty": "to_go_by", "records": null, "recordsFrom": null,
    "recordsUntil": null, "pricesOf": "2026-03-01", "vatIncluded": true
}))]
pub struct ExpectedCost {
    /// A low cost: a quarter of the cars pays less.
    pub low: Money,
    /// The usual cost: half of the cars pays less.
    pub usual: Money,
    /// A high cost: a quarter of the cars pays more. Of several tasks together, it is less than the sum of their high
    /// costs, since they are hardly ever all dear at once.
    pub high: Money,
    /// What it rests on.
    pub basis: CostBasis,
    /// How sure it is; a sum is as sure as the least sure of its parts.
    pub certainty: Certainty,
    /// On how many records it rests; null for the catalogue's price, and for the sum of different tasks.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub records: Option<i64>,
    /// The day of the oldest of these records.
    pub records_from: Option<Day>,
    /// The day of the latest of these records.
    pub records_until: Option<Day>,
    /// The day to whose prices the records were brought.
    pub prices_of: Day,
    /// Whether VAT, at the standard rate of the garage's country, is in the amounts.
    pub vat_included: bool,
}

/// How far the car drives.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "basis": "readings", "readOn": "2026-02-25", "odometerKm": 60000, "kmPerYear": 14600, "lowKmPerYear": 13100,
    "highKmPerYear": 16200
}))]
pub struct Road {
    /// What it rests on.
    pub basis: RoadBasis,
    /// The day of the last reading that is trusted.
    pub read_on: Day,
    /// What the odometer showed then, in kilometres.
    #[schema(minimum = 0, maximum = 1_999_999)]
    pub odometer_km: i64,
    /// The distance a year, in kilometres.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub km_per_year: i64,
    /// A low distance a year, from which the latest days follow.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub low_km_per_year: i64,
    /// A high distance a year, from which the earliest days follow.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub high_km_per_year: i64,
}

/// The schedule by which a task is expected.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "level": "platform", "id": null }))]
pub struct ScheduleRef {
    /// Whose the schedule is.
    pub level: ScheduleLevel,
    /// The id of the schedule; null for the platform's.
    pub id: Option<Id>,
}

/// A recommendation that is open for an expected task.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "position": "front_left", "positionName": "front left",
    "text": "Tread depth front left: 2.8 mm (advised: more than 3 mm)"
}))]
pub struct AdviceRef {
    /// The id of the recommendation.
    pub id: Id,
    /// Where on the car; null when that does not matter.
    pub position: Option<Position>,
    /// What that place is called, in the language of the request; null without a position.
    #[schema(max_length = 60, pattern = "^[^\\u0000]*$")]
    pub position_name: Option<&'static str>,
    /// What the customer reads.
    #[schema(max_length = 1000, pattern = "^[^\\u0000]*$")]
    pub text: String,
}

/// Where an expected task comes from.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The schedule by which it is expected; null for other sources.
    pub schedule: Option<ScheduleRef>,
    /// The day on which the service indicator was read, or wear was last measured; null for other sources.
    pub read_on: Option<Day>,
    /// The recommendations that are open for the task, each with its place. They are one item, whose cost is that of the task:
    /// done once, at all these places. They also stand for the next time that a schedule expects it.
    #[schema(max_items = 200)]
    pub recommendations: Vec<AdviceRef>,
    /// The register's reference of the recall; null for other sources, and while it is not known.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub recall_reference: Option<String>,
}

/// A task that is expected.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "task": "brake_fluid", "name": "Brake fluid", "source": "schedule", "positions": [],
    "origin": {
        "schedule": { "level": "platform", "id": null }, "readOn": null, "recommendations": [], "recallReference": null
    },
    "dueOn": "2026-05-17", "dueKm": null, "predictedOn": "2026-05-17", "earliestOn": "2026-05-17",
    "latestOn": "2026-05-17", "dueStatus": "ok", "assumed": true, "repeated": 0, "includedIn": null,
    "cost": {
        "low": { "cents": 5000, "currency": "EUR" }, "usual": { "cents": 7000, "currency": "EUR" },
        "high": { "cents": 9500, "currency": "EUR" }, "basis": "catalogue", "certainty": "to_go_by", "records": null, "recordsFrom": null,
    "recordsUntil": null, "pricesOf": "2026-03-01", "vatIncluded": true
    }
}))]
pub struct Item {
    /// The key of the task; null for work that is only described in words.
    pub task: Option<TaskKey>,
    /// What the task is called, in the language of the request; null for work that is only described in words.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: Option<&'static str>,
    /// Why it is expected.
    pub source: ItemSource,
    /// Where on the car it was advised; empty when that does not matter, and for what was not advised.
    #[schema(max_items = 20)]
    pub positions: Vec<Position>,
    /// What exactly it comes from.
    pub origin: Origin,
    /// The day on which it is due; null when only a distance counts.
    pub due_on: Option<Day>,
    /// The distance at which it is due, in kilometres; null when only time counts.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub due_km: Option<i64>,
    /// The day on which it is expected: the earlier of the day on which it is due, and that on which the odometer is
    /// expected to reach the distance. Null in `withoutDay`.
    pub predicted_on: Option<Day>,
    /// The same if the car is driven more than expected.
    pub earliest_on: Option<Day>,
    /// The same if the car is driven less than expected; null when the day may never come.
    pub latest_on: Option<Day>,
    /// How near it is today; null in `withoutDay`.
    pub due_status: Option<DueStatus>,
    /// Whether it is only assumed, since nobody knows when the task was last done.
    pub assumed: bool,
    /// How often the same task comes before it in this answer.
    #[schema(minimum = 0, maximum = 2000)]
    pub repeated: u32,
    /// The key of another task of the same visit that includes it, so that it costs nothing apart; null when there is none.
    pub included_in: Option<TaskKey>,
    /// What it is expected to cost; null when it is included in another task, when no price is known, and when the reader
    /// may not see amounts.
    pub cost: Option<ExpectedCost>,
}

/// A visit to the garage: what is done on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "on": "2026-05-17", "earliestOn": "2026-05-02", "latestOn": "2026-05-17", "items": [], "cost": null
}))]
pub struct ExpectedVisit {
    /// The day on which it is expected. What is late is expected today.
    pub on: Day,
    /// The earliest day that is likely.
    pub earliest_on: Day,
    /// The latest day that is likely; null when the day may never come.
    pub latest_on: Option<Day>,
    /// What is done, in the order in which each would be expected by itself.
    #[schema(max_items = 2000)]
    pub items: Vec<Item>,
    /// What the visit is expected to cost; null when no price is known, and when the reader may not see amounts.
    pub cost: Option<ExpectedCost>,
}

/// What all visits of a month or year are expected to cost. Of the first and the last one, only the days of the forecast count.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "period": "month", "from": "2026-05-01",
    "cost": {
        "low": { "cents": 5000, "currency": "EUR" }, "usual": { "cents": 7000, "currency": "EUR" },
        "high": { "cents": 9500, "currency": "EUR" }, "basis": "catalogue", "certainty": "to_go_by", "records": null, "recordsFrom": null,
    "recordsUntil": null, "pricesOf": "2026-03-01", "vatIncluded": true
    }
}))]
pub struct PeriodCost {
    /// Whether it is a month or a year of the calendar.
    pub period: CostPeriod,
    /// Its first day.
    pub from: Day,
    /// What is expected to be paid in it.
    pub cost: ExpectedCost,
}

/// What a car is expected to need.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "from": "2026-03-01", "until": "2028-03-01",
    "road": {
        "basis": "readings", "readOn": "2026-02-25", "odometerKm": 60000, "kmPerYear": 14600, "lowKmPerYear": 13100,
        "highKmPerYear": 16200
    },
    "visits": [{
        "on": "2026-05-17", "earliestOn": "2026-05-02", "latestOn": "2026-05-17", "items": [], "cost": null
    }],
    "withoutDay": [], "showsAmounts": true, "costs": []
}))]
pub struct ExpectedMaintenance {
    /// Today, in the garage's time zone.
    pub from: Day,
    /// The last day that is foretold: the day that was asked for, or an earlier one for a car that needs more than 2,000
    /// things until then.
    pub until: Day,
    /// How far the car drives; null without a reading of its odometer: then there are only the days of intervals of time.
    pub road: Option<Road>,
    /// The visits, in the order of time.
    #[schema(max_items = 2000)]
    pub visits: Vec<ExpectedVisit>,
    /// What is due at a distance only, while nothing is known of how far the car drives.
    #[schema(max_items = 1000)]
    pub without_day: Vec<Item>,
    /// Whether the reader may see amounts. If not, every cost is left out.
    pub shows_amounts: bool,
    /// What is expected to be paid in each month, and in each year of the calendar; without those in which nothing is
    /// expected.
    #[schema(max_items = 100)]
    pub costs: Vec<PeriodCost>,
}

/// How an answer is shown.
pub(super) struct Shown {
    pub(super) prices: Prices,
    pub(super) today: Date,
    pub(super) shows_amounts: bool,
    /// The recommendations of a garage that kept the passport before: what they name of amounts is not shown (rule P6).
    pub(super) of_before: HashSet<RecommendationId>,
    pub(super) language: Language,
}

impl Shown {
    fn name(&self, task: Option<domain::service_task::TaskKey>) -> Option<&'static str> {
        Some(task?.task()?.names.of(self.language))
    }

    /// What an item costs, if that is shown.
    fn price(&self, item: &ExpectedItem) -> Option<Price> {
        Some(item).filter(|_| self.shows_amounts).and_then(|item| price(item, &self.prices))
    }

    fn prices(&self, visit: &Visit) -> Vec<Price> {
        visit.items.iter().filter_map(|item| self.price(item)).collect()
    }
}

impl Road {
    fn new(road: &DomainRoad) -> Self {
        let a_year = |metres: i64| metres.saturating_mul(365) / 1_000;
        Self {
            basis: RoadBasis(road.basis),
            read_on: Day(road.from),
            odometer_km: road.km,
            km_per_year: a_year(road.metres),
            low_km_per_year: a_year(road.low_metres),
            high_km_per_year: a_year(road.high_metres),
        }
    }
}

impl Origin {
    /// Where a need comes from, and the others that are met with it.
    fn new<'a>(abouts: impl Iterator<Item = &'a About>, shown: &Shown) -> Self {
        let mut origin = Self::default();
        for about in abouts {
            let Self { schedule, read_on, mut recommendations, recall_reference } = Self::of(about, shown);
            origin.schedule = origin.schedule.or(schedule);
            origin.read_on = origin.read_on.or(read_on);
            origin.recommendations.append(&mut recommendations);
            origin.recall_reference = origin.recall_reference.or(recall_reference);
        }
        origin.recommendations.sort_by_key(|one| (one.position.map(|position| position.0), one.id.0));
        origin
    }

    fn of(about: &About, shown: &Shown) -> Self {
        let language = shown.language;
        match about {
            About::Schedule(level, id) => Self {
                schedule: Some(ScheduleRef { level: ScheduleLevel(*level), id: id.map(|id| Id(id.0)) }),
                ..Self::default()
            },
            About::Indicator(on) | About::Wear(on) => Self { read_on: Some(Day(*on)), ..Self::default() },
            About::Recommendation(id, advice) => {
                let one = AdviceRef {
                    id: Id(id.0),
                    position: advice.position.map(Position),
                    position_name: advice.position.map(|position| position.name(language)),
                    text: if shown.shows_amounts && !shown.of_before.contains(id) {
                        advice.text_in(language)
                    } else {
                        advice.clone().without_amounts().text_in(language)
                    },
                };
                Self { recommendations: vec![one], ..Self::default() }
            }
            About::Recall { reference, .. } => Self { recall_reference: reference.clone(), ..Self::default() },
            About::Apk(_) => Self::default(),
        }
    }
}

impl Item {
    fn new(item: &ExpectedItem, needs: &CarNeeds, shown: &Shown) -> Self {
        let numbers = std::iter::once(&item.need).chain(&item.joined);
        let origin = Origin::new(numbers.filter_map(|number| needs.about.get(*number)), shown);
        let positions: BTreeSet<_> = origin.recommendations.iter().filter_map(|one| Some(one.position?.0)).collect();
        Self {
            task: item.task.map(TaskKey),
            name: shown.name(item.task),
            source: ItemSource(item.source),
            positions: positions.into_iter().map(Position).collect(),
            origin,
            due_on: item.due.on.map(Day),
            due_km: item.due.km,
            predicted_on: Some(Day(item.predicted.on)),
            earliest_on: Some(Day(item.predicted.earliest_on)),
            latest_on: item.predicted.latest_on.map(Day),
            due_status: Some(DueStatus(item.days.status(shown.today))),
            assumed: item.due.assumed,
            repeated: item.repeated,
            included_in: item.included_in.map(TaskKey),
            cost: shown.price(item).map(|price| price.shown()),
        }
    }

    fn without_day(need: &Need, about: Option<&About>, shown: &Shown) -> Self {
        let price = need.task.filter(|_| shown.shows_amounts).and_then(|task| shown.prices.of(task));
        Self {
            task: need.task.map(TaskKey),
            name: shown.name(need.task),
            source: ItemSource(need.source),
            positions: vec![],
            origin: Origin::new(about.into_iter(), shown),
            due_on: None,
            due_km: need.due.km,
            predicted_on: None,
            earliest_on: None,
            latest_on: None,
            due_status: None,
            assumed: need.due.assumed,
            repeated: 0,
            included_in: None,
            cost: price.map(|price| price.shown()),
        }
    }
}

impl ExpectedVisit {
    fn new(visit: &Visit, needs: &CarNeeds, shown: &Shown) -> Self {
        let earliest = visit.items.iter().map(|item| item.predicted.earliest_on).min();
        let latest = visit.items.iter().filter_map(|item| item.predicted.latest_on).min();
        Self {
            on: Day(visit.on),
            earliest_on: Day(earliest.unwrap_or(visit.on).max(shown.today).min(visit.on)),
            latest_on: latest.map(|on| Day(on.max(visit.on))),
            items: visit.items.iter().map(|item| Item::new(item, needs, shown)).collect(),
            cost: Price::sum(&shown.prices(visit)),
        }
    }
}

/// What the visits of each month and each year cost.
pub struct PeriodCosts<'p> {
    prices: &'p Prices,
    of: BTreeMap<(Period, Date), Vec<Price>>,
}

impl<'p> PeriodCosts<'p> {
    /// No costs yet.
    pub const fn new(prices: &'p Prices) -> Self {
        Self { prices, of: BTreeMap::new() }
    }

    /// Adds what is done with a visit. What is done with another task costs nothing apart.
    pub fn add(&mut self, visit: &Visit) {
        let prices: Vec<Price> = visit.items.iter().filter_map(|item| price(item, self.prices)).collect();
        for (period, from) in [(Period::Month, visit.on.first_of_month()), (Period::Year, visit.on.first_of_year())] {
            self.of.entry((period, from)).or_default().extend(&prices);
        }
    }

    /// The sums, month by month, then year by year.
    pub fn shown(self) -> Vec<PeriodCost> {
        let cost = |((period, from), prices): ((Period, Date), Vec<Price>)| {
            Some(PeriodCost { period: CostPeriod(period), from: Day(from), cost: Price::sum(&prices)? })
        };
        self.of.into_iter().filter_map(cost).collect()
    }
}

/// What an item costs, unless it is done with another.
fn price(item: &ExpectedItem, prices: &Prices) -> Option<Price> {
    item.task.filter(|_| item.included_in.is_none()).and_then(|task| prices.of(task))
}

impl ExpectedMaintenance {
    /// A forecast of what a car needs.
    pub(super) fn new(needs: &CarNeeds, forecast: &Forecast, shown: &Shown) -> Self {
        let without_day = forecast.without_day.iter().filter_map(|number| {
            needs.needs.get(*number).map(|need| Item::without_day(need, needs.about.get(*number), shown))
        });
        let mut costs = PeriodCosts::new(&shown.prices);
        forecast.visits.iter().filter(|_| shown.shows_amounts).for_each(|visit| costs.add(visit));
        Self {
            from: Day(shown.today),
            until: Day(forecast.until),
            road: needs.road.as_ref().map(Road::new),
            visits: forecast.visits.iter().map(|visit| ExpectedVisit::new(visit, needs, shown)).collect(),
            without_day: without_day.collect(),
            shows_amounts: shown.shows_amounts,
            costs: costs.shown(),
        }
    }
}
