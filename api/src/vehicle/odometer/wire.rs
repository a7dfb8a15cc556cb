//! Requests and answers of the odometer.

use crate::{
    body, enum_scalars, parameters,
    register::wire::RegisteredOdometer,
    wire::{Day, Id, Moment, Named, OdometerKm, OdometerValue},
};
use domain::{
    Date,
    access::{Actor, Standing},
    odometer::OdometerLedger,
    register,
};
use persistence::odometer::ReadingView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// In what an odometer counts.
    DistanceUnit(domain::odometer::DistanceUnit), "In what the odometer counts: kilometres, or miles of 1.609344 km.";
    /// Where a reading comes from.
    ReadingSource(domain::odometer::ReadingSource), "Where a reading comes from. The garage stands behind its own, those of its management system (gms) and of the APK.";
    /// Why a counter began anew.
    CounterStart(domain::odometer::CounterStart), "Why the counter began anew: it was replaced, or passed the most it can show.";
    /// Whether the readings can all be true.
    OdometerVerdict(domain::odometer::VerdictKind), "Logical: the readings never fall. Illogical: they do. No judgement: that cannot be told.";
    /// Why there is no verdict.
    NoJudgementReason(domain::odometer::NoJudgementReason), "Why there is no verdict on the readings.";
    /// What an estimated reading rests on.
    EstimateBasis(domain::odometer::EstimateBasis), "Read on that day, between two readings, or after the last.";
}

body! {
    /// A reading to add.
    #[schema(example = json!({ "value": 130_450, "readOn": "2026-03-01" }))]
    pub struct NewOdometerReading {
        /// What the odometer showed, in its own unit.
        pub value: OdometerValue,
        /// That unit; km unless given.
        pub unit: Option<DistanceUnit>,
        /// The day on which it was read; today in the garage's time zone unless given.
        pub read_on: Option<Day>,
        /// The reading that this one corrects.
        pub replaces_id: Option<Id>,
        /// Why the counter began anew with this reading. By staff only.
        pub counter_start: Option<CounterStart>,
        /// Stand by it in spite of warnings. By staff only.
        pub confirm: Option<bool>,
    }
}

parameters! {
    /// For which day.
    pub struct OdometerQuery {
        /// The day to estimate the reading of; today in the garage's time zone unless given.
        pub on: Option<Day>,
    }
}

/// What an odometer showed on a day. A reading never changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "value": 130_450,
    "unit": "km",
    "odometerKm": 130_450,
    "readOn": "2026-03-01",
    "recordedAt": "2026-03-01T09:30:00Z",
    "source": "garage",
    "recordedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "replacesId": null,
    "counterStart": null,
    "confirmed": false
}))]
pub struct OdometerReading {
    /// Its id.
    pub id: Id,
    /// What the odometer showed, in its own unit.
    pub value: OdometerValue,
    /// That unit.
    pub unit: DistanceUnit,
    /// The same in kilometres.
    pub odometer_km: OdometerKm,
    /// The day on which it was read.
    pub read_on: Day,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Where it comes from.
    pub source: ReadingSource,
    /// Who recorded it: shown to the garage, and to that account itself. Null too when a system did.
    pub recorded_by: Option<Named>,
    /// The reading that it corrects, which no longer counts.
    pub replaces_id: Option<Id>,
    /// Why the counter began anew with it, when it did.
    pub counter_start: Option<CounterStart>,
    /// Whether there were warnings, which the garage confirmed.
    pub confirmed: bool,
}

impl OdometerReading {
    /// A reading as `actor` sees it: who recorded it is the person's, and stays behind with them (rule T9).
    pub fn new((reading, name): ReadingView, actor: &Actor) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..));
        let by = reading.by.filter(|by| is_staff || *by == actor.account_id());
        Self {
            id: Id(reading.id.0),
            value: OdometerValue(reading.shown.value()),
            unit: DistanceUnit(reading.shown.unit()),
            odometer_km: OdometerKm(reading.shown.km()),
            read_on: Day(reading.read_on),
            recorded_at: Moment(reading.recorded_at),
            source: ReadingSource(reading.source),
            recorded_by: by.zip(name).map(|(id, name)| Named { id: Id(id.0), name }),
            replaces_id: reading.replaces.map(|id| Id(id.0)),
            counter_start: reading.start.map(CounterStart),
            confirmed: reading.confirmed,
        }
    }
}

/// What a car's ledger tells.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "verdict": "logical",
    "reason": null,
    "registered": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
    "latest": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "odometerKm": 130_450, "readOn": "2026-03-01" },
    "daily": { "metres": 41_250, "lowMetres": 36_400, "highMetres": 47_900, "readings": 7 },
    "estimate": { "on": "2027-03-01", "odometerKm": 145_506, "lowKm": 143_736, "highKm": 147_933, "basis": "after" }
}))]
pub struct Odometer {
    /// Whether the readings can all be true.
    pub verdict: OdometerVerdict,
    /// Why there is no judgement.
    pub reason: Option<NoJudgementReason>,
    /// What the vehicle register says, by readings of its own; null while it told nothing of the car.
    pub registered: Option<RegisteredOdometer>,
    /// The latest reading that counts.
    pub latest: Option<LatestReading>,
    /// How far the car goes in a day; null while there are too few readings to tell.
    pub daily: Option<DailyDistance>,
    /// What the odometer shows on the day asked for; null when that cannot be told.
    pub estimate: Option<EstimatedReading>,
}

/// The latest reading that counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LatestReading {
    /// Its id.
    pub id: Id,
    /// What it showed.
    pub odometer_km: OdometerKm,
    /// The day on which it was read.
    pub read_on: Day,
}

/// How far a car goes in a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DailyDistance {
    /// The median over all pairs of readings, in metres.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub metres: i64,
    /// A quarter of the pairs is lower.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub low_metres: i64,
    /// A quarter of the pairs is higher.
    #[schema(minimum = 0, maximum = 3_000_000_000_i64)]
    pub high_metres: i64,
    /// How many readings it rests on.
    #[schema(minimum = 0, maximum = 50)]
    pub readings: usize,
}

/// What the odometer shows on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EstimatedReading {
    /// The day.
    pub on: Day,
    /// The estimate.
    pub odometer_km: OdometerKm,
    /// At least this.
    pub low_km: OdometerKm,
    /// At most this.
    pub high_km: OdometerKm,
    /// What it rests on.
    pub basis: EstimateBasis,
}

impl Odometer {
    /// What a ledger tells, with the estimate for a day, beside what the register says.
    pub fn new(ledger: &OdometerLedger<'_>, register: Option<&register::RegisteredOdometer>, on: Date) -> Self {
        let verdict = ledger.verdict();
        Self {
            verdict: OdometerVerdict(verdict.kind()),
            reason: verdict.reason().map(NoJudgementReason),
            registered: register.cloned().map(RegisteredOdometer::from),
            latest: ledger.latest().map(|reading| LatestReading {
                id: Id(reading.id.0),
                odometer_km: OdometerKm(reading.shown.km()),
                read_on: Day(reading.read_on),
            }),
            daily: ledger.daily_distance().map(|daily| DailyDistance {
                metres: daily.metres,
                low_metres: daily.low_metres,
                high_metres: daily.high_metres,
                readings: daily.readings,
            }),
            estimate: ledger.estimate(on).map(|estimate| EstimatedReading {
                on: Day(on),
                odometer_km: OdometerKm(estimate.km),
                low_km: OdometerKm(estimate.low_km),
                high_km: OdometerKm(estimate.high_km),
                basis: EstimateBasis(estimate.basis),
            }),
        }
    }
}
