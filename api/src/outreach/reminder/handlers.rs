//! HTTP of reminders.

use super::{
    operations,
    wire::{AllReminderOffsets, ReminderItem, ReminderOffsets, SetReminderOffsets},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{Json, SignedIn},
};
use actix_web::{HttpResponse, delete, get, put, web};

/// Read when people are reminded.
///
/// For each item the offsets that count for the garage's cars, where they come from, and those of the garage itself. The
/// nearest level that sets offsets counts alone: the garage, else its chain, else the platform.
#[utoipa::path(operation_id = "getReminderOffsets", tag = "garage",
    responses((status = 200, description = "The offsets of each item.", body = AllReminderOffsets)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/garage/reminder-offsets")]
pub(crate) async fn get_reminder_offsets(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::get).await
}

/// Set when people are reminded of an item.
///
/// An admin can set it. The offsets take the place of those that the garage set before. The cars of the garage are looked at anew
/// within minutes. Of several offsets that have passed only the latest counts, and nobody is reminded a second time of an
/// offset that was made.
#[utoipa::path(operation_id = "setReminderOffsets", tag = "garage", request_body = SetReminderOffsets,
    params(("item" = ReminderItem, Path, description = "What one is reminded of.", example = json!("apk"))),
    responses((status = 200, description = "The offsets of the item as they are now.", body = ReminderOffsets)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound]))))]
#[put("/garage/reminder-offsets/{item}")]
pub(crate) async fn set_reminder_offsets(
    signed_in: SignedIn,
    item: web::Path<String>,
    body: Json<SetReminderOffsets>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::set(work, &item, &body.value)).await
}

/// Go back to the usual offsets of an item.
///
/// An admin can do it. Those of the chain count again, else those of the platform. Once more changes nothing.
#[utoipa::path(operation_id = "resetReminderOffsets", tag = "garage",
    params(("item" = ReminderItem, Path, description = "What one is reminded of.", example = json!("apk"))),
    responses((status = 200, description = "The offsets of the item as they are now.", body = ReminderOffsets)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound]))))]
#[delete("/garage/reminder-offsets/{item}")]
pub(crate) async fn reset_reminder_offsets(
    signed_in: SignedIn,
    item: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::reset(work, &item)).await
}
