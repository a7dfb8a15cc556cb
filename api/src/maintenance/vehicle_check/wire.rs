//! Requests and answers of vehicle checks.

use crate::{
    body,
    check_template::wire::{MeasureUnit, WorseWhen},
    enum_scalars,
    licence_plate::wire::Plate,
    odometer::wire::DistanceUnit,
    query,
    wire::{
        AnyOf, CheckPlace, Day, Fuel, Id, Measurement, Moment, Named, OdometerKm, OdometerValue, Position, Remark,
        TemplateKey, Version,
    },
};
use domain::{
    check_template, coded_enum,
    ids::AccountId,
    service_task,
    value::Language,
    vehicle_check::{self, Finding, Place},
};
use persistence::vehicle_check::{VehicleCheckSummary as StoredSummary, VehicleCheckView};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What was found.
    FindingResult(check_template::FindingResult), "What was found at a place. Good: nothing needs to be done. Attention: it is to be done before long. Urgent: it is to be done now. Not checked: nobody looked.";
    /// The life of a check.
    CheckStatus(Status), "The status of a check. Draft: it is being filled in. Completed: nothing changes it any more.";
}

coded_enum! {
    /// The life of a check.
    pub enum Status {
        /// It is being filled in.
        Draft => "draft",
        /// Nothing changes it any more.
        Completed => "completed",
    }
}

body! {
    /// A check to begin.
    #[schema(example = json!({ "template": "holiday" }))]
    pub struct NewVehicleCheck {
        /// The key of the template by which the car is checked: the `key` of an item of `GET /check-templates`.
        pub template: TemplateKey,
        /// The id of the completed check that this one replaces, because there was a mistake in it.
        pub replaces_id: Option<Id>,
    }
}

body! {
    /// What was found at a place.
    #[schema(example = json!({ "measured": "2.8", "note": "Slijt aan de binnenkant." }))]
    pub struct NewFinding {
        /// The result. It may be left out when something was measured: then the limits of the item decide.
        pub result: Option<FindingResult>,
        /// What was measured, in the unit of the item: as text, with a point.
        pub measured: Option<Measurement>,
        /// Why the result differs from the one that the measurement suggests.
        pub reason: Option<Remark>,
        /// What the customer reads about it. Without a note, a recommendation says what was measured, and the limit.
        pub note: Option<Remark>,
    }
}

impl From<NewFinding> for vehicle_check::NewFinding {
    fn from(new: NewFinding) -> Self {
        Self {
            result: new.result.map(|result| result.0),
            measured: new.measured.map(|measured| measured.0),
            reason: new.reason.map(|reason| reason.0),
            note: new.note.map(|note| note.0),
        }
    }
}

body! {
    /// How a check is completed.
    #[schema(example = json!({ "odometer": 60_000 }))]
    pub struct CheckCompletion {
        /// What the odometer showed, in its own unit.
        pub odometer: OdometerValue,
        /// The unit of `odometer`. The default is `km`.
        pub unit: Option<DistanceUnit>,
        /// The day of the check. The default is today, in the garage's time zone.
        pub checked_on: Option<Day>,
        /// Whether to record what the odometer showed although it is unlikely. The default is false.
        pub confirm: Option<bool>,
    }
}

query! {
    /// Which checks to list.
    pub struct VehicleCheckQuery {
        /// Only checks with one of these statuses, separated by commas. Drafts are for the garage's staff.
        #[param(value_type = Option<Vec<CheckStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<CheckStatus>>,
    }
}

/// What was found at a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Finding, example = json!({
    "result": "attention", "measured": "2.8", "reason": null, "note": "Slijt aan de binnenkant.",
    "foundAt": "2026-03-01T09:30:00Z", "foundBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "version": 3
}))]
pub struct Found {
    /// The result.
    pub result: FindingResult,
    /// What was measured, in the unit of the item; null when nothing was.
    pub measured: Option<Measurement>,
    /// Why the result differs from the one that the measurement suggests; null when it does not.
    pub reason: Option<Remark>,
    /// What the customer reads about it; null when there is nothing to say.
    pub note: Option<Remark>,
    /// When it was entered.
    pub found_at: Moment,
    /// Who entered it; null for everyone except the garage.
    pub found_by: Option<Named>,
    /// The version of the finding. Sent in `If-Match`, in quotes, it protects what someone else entered meanwhile.
    pub version: Version,
}

impl Found {
    /// A finding, with the name of who found it, if that is shown.
    pub fn new(finding: &Finding, name: Option<&String>) -> Self {
        Self {
            result: FindingResult(finding.result),
            measured: finding.measured.map(Measurement),
            reason: finding.reason.clone().map(Remark),
            note: finding.note.clone().map(Remark),
            found_at: Moment(finding.at),
            found_by: name.map(|name| named(finding.by, name)),
            version: Version(finding.version),
        }
    }
}

fn named(id: AccountId, name: &str) -> Named {
    Named { id: Id(id.0), name: name.to_owned() }
}

/// What was entered at a place of a draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "place": "tread_depth.front_left",
    "finding": {
        "result": "attention", "measured": "2.8", "reason": null, "note": null, "foundAt": "2026-03-01T09:30:00Z",
        "foundBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }, "version": 3
    },
    "before": null, "missing": ["lights"], "checkVersion": 3
}))]
pub struct EnteredFinding {
    /// The place.
    pub place: CheckPlace,
    /// What is there now.
    pub finding: Found,
    /// What was there before, and was replaced; null when nothing was.
    pub before: Option<Found>,
    /// The places that still need a result before the check can be completed.
    #[schema(max_items = 2400)]
    pub missing: Vec<CheckPlace>,
    /// The version of the check, which grows with each change.
    pub check_version: Version,
}

impl EnteredFinding {
    /// What is at a place now, and what was there before.
    pub fn new(
        (item, position): &Place,
        finding: Found,
        before: Option<Found>,
        missing: &[Place],
        version: i64,
    ) -> Self {
        Self {
            place: CheckPlace::of(item, position.as_deref()),
            finding,
            before,
            missing: missing.iter().map(|(item, position)| CheckPlace::of(item, position.as_deref())).collect(),
            check_version: Version(version),
        }
    }
}

/// How an item is measured, as the template said when the check was begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower",
    "source": "Regeling voertuigen, art. 5.2.27: at least 1.6 mm"
}))]
pub struct CheckMeasure {
    /// The unit.
    pub unit: MeasureUnit,
    /// The lowest plausible value.
    pub min: Measurement,
    /// The highest plausible value.
    pub max: Measurement,
    /// The value from which the result is "attention"; null when there is none.
    pub attention: Option<Measurement>,
    /// The value beyond which the result is "urgent"; null when there is none.
    pub urgent: Option<Measurement>,
    /// Whether low or high values are worse.
    pub worse: WorseWhen,
    /// The law or the advice from which the limits come; null when nobody says so.
    #[schema(max_length = 300, pattern = "^[^\\u0000]*$")]
    pub source: Option<String>,
}

impl CheckMeasure {
    fn new(measure: &check_template::Measure, language: Language) -> Self {
        Self {
            unit: MeasureUnit(measure.unit),
            min: Measurement(measure.min),
            max: Measurement(measure.max),
            attention: measure.attention.map(Measurement),
            urgent: measure.urgent.map(Measurement),
            worse: WorseWhen(measure.worse),
            source: measure.source.as_ref().map(|source| service_task::source_in(source, language).to_owned()),
        }
    }
}

/// A place of an item, with what was found there.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "place": "tread_depth.front_left", "position": "front_left", "positionName": "front left", "finding": null }))]
pub struct CheckedPlace {
    /// The name of the place in this check.
    pub place: CheckPlace,
    /// The position on the car; null for an item that has one place only.
    pub position: Option<Position>,
    /// What that position is called, in the language of the request; null for an item that has one place only.
    #[schema(max_length = 60, pattern = "^[^\\u0000]*$")]
    pub position_name: Option<&'static str>,
    /// What was found; null when nothing was entered.
    pub finding: Option<Found>,
}

/// One thing that is looked at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "key": "windscreen", "name": "Windscreen", "task": "windscreen", "demanded": true, "measure": null,
    "places": [{ "place": "windscreen", "position": null, "positionName": null, "finding": null }]
}))]
pub struct CheckItem {
    /// The key of the item, which is unique within the check.
    pub key: TemplateKey,
    /// What it is called, in the language of the request.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// The key of the task to which it leads when it is not good; null when there is none.
    #[schema(max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub task: Option<String>,
    /// Whether the check cannot be completed without its result.
    pub demanded: bool,
    /// How it is measured; null when it is judged by a choice.
    pub measure: Option<CheckMeasure>,
    /// The places at which it is looked at, with what was found there.
    #[schema(max_items = 12)]
    pub places: Vec<CheckedPlace>,
}

/// Items under one heading.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "key": "visibility", "name": "Visibility", "items": [] }))]
pub struct CheckGroup {
    /// The key of the group, which is unique within the check.
    pub key: TemplateKey,
    /// What it is called, in the language of the request.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// The items of the group that make sense for the car.
    #[schema(max_items = 200)]
    pub items: Vec<CheckItem>,
}

/// A check of a car: what is looked at, and what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "template": "autostatus", "name": "Car status check", "status": "completed",
    "startedAt": "2026-03-01T09:00:00Z", "startedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "checkedOn": "2026-03-01", "completedAt": "2026-03-01T09:30:00Z",
    "completedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }, "odometerKm": 60_000,
    "fuel": "diesel", "replacesId": null, "replacedById": null,
    "groups": [{ "key": "visibility", "name": "Visibility", "items": [{
        "key": "windscreen", "name": "Windscreen", "task": "windscreen", "demanded": true, "measure": null,
        "places": [{ "place": "windscreen", "position": null, "positionName": null, "finding": {
            "result": "good", "measured": null, "reason": null, "note": null, "foundAt": "2026-03-01T09:20:00Z",
            "foundBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }, "version": 2
        } }]
    }] }],
    "missing": [], "version": 3, "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct VehicleCheck {
    /// The id of the check.
    pub id: Id,
    /// The key of the template by which the car is checked.
    pub template: TemplateKey,
    /// What the template is called, in the language of the request.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// Whether it is a draft or completed.
    pub status: CheckStatus,
    /// When it was begun.
    pub started_at: Moment,
    /// Who began it; null for everyone except the garage.
    pub started_by: Option<Named>,
    /// The day of the check; null for a draft.
    pub checked_on: Option<Day>,
    /// When it was completed; null for a draft.
    pub completed_at: Option<Moment>,
    /// Who completed it; null for a draft, and for everyone except the garage.
    pub completed_by: Option<Named>,
    /// What the odometer showed, in kilometres; null for a draft.
    pub odometer_km: Option<OdometerKm>,
    /// What the car ran on when the check was begun, by which items are left out; null when that was not known.
    pub fuel: Option<Fuel>,
    /// The id of the check that this one replaces; null when there is none.
    pub replaces_id: Option<Id>,
    /// The id of the completed check that has replaced this one; null when there is none.
    pub replaced_by_id: Option<Id>,
    /// What is looked at, in groups, with what was found.
    #[schema(max_items = 30)]
    pub groups: Vec<CheckGroup>,
    /// The places that still need a result before the check can be completed.
    #[schema(max_items = 2400)]
    pub missing: Vec<CheckPlace>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the check last changed.
    pub updated_at: Moment,
}

impl VehicleCheck {
    /// A check in one language; the names of people are for `is_staff` (rule T9).
    pub fn new(view: &VehicleCheckView, is_staff: bool, language: Language) -> Self {
        let check = &view.check;
        let group = |group: &check_template::TemplateGroup| CheckGroup {
            key: TemplateKey(group.key.clone()),
            name: group.names.of(language).to_owned(),
            items: group
                .items
                .iter()
                .filter(|item| item.fits(check.fuel))
                .map(|item| checked_item(view, item, is_staff, language))
                .collect(),
        };
        let completed_by = check.completed.zip(view.completed_by.as_ref()).filter(|_| is_staff);
        Self {
            id: Id(check.id.0),
            template: TemplateKey(check.list.key.clone()),
            name: check.list.names.of(language).to_owned(),
            status: status(check.completed.is_some()),
            started_at: Moment(view.stamps.created_at),
            started_by: is_staff.then(|| named(view.started_by.0, &view.started_by.1)),
            checked_on: check.completed.map(|completed| Day(completed.on)),
            completed_at: check.completed.map(|completed| Moment(completed.at)),
            completed_by: completed_by.map(|(completed, name)| named(completed.by, name)),
            odometer_km: view.odometer_km.map(OdometerKm),
            fuel: check.fuel.map(Fuel),
            replaces_id: check.replaces.map(|id| Id(id.0)),
            replaced_by_id: view.replaced_by.map(|id| Id(id.0)),
            groups: check.list.groups.iter().map(group).filter(|group| !group.items.is_empty()).collect(),
            missing: check.missing().iter().map(|(item, position)| CheckPlace::of(item, position.as_deref())).collect(),
            version: Version(check.version),
            updated_at: Moment(view.stamps.updated_at),
        }
    }
}

fn status(is_completed: bool) -> CheckStatus {
    CheckStatus(if is_completed { Status::Completed } else { Status::Draft })
}

fn checked_item(
    view: &VehicleCheckView,
    item: &check_template::TemplateItem,
    is_staff: bool,
    language: Language,
) -> CheckItem {
    let finding = |position: Option<&str>| {
        let finding = view.check.findings.get(&(item.key.clone(), position.map(str::to_owned)))?;
        Some(Found::new(finding, view.finders.get(&finding.by).filter(|_| is_staff)))
    };
    let places = item.places().map(|position| CheckedPlace {
        place: CheckPlace::of(&item.key, position),
        position: position.and_then(service_task::Position::from_code).map(Position),
        position_name: position.and_then(service_task::Position::from_code).map(|position| position.name(language)),
        finding: finding(position),
    });
    CheckItem {
        key: TemplateKey(item.key.clone()),
        name: item.names.of(language).to_owned(),
        task: item.task.clone(),
        demanded: item.demanded,
        measure: item.measure.as_ref().map(|measure| CheckMeasure::new(measure, language)),
        places: places.collect(),
    }
}

/// How many places of a check have each result.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "good": 27, "attention": 2, "urgent": 1, "notChecked": 0 }))]
pub struct CheckResults {
    /// How many places are good.
    #[schema(minimum = 0, maximum = 2_400)]
    pub good: i64,
    /// How many places need attention.
    #[schema(minimum = 0, maximum = 2_400)]
    pub attention: i64,
    /// How many places are urgent.
    #[schema(minimum = 0, maximum = 2_400)]
    pub urgent: i64,
    /// How many places were not looked at, as someone entered.
    #[schema(minimum = 0, maximum = 2_400)]
    pub not_checked: i64,
}

/// A check of a car as a list shows it, without what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "template": "autostatus", "name": "Car status check", "status": "completed",
    "startedAt": "2026-03-01T09:00:00Z", "startedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "checkedOn": "2026-03-01", "completedAt": "2026-03-01T09:30:00Z",
    "completedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }, "odometerKm": 60_000,
    "replacesId": null, "replacedById": null, "results": { "good": 27, "attention": 2, "urgent": 1, "notChecked": 0 },
    "version": 3, "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct VehicleCheckSummary {
    /// The id of the check.
    pub id: Id,
    /// The key of the template by which the car is checked.
    pub template: TemplateKey,
    /// What the template is called, in the language of the request.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// Whether it is a draft or completed.
    pub status: CheckStatus,
    /// When it was begun.
    pub started_at: Moment,
    /// Who began it; null for everyone except the garage.
    pub started_by: Option<Named>,
    /// The day of the check; null for a draft.
    pub checked_on: Option<Day>,
    /// When it was completed; null for a draft.
    pub completed_at: Option<Moment>,
    /// Who completed it; null for a draft, and for everyone except the garage.
    pub completed_by: Option<Named>,
    /// What the odometer showed, in kilometres; null for a draft.
    pub odometer_km: Option<OdometerKm>,
    /// The id of the check that this one replaces; null when there is none.
    pub replaces_id: Option<Id>,
    /// The id of the completed check that has replaced this one; null when there is none.
    pub replaced_by_id: Option<Id>,
    /// How many places have each result.
    pub results: CheckResults,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the check last changed.
    pub updated_at: Moment,
}

impl VehicleCheckSummary {
    /// A check of a list in one language; the names of people are for `is_staff` (rule T9).
    pub fn new(summary: StoredSummary, is_staff: bool, language: Language) -> Self {
        let count = |result| summary.results.get(&result).copied().unwrap_or_default();
        let completed = summary.completed.as_ref();
        let shown_to_staff = completed.filter(|_| is_staff);
        Self {
            id: Id(summary.id.0),
            name: summary.names.of(language).to_owned(),
            status: status(completed.is_some()),
            started_at: Moment(summary.stamps.created_at),
            started_by: is_staff.then(|| named(summary.started_by.0, &summary.started_by.1)),
            checked_on: completed.map(|(completed, _)| Day(completed.on)),
            completed_at: completed.map(|(completed, _)| Moment(completed.at)),
            completed_by: shown_to_staff.map(|(completed, name)| named(completed.by, name)),
            odometer_km: summary.odometer_km.map(OdometerKm),
            replaces_id: summary.replaces.map(|id| Id(id.0)),
            replaced_by_id: summary.replaced_by.map(|id| Id(id.0)),
            results: CheckResults {
                good: count(check_template::FindingResult::Good),
                attention: count(check_template::FindingResult::Attention),
                urgent: count(check_template::FindingResult::Urgent),
                not_checked: count(check_template::FindingResult::NotChecked),
            },
            version: Version(summary.version),
            updated_at: Moment(summary.stamps.updated_at),
            template: TemplateKey(summary.template),
        }
    }
}

query! {
    /// Which checks of the garage to list.
    pub struct GarageCheckQuery {
        /// Only drafts, or only completed checks.
        #[param(value_type = Option<Vec<CheckStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<CheckStatus>>,
        /// Whether only the checks are listed that whoever asks began. The default is false.
        pub mine: Option<bool>,
    }
}

impl GarageCheckQuery {
    /// Whether only completed checks are wanted, or only drafts.
    pub fn completed(&self) -> Option<bool> {
        match AnyOf::of(self.status.clone(), |status| status.0).as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => Some(*first == Status::Completed),
            _ => None,
        }
    }
}

/// A check in a list of the garage, with its car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "check": {
        "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "template": "autostatus", "name": "Car status check", "status": "completed",
        "startedAt": "2026-03-01T09:00:00Z", "startedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
        "checkedOn": "2026-03-01", "completedAt": "2026-03-01T09:30:00Z",
        "completedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }, "odometerKm": 60_000,
        "replacesId": null, "replacedById": null, "results": { "good": 27, "attention": 2, "urgent": 1, "notChecked": 0 },
        "version": 3, "updatedAt": "2026-03-01T09:30:00Z"
    }
}))]
pub struct GarageCheck {
    /// The id of the passport of the car.
    pub passport_id: Id,
    /// The licence plate of the car.
    pub licence_plate: Plate,
    /// The check, without what was found.
    pub check: VehicleCheckSummary,
}
