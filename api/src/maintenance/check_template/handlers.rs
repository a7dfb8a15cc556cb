//! HTTP of check templates.

use super::{
    operations,
    wire::{CheckTemplate, CheckTemplateContent, CheckTemplateQuery, NewCheckTemplate},
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{FollowedList, Id, IfMatch},
};
use actix_web::{HttpResponse, delete, get, post, put};

/// The value of a new template that this refusal is about.
const VALUES_OF_TEMPLATE: &[(Code, &str)] = &[(Code::TemplateKeyTaken, "/key")];

/// The most bytes of a template: room for 200 items with long names.
const MAX_TEMPLATE: usize = 256 * 1024;

/// List the check templates.
///
/// A template is what a mechanic looks at when they check a car: groups of items, each judged by a choice or by a
/// measurement with its limits. They are sorted by key. For the staff of a garage these are the garage's own templates, and
/// those that the platform ships in whose place the garage has none; everyone else sees the platform's. For `updatedSince`,
/// all of the platform's changed when its set did. Those of the garage that were deleted since are told in `removed`, and then
/// the platform's are listed, too, since one of them may be there again.
#[utoipa::path(operation_id = "listCheckTemplates", tag = "check-templates", params(CheckTemplateQuery),
    responses((status = 200, description = "A page of templates.", body = FollowedList<CheckTemplate>)))]
#[get("/check-templates")]
pub(crate) async fn list_check_templates(
    signed_in: SignedIn,
    query: Query<CheckTemplateQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Make a check template of the garage.
///
/// With the key of one of the platform's templates it takes that one's place, for this garage. To copy a template, send it as
/// it was shown, with another key: what is read-only in it is not read. An item leads to a task of
/// the catalogue, or to none; `errors` names those that are unknown. The body can be at most 256 KiB.
#[utoipa::path(operation_id = "createCheckTemplate", tag = "check-templates", request_body = NewCheckTemplate,
    responses((status = 201, description = "The template was made.", body = CheckTemplate,
        headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, TemplateSize, TemplateKey,
        TemplateUnknownTask, TemplateTaskNotForFuel, TemplateLimits, TemplateKeyTaken, TemplateTooMany]))))]
#[post("/check-templates")]
pub(crate) async fn create_check_template(
    signed_in: SignedIn,
    body: Json<NewCheckTemplate, MAX_TEMPLATE>,
) -> Result<HttpResponse, Problem> {
    let made = signed_in.command(body.hash, move |work| operations::create(work, body.value.clone())).await;
    made.map_err(|problem| problem.about(VALUES_OF_TEMPLATE))
}

/// Read a check template of the garage.
///
/// The platform's templates have no id, and are in the list.
#[utoipa::path(operation_id = "getCheckTemplate", tag = "check-templates",
    params(("id" = Id, Path, description = "The template.")),
    responses((status = 200, description = "The template.", body = CheckTemplate, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/check-templates/{id}")]
pub(crate) async fn get_check_template(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Replace what a check template of the garage says.
///
/// The key stays. What is read-only is not read, so a template can be sent as it was shown. Checks that were begun keep the
/// list that they have. The request needs `If-Match`. The body can be at most
/// 256 KiB.
#[utoipa::path(operation_id = "replaceCheckTemplate", tag = "check-templates",
    params(("id" = Id, Path, description = "The template."), IfMatch), request_body = CheckTemplateContent,
    responses((status = 200, description = "The changed template.", body = CheckTemplate, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, TemplateSize, TemplateKey,
        TemplateUnknownTask, TemplateTaskNotForFuel, TemplateLimits]))))]
#[put("/check-templates/{id}")]
pub(crate) async fn replace_check_template(
    signed_in: SignedIn,
    id: PathId,
    body: Json<CheckTemplateContent, MAX_TEMPLATE>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::replace(work, id.0.into(), body.value.clone())).await
}

/// Delete a check template of the garage.
///
/// The platform's template with the same key, if there is one, is there again. Checks that were begun keep the list that
/// they have. The request needs `If-Match`.
#[utoipa::path(operation_id = "deleteCheckTemplate", tag = "check-templates",
    params(("id" = Id, Path, description = "The template."), IfMatch),
    responses((status = 204, description = "The template was deleted.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound]))))]
#[delete("/check-templates/{id}")]
pub(crate) async fn delete_check_template(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, id.0.into())).await
}
