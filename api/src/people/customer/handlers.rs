//! HTTP of customers.

use super::{
    operations,
    wire::{Customer, CustomerQuery, NewCustomer, UpdateCustomer},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{FollowedList, IDLE_EXAMPLE, Id, IfMatch},
};
use actix_web::{HttpResponse, delete, get, patch, post};

/// List or search the garage's customers.
///
/// They are sorted by name, persons by their surname. A search finds words that begin with what is typed; case, accents and the
/// order of the words do not matter. With `updatedSince`, the records that were deleted since are told in `removed`.
#[utoipa::path(operation_id = "listCustomers", tag = "customers", params(CustomerQuery),
    responses((status = 200, description = "A page of customers.", body = FollowedList<Customer>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/customers")]
pub(crate) async fn list_customers(signed_in: SignedIn, query: Query<CustomerQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Create a customer's record.
///
/// The customer is a person or a company. Records of the garage that may be of the same customer are named in
/// `possibleDuplicates`; nothing is refused for them.
#[utoipa::path(operation_id = "createCustomer", tag = "customers", request_body = NewCustomer,
    responses((status = 201, description = "The record was created.", body = Customer, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly]))))]
#[post("/customers")]
pub(crate) async fn create_customer(signed_in: SignedIn, body: Json<NewCustomer>) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::create(work, body.value.clone())).await
}

/// Read a customer's record.
///
/// Only the staff of the customer's own garage can read it.
#[utoipa::path(operation_id = "getCustomer", tag = "customers",
    params(("id" = Id, Path, description = "The customer.")),
    responses((status = 200, description = "The customer.", body = Customer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/customers/{id}")]
pub(crate) async fn get_customer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change a customer's record.
///
/// The body is a JSON merge patch. The request needs `If-Match`.
#[utoipa::path(operation_id = "updateCustomer", tag = "customers",
    params(("id" = Id, Path, description = "The customer."), IfMatch),
    request_body = UpdateCustomer,
    responses((status = 200, description = "The changed customer.", body = Customer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, TooManyMails]))))]
#[patch("/customers/{id}")]
pub(crate) async fn update_customer(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateCustomer>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await
}

/// Delete a customer's record.
///
/// The request needs `If-Match`. It is refused while a passport in use or an open fleet refers to the record.
#[utoipa::path(operation_id = "deleteCustomer", tag = "customers",
    params(("id" = Id, Path, description = "The customer.", example = json!(IDLE_EXAMPLE)), IfMatch),
    responses((status = 204, description = "The record was deleted.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, CustomerHasPassports,
        CustomerHasFleets]))))]
#[delete("/customers/{id}")]
pub(crate) async fn delete_customer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, id.0.into())).await
}
