//! What the operations on devices do.

use super::wire::{Device, RegisterDevice, WebPushKey};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    config::Settings,
    problem::{Code, FieldProblem, Place, Problem},
    push::{KeyError, Networks, Pusher, Target, check_endpoint, check_keys},
    secret::Secret,
    state::App,
    wire::{ListQuery, items_after},
};
use domain::{
    device::{Device as DomainDevice, DeviceKind},
    ids::DeviceId,
    removal::FollowedList,
};
use persistence::{self as store, device::StoredTarget, removal::ListOf, session::OpenAt};

/// For what the targets of devices are sealed.
const SEAL: &str = "device";

/// What sends push messages; a refusal when this server sends none.
fn pusher(app: &App) -> Result<&Pusher, Problem> {
    app.pusher.as_ref().ok_or_else(|| Code::PushUnavailable.into())
}

/// The key with which browsers subscribe (rule CH2).
pub fn web_push_key(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    work.actor()?;
    Reply::ok(&WebPushKey { public_key: pusher(work.app)?.vapid_public_key().to_owned() })
}

/// The devices of the account (rules CH2 and LS1).
pub fn list(work: &mut Work<'_, '_>, query: &ListQuery) -> Result<Reply, Problem> {
    let (account, session) = (work.actor()?.account_id(), work.session()?);
    let open = OpenAt::new(work.app.settings.sessions, work.now);
    let gone = work.gone(query, &[FollowedList::Devices], ListOf::Account(account))?;
    let request = query.request()?;
    let page = items_after(&gone, || store::device::list(work.tx, account, open, &request))?;
    Reply::followed_page(query, gone, page, |listed| Device::new(listed, session))
}

/// The device of this session receives push messages from now on (rule CH2).
pub fn register(work: &mut Work<'_, '_>, body: &RegisterDevice) -> Result<Reply, Problem> {
    let (account, session) = (work.actor()?.account_id(), work.session()?);
    let pusher = pusher(work.app)?;
    if body.kind.0 == DeviceKind::Fcm && !pusher.reaches_apps() {
        // Without a service account of Firebase, nothing would ever reach the device.
        return Err(Code::PushUnavailable.into());
    }
    let target = body.target().ok_or_else(|| Problem::body("/kind", "required"))?;
    check(&target, &work.app.settings)?;
    let device = DomainDevice { id: DeviceId(new_id()), account, session, kind: body.kind.0, registered_at: work.now };
    store::device::register(work.tx, &device, &seal(&work.app.secret, &target)?)?;
    let listed = store::device::find_listed(work.tx, device.id)?.ok_or(Code::NotFound)?;
    Reply::ok(&Device::new(listed, session))
}

/// A device receives no more push messages (rule CH2).
pub fn delete(work: &mut Work<'_, '_>, id: DeviceId) -> Result<Reply, Problem> {
    let account = work.actor()?.account_id();
    if store::device::delete(work.tx, account, id, work.now)? {
        Ok(Reply::nothing())
    } else {
        Err(Code::NotFound.into())
    }
}

/// Refuses what no push service could have given: above all an address in a private network, which the server would reach for
/// whoever sends it.
fn check(target: &Target, settings: &Settings) -> Result<(), Problem> {
    let Target::WebPush { endpoint, p256dh, auth } = target else { return Ok(()) };
    let checked = match &settings.push {
        Some(push) => push.check_endpoint(endpoint),
        None => check_endpoint(endpoint, Networks::PublicOnly),
    };
    checked.map_err(|_| Problem::body("/endpoint", "push_endpoint_invalid"))?;
    let wrong: Vec<FieldProblem> = check_keys(p256dh, auth).into_iter().map(wrong_key).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
}

fn wrong_key(error: KeyError) -> FieldProblem {
    let place = match error {
        KeyError::P256dh => "/p256dh",
        KeyError::Auth => "/auth",
    };
    FieldProblem::new(Place::Body(place.to_owned()), "push_key_invalid")
}

/// The parts of a target, as they are sealed.
fn parts(target: &Target) -> Vec<&str> {
    match target {
        Target::WebPush { endpoint, p256dh, auth } => vec![endpoint, p256dh, auth],
        Target::Fcm { token } => vec![token],
    }
}

fn seal(secret: &Secret, target: &Target) -> Result<StoredTarget, Problem> {
    let parts = parts(target);
    let (first, is_web) = (parts.first().copied().unwrap_or_default(), parts.len() > 1);
    let hash = secret.mac("device", &[&[u8::from(is_web)], first.as_bytes()]).to_vec();
    let plain = serde_json::to_vec(&parts).map_err(|error| Problem::internal(&error.to_string()))?;
    let sealed = secret.seal(SEAL, &plain).map_err(|error| Problem::internal(&error.to_string()))?;
    Ok(StoredTarget { hash, sealed })
}

/// Where a device is reached.
pub fn open(secret: &Secret, sealed: &[u8]) -> Result<Target, Problem> {
    let plain = secret.open(SEAL, sealed).map_err(|error| Problem::internal(&error.to_string()))?;
    let parts: Vec<String> = serde_json::from_slice(&plain).map_err(|error| Problem::internal(&error.to_string()))?;
    match <[String; 3]>::try_from(parts) {
        Ok([endpoint, p256dh, auth]) => Ok(Target::WebPush { endpoint, p256dh, auth }),
        Err(mut other) => {
            other.pop().map(|token| Target::Fcm { token }).ok_or_else(|| Problem::internal("a device without a target"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_comes_back_and_is_known_again() {
        let secret = Secret::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE").unwrap();
        let web = |auth: &str| Target::WebPush {
            endpoint: "https://push.example/1".into(),
            p256dh: "key".into(),
            auth: auth.into(),
        };
        let app = Target::Fcm { token: "https://push.example/1".into() };
        for target in [web("a"), app.clone()] {
            assert_eq!(open(&secret, &seal(&secret, &target).unwrap().sealed).unwrap(), target);
        }
        let hash = |target: &Target| seal(&secret, target).unwrap().hash;
        assert_eq!(hash(&web("a")), hash(&web("b")), "the same browser with new keys");
        assert_ne!(hash(&web("a")), hash(&app));
    }
}
