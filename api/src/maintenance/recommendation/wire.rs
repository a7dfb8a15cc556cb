//! Requests and answers of recommendations.

use crate::{
    body,
    check_template::wire::MeasureUnit,
    enum_scalars,
    licence_plate::wire::Plate,
    query,
    wire::{
        AdviceText, AnyOf, CheckPlace, Day, Id, Measurement, Moment, Named, Position, Remark, TaskKey, TemplateKey,
        Version,
    },
};
use domain::{
    Instant,
    access::{Actor, Standing},
    ids::AccountId,
    recommendation::{self, FoundAt, RecommendationEnd},
    service_task,
    value::Language,
};
use persistence::recommendation::RecommendationView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// How soon the work is to be done.
    Urgency(recommendation::Urgency), "How soon the work is to be done. Attention: before long. Urgent: now.";
    /// The life of a recommendation.
    RecommendationStatus(recommendation::RecommendationStatus), "The status of a recommendation. Open: it waits to be done, whether the owner agreed or has not decided yet. Planned: it is part of an appointment. Done: a service record says so. Declined: the owner does not want it. Superseded: a later check found it good, or found it anew.";
    /// What a limit asks of a value.
    LimitKind(domain::check_template::LimitKind), "What the limit asks of a value: the limit itself or more, the limit or less, more than the limit, or less.";
    /// How the owner made a decision known.
    DecisionChannel(recommendation::DecisionChannel), "How the owner made the decision known: in the app, at the counter, by telephone, or in writing.";
}

body! {
    /// Work that is advised.
    #[schema(example = json!({ "task": "brake_fluid", "urgency": "attention", "text": "De remvloeistof is vier jaar oud." }))]
    pub struct NewRecommendation {
        /// The key of the task; without one, `text` says what is to be done.
        pub task: Option<TaskKey>,
        /// Where on the car.
        pub position: Option<Position>,
        /// How soon.
        pub urgency: Urgency,
        /// What the customer reads. The default is the name of the task, in the language of the reader.
        pub text: Option<AdviceText>,
        /// The day by which it is best done: from today to ten years ahead.
        pub expected_on: Option<Day>,
    }
}

body! {
    /// A decision of the owner about a recommendation.
    #[schema(example = json!({}))]
    pub struct OwnersDecision {
        /// How the owner made the decision known. The garage says `counter`, `phone` or `writing`; for the owner it is `app`,
        /// which is the default.
        pub channel: Option<DecisionChannel>,
    }
}

query! {
    /// Which recommendations to list.
    pub struct RecommendationQuery {
        /// Only recommendations with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<RecommendationStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<RecommendationStatus>>,
        /// Only recommendations that are this urgent; several values are separated by commas.
        #[param(value_type = Option<Vec<Urgency>>, style = Form, explode = false)]
        pub urgency: Option<AnyOf<Urgency>>,
        /// Only recommendations to which the owner agreed (`true`), or only those to which they did not (`false`). With
        /// `status=open`, `true` has what is agreed and not yet planned.
        pub agreed: Option<bool>,
    }
}

/// What the owner decided, when and how.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "at": "2026-03-02T10:00:00Z", "channel": "app", "by": null }))]
pub struct RecommendationDecision {
    /// When.
    pub at: Moment,
    /// How the owner made it known.
    pub channel: DecisionChannel,
    /// Who wrote it down: the owner, or someone of the garage on the owner's word. Null for everyone except the garage and
    /// that account itself.
    pub by: Option<Named>,
}

/// What a measured value should have been.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "kind": "more_than", "value": "3" }))]
pub struct PassedLimit {
    /// What the limit asks.
    pub kind: LimitKind,
    /// The limit, in the unit of the measurement.
    pub value: Measurement,
}

/// What a check found at one place, by which work is advised.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "place": "tread_depth.front_left", "item": "tread_depth", "itemName": "Tread depth", "position": "front_left",
    "positionName": "front left", "measured": "2.8", "unit": "mm", "limit": { "kind": "more_than", "value": "3" },
    "note": null
}))]
pub struct AdvisedFinding {
    /// The place in the check of `checkId`: its photos name the same.
    pub place: CheckPlace,
    /// The key of the item of the check.
    pub item: TemplateKey,
    /// What the item was called, in the language of the request.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub item_name: String,
    /// The position on the car; null for an item that has one place only.
    pub position: Option<Position>,
    /// What that position is called, in the language of the request; null for an item that has one place only.
    #[schema(max_length = 60, pattern = "^[^\\u0000]*$")]
    pub position_name: Option<&'static str>,
    /// What was measured; null when it was judged by a choice.
    pub measured: Option<Measurement>,
    /// The unit of the measurement; null when nothing was measured.
    pub unit: Option<MeasureUnit>,
    /// What the value should have been; null when nothing was measured, and when the limits say that it is good.
    pub limit: Option<PassedLimit>,
    /// What the mechanic wrote for the customer; null when nothing was written.
    pub note: Option<Remark>,
}

impl AdvisedFinding {
    fn new(found: FoundAt, language: Language) -> Self {
        let position = found.position.map(domain::service_task::Position::code);
        let place = position.map_or_else(|| found.item.clone(), |position| format!("{}.{position}", found.item));
        let limit = found.measured.and_then(|measured| measured.limit);
        Self {
            place: CheckPlace(place),
            item: TemplateKey(found.item),
            item_name: found.names.of(language).to_owned(),
            position: found.position.map(Position),
            position_name: found.position.map(|position| position.name(language)),
            measured: found.measured.map(|measured| Measurement(measured.value)),
            unit: found.measured.map(|measured| MeasureUnit(measured.unit)),
            limit: limit.map(|(kind, value)| PassedLimit { kind: LimitKind(kind), value: Measurement(value) }),
            note: found.note.map(Remark),
        }
    }
}

/// Work that was advised for a car. Nothing deletes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "status": "open", "task": "tyres", "taskName": "Tyre replacement",
    "position": "front_left", "positionName": "front left", "urgency": "attention", "text": "Slijt aan de binnenkant.",
    "findings": [{
        "place": "tread_depth.front_left", "item": "tread_depth", "itemName": "Tread depth", "position": "front_left",
        "positionName": "front left", "measured": "2.8", "unit": "mm", "limit": { "kind": "more_than", "value": "3" },
        "note": "Slijt aan de binnenkant."
    }], "expectedOn": null, "advisedOn": "2026-03-01",
    "checkId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "madeAt": "2026-03-01T09:30:00Z",
    "madeBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "agreed": { "at": "2026-03-02T10:00:00Z", "channel": "app", "by": null }, "declined": null, "endedAt": null,
    "supersededById": null, "serviceRecordId": null, "version": 2, "updatedAt": "2026-03-02T10:00:00Z"
}))]
pub struct Recommendation {
    /// The id of the recommendation.
    pub id: Id,
    /// Its status.
    pub status: RecommendationStatus,
    /// The key of the task; null for work that is only described.
    pub task: Option<TaskKey>,
    /// What the task is called, in the language of the request; null without a task.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub task_name: Option<&'static str>,
    /// Where on the car; null when that does not matter.
    pub position: Option<Position>,
    /// What that place is called, in the language of the request; null without a position.
    #[schema(max_length = 60, pattern = "^[^\\u0000]*$")]
    pub position_name: Option<&'static str>,
    /// How soon the work is to be done.
    pub urgency: Urgency,
    /// What the customer reads: what the garage wrote, else what was found, or the name of the task, in the language of the
    /// request.
    pub text: AdviceText,
    /// What the check found, by which it is advised; empty when the garage made it without a check.
    #[schema(max_items = 200)]
    pub findings: Vec<AdvisedFinding>,
    /// The day by which it is best done; null when nobody said so.
    pub expected_on: Option<Day>,
    /// The day on which it was advised: that of the check, or else the day on which the garage wrote it down. Work that was
    /// done before that day does not do it.
    pub advised_on: Day,
    /// The id of the check that found it; null when the garage made it without a check.
    pub check_id: Option<Id>,
    /// When it was written down.
    pub made_at: Moment,
    /// Who made it; null when another system did, and for everyone except the garage.
    pub made_by: Option<Named>,
    /// The owner's agreement; null when there is none.
    pub agreed: Option<RecommendationDecision>,
    /// The decision by which the owner declined it; null when it was not declined.
    pub declined: Option<RecommendationDecision>,
    /// When it was done, declined or superseded; null while it is open or planned.
    pub ended_at: Option<Moment>,
    /// The id of the check that superseded it; null when none did.
    pub superseded_by_id: Option<Id>,
    /// The id of the service record that says that the work was done; null when there is none.
    pub service_record_id: Option<Id>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the recommendation last changed.
    pub updated_at: Moment,
}

impl Recommendation {
    /// A recommendation as `actor` sees it in one language: names are the garage's, and a person's own (rule T9). The garage
    /// does not see those of before it kept the passport.
    pub fn new(
        view: RecommendationView,
        actor: &Actor,
        shows_names_of: impl Fn(Instant) -> bool,
        language: Language,
    ) -> Self {
        let is_staff = |at| matches!(actor.standing, Standing::Staff(..)) && shows_names_of(at);
        let RecommendationView { recommendation: one, made_by, agreed_by, declined_by, ended_at, updated_at } = view;
        let named = |id: AccountId, name: String| Named { id: Id(id.0), name };
        let decision = |decision: recommendation::Decision, name: Option<String>| {
            let name = name.filter(|_| is_staff(decision.at) || decision.by == actor.account_id());
            RecommendationDecision {
                at: Moment(decision.at),
                channel: DecisionChannel(decision.channel),
                by: name.map(|name| named(decision.by, name)),
            }
        };
        let status = RecommendationStatus(one.status());
        let (declined, superseded, done) = match one.end {
            None => (None, None, None),
            Some(RecommendationEnd::Declined(declined)) => (Some(decision(declined, declined_by)), None, None),
            Some(RecommendationEnd::Superseded(check)) => (None, Some(Id(check.0)), None),
            Some(RecommendationEnd::Done(record)) => (None, None, Some(Id(record.0))),
        };
        Self {
            id: Id(one.id.0),
            status,
            task: one.advice.task.map(TaskKey),
            task_name: one.advice.task.and_then(service_task::TaskKey::task).map(|task| task.names.of(language)),
            position: one.advice.position.map(Position),
            position_name: one.advice.position.map(|position| position.name(language)),
            urgency: Urgency(one.advice.urgency),
            text: AdviceText(one.advice.text_in(language)),
            findings: one.advice.found.into_iter().map(|found| AdvisedFinding::new(found, language)).collect(),
            expected_on: one.advice.expected_on.map(Day),
            advised_on: Day(one.advised.on),
            check_id: one.check_id.map(|id| Id(id.0)),
            made_at: Moment(one.made_at),
            made_by: made_by.filter(|_| is_staff(one.made_at)).map(|(id, name)| named(id, name)),
            agreed: one.agreed.map(|agreed| decision(agreed, agreed_by)),
            declined,
            ended_at: ended_at.map(Moment),
            superseded_by_id: superseded,
            service_record_id: done,
            version: Version(one.version),
            updated_at: Moment(updated_at),
        }
    }
}

/// A recommendation in a list of the garage, with its car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "recommendation": {
        "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "status": "open", "task": "tyres", "taskName": "Tyre replacement",
        "position": "front_left", "positionName": "front left", "urgency": "attention", "text": "Slijt aan de binnenkant.",
        "findings": [{
            "place": "tread_depth.front_left", "item": "tread_depth", "itemName": "Tread depth", "position": "front_left",
            "positionName": "front left", "measured": "2.8", "unit": "mm", "limit": { "kind": "more_than", "value": "3" },
            "note": "Slijt aan de binnenkant."
        }], "expectedOn": null, "advisedOn": "2026-03-01",
        "checkId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "madeAt": "2026-03-01T09:30:00Z",
        "madeBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
        "agreed": { "at": "2026-03-02T10:00:00Z", "channel": "app", "by": null }, "declined": null, "endedAt": null,
        "supersededById": null, "serviceRecordId": null, "version": 2, "updatedAt": "2026-03-02T10:00:00Z"
    }
}))]
pub struct GarageRecommendation {
    /// The id of the passport of the car.
    pub passport_id: Id,
    /// The licence plate of the car.
    pub licence_plate: Plate,
    /// The recommendation.
    pub recommendation: Recommendation,
}
