//! Requests and answers of recommendations.

use crate::{
    body, enum_scalars,
    licence_plate::wire::Plate,
    query,
    wire::{AdviceText, AnyOf, Day, Id, Moment, Named, Position, TaskKey, Version},
};
use domain::{
    access::{Actor, Standing},
    ids::AccountId,
    recommendation::{self, RecommendationEnd},
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
        /// What the customer reads. The default is the Dutch name of the task.
        pub text: Option<AdviceText>,
        /// The day by which it is best done.
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

/// Work that was advised for a car. Nothing deletes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "status": "open", "task": "tyres", "taskName": "Tyre replacement",
    "position": "front_left", "urgency": "attention", "text": "Slijt aan de binnenkant.", "expectedOn": null,
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
    /// How soon the work is to be done.
    pub urgency: Urgency,
    /// What the customer reads.
    pub text: AdviceText,
    /// The day by which it is best done; null when nobody said so.
    pub expected_on: Option<Day>,
    /// The id of the check that found it; null when the garage made it without a check.
    pub check_id: Option<Id>,
    /// When it was made.
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
    /// A recommendation as `actor` sees it in one language: names are the garage's, and a person's own (rule T9).
    pub fn new(view: RecommendationView, actor: &Actor, language: Language) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..));
        let RecommendationView { recommendation: one, made_by, agreed_by, declined_by, ended_at, updated_at } = view;
        let named = |id: AccountId, name: String| Named { id: Id(id.0), name };
        let decision = |decision: recommendation::Decision, name: Option<String>| {
            let name = name.filter(|_| is_staff || decision.by == actor.account_id());
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
            urgency: Urgency(one.advice.urgency),
            text: AdviceText(one.advice.text),
            expected_on: one.advice.expected_on.map(Day),
            check_id: one.check_id.map(|id| Id(id.0)),
            made_at: Moment(one.made_at),
            made_by: made_by.filter(|_| is_staff).map(|(id, name)| named(id, name)),
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
    "recommendation": {}
}))]
pub struct GarageRecommendation {
    /// The id of the passport of the car.
    pub passport_id: Id,
    /// The licence plate of the car.
    pub licence_plate: Plate,
    /// The recommendation.
    pub recommendation: Recommendation,
}
