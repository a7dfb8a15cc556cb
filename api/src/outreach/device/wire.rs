//! Requests and answers of devices.

use crate::{
    body, enum_scalars,
    push::Target,
    wire::{Id, Members, Moment, PushToken},
};
use domain::ids::SessionId;
use persistence::device::ListedDevice;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// By which service a device is reached.
    DeviceKind(domain::device::DeviceKind), "By which service the device is reached. Web_push: a browser, by the push service of its maker. Fcm: the app on Android or iOS, by Firebase Cloud Messaging.";
}

body! {
    /// The device of this session.
    #[schema(example = json!({
        "kind": "web_push",
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABf2a1c0",
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg"
    }))]
    pub struct RegisterDevice check target_of_its_kind {
        /// By which service it is reached.
        pub kind: DeviceKind,
        /// Of a browser: the `endpoint` of its `PushSubscription`.
        pub endpoint: Option<PushToken>,
        /// Of a browser: the key `p256dh` of its `PushSubscription`, in base64url.
        pub p256dh: Option<PushToken>,
        /// Of a browser: the key `auth` of its `PushSubscription`, in base64url.
        pub auth: Option<PushToken>,
        /// Of an app: the registration token that Firebase gave it.
        pub token: Option<PushToken>,
    }
}

/// A browser has an endpoint and two keys, an app a token.
fn target_of_its_kind(members: &mut Members<'_>) {
    let kind = members.given("kind").and_then(|kind| domain::device::DeviceKind::from_code(kind.as_str()?));
    let Some(kind) = kind else { return };
    for (name, of) in [
        ("endpoint", domain::device::DeviceKind::WebPush),
        ("p256dh", domain::device::DeviceKind::WebPush),
        ("auth", domain::device::DeviceKind::WebPush),
        ("token", domain::device::DeviceKind::Fcm),
    ] {
        match (kind == of, members.given(name).is_some()) {
            (true, false) => members.wrong(name, "required"),
            (false, true) => members.wrong(name, "conflicts_with_other"),
            (true, true) | (false, false) => {}
        }
    }
}

impl RegisterDevice {
    /// Where the device is reached; none when a part of it is missing.
    pub fn target(&self) -> Option<Target> {
        let text = |part: &Option<PushToken>| part.as_ref().map(|text| text.0.clone());
        match self.kind.0 {
            domain::device::DeviceKind::WebPush => Some(Target::WebPush {
                endpoint: text(&self.endpoint)?,
                p256dh: text(&self.p256dh)?,
                auth: text(&self.auth)?,
            }),
            domain::device::DeviceKind::Fcm => Some(Target::Fcm { token: text(&self.token)? }),
        }
    }
}

/// A device on which the account is signed in, and to which push messages go.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a41",
    "kind": "web_push",
    "userAgent": "AutoPaspoort/1.4 (iPhone; iOS 19.1)",
    "current": true,
    "registeredAt": "2026-03-01T09:30:00Z",
    "lastUsedAt": "2026-03-02T11:05:00Z"
}))]
pub struct Device {
    /// The id of the device.
    pub id: Id,
    /// By which service it is reached.
    pub kind: DeviceKind,
    /// The `User-Agent` header of the device when it signed in; null when it sent none.
    #[schema(max_length = 200)]
    pub user_agent: Option<String>,
    /// Whether it is that of the session that asks.
    pub current: bool,
    /// When it was registered.
    pub registered_at: Moment,
    /// When its session was last used: when it signed in or its tokens were last refreshed.
    pub last_used_at: Moment,
}

impl Device {
    /// A device as the account sees it through a session.
    pub fn new(listed: ListedDevice, session: SessionId) -> Self {
        let ListedDevice { device, user_agent, last_used_at } = listed;
        Self {
            id: Id(device.id.0),
            kind: DeviceKind(device.kind),
            user_agent,
            current: device.session == session,
            registered_at: Moment(device.registered_at),
            last_used_at: Moment(last_used_at),
        }
    }
}

/// The key with which browsers subscribe.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "publicKey": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4" }))]
pub struct WebPushKey {
    /// The server's public key (VAPID): the `applicationServerKey` with which a browser subscribes, in base64url.
    #[schema(max_length = 87, pattern = "^[A-Za-z0-9_-]+$")]
    pub public_key: String,
}
