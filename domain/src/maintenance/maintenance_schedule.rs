//! Maintenance schedules (*onderhoudsschema's*): which tasks come back, when, and for which cars (rules MS2 to MS6).
//!
//! A schedule is about one task. It belongs to a level: one car, a garage, a chain, or the platform. For each task the
//! nearest level that has a schedule for the car decides; on that level, the one that is limited most narrowly. What a
//! schedule is limited by has weights (model, make, fuel, years of first admission, how the car is used), and two that
//! have the same weight and can fit one car cannot both be stored, so there is always exactly one answer.
//!
//! The platform's own schedules are the file `domain/data/maintenance_schedules.json`.

use crate::{
    Date, coded_enum,
    customer::{DrivingBehaviour, SevereUse},
    ids::{GarageId, MaintenanceScheduleId, VehicleId},
    passport::{Fuel, MAX_YEAR, MIN_YEAR, Vehicle},
    register::RegisterData,
    service_task::TaskKey,
    value::{ValueError, number, search_key},
};
use jiff::ToSpan;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The most months of an interval.
pub const MAX_MONTHS: i64 = 240;
/// The fewest kilometres of an interval.
pub const MIN_KM: i64 = 500;
/// The most kilometres of an interval.
pub const MAX_KM: i64 = 500_000;
/// The most schedules of a garage, besides those of single cars.
pub const MAX_SCHEDULES: usize = 1_000;

coded_enum! {
    /// What an interval counts from (rule MS2).
    pub enum CountsFrom {
        /// From when the task was last done, by date and odometer.
        Completion => "completion",
        /// From a fixed grid, which begins with the car's first admission and which early or late work does not move.
        Anniversary => "anniversary",
    }
}

coded_enum! {
    /// How a car is used, which picks the schedule (rule MS6).
    pub enum Usage {
        /// As most cars are.
        Normal => "normal",
        /// Short trips, a trailer, taxi work, dust: what manufacturers call severe conditions.
        Severe => "severe",
    }
}

coded_enum! {
    /// Whose schedule it is, the nearest to the car first (rule MS3).
    pub enum ScheduleLevel {
        /// It was made for this car.
        Car => "car",
        /// It is the garage's.
        Garage => "garage",
        /// It is the chain's.
        Chain => "chain",
        /// It is the platform's.
        Platform => "platform",
    }
}

/// Months, kilometres, or whichever comes first (rule MS2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    months: Option<i64>,
    km: Option<i64>,
}

coded_enum! {
    /// Why a schedule is refused.
    pub enum ScheduleRefusal {
        /// Rule MS2: an interval has neither months nor kilometres.
        IntervalEmpty => "interval_empty",
        /// Rule MS3: a schedule that says that a task does not apply has no interval.
        NeverWithInterval => "schedule_never_with_interval",
        /// Rule MS3: a model without its make names no car.
        ModelWithoutMake => "model_without_make",
        /// Rule MS3: the first year lies after the last.
        YearsReversed => "years_reversed",
        /// Rule MS3: another schedule on the same level is limited as narrowly and can fit the same car.
        Overlaps => "schedule_overlaps",
        /// Rule MS4: the task makes no sense for what the car runs on.
        TaskNotForFuel => "task_not_for_fuel",
        /// The garage has as many schedules as a garage can have.
        TooMany => "schedule_too_many",
    }
}

coded_enum! {
    /// What is unusual about the limits of a schedule.
    pub enum ScheduleWarning {
        /// No car of the garage has the make.
        MakeUnknown => "make_unknown",
        /// No car of the garage that has the make has the model.
        ModelUnknown => "model_unknown",
    }
}

impl Interval {
    /// An interval of 1 to [`MAX_MONTHS`] months, of [`MIN_KM`] to [`MAX_KM`] kilometres, or of both; none for anything
    /// else.
    pub fn new(months: Option<i64>, km: Option<i64>) -> Option<Self> {
        let fits = months.is_none_or(|months| (1..=MAX_MONTHS).contains(&months))
            && km.is_none_or(|km| (MIN_KM..=MAX_KM).contains(&km));
        (fits && (months.is_some() || km.is_some())).then_some(Self { months, km })
    }

    /// Checks a number of months.
    pub fn check_months(months: i64) -> Result<i64, ValueError> {
        number(months, 1, MAX_MONTHS)
    }

    /// Checks a number of kilometres.
    pub fn check_km(km: i64) -> Result<i64, ValueError> {
        number(km, MIN_KM, MAX_KM)
    }

    /// The months, if time counts.
    pub const fn months(self) -> Option<i64> {
        self.months
    }

    /// The kilometres, if distance counts.
    pub const fn km(self) -> Option<i64> {
        self.km
    }
}

/// The day that lies `months` after another; the end of the month where that month is shorter.
pub(crate) fn add_months(day: Date, months: i64) -> Option<Date> {
    day.checked_add(i32::try_from(months).ok()?.months()).ok()
}

/// When a task comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// The interval until the first time, where it differs from the later ones.
    pub first: Option<Interval>,
    /// The interval.
    pub then: Interval,
    /// What it counts from.
    pub counts_from: CountsFrom,
}

/// What a schedule says about its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleRule {
    /// It comes back.
    Every(Recurrence),
    /// It does not apply to these cars, whatever a level further away says (rule MS3).
    Never,
}

impl ScheduleRule {
    /// What is said of a task: whether it applies and, if so, when it comes back.
    pub fn new(applies: bool, recurrence: Option<Recurrence>) -> Result<Self, ScheduleRefusal> {
        match (applies, recurrence) {
            (true, Some(recurrence)) => Ok(Self::Every(recurrence)),
            (true, None) => Err(ScheduleRefusal::IntervalEmpty),
            (false, None) => Ok(Self::Never),
            (false, Some(_)) => Err(ScheduleRefusal::NeverWithInterval),
        }
    }

    /// When the task comes back; none when it does not apply.
    pub const fn recurrence(self) -> Option<Recurrence> {
        match self {
            Self::Every(recurrence) => Some(recurrence),
            Self::Never => None,
        }
    }
}

/// Which cars a schedule is for; what is absent does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleLimits {
    /// The make.
    pub make: Option<String>,
    /// The model, which needs the make.
    pub model: Option<String>,
    /// What the car runs on.
    pub fuel: Option<Fuel>,
    /// The first year of first admission.
    pub year_from: Option<i64>,
    /// The last year of first admission.
    pub year_to: Option<i64>,
    /// How the car is used.
    pub usage: Option<Usage>,
}

/// What a schedule must know about a car.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScheduledCar {
    /// The make.
    pub make: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// What it runs on.
    pub fuel: Option<Fuel>,
    /// The year of first admission.
    pub year: Option<i64>,
    /// How it is used.
    pub usage: Option<Usage>,
}

impl ScheduledCar {
    /// What is known of a car: what its passport says, and else the register; the register and the customer say how it is
    /// used.
    pub fn of(vehicle: &Vehicle, register: Option<&RegisterData>, driving: Option<&DrivingBehaviour>) -> Self {
        let Vehicle { make, model, fuel, year, .. } = vehicle.clone();
        Self { make, model, fuel, year, usage: None }.completed(register, driving)
    }

    /// What its passport says, completed with what the register and the customer say.
    #[must_use]
    pub fn completed(self, register: Option<&RegisterData>, driving: Option<&DrivingBehaviour>) -> Self {
        let admitted_in = || Some(i64::from(register?.admitted_on?.year()));
        Self {
            make: self.make.or_else(|| register?.make.clone()),
            model: self.model.or_else(|| register?.model.clone()),
            fuel: self.fuel.or_else(|| register?.fuel()),
            year: self.year.or_else(admitted_in),
            usage: Some(Usage::of(&severe_use(register, driving))),
        }
    }
}

/// What makes the use of a car severe (rule MS6), by the customer's driving behaviour and by the register, which knows
/// whether it is a taxi.
pub fn severe_use(register: Option<&RegisterData>, driving: Option<&DrivingBehaviour>) -> BTreeSet<SevereUse> {
    let is_taxi = register.is_some_and(|register| register.taxi == Some(true));
    let by_register = is_taxi.then_some(SevereUse::Taxi);
    driving.iter().flat_map(|driving| &driving.severe_use).copied().chain(by_register).collect()
}

impl Usage {
    /// The use that these reasons make: severe by any of them.
    pub fn of(severe: &BTreeSet<SevereUse>) -> Self {
        if severe.is_empty() { Self::Normal } else { Self::Severe }
    }
}

/// Whether two names of a make or model are the same, whatever capitals, accents and dashes they are written with.
fn is_same_name(one: &str, other: &str) -> bool {
    search_key(one) == search_key(other)
}

impl ScheduleLimits {
    /// How narrow the limits are. Different kinds of limits never weigh the same: a model weighs more than a make alone,
    /// a make more than a fuel, and so on.
    fn weight(&self) -> u8 {
        let bits = [
            (self.usage.is_some(), 1),
            (self.year_from.is_some() || self.year_to.is_some(), 2),
            (self.fuel.is_some(), 4),
            (self.make.is_some(), 8),
            (self.model.is_some(), 16),
        ];
        bits.into_iter().filter(|(is_limited, _)| *is_limited).map(|(_, weight)| weight).sum()
    }

    fn years(&self) -> (i64, i64) {
        (self.year_from.unwrap_or(MIN_YEAR), self.year_to.unwrap_or(MAX_YEAR))
    }

    /// Whether a car is within the limits. A car of which something is not known is not within a limit on it.
    pub fn fit(&self, car: &ScheduledCar) -> bool {
        let named = |limit: &Option<String>, name: &Option<String>| match limit {
            None => true,
            Some(limit) => name.as_ref().is_some_and(|name| is_same_name(limit, name)),
        };
        let (from, to) = self.years();
        let in_years = match car.year {
            Some(year) => (from..=to).contains(&year),
            None => self.year_from.is_none() && self.year_to.is_none(),
        };
        named(&self.make, &car.make)
            && named(&self.model, &car.model)
            && self.fuel.is_none_or(|fuel| car.fuel == Some(fuel))
            && self.usage.is_none_or(|usage| car.usage.unwrap_or(Usage::Normal) == usage)
            && in_years
    }

    /// Whether a car can be within both.
    fn can_meet(&self, other: &Self) -> bool {
        let names = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => is_same_name(one, other),
            (None, _) | (_, None) => true,
        };
        let (from, to) = self.years();
        let (other_from, other_to) = other.years();
        names(&self.make, &other.make)
            && names(&self.model, &other.model)
            && (self.fuel.is_none() || other.fuel.is_none() || self.fuel == other.fuel)
            && (self.usage.is_none() || other.usage.is_none() || self.usage == other.usage)
            && from.max(other_from) <= to.min(other_to)
    }

    /// Checks that there can be a car within them.
    pub fn check(&self) -> Result<(), ScheduleRefusal> {
        if self.model.is_some() && self.make.is_none() {
            return Err(ScheduleRefusal::ModelWithoutMake);
        }
        let (from, to) = self.years();
        if from > to { Err(ScheduleRefusal::YearsReversed) } else { Ok(()) }
    }
}

/// Whose a schedule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleOwner {
    /// One car's, set by the garage.
    Car(GarageId, VehicleId),
    /// A garage's.
    Garage(GarageId),
    /// The platform's.
    Platform,
}

impl ScheduleOwner {
    /// Its level.
    pub const fn level(self) -> ScheduleLevel {
        match self {
            Self::Car(..) => ScheduleLevel::Car,
            Self::Garage(_) => ScheduleLevel::Garage,
            Self::Platform => ScheduleLevel::Platform,
        }
    }
}

/// What a schedule says, without whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleTerms {
    /// The task.
    pub task: TaskKey,
    /// For which cars.
    pub limits: ScheduleLimits,
    /// When the task comes back.
    pub rule: ScheduleRule,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceSchedule {
    /// Its id; none for the platform's, which are in a file.
    pub id: Option<MaintenanceScheduleId>,
    /// Whose it is.
    pub owner: ScheduleOwner,
    /// What it says.
    pub terms: ScheduleTerms,
    /// Where the figures of a schedule of the platform come from.
    pub source: Option<String>,
    /// Raised by one with each change.
    pub version: i64,
}

impl MaintenanceSchedule {
    /// The new rule of one car for a task. It is for this car alone, so it has no limits (rule MS3).
    pub fn of_car(
        id: MaintenanceScheduleId,
        garage: GarageId,
        vehicle: VehicleId,
        task: TaskKey,
        rule: ScheduleRule,
    ) -> Self {
        let terms = ScheduleTerms { task, limits: ScheduleLimits::default(), rule };
        Self { id: Some(id), owner: ScheduleOwner::Car(garage, vehicle), terms, source: None, version: 1 }
    }

    /// Checks a schedule that is to be stored, beside all others of the same owner; what others own does not matter (rules
    /// MS2 to MS4). `fuel` is what the car runs on, for a schedule of one car.
    pub fn check(&self, others: &[Self], fuel: Option<Fuel>) -> Result<(), ScheduleRefusal> {
        let limits = &self.terms.limits;
        limits.check()?;
        let comes_back = matches!(self.terms.rule, ScheduleRule::Every(_));
        if comes_back && !self.terms.task.fits(limits.fuel.or(fuel)) {
            return Err(ScheduleRefusal::TaskNotForFuel);
        }
        if self.overlapped(others).is_some() {
            return Err(ScheduleRefusal::Overlaps);
        }
        let of_owner = || others.iter().filter(|other| other.owner == self.owner);
        let is_new = of_owner().all(|other| other.id != self.id);
        if is_new && of_owner().count() >= MAX_SCHEDULES { Err(ScheduleRefusal::TooMany) } else { Ok(()) }
    }

    /// The schedule among others that could decide about the same car, while neither goes before the other (rule MS3).
    pub fn overlapped<'o>(&self, others: &'o [Self]) -> Option<&'o Self> {
        others.iter().find(|other| self.overlaps(other))
    }

    /// Whether both could decide about one car, and neither goes before the other (rule MS3).
    fn overlaps(&self, other: &Self) -> bool {
        let is_itself = self.id.is_some() && self.id == other.id;
        !is_itself
            && self.owner == other.owner
            && self.terms.task == other.terms.task
            && self.terms.limits.weight() == other.terms.limits.weight()
            && self.terms.limits.can_meet(&other.terms.limits)
    }

    /// The nearer and narrower, the greater.
    fn rank(&self) -> (std::cmp::Reverse<ScheduleLevel>, u8) {
        (std::cmp::Reverse(self.owner.level()), self.terms.limits.weight())
    }
}

/// The schedule that decides about each task for a car (rules MS3, MS4 and MS6), of those of the car, its garage and the
/// platform. Tasks that do not fit what the car runs on are left out, as are those for which no schedule has the car in
/// its limits. A task that was switched off is in the answer, with its [`ScheduleRule::Never`].
pub fn choose<'a>(
    schedules: impl IntoIterator<Item = &'a MaintenanceSchedule>,
    car: &ScheduledCar,
) -> BTreeMap<TaskKey, &'a MaintenanceSchedule> {
    let mut chosen: BTreeMap<TaskKey, &MaintenanceSchedule> = BTreeMap::new();
    for schedule in schedules {
        let task = schedule.terms.task;
        if !task.fits(car.fuel) || !schedule.terms.limits.fit(car) {
            continue;
        }
        let best = chosen.entry(task).or_insert(schedule);
        if schedule.rank() > best.rank() {
            *best = schedule;
        }
    }
    chosen
}

/// A schedule as the file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Shipped {
    task: String,
    fuel: Option<Fuel>,
    usage: Option<Usage>,
    first: Option<ShippedInterval>,
    then: ShippedInterval,
    counts_from: CountsFrom,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedInterval {
    months: Option<i64>,
    km: Option<i64>,
}

impl ShippedInterval {
    fn interval(&self) -> Option<Interval> {
        Interval::new(self.months, self.km)
    }
}

impl Shipped {
    fn schedule(self) -> Option<MaintenanceSchedule> {
        let first = match self.first {
            None => None,
            Some(first) => Some(first.interval()?),
        };
        let rule =
            ScheduleRule::Every(Recurrence { first, then: self.then.interval()?, counts_from: self.counts_from });
        let limits = ScheduleLimits { fuel: self.fuel, usage: self.usage, ..ScheduleLimits::default() };
        let terms = ScheduleTerms { task: TaskKey::find(&self.task)?, limits, rule };
        let owner = ScheduleOwner::Platform;
        Some(MaintenanceSchedule { id: None, owner, terms, source: Some(self.source), version: 1 })
    }
}

static PLATFORM: LazyLock<Vec<MaintenanceSchedule>> = LazyLock::new(|| shipped().unwrap_or_default());

fn shipped() -> Option<Vec<MaintenanceSchedule>> {
    let rows: Vec<Shipped> = serde_json::from_str(include_str!("../../data/maintenance_schedules.json")).ok()?;
    rows.into_iter().map(Shipped::schedule).collect()
}

/// The schedules that the platform ships (rule MS5), in the order of the file.
pub fn platform() -> &'static [MaintenanceSchedule] {
    &PLATFORM
}

#[cfg(test)]
mod tests;
