//! HTTP of notifications.

use super::{
    operations,
    wire::{
        Notification, NotificationKind, NotificationQuery, NotificationSetting, NotificationSettings,
        ReadNotifications, SetNotificationSetting, UnreadCount,
    },
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    streams,
    wire::{Id, List},
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post, put, web};
use domain::ids::NotificationId;

/// List notifications.
///
/// What the account is told, the newest first. Those about a car that it no longer has are left out unless they were read.
/// They are kept for 400 days.
#[utoipa::path(operation_id = "listNotifications", tag = "notifications", params(NotificationQuery),
    responses((status = 200, description = "A page of notifications.", body = List<Notification>)))]
#[get("/notifications")]
pub(crate) async fn list_notifications(
    signed_in: SignedIn,
    query: Query<NotificationQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Count unread notifications.
///
/// For the number at the bell: it costs little to ask.
#[utoipa::path(operation_id = "countUnreadNotifications", tag = "notifications",
    responses((status = 200, description = "How many are unread.", body = UnreadCount)))]
#[get("/notifications/unread-count")]
pub(crate) async fn count_unread_notifications(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::count_unread).await
}

/// Hear of notifications as they are made.
///
/// A stream of server-sent events that stays open. Each notification is an event `notification` whose data is the
/// notification as JSON, and whose id is the notification's. Every ten seconds a comment shows that the stream is alive. It ends when
/// the session ends, and when the server stops: connect again with `Last-Event-ID`, as `EventSource` does by itself, and
/// what was missed is sent first. An event may come twice; its id tells. An event `reload` means that the server does not
/// know what was missed: load the list. An account has at most 8 streams; a new one ends its oldest. A browser's own `EventSource` sends no
/// `Authorization`: use `fetch` and read its body.
#[utoipa::path(operation_id = "streamNotifications", tag = "notifications",
    params(("Last-Event-ID" = Option<Id>, Header, description = "What the last event that was received has as its id.")),
    responses((status = 200, description = "A stream of events.", body = String, content_type = "text/event-stream")),
    extensions(("x-problems" = json!(problems![Overloaded]))))]
#[get("/notifications/stream")]
pub(crate) async fn stream_notifications(signed_in: SignedIn, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let last = request
        .headers()
        .get("last-event-id")
        .map(|sent| sent.to_str().ok().and_then(|text| text.parse().ok()).map(NotificationId));
    let listener = signed_in.look(operations::listen).await?;
    // It listens before it is looked up what was missed, so that nothing falls between the two.
    let stream = signed_in.context.app.streams.open(listener)?;
    match last {
        None => {}
        Some(None) => stream.reload(),
        Some(Some(last)) => match signed_in.look(move |work| operations::missed(work, last)).await? {
            Some(missed) => {
                stream.has_seen(last);
                for one in missed {
                    stream.send(one.id, &Notification::from(one));
                }
            }
            None => stream.reload(),
        },
    }
    Ok(HttpResponse::Ok()
        .content_type(streams::MEDIA_TYPE)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Proxies that gather answers before they pass them on leave this one alone.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream))
}

/// Mark notifications as read.
///
/// All of the account's, up to the one that is named.
#[utoipa::path(operation_id = "readNotifications", tag = "notifications", request_body = ReadNotifications,
    responses((status = 204, description = "They are marked as read.")))]
#[post("/notifications/read")]
pub(crate) async fn read_notifications(
    signed_in: SignedIn,
    body: Json<ReadNotifications>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::read_all(work, &body.value)).await
}

/// Mark a notification as read.
///
/// Once more changes nothing.
#[utoipa::path(operation_id = "readNotification", tag = "notifications",
    params(("id" = Id, Path, description = "The notification.")),
    responses((status = 204, description = "It is marked as read.")),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[post("/notifications/{id}/read")]
pub(crate) async fn read_notification(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::read_one(work, id.0.into())).await
}

/// Read what the account hears of.
///
/// The kinds of notification that can be switched off, for this kind of account. What concerns the account itself, such as a new
/// password or an offer, is always told.
#[utoipa::path(operation_id = "getNotificationSettings", tag = "notifications",
    responses((status = 200, description = "The kinds that can be switched off.", body = NotificationSettings)))]
#[get("/account/notification-settings")]
pub(crate) async fn get_notification_settings(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::settings).await
}

/// Choose by which ways to hear of a kind.
///
/// What is switched off is neither shown nor mailed from then on. What was told before stays.
#[utoipa::path(operation_id = "setNotificationSetting", tag = "notifications", request_body = SetNotificationSetting,
    params(("kind" = NotificationKind, Path, description = "The kind of notification.")),
    responses((status = 200, description = "The setting as it is now.", body = NotificationSetting)),
    extensions(("x-problems" = json!(problems![NotFound, NotificationAlwaysTold]))))]
#[put("/account/notification-settings/{kind}")]
pub(crate) async fn set_notification_setting(
    signed_in: SignedIn,
    kind: web::Path<String>,
    body: Json<SetNotificationSetting>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::set(work, &kind, &body.value)).await
}
