//! HTTP of the account's calendar.

use super::{
    operations,
    wire::{CalendarAddress, CalendarFeed},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::SignedIn,
};
use actix_web::{HttpResponse, delete, get, put};

/// Read whether the account has a calendar.
///
/// Drivers and fleets can have a calendar of what comes due on their cars, to which their calendar program subscribes. Its
/// address is told once, by `PUT`.
#[utoipa::path(operation_id = "getCalendar", tag = "account",
    responses((status = 200, description = "Whether there is a calendar.", body = CalendarFeed)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/account/calendar")]
pub(crate) async fn get_calendar(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::view).await
}

/// Make the account's calendar, or give it another address.
///
/// The answer has the secret address to which a calendar program subscribes. It is told this once, and a former address stops
/// to work at once. In the calendar are, as all-day events, the last day of the APK and the days on which maintenance is
/// expected, of the cars that the account drives or that are in its fleet: at most 1,000, the earliest. What is gone is
/// cancelled for 30 days.
#[utoipa::path(operation_id = "renewCalendar", tag = "account",
    responses((status = 200, description = "The calendar's address.", body = CalendarAddress)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[put("/account/calendar")]
pub(crate) async fn renew_calendar(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, operations::renew).await
}

/// Delete the account's calendar.
///
/// Its address stops to work at once. Without a calendar nothing happens.
#[utoipa::path(operation_id = "deleteCalendar", tag = "account",
    responses((status = 204, description = "There is no calendar any more.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[delete("/account/calendar")]
pub(crate) async fn delete_calendar(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, operations::delete).await
}
