//! Requests and answers of the odometer.

use crate::{
    body, enum_scalars, parameters,
    problem::field_message,
    register::wire::RegisteredOdometer,
    wire::{Day, Id, Moment, Named, OdometerKm, OdometerValue},
};
use domain::{
    Date,
    access::{Actor, Standing},
    odometer::OdometerLedger,
    passport::Passport,
    register,
    value::Language,
};
use persistence::odometer::ReadingView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// In what an odometer counts.
    DistanceUnit(domain::odometer::DistanceUnit), "The unit in which the odometer counts: kilometres, or miles of 1.609344 km.";
    /// Where a reading comes from.
    ReadingSource(domain::odometer::ReadingSource), "Where a reading comes from: the garage's staff, the driver, the fleet, the garage's management system (gms), or an APK. The garage answers for its own readings, for those of its management system and for those of an APK.";
    /// Why a counter started again.
    CounterStart(domain::odometer::CounterStart), "Why the counter started again: it was replaced or repaired, or it passed its highest value and continued from zero.";
    /// Whether the readings can all be true.
    OdometerVerdict(domain::odometer::VerdictKind), "The verdict on the readings. Logical: they never fall, or by less than 100 km. Illogical: they fall. No judgement: it cannot be decided.";
    /// Why there is no verdict.
    NoJudgementReason(domain::odometer::NoJudgementReason), "Why there is no verdict on the readings: it is a motorcycle, the counter was replaced, it passed its highest value, the car was registered in another country before, there are no readings of two different days, or they fall only before 2014.";
    /// Why the verdict is as it is.
    VerdictReason(domain::odometer::VerdictReason), "Why the verdict is as it is. `readings_rise` and `readings_fall` are about the readings in the ledger, those that begin with `register` about the register's verdict. The others say why there is no verdict.";
    /// Why there is no estimate.
    NoEstimateReason(domain::odometer::NoEstimateReason), "Why there is no estimate: the odometer was never read, the day lies before the first reading, it lies after the only one, or it lies more than five years after the last one.";
    /// What an estimated reading rests on.
    EstimateBasis(domain::odometer::EstimateBasis), "How the estimate was found. Read: the odometer was read on that day. Between: the day lies between two readings, or between the first admission and the first reading. After: the day lies after the last reading.";
}

body! {
    /// A new reading.
    #[schema(example = json!({ "value": 60_000, "unit": "km" }))]
    pub struct NewOdometerReading {
        /// What the odometer showed, in its own unit.
        pub value: OdometerValue,
        /// The unit of `value`. The default is `km`.
        pub unit: Option<DistanceUnit>,
        /// The day on which the odometer was read. The default is today, in the garage's time zone.
        pub read_on: Option<Day>,
        /// The id of the reading that this one corrects.
        pub replaces_id: Option<Id>,
        /// Why the counter started again with this reading. Only staff can give it.
        pub counter_start: Option<CounterStart>,
        /// Whether to record the reading although it is unlikely. Only staff can confirm. The default is false.
        pub confirm: Option<bool>,
    }
}

parameters! {
    /// The day to estimate for.
    pub struct OdometerQuery {
        /// The day for which the odometer is estimated. The default is today, in the garage's time zone.
        pub on: Option<Day>,
    }
}

/// A reading: what an odometer showed on a day. It never changes.
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
    /// The id of the reading.
    pub id: Id,
    /// What the odometer showed, in its own unit.
    pub value: OdometerValue,
    /// The unit of `value`.
    pub unit: DistanceUnit,
    /// What the odometer showed, in kilometres.
    pub odometer_km: OdometerKm,
    /// The day on which the odometer was read.
    pub read_on: Day,
    /// When the reading was recorded.
    pub recorded_at: Moment,
    /// Where the reading comes from.
    pub source: ReadingSource,
    /// Who recorded the reading; null when another system did, and for everyone except the garage and that account
    /// itself.
    pub recorded_by: Option<Named>,
    /// The id of the reading that this one corrects, which no longer counts; null when it is no correction.
    pub replaces_id: Option<Id>,
    /// Why the counter started again with this reading; null when it did not.
    pub counter_start: Option<CounterStart>,
    /// Whether the reading was unlikely and the garage confirmed it.
    pub confirmed: bool,
}

impl OdometerReading {
    /// A reading as `actor` sees it: who recorded it is the person's, and stays behind with them (rule T9).
    pub fn new((reading, name): ReadingView, actor: &Actor, passport: &Passport) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..)) && passport.shows_names_of(reading.recorded_at);
        let name = name.filter(|_| is_staff || reading.by == Some(actor.account_id()));
        Self::shown((reading, name))
    }

    /// A reading, with who recorded it if their name is given.
    pub fn shown((reading, name): ReadingView) -> Self {
        Self {
            id: Id(reading.id.0),
            value: OdometerValue(reading.shown.value()),
            unit: DistanceUnit(reading.shown.unit()),
            odometer_km: OdometerKm(reading.shown.km()),
            read_on: Day(reading.read_on),
            recorded_at: Moment(reading.recorded_at),
            source: ReadingSource(reading.source),
            recorded_by: reading.by.zip(name).map(|(id, name)| Named { id: Id(id.0), name }),
            replaces_id: reading.replaces.map(|id| Id(id.0)),
            counter_start: reading.start.map(CounterStart),
            confirmed: reading.confirmed,
        }
    }
}

/// What follows from the readings of a car's odometer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "verdict": "logical",
    "reason": "readings_rise",
    "detail": "The readings never fall.",
    "ledger": { "verdict": "logical", "reason": null },
    "earlierReadings": false,
    "registered": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
    "latest": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "odometerKm": 130_450, "readOn": "2026-03-01" },
    "daily": {
        "metres": 41_250, "lowMetres": 36_400, "highMetres": 47_900, "days": 700, "tooShort": false, "readings": 7
    },
    "estimate": { "on": "2027-03-01", "odometerKm": 145_506, "lowKm": 143_736, "highKm": 147_933, "basis": "after" },
    "noEstimate": null
}))]
pub struct Odometer {
    /// The verdict on the odometer: the worse of the one on the readings in the ledger and the register's. Illogical is
    /// worse than no judgement, and that is worse than logical; but having too few readings only says nothing.
    pub verdict: OdometerVerdict,
    /// Why the verdict is as it is.
    pub reason: VerdictReason,
    /// The reason in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
    /// The verdict on the readings in the ledger alone.
    pub ledger: LedgerVerdict,
    /// Whether the verdict rests also on readings that are not shown: those of the same car that were recorded before, by other
    /// garages or in a passport of another vehicle. It is the same car by its VIN, or by a Dutch plate.
    pub earlier_readings: bool,
    /// What the vehicle register says about the odometer, by its own readings; null until the register has given data
    /// about the car.
    pub registered: Option<RegisteredOdometer>,
    /// The latest reading that counts; null when there is none.
    pub latest: Option<LatestReading>,
    /// How far the car goes in a day; null when there are too few readings to compute it.
    pub daily: Option<DailyDistance>,
    /// What the odometer shows on the requested day; null when it cannot be computed.
    pub estimate: Option<EstimatedReading>,
    /// Why there is no estimate; null when there is one.
    pub no_estimate: Option<NoEstimate>,
}

/// The verdict on the readings in the ledger: whether they can all be true.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerVerdict {
    /// The verdict on these readings.
    pub verdict: OdometerVerdict,
    /// Why there is no verdict on them; null when there is one.
    pub reason: Option<NoJudgementReason>,
}

/// Why the odometer cannot be estimated for a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoEstimate {
    /// Why there is no estimate.
    pub reason: NoEstimateReason,
    /// The reason in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

/// The latest reading that counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LatestReading {
    /// The id of the reading.
    pub id: Id,
    /// What the odometer showed, in kilometres.
    pub odometer_km: OdometerKm,
    /// The day on which the odometer was read.
    pub read_on: Day,
}

/// How far a car goes in a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DailyDistance {
    /// The median over all pairs of readings, each weighed by the days between them, in metres a day.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub metres: i64,
    /// The lower quartile, in metres a day: a quarter of the weight is lower. With one pair it is half of that pair's
    /// distance.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub low_metres: i64,
    /// The upper quartile, in metres a day: a quarter of the weight is higher. With one pair it is one and a half times
    /// that pair's distance.
    #[schema(minimum = 0, maximum = 3_000_000_000_i64)]
    pub high_metres: i64,
    /// The days between the first and the last reading that were used.
    #[schema(minimum = 0, maximum = 3_000_000)]
    pub days: i64,
    /// Whether these are less than 90 days, which say little about how far the car goes.
    pub too_short: bool,
    /// The number of readings that were used, at most one a day. The first admission counts as one when it was used.
    #[schema(minimum = 0, maximum = 50)]
    pub readings: usize,
}

/// What the odometer shows on a day in the past or the future, by estimate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EstimatedReading {
    /// The day.
    pub on: Day,
    /// The estimate, in kilometres.
    pub odometer_km: OdometerKm,
    /// The lowest likely value, in kilometres.
    pub low_km: OdometerKm,
    /// The highest likely value, in kilometres.
    pub high_km: OdometerKm,
    /// How the estimate was found.
    pub basis: EstimateBasis,
}

impl Odometer {
    /// What follows from a ledger, with the ledger that is judged and whether that knows of more, the estimate for a day and what the
    /// register says.
    pub fn new(
        ledger: &OdometerLedger<'_>,
        (judged, earlier_readings): (&OdometerLedger<'_>, bool),
        register: Option<&register::RegisteredOdometer>,
        on: Date,
        language: Language,
    ) -> Self {
        let (verdict, of_ledger) = (judged.combined_verdict(register), ledger.verdict());
        let detail = |code: &str| field_message(code, (None, None), language);
        let estimated = ledger.estimated(on);
        Self {
            earlier_readings,
            verdict: OdometerVerdict(verdict.kind),
            reason: VerdictReason(verdict.reason),
            detail: detail(verdict.reason.code()),
            ledger: LedgerVerdict {
                verdict: OdometerVerdict(of_ledger.kind()),
                reason: of_ledger.reason().map(NoJudgementReason),
            },
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
                days: daily.days,
                too_short: daily.is_short(),
                readings: daily.readings,
            }),
            no_estimate: estimated
                .err()
                .map(|reason| NoEstimate { reason: NoEstimateReason(reason), detail: detail(reason.code()) }),
            estimate: estimated.ok().map(|estimate| EstimatedReading {
                on: Day(on),
                odometer_km: OdometerKm(estimate.km),
                low_km: OdometerKm(estimate.low_km),
                high_km: OdometerKm(estimate.high_km),
                basis: EstimateBasis(estimate.basis),
            }),
        }
    }
}
