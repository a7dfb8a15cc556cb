//! Requests and answers of maintenance schedules.

use crate::{
    body, enum_scalars, parameters,
    problem::field_message,
    query,
    wire::{Fuel, Id, IntervalKm, Moment, Months, Name, Patch, TaskKey, Version, Year},
};
use domain::{
    SHIPPED_AT,
    maintenance_schedule::{
        self, Interval as DomainInterval, Recurrence as DomainRecurrence, ScheduleLimits, ScheduleRefusal,
        ScheduleRule, ScheduleTerms,
    },
    service_task,
    value::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What an interval counts from.
    CountsFrom(maintenance_schedule::CountsFrom), "What an interval counts from. Completion: from when the task was last done, by date and odometer. Anniversary: from a fixed grid that begins with the car's first admission, and that early or late work does not move.";
    /// How a car is used.
    Usage(maintenance_schedule::Usage), "How a car is used. Severe: short trips, a trailer, taxi work or dust.";
    /// What is unusual about the limits of a schedule.
    ScheduleWarning(maintenance_schedule::ScheduleWarning), "What is unusual about the limits of a schedule. Make unknown: no car of the garage has the make. Model unknown: none of that make has the model.";
    /// Whose a schedule is.
    ScheduleLevel(maintenance_schedule::ScheduleLevel), "Whose the schedule is. The level that is nearest to the car decides: car, garage, chain, platform.";
}

query! {
    /// Which schedules to list.
    pub struct MaintenanceScheduleQuery {
        /// Only schedules of this task.
        pub task: Option<TaskKey>,
        /// Only schedules that can be for a car that runs on this.
        pub fuel: Option<Fuel>,
        /// Only schedules of this level.
        pub level: Option<ScheduleLevel>,
    }
}

parameters! {
    /// The schedule of which to see how many cars it is for.
    pub struct SchedulePreviewQuery {
        /// The task; without it, only the limits count.
        pub task: Option<TaskKey>,
        /// The make of the cars; without it, all makes.
        pub make: Option<Name>,
        /// The model of the cars, which needs the make; without it, all models.
        pub model: Option<Name>,
        /// What the cars run on; without it, anything.
        pub fuel: Option<Fuel>,
        /// The first year of first admission.
        pub year_from: Option<Year>,
        /// The last year of first admission.
        pub year_to: Option<Year>,
        /// How the cars are used; without it, both.
        pub usage: Option<Usage>,
    }
}

impl SchedulePreviewQuery {
    /// The limits.
    pub fn limits(&self) -> ScheduleLimits {
        ScheduleLimits {
            make: self.make.clone().map(Into::into),
            model: self.model.clone().map(Into::into),
            fuel: self.fuel.map(|fuel| fuel.0),
            year_from: self.year_from.map(|year| year.0),
            year_to: self.year_to.map(|year| year.0),
            usage: self.usage.map(|usage| usage.0),
        }
    }
}

body! {
    /// Months, kilometres, or whichever comes first.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "months": 12, "km": 15000 }))]
    pub struct Interval {
        /// The number of months; null when time does not count.
        pub months: Option<Months>,
        /// The number of kilometres; null when distance does not count.
        pub km: Option<IntervalKm>,
    }
}

body! {
    /// When a task comes back.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "first": null, "then": { "months": 12, "km": 15000 }, "countsFrom": "completion" }))]
    pub struct Recurrence {
        /// The interval until the first time, where it differs from the later ones; null otherwise.
        pub first: Option<Interval>,
        /// The interval.
        pub then: Interval,
        /// What the intervals count from.
        pub counts_from: CountsFrom,
    }
}

impl Interval {
    fn new(interval: DomainInterval) -> Self {
        Self { months: interval.months().map(Months), km: interval.km().map(IntervalKm) }
    }

    fn read(&self) -> Result<DomainInterval, ScheduleRefusal> {
        let (months, km) = (self.months.map(|months| months.0), self.km.map(|km| km.0));
        DomainInterval::new(months, km).ok_or(ScheduleRefusal::IntervalEmpty)
    }
}

impl Recurrence {
    fn new(recurrence: DomainRecurrence) -> Self {
        Self {
            first: recurrence.first.map(Interval::new),
            then: Interval::new(recurrence.then),
            counts_from: CountsFrom(recurrence.counts_from),
        }
    }

    fn read(&self) -> Result<DomainRecurrence, ScheduleRefusal> {
        let first = self.first.as_ref().map(Interval::read).transpose()?;
        Ok(DomainRecurrence { first, then: self.then.read()?, counts_from: self.counts_from.0 })
    }
}

/// What a body says of a task: that it applies unless it says otherwise, and when it comes back.
pub fn rule(applies: Option<bool>, recurrence: Option<&Recurrence>) -> Result<ScheduleRule, ScheduleRefusal> {
    ScheduleRule::new(applies.unwrap_or(true), recurrence.map(Recurrence::read).transpose()?)
}

body! {
    /// A schedule of the garage.
    #[schema(example = json!({
        "task": "small_service",
        "make": "Volkswagen",
        "model": "Golf",
        "yearFrom": 2013,
        "recurrence": { "then": { "months": 24, "km": 30000 }, "countsFrom": "completion" }
    }))]
    pub struct NewMaintenanceSchedule {
        /// The key of the task.
        pub task: TaskKey,
        /// The make of the cars. Capitals, accents and dashes do not matter. The default is all makes.
        pub make: Option<Name>,
        /// The model of the cars, which needs the make. The default is all models.
        pub model: Option<Name>,
        /// What the cars run on. The default is anything.
        pub fuel: Option<Fuel>,
        /// The first year of first admission of the cars.
        pub year_from: Option<Year>,
        /// The last year of first admission of the cars.
        pub year_to: Option<Year>,
        /// How the cars are used. The default is both.
        pub usage: Option<Usage>,
        /// Whether the task applies to these cars. The default is true. If it is false, there is no `recurrence`, and no
        /// schedule of a level further away counts.
        pub applies: Option<bool>,
        /// When the task comes back.
        pub recurrence: Option<Recurrence>,
    }
}

impl NewMaintenanceSchedule {
    /// What the schedule says.
    pub fn terms(&self) -> Result<ScheduleTerms, ScheduleRefusal> {
        let limits = ScheduleLimits {
            make: self.make.clone().map(Into::into),
            model: self.model.clone().map(Into::into),
            fuel: self.fuel.map(|fuel| fuel.0),
            year_from: self.year_from.map(|year| year.0),
            year_to: self.year_to.map(|year| year.0),
            usage: self.usage.map(|usage| usage.0),
        };
        Ok(ScheduleTerms { task: self.task.0, limits, rule: rule(self.applies, self.recurrence.as_ref())? })
    }
}

body! {
    /// The properties of a schedule that change. What is left out stays as it is; null removes a limit. The task stays.
    #[schema(example = json!({ "recurrence": { "then": { "months": 18, "km": 20000 }, "countsFrom": "completion" } }))]
    pub struct UpdateMaintenanceSchedule {
        /// The make of the cars; null for all makes.
        #[schema(value_type = Option<Name>)]
        pub make: Patch<Option<Name>>,
        /// The model of the cars; null for all models.
        #[schema(value_type = Option<Name>)]
        pub model: Patch<Option<Name>>,
        /// What the cars run on; null for anything.
        #[schema(value_type = Option<Fuel>)]
        pub fuel: Patch<Option<Fuel>>,
        /// The first year of first admission of the cars; null for none.
        #[schema(value_type = Option<Year>)]
        pub year_from: Patch<Option<Year>>,
        /// The last year of first admission of the cars; null for none.
        #[schema(value_type = Option<Year>)]
        pub year_to: Patch<Option<Year>>,
        /// How the cars are used; null for both.
        #[schema(value_type = Option<Usage>)]
        pub usage: Patch<Option<Usage>>,
        /// Whether the task applies to these cars. False removes `recurrence`.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub applies: Patch<bool>,
        /// When the task comes back. It replaces the whole property, and the task applies then.
        #[schema(value_type = Option<Recurrence>)]
        pub recurrence: Patch<Option<Recurrence>>,
    }
}

impl UpdateMaintenanceSchedule {
    /// What the schedule says after the change.
    pub fn apply(self, before: &ScheduleTerms) -> Result<ScheduleTerms, ScheduleRefusal> {
        let mut limits = before.limits.clone();
        self.make.apply_with(&mut limits.make, |make| make.map(Into::into));
        self.model.apply_with(&mut limits.model, |model| model.map(Into::into));
        self.fuel.apply_with(&mut limits.fuel, |fuel| fuel.map(|fuel| fuel.0));
        self.year_from.apply_with(&mut limits.year_from, |year| year.map(|year| year.0));
        self.year_to.apply_with(&mut limits.year_to, |year| year.map(|year| year.0));
        self.usage.apply_with(&mut limits.usage, |usage| usage.map(|usage| usage.0));
        let had = before.rule.recurrence();
        let did = had.is_some();
        let (applies, recurrence) = match (self.applies, self.recurrence) {
            (Patch::Absent, Patch::Absent) => (did, had),
            (Patch::Value(applies), Patch::Absent) => (applies, had.filter(|_| applies)),
            (Patch::Absent, Patch::Value(None)) => (did, None),
            (Patch::Absent, Patch::Value(Some(new))) => (true, Some(new.read()?)),
            (Patch::Value(applies), Patch::Value(new)) => (applies, new.as_ref().map(Recurrence::read).transpose()?),
        };
        Ok(ScheduleTerms { task: before.task, limits, rule: ScheduleRule::new(applies, recurrence)? })
    }
}

/// Something unusual about the limits of a schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "code": "make_unknown", "detail": "is the make of no car of the garage" }))]
pub struct PreviewWarning {
    /// What is unusual.
    pub code: ScheduleWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500, pattern = "^[^\\u0000]*$")]
    pub detail: String,
}

impl PreviewWarning {
    /// The warning, in words too.
    pub fn new(code: maintenance_schedule::ScheduleWarning, language: Language) -> Self {
        Self { code: ScheduleWarning(code), detail: field_message(code.code(), (None, None), language) }
    }
}

/// How many cars a schedule is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "cars": 12, "warnings": [] }))]
pub struct SchedulePreview {
    /// How many of the garage's cars in use are within the limits, and run on something for which the task makes sense. For
    /// some of them, a narrower schedule or a rule of the car itself may decide.
    #[schema(minimum = 0)]
    pub cars: usize,
    /// What is unusual about the limits, perhaps because of a typing mistake: a make or a model that no car of the garage has.
    #[schema(max_items = 2)]
    pub warnings: Vec<PreviewWarning>,
}

/// When a task comes back, and for which cars.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": null,
    "task": "small_service",
    "level": "platform",
    "make": null,
    "model": null,
    "fuel": null,
    "yearFrom": null,
    "yearTo": null,
    "usage": null,
    "applies": true,
    "recurrence": { "first": null, "then": { "months": 12, "km": 15000 }, "countsFrom": "completion" },
    "source": "range of 10,000 to 30,000 km and a year in public articles, 2022 to 2026",
    "version": null,
    "updatedAt": "2026-11-28T10:00:00Z"
}))]
pub struct MaintenanceSchedule {
    /// The id of the schedule; null for the platform's.
    pub id: Option<Id>,
    /// The key of the task.
    pub task: TaskKey,
    /// Whose the schedule is.
    pub level: ScheduleLevel,
    /// The make of the cars; null for all.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub make: Option<String>,
    /// The model of the cars; null for all.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub model: Option<String>,
    /// What the cars run on; null for all.
    pub fuel: Option<Fuel>,
    /// The first year of first admission of the cars; null when there is none.
    pub year_from: Option<Year>,
    /// The last year of first admission of the cars; null when there is none.
    pub year_to: Option<Year>,
    /// How the cars are used; null for both.
    pub usage: Option<Usage>,
    /// Whether the task applies to these cars. If it does not, no schedule of a level further away counts.
    pub applies: bool,
    /// When the task comes back; null when it does not apply to these cars.
    pub recurrence: Option<Recurrence>,
    /// Where the figures come from; null when nobody says so.
    #[schema(max_length = 300, pattern = "^[^\\u0000]*$")]
    pub source: Option<String>,
    /// The version, which grows with each change; null for the platform's. `ETag` has the same number; `If-Match` takes it in
    /// quotes.
    pub version: Option<Version>,
    /// When the schedule last changed; null where schedules are only shown beside a car.
    pub updated_at: Option<Moment>,
}

impl MaintenanceSchedule {
    /// A schedule that changed last then.
    pub fn new(schedule: &maintenance_schedule::MaintenanceSchedule, updated_at: Option<domain::Instant>) -> Self {
        let limits = &schedule.terms.limits;
        let recurrence = schedule.terms.rule.recurrence();
        Self {
            id: schedule.id.map(|id| Id(id.0)),
            task: TaskKey(schedule.terms.task),
            level: ScheduleLevel(schedule.owner.level()),
            make: limits.make.clone(),
            model: limits.model.clone(),
            fuel: limits.fuel.map(Fuel),
            year_from: limits.year_from.map(Year),
            year_to: limits.year_to.map(Year),
            usage: limits.usage.map(Usage),
            applies: recurrence.is_some(),
            recurrence: recurrence.map(Recurrence::new),
            source: schedule.source.clone(),
            version: schedule.id.map(|_| Version(schedule.version)),
            updated_at: updated_at.map(Moment),
        }
    }

    /// The same, with its source in a language.
    #[must_use]
    pub fn told_in(self, language: Language) -> Self {
        let source = self.source.map(|source| service_task::source_in(&source, language).to_owned());
        Self { source, ..self }
    }

    /// A schedule of the platform.
    pub fn shipped(schedule: &maintenance_schedule::MaintenanceSchedule, language: Language) -> Self {
        Self::new(schedule, Some(SHIPPED_AT)).told_in(language)
    }
}
