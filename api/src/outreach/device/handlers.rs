//! HTTP of devices.

use super::{
    operations,
    wire::{Device, RegisterDevice, WebPushKey},
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{FollowedList, Id, ListQuery},
};
use actix_web::{HttpResponse, delete, get, post};

/// The value of a device that this refusal is about.
const VALUES_OF_DEVICE: &[(Code, &str)] = &[(Code::PushUnavailable, "/kind")];

/// Read the key for subscribing.
///
/// A browser subscribes to push with this key of the server (VAPID, RFC 8292), and then registers its subscription as a device.
#[utoipa::path(operation_id = "getWebPushKey", tag = "notifications",
    responses((status = 200, description = "The key.", body = WebPushKey)),
    extensions(("x-problems" = json!(problems![PushUnavailable]))))]
#[get("/push/web-push-key")]
pub(crate) async fn get_web_push_key(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::web_push_key).await
}

/// List the account's devices.
///
/// Those on which the account is signed in and which receive push messages. The one that was registered first comes first.
/// With `updatedSince`, those that were removed since, or whose session ended, are told in `removed`.
#[utoipa::path(operation_id = "listDevices", tag = "notifications", params(ListQuery),
    responses((status = 200, description = "A page of devices.", body = FollowedList<Device>)))]
#[get("/account/devices")]
pub(crate) async fn list_devices(signed_in: SignedIn, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Register this device for push messages.
///
/// `push_unavailable` says that the server sends no push messages, or none to devices of this kind: to apps only when a service
/// account of Firebase is set. The device belongs to the session: when that ends, it receives nothing more. To register it again, as when its keys or
/// its user have changed, replaces it. An account has at most 20 devices; one more takes the place of the oldest. A
/// device that its push service no longer knows goes by itself.
#[utoipa::path(operation_id = "registerDevice", tag = "notifications", request_body = RegisterDevice,
    responses((status = 200, description = "The device as it is registered.", body = Device)),
    extensions(("x-problems" = json!(problems![PushUnavailable]))))]
#[post("/account/devices")]
pub(crate) async fn register_device(signed_in: SignedIn, body: Json<RegisterDevice>) -> Result<HttpResponse, Problem> {
    let registered = signed_in.command(body.hash, move |work| operations::register(work, &body.value)).await;
    registered.map_err(|problem| problem.about(VALUES_OF_DEVICE))
}

/// Delete a device.
///
/// It receives no more push messages. The session on it goes on.
#[utoipa::path(operation_id = "deleteDevice", tag = "notifications",
    params(("id" = Id, Path, description = "The device.")),
    responses((status = 204, description = "It is deleted.")),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[delete("/account/devices/{id}")]
pub(crate) async fn delete_device(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, id.0.into())).await
}
