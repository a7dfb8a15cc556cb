//! Requests and answers of service indicators.

use crate::{
    body,
    wire::{Day, DaysLeft, Id, KmLeft, Moment, Named, OdometerKm, TaskKey},
};
use domain::{
    Date,
    access::{Actor, Standing},
    expected_maintenance,
    passport::Passport,
};
use persistence::service_indicator::Recorded;
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// What a car's service indicator says. It has days or kilometres, or both.
    #[schema(example = json!({ "odometerKm": 80_000, "daysLeft": 61, "kmLeft": 4_300 }))]
    pub struct NewServiceIndicator {
        /// The day on which it was read: today, which is the default, or earlier, in the garage's time zone; not before the
        /// day of what is known.
        pub read_on: Option<Day>,
        /// What the odometer showed then, in kilometres; needed for `kmLeft`. It is not added to the odometer's readings.
        pub odometer_km: Option<OdometerKm>,
        /// How many days are left; negative when the work is late.
        pub days_left: Option<DaysLeft>,
        /// How many kilometres are left; negative when the work is late.
        pub km_left: Option<KmLeft>,
    }
}

impl NewServiceIndicator {
    /// What the indicator says, today unless it says otherwise.
    pub fn indicator(&self, today: Date) -> expected_maintenance::ServiceIndicator {
        expected_maintenance::ServiceIndicator {
            read_on: self.read_on.map_or(today, |day| day.0),
            km: self.odometer_km.map(|km| km.0),
            days_left: self.days_left.map(|days| days.0),
            km_left: self.km_left.map(|km| km.0),
        }
    }
}

/// What a car's service indicator said last about a task. It goes before the schedule until the task is done on that day or
/// later.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "task": "small_service",
    "readOn": "2026-02-20",
    "odometerKm": 80_000,
    "daysLeft": 61,
    "kmLeft": 4_300,
    "recordedAt": "2026-02-20T09:30:00Z",
    "recordedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }
}))]
pub struct ServiceIndicator {
    /// The key of the task.
    pub task: TaskKey,
    /// The day on which it was read.
    pub read_on: Day,
    /// What the odometer showed then, in kilometres; null when nobody said so.
    pub odometer_km: Option<OdometerKm>,
    /// How many days were left; negative when the work was late, and null when it said nothing of days.
    pub days_left: Option<DaysLeft>,
    /// How many kilometres were left; negative when the work was late, and null when it said nothing of kilometres.
    pub km_left: Option<KmLeft>,
    /// When it was written down.
    pub recorded_at: Moment,
    /// Who wrote it down; null for everyone except the garage and that account itself.
    pub recorded_by: Option<Named>,
}

impl ServiceIndicator {
    /// What was written down, as `actor` sees it: who did it is the person's, and stays behind with them (rule T9).
    pub fn new(recorded: Recorded, actor: &Actor, passport: &Passport) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..)) && passport.shows_names_of(recorded.recorded_at);
        let by = recorded.recorded_by.filter(|by| is_staff || *by == actor.account_id());
        let said = recorded.indicator;
        Self {
            task: TaskKey(recorded.task),
            read_on: Day(said.read_on),
            odometer_km: said.km.map(OdometerKm),
            days_left: said.days_left.map(DaysLeft),
            km_left: said.km_left.map(KmLeft),
            recorded_at: Moment(recorded.recorded_at),
            recorded_by: by.zip(recorded.name).map(|(by, name)| Named { id: Id(by.0), name }),
        }
    }
}
