//! HTTP of recommendations.

use super::{
    operations,
    wire::{GarageRecommendation, NewRecommendation, OwnersDecision, Recommendation, RecommendationQuery},
};
use crate::{
    problem::{Problem, problems},
    request::{Json, OptionalJson, PathId, PathIds, Query, SignedIn},
    wire::{Id, IfMatchOptional, List},
};
use actix_web::{HttpResponse, get, post};

/// List the recommendations for a car.
///
/// They are sorted by when they were made. Nothing deletes one: those that are done, declined or superseded stay in the list.
#[utoipa::path(operation_id = "listRecommendations", tag = "recommendations",
    params(("id" = Id, Path, description = "The passport."), RecommendationQuery),
    responses((status = 200, description = "A page of recommendations.", body = List<Recommendation>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/recommendations")]
pub(crate) async fn list_recommendations(
    signed_in: SignedIn,
    id: PathId,
    query: Query<RecommendationQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}

/// List what the garage recommends for its cars.
///
/// The newest comes first. Each item has the passport and the licence plate of the car. Cars whose passport is archived are left
/// out. `status=open&agreed=true` has what the owners agreed to and what is not yet planned.
#[utoipa::path(operation_id = "listGarageRecommendations", tag = "recommendations", params(RecommendationQuery),
    responses((status = 200, description = "A page of recommendations.", body = List<GarageRecommendation>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/recommendations")]
pub(crate) async fn list_garage_recommendations(
    signed_in: SignedIn,
    query: Query<RecommendationQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_of_garage(work, &query.0)).await
}

/// Make a recommendation without a check.
///
/// An admin or advisor writes down what was advised, with a task of the catalogue or in words. A car can have at most 200 open
/// recommendations.
#[utoipa::path(operation_id = "makeRecommendation", tag = "recommendations",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewRecommendation,
    responses((status = 201, description = "The recommendation was made.", body = Recommendation, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, TaskNotForFuel,
        RecommendationsTooMany]))))]
#[post("/passports/{id}/recommendations")]
pub(crate) async fn make_recommendation(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewRecommendation>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::make(work, id.0.into(), &body.value)).await
}

/// Read a recommendation for a car.
///
/// Whoever sees the car reads it; the names of people are for the garage, and for those people themselves.
#[utoipa::path(operation_id = "getRecommendation", tag = "recommendations",
    params(("id" = Id, Path, description = "The passport."),
        ("recommendationId" = Id, Path, description = "The recommendation.")),
    responses((status = 200, description = "The recommendation.", body = Recommendation, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/recommendations/{recommendationId}")]
pub(crate) async fn get_recommendation(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, ids.id.into(), ids.part.into())).await
}

/// Agree to a recommendation.
///
/// The owner agrees in the app: the driver of their own car, or the fleet's account for a car in a fleet. The garage is then
/// mailed. An admin or advisor can also write down that the owner agreed, with `channel`; the owner needs no body.
#[utoipa::path(operation_id = "agreeToRecommendation", tag = "recommendations",
    params(("id" = Id, Path, description = "The passport."),
        ("recommendationId" = Id, Path, description = "The recommendation."), IfMatchOptional),
    request_body = OwnersDecision,
    responses((status = 200, description = "The recommendation, with the agreement.", body = Recommendation, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![AdvisorOnly, OnlyOwnerMayDecide, NotFound, PassportArchived,
        RecommendationNotOpen, RecommendationAlreadyAgreed])), ("x-optional-body" = json!(true))))]
#[post("/passports/{id}/recommendations/{recommendationId}/agree")]
pub(crate) async fn agree_to_recommendation(
    signed_in: SignedIn,
    ids: PathIds,
    body: OptionalJson<OwnersDecision>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::agree(work, ids.id.into(), ids.part.into(), &body.value)).await
}

/// Decline a recommendation.
///
/// The owner declines in the app: the driver of their own car, or the fleet's account for a car in a fleet. The garage is then
/// mailed. An admin or advisor can also write down that the owner declined, with `channel`. It stays on record with who, when
/// and how; a later check that finds the same makes a new recommendation.
#[utoipa::path(operation_id = "declineRecommendation", tag = "recommendations",
    params(("id" = Id, Path, description = "The passport."),
        ("recommendationId" = Id, Path, description = "The recommendation."), IfMatchOptional),
    request_body = OwnersDecision,
    responses((status = 200, description = "The declined recommendation.", body = Recommendation, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![AdvisorOnly, OnlyOwnerMayDecide, NotFound, PassportArchived,
        RecommendationNotOpen])), ("x-optional-body" = json!(true))))]
#[post("/passports/{id}/recommendations/{recommendationId}/decline")]
pub(crate) async fn decline_recommendation(
    signed_in: SignedIn,
    ids: PathIds,
    body: OptionalJson<OwnersDecision>,
) -> Result<HttpResponse, Problem> {
    signed_in
        .command(body.hash, move |work| operations::decline(work, ids.id.into(), ids.part.into(), &body.value))
        .await
}
