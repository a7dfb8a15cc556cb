//! HTTP of service tasks.

use super::{
    operations,
    wire::{ServiceTask, ServiceTaskQuery},
};
use crate::{
    problem::Problem,
    request::{Query, SignedIn},
    wire::List,
};
use actix_web::{HttpResponse, get};

/// List the tasks of maintenance.
///
/// These are the kinds of work that a car can need, from the platform's catalogue: what each is called and why it is
/// done, how long it takes, and what it usually costs where nothing better is known. They are sorted by category and key.
/// Names and explanations are in the language of the request. For `updatedSince`, all of them changed when the catalogue
/// did.
#[utoipa::path(operation_id = "listServiceTasks", tag = "service-tasks", params(ServiceTaskQuery),
    responses((status = 200, description = "A page of tasks.", body = List<ServiceTask>)))]
#[get("/service-tasks")]
pub(crate) async fn list_service_tasks(
    signed_in: SignedIn,
    query: Query<ServiceTaskQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}
