//! Devices that receive push messages (rule CH2).

use crate::{
    Instant, coded_enum,
    ids::{AccountId, DeviceId, SessionId},
};

/// The most devices of one account. When there is one more, the one that was registered first goes.
pub const MOST_DEVICES: usize = 20;

coded_enum! {
    /// By which service a device is reached.
    pub enum DeviceKind {
        /// A browser, by the push service of its maker (RFC 8030).
        WebPush => "web_push",
        /// The app on Android or iOS, by Firebase Cloud Messaging.
        Fcm => "fcm",
    }
}

/// A device: an installation of the app, or a browser. It belongs to the session in which it was registered, and goes with
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The account that is signed in on it.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// By which service it is reached.
    pub kind: DeviceKind,
    /// When it was registered.
    pub registered_at: Instant,
}
