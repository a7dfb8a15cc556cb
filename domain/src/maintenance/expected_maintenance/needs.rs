//! What a car needs, gathered from everything that is known of it (rules EM1, EM3, EM6 and MS6). Its forecast and its
//! standing follow from the same needs.
//!
//! Nothing here depends on the day on which it is computed: the needs say on which days something is due, and what that
//! means today is a comparison of days. So a standing that was stored stays right until something is stored anew.

use super::{
    due::{CarLife, Completion, Due},
    forecast::{Forecast, ItemSource, Need, Repeat, SOON_AFTER_ADVICE, forecast},
    road::Road,
    wear::{Measured, ServiceIndicator},
};
use crate::{
    Date,
    apk::{self, ApkFacts, ApkSource, ApkStatus, EnteredLift, GarageExpiry},
    check_template::{CheckList, WorseWhen},
    ids::{MaintenanceScheduleId, RecommendationId},
    maintenance_schedule::{MaintenanceSchedule, ScheduleLevel, ScheduleRule},
    odometer::{OdometerLedger, OdometerReading, VerdictKind},
    passport::{Fuel, Vehicle},
    recommendation::{Advice, Urgency},
    register::{Recall, RecallStatus},
    registration::{self, Registration, apk_vehicle},
    service_task::TaskKey,
    vehicle_check::Place,
};
use jiff::ToSpan;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A task that a service record of the car has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskDone {
    /// The task.
    pub task: TaskKey,
    /// The day on which it was done.
    pub on: Date,
    /// What the odometer showed, in kilometres, if the record says so.
    pub km: Option<i64>,
}

/// A recommendation that waits to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAdvice {
    /// Its id.
    pub id: RecommendationId,
    /// What is advised.
    pub advice: Advice,
    /// The day on which it was advised.
    pub advised_on: Date,
}

/// What was done to a car, found on it and said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarRecords {
    /// The tasks that were done, in any order.
    pub done: Vec<TaskDone>,
    /// What the car's own service indicator said last, for each task.
    pub indicators: Vec<(TaskKey, ServiceIndicator)>,
    /// What completed checks measured, in any order.
    pub measured: Vec<(Place, Measured)>,
    /// The list of the latest completed check, which says for each item its limits and its task.
    pub list: Option<CheckList>,
    /// The recommendations that are not ended.
    pub advices: Vec<OpenAdvice>,
    /// The expiry date of the APK that the garage entered last.
    pub garage_expiry: Option<GarageExpiry>,
}

/// Everything that is known of a car.
#[derive(Clone, Copy, Debug)]
pub struct KnownCar<'a> {
    /// The vehicle of its passport.
    pub vehicle: &'a Vehicle,
    /// Since when its maintenance is followed here: the day on which its passport was made.
    pub known_since: Date,
    /// What the register said of it.
    pub registration: Option<&'a Registration>,
    /// What somebody said that lifts its APK duty.
    pub lift: Option<&'a EnteredLift>,
    /// The readings of its odometer.
    pub readings: &'a [OdometerReading],
    /// Those of the same car that nobody is shown. Only the verdict on its odometer knows of them (rule P8).
    pub readings_before: &'a [OdometerReading],
    /// What was done, found and said.
    pub records: &'a CarRecords,
    /// The schedule that decides about each task.
    pub chosen: &'a BTreeMap<TaskKey, &'a MaintenanceSchedule>,
}

/// Where a need comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A schedule: whose it is, and its id unless it is the platform's.
    Schedule(ScheduleLevel, Option<MaintenanceScheduleId>),
    /// What the car's own service indicator said on a day.
    Indicator(Date),
    /// Wear that was measured, the last time on this day.
    Wear(Date),
    /// A recommendation.
    Recommendation(RecommendationId, Advice),
    /// The APK, and where its date comes from.
    Apk(ApkSource),
    /// A recall.
    Recall {
        /// The register's reference; none while the register only says that there is one.
        reference: Option<String>,
        /// Whether it is of the urgent kind.
        urgent: bool,
    },
}

/// What a car needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarNeeds {
    /// The needs.
    pub needs: Vec<Need>,
    /// Where each of them comes from, in the same order.
    pub about: Vec<About>,
    /// How far the car drives, if that is known.
    pub road: Option<Road>,
    /// Whether the readings of its odometer contradict one another.
    pub is_odometer_illogical: bool,
    /// Whether anything is known by which its schedules can be judged: its age, a reading, or work that was done.
    pub is_grounded: bool,
    /// The state of the APK when it has no day, such as of a car that is exempt.
    pub apk_without_day: Option<ApkStatus>,
}

/// Whether a recall is of the urgent kind: people can be hurt, or the car can catch fire.
fn is_urgent(recall: &Recall) -> bool {
    let hazards = recall.detail.iter().flat_map(|detail| &detail.hazards);
    let mut small = hazards.map(|hazard| hazard.to_lowercase());
    small.any(|hazard| hazard == "ong" || hazard.contains("letsel") || hazard.contains("brand"))
}

/// Gathers what a car needs.
pub fn gather(car: &KnownCar<'_>) -> CarNeeds {
    Gathering::new(car).gather()
}

/// The work of gathering.
struct Gathering<'a> {
    car: &'a KnownCar<'a>,
    /// What it runs on: what its passport says, and else the register.
    fuel: Option<Fuel>,
    ledger: OdometerLedger<'a>,
    life: CarLife,
    gathered: CarNeeds,
}

impl<'a> Gathering<'a> {
    fn new(car: &'a KnownCar<'a>) -> Self {
        let data = car.registration.and_then(|known| known.data.as_ref());
        let history = car.registration.map(Registration::car_history).unwrap_or_default();
        let ledger = OdometerLedger::new(history, car.readings);
        let fuel = car.vehicle.fuel.or_else(|| data?.fuel());
        let road = Road::of(&ledger, fuel);
        let admitted_on = registration::admitted_on(car.vehicle, data);
        let known_since_km = ledger.known_since(car.known_since);
        let told = car.registration.and_then(Registration::odometer);
        let verdict = if car.readings_before.is_empty() {
            ledger.combined_verdict(told)
        } else {
            let all: Vec<OdometerReading> = car.readings_before.iter().chain(car.readings).cloned().collect();
            OdometerLedger::new(history, &all).combined_verdict(told)
        };
        let gathered = CarNeeds {
            is_grounded: admitted_on.is_some() || road.is_some() || !car.records.done.is_empty(),
            is_odometer_illogical: verdict.kind == VerdictKind::Illogical,
            road,
            ..CarNeeds::default()
        };
        let life = CarLife { admitted_on, known_since: car.known_since, known_since_km };
        Self { car, fuel, ledger, life, gathered }
    }

    fn gather(mut self) -> CarNeeds {
        let records = self.car.records;
        let worn = self.worn();
        let mut tasks: BTreeSet<TaskKey> = self.car.chosen.keys().copied().collect();
        tasks.extend(records.indicators.iter().map(|(task, _)| *task));
        tasks.extend(worn.keys().copied());
        // These two are known from the register, and not by an interval.
        tasks.retain(|task| ![TaskKey::APK, TaskKey::RECALL].contains(task) && task.fits(self.fuel));
        for task in tasks {
            self.add_task(task, worn.get(&task));
        }
        records.advices.iter().for_each(|advice| self.add_advice(advice));
        self.add_apk();
        self.add_recalls();
        self.gathered
    }

    fn add(&mut self, task: Option<TaskKey>, source: ItemSource, due: Due, repeat: Repeat, about: About) {
        self.gathered.needs.push(Need { task, source, due, repeat });
        self.gathered.about.push(about);
    }

    /// When a task was last done, by itself or within another.
    fn last_done(&self, task: TaskKey) -> Option<Completion> {
        let does = |done: &&TaskDone| done.task.does(task);
        let last = self.car.records.done.iter().filter(does).max_by_key(|done| (done.on, done.km))?;
        let km = last.km.or_else(|| Some(self.ledger.estimate(last.on)?.km));
        Some(Completion { on: last.on, km })
    }

    /// A task that comes back. What the car itself says goes before what was measured, and that before the schedule.
    fn add_task(&mut self, task: TaskKey, worn: Option<&Worn>) {
        let schedule = self.car.chosen.get(&task).copied();
        let recurrence = match schedule.map(|schedule| schedule.terms.rule) {
            // It was switched off for this car.
            Some(ScheduleRule::Never) => return,
            Some(ScheduleRule::Every(recurrence)) => Some(recurrence),
            None => None,
        };
        let last = self.last_done(task);
        let repeat = recurrence.map_or(Repeat::Once, |recurrence| Repeat::Every(recurrence, self.life));
        let indicator = self.car.records.indicators.iter().find(|(of, _)| *of == task).map(|(_, said)| said);
        let indicated = indicator.and_then(|said| Some((Due::by_indicator(said, last)?, said.read_on)));
        let measured = worn.and_then(|worn| Some((worn.due(last)?, worn.last_on())));
        if let Some((due, on)) = indicated {
            self.add(Some(task), ItemSource::Indicator, due, repeat, About::Indicator(on));
        } else if let Some((due, on)) = measured {
            self.add(Some(task), ItemSource::Wear, due, repeat, About::Wear(on));
        } else if let Some((recurrence, schedule)) = recurrence.zip(schedule) {
            let due = Due::of(&recurrence, &self.life, last);
            let about = About::Schedule(schedule.owner.level(), schedule.id);
            self.add(Some(task), ItemSource::Schedule, due, repeat, about);
        }
    }

    fn add_advice(&mut self, open: &OpenAdvice) {
        let advice = &open.advice;
        let wait = match advice.urgency {
            Urgency::Urgent => 0,
            Urgency::Attention => SOON_AFTER_ADVICE,
        };
        let by_itself = || open.advised_on.checked_add(wait.days()).unwrap_or(open.advised_on);
        let due = Due::on(advice.expected_on.unwrap_or_else(by_itself));
        let about = About::Recommendation(open.id, advice.clone());
        self.add(advice.task, ItemSource::Recommendation, due, Repeat::Once, about);
    }

    /// The APK, by its date in the register, or the later one that the garage entered. A date that follows from the law
    /// alone counts when it was still to come when the car became known here. It is assumed, since reports may be missing,
    /// so the car is never late by it.
    fn add_apk(&mut self) {
        let known = self.car.registration;
        let vehicle = apk_vehicle(self.car.vehicle, known.and_then(|known| known.data.as_ref()), self.car.lift);
        let facts = ApkFacts {
            vehicle: &vehicle,
            register: known.and_then(Registration::apk_expiry),
            garage: self.car.records.garage_expiry,
            inspections: &known.map(Registration::undated_apks).unwrap_or_default(),
        };
        let assessed = apk::assess(&facts, self.car.known_since);
        let is_due = match assessed.status {
            ApkStatus::Valid | ApkStatus::Inspectable | ApkStatus::Expired => true,
            ApkStatus::Exempt | ApkStatus::NotSubject | ApkStatus::Suspended | ApkStatus::Unknown => false,
        };
        let Some(expiry) = assessed.expiry.filter(|_| is_due) else {
            self.gathered.apk_without_day = Some(assessed.status);
            return;
        };
        // Old enough when the certificate expires: it is not renewed.
        let covered = expiry.expires_on.tomorrow().unwrap_or(Date::MAX);
        if assessed.exempt_from.is_none_or(|from| from > covered) {
            let about = About::Apk(expiry.source);
            let due = match expiry.source {
                ApkSource::Register | ApkSource::Garage => Due::by_law(expiry.expires_on),
                ApkSource::Computed => Due { assumed: true, ..Due::on(expiry.expires_on) },
            };
            self.add(Some(TaskKey::APK), ItemSource::Apk, due, Repeat::Apk(vehicle), about);
        } else {
            self.gathered.apk_without_day = Some(ApkStatus::Exempt);
        }
    }

    fn add_recalls(&mut self) {
        let Some(known) = self.car.registration else { return };
        let open = known.recalls.iter().filter(|recall| recall.status == RecallStatus::Open);
        let mut is_told = false;
        for recall in open {
            is_told = true;
            let detail = recall.detail.as_ref();
            let said_on = detail.and_then(|detail| detail.owners_informed_on.or(detail.announced_on));
            let about = About::Recall { reference: Some(recall.reference.clone()), urgent: is_urgent(recall) };
            self.add_recall(said_on, about);
        }
        let is_said = known.data.as_ref().and_then(|data| data.open_recall) == Some(true);
        if is_said && !is_told && known.recalls.is_empty() {
            self.add_recall(None, About::Recall { reference: None, urgent: false });
        }
    }

    fn add_recall(&mut self, said_on: Option<Date>, about: About) {
        let due = Due::on(said_on.unwrap_or(self.car.known_since));
        self.add(Some(TaskKey::RECALL), ItemSource::Recall, due, Repeat::Once, about);
    }

    /// What was measured of the parts that wear, by the task that renews them.
    fn worn(&self) -> BTreeMap<TaskKey, Worn> {
        let mut worn: BTreeMap<TaskKey, Worn> = BTreeMap::new();
        let mut places: BTreeMap<&Place, Vec<Measured>> = BTreeMap::new();
        for (place, measured) in &self.car.records.measured {
            places.entry(place).or_default().push(*measured);
        }
        for (place, mut series) in places {
            let item = self.car.records.list.as_ref().and_then(|list| list.find(&place.0));
            let known = item.and_then(|item| {
                let measure = item.measure.as_ref()?;
                Some((item.task()?, measure.urgent.or(measure.attention)?, measure.worse))
            });
            if let Some((task, limit, worse)) = known {
                series.sort_by_key(|one| (one.on, one.km));
                worn.entry(task).or_default().places.push((series, limit, worse));
            }
        }
        worn
    }
}

/// What was measured at the places that one task renews: each a series in the order of time, the limit, and in which
/// direction it is worse.
#[derive(Default)]
struct Worn {
    places: Vec<(Vec<Measured>, Decimal, WorseWhen)>,
}

impl Worn {
    /// When the first of the places reaches its limit.
    fn due(&self, done: Option<Completion>) -> Option<Due> {
        let due = |(series, limit, worse): &(Vec<Measured>, Decimal, WorseWhen)| {
            let since = series.iter().filter(|one| done.is_none_or(|done| one.on > done.on)).copied();
            let series = worn_since(&since.collect::<Vec<_>>(), *worse);
            Due::by_wear(series.first()?, series.last()?, *limit, *worse, done)
        };
        self.places.iter().filter_map(due).min_by_key(|due| due.km)
    }

    fn last_on(&self) -> Date {
        let days = self.places.iter().filter_map(|(series, ..)| series.last()).map(|last| last.on);
        days.max().unwrap_or(Date::MIN)
    }
}

/// The end of a series in which the part only wore: one that is better than it was has been renewed meanwhile.
fn worn_since(series: &[Measured], worse: WorseWhen) -> Vec<Measured> {
    let mut kept: Vec<Measured> = vec![];
    for one in series {
        let is_renewed = kept.last().is_some_and(|before| match worse {
            WorseWhen::Lower => one.value > before.value,
            WorseWhen::Higher => one.value < before.value,
        });
        if is_renewed {
            kept.clear();
        }
        kept.push(*one);
    }
    kept
}

impl CarNeeds {
    /// What the needs make of the days from `today` to `until`.
    pub fn forecast(&self, today: Date, until: Date) -> Forecast {
        forecast(&self.needs, self.road.as_ref(), today, until)
    }
}

#[cfg(test)]
mod tests;
