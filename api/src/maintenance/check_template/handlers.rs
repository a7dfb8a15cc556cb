//! HTTP of check templates.

use super::{operations, wire::CheckTemplate};
use crate::{
    problem::Problem,
    request::{Query, SignedIn},
    wire::{List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// List the check templates.
///
/// A template is what a mechanic looks at when they check a car: groups of items, each judged by a choice or by a
/// measurement with its limits. These are the templates that the platform ships, by key, with names in the language of the
/// request. For `updatedSince`, all of them changed when the platform's set did.
#[utoipa::path(operation_id = "listCheckTemplates", tag = "maintenance", params(ListQuery),
    responses((status = 200, description = "A page of templates.", body = List<CheckTemplate>)))]
#[get("/check-templates")]
pub(crate) async fn list_check_templates(
    signed_in: SignedIn,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}
