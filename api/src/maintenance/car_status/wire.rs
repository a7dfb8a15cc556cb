//! What is shown of the status of cars.

use super::texts;
use crate::{
    enum_scalars,
    wire::{Day, Id, TaskKey},
};
use domain::{
    Date,
    car_status::{self, StandingDays, StatusReason as Reason},
    value::Language,
};
use persistence::car_status::StatusCounts;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The status of a car.
    CarStatus(car_status::CarStatus), "The status of a car. Good: all is well. Attention: something is to be done before long. Urgent: something is to be done now. Unknown: there is nothing to judge the car by.";
    /// Why a car has its status.
    StatusReasonCode(car_status::StatusReasonCode), "Why a car has its status. Urgent are: the APK is no longer valid, an urgent recommendation is open, a recall is open that is dangerous to put off, a task is more than 30 days or 1,000 km late. The others need attention: a task is due; the APK expires within 60 days; a recommendation or a recall is open; the readings of the odometer contradict one another; a task is due soon.";
}

/// A reason for the status of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "task_due_soon", "status": "attention", "task": "brake_fluid", "dueOn": "2026-04-17",
    "recommendationId": null, "text": "Due soon: Brake fluid."
}))]
pub struct StatusReason {
    /// What the reason is.
    pub code: StatusReasonCode,
    /// The status that it gives by itself.
    pub status: CarStatus,
    /// The key of the task that it is about; null when it is about none.
    pub task: Option<TaskKey>,
    /// The day on which it is due, which may be past: by the date or by the odometer, whichever comes first. For the APK, the
    /// last day on which it is valid. Null for recommendations, recalls and the odometer.
    pub due_on: Option<Day>,
    /// The id of the recommendation that it is about, if that has no task and is only described in words; else null.
    pub recommendation_id: Option<Id>,
    /// The reason in words, in the language of the request.
    #[schema(max_length = 250, pattern = "^[^\\u0000]*$")]
    pub text: String,
}

/// The status of a car, with its reasons.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "carStatus": "attention",
    "reasons": [{
        "code": "task_due_soon", "status": "attention", "task": "brake_fluid", "dueOn": "2026-04-17",
        "recommendationId": null, "text": "Due soon: Brake fluid."
    }],
    "nextDueOn": "2026-04-17",
    "nextDue": "brake_fluid",
    "nextDueName": "Brake fluid",
    "apkExpiresOn": "2027-05-17",
    "on": "2026-03-01"
}))]
pub struct CarStatusShown {
    /// The status.
    pub car_status: CarStatus,
    /// Why the car has this status, the worst reason first; empty when all is well, and when nothing is known.
    #[schema(max_items = 300)]
    pub reasons: Vec<StatusReason>,
    /// The day on which the next task, or the APK, is due. It is past when that is late, and null when nothing is due.
    pub next_due_on: Option<Day>,
    /// The key of the task that is due then; null when nothing is due.
    pub next_due: Option<TaskKey>,
    /// What that task is called, in the language of the request; null when nothing is due.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub next_due_name: Option<&'static str>,
    /// The last day on which the APK is valid; null when the car needs none, or nothing is known of it. It is null as well while the
    /// duty is lifted: `GET /passports/{id}/apk` shows the date all the same.
    pub apk_expires_on: Option<Day>,
    /// The day for which this is said: today, in the garage's time zone.
    pub on: Day,
}

impl CarStatusShown {
    /// The status of a day.
    pub fn new(days: &StandingDays, reasons: &[Reason], today: Date, language: Language) -> Self {
        let reason = |reason: &Reason| StatusReason {
            code: StatusReasonCode(reason.code),
            status: CarStatus(reason.code.status()),
            task: reason.task.map(TaskKey),
            due_on: reason.due_on.map(Day),
            recommendation_id: reason.in_words.map(|id| Id(id.0)),
            text: texts::text(reason, language),
        };
        Self {
            car_status: CarStatus(days.status(today)),
            reasons: reasons.iter().map(reason).collect(),
            next_due_on: days.next_due_on.map(Day),
            next_due: days.next_due.map(TaskKey),
            next_due_name: days
                .next_due
                .and_then(domain::service_task::TaskKey::task)
                .map(|task| task.names.of(language)),
            apk_expires_on: days.apk_due_on.map(Day),
            on: Day(today),
        }
    }
}

/// How the cars of a garage or a fleet stand.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "cars": 12, "good": 7, "attention": 3, "urgent": 1, "unknown": 1, "apkWithin60Days": 2, "nextDueOn": "2026-03-14"
}))]
pub struct CarCounts {
    /// How many cars there are.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub cars: i64,
    /// How many are good.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub good: i64,
    /// How many need attention.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub attention: i64,
    /// How many are urgent.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub urgent: i64,
    /// Of how many nothing is known to judge them by.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub unknown: i64,
    /// How many have an APK whose last day is today or within 60 days. Those that have expired are urgent, and not counted
    /// here.
    #[serde(rename = "apkWithin60Days")]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub apk_within_60_days: i64,
    /// The day on which the next task or APK of any of the cars is due; it may be past. Null when nothing is due.
    pub next_due_on: Option<Day>,
}

impl From<StatusCounts> for CarCounts {
    fn from(counts: StatusCounts) -> Self {
        Self {
            cars: counts.cars,
            good: counts.good,
            attention: counts.attention,
            urgent: counts.urgent,
            unknown: counts.unknown,
            apk_within_60_days: counts.apk_near,
            next_due_on: counts.next_due_on.map(Day),
        }
    }
}
