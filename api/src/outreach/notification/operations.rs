//! What the operations on notifications do.

use super::wire::{
    Notification, NotificationQuery, NotificationSetting, NotificationSettings, ReadNotifications,
    SetNotificationSetting, UnreadCount,
};
use crate::{
    command::{Reply, Work},
    problem::{Code, Problem},
    streams::{Listener, SENT_AGAIN},
};
use domain::{
    consequence::Template,
    ids::NotificationId,
    notification::{Channel, Notification as DomainNotification, can_be_switched},
};
use jiff::SignedDuration;
use persistence::{self as store, Page, PageRequest, notification::NotificationFilter};

/// What the account is told, the newest first (rules N2, N4 and N5).
pub fn list(work: &mut Work<'_, '_>, query: &NotificationQuery) -> Result<Reply, Problem> {
    let session = work.bearer()?.session_id;
    let filter = NotificationFilter { read: query.read };
    let page = store::notification::list(work.tx, session, &filter, &query.list().request()?)?;
    work.prove(!page.items.is_empty());
    Reply::page(query.list(), page, Notification::from)
}

/// How much is unread (rules N4 and N5).
pub fn count_unread(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let session = work.bearer()?.session_id;
    let count = store::notification::count_unread(work.tx, session)?;
    work.prove(count > 0);
    Reply::ok(&UnreadCount { count: i64::try_from(count).unwrap_or(i64::MAX) })
}

/// One was read (rule N5).
pub fn read_one(work: &mut Work<'_, '_>, id: NotificationId) -> Result<Reply, Problem> {
    let session = work.session()?;
    if store::notification::mark_read(work.tx, session, id, work.now)? {
        Ok(Reply::nothing())
    } else {
        Err(Code::NotFound.into())
    }
}

/// All were read, up to one (rule N5).
pub fn read_all(work: &mut Work<'_, '_>, body: &ReadNotifications) -> Result<Reply, Problem> {
    let session = work.session()?;
    store::notification::mark_all_read(work.tx, session, body.up_to.0.into(), work.now)?;
    Ok(Reply::nothing())
}

/// Who listens from now on (rule N6).
pub fn listen(work: &mut Work<'_, '_>) -> Result<Listener, Problem> {
    // What was stored a moment later than it was made is sent too.
    let since = work.now - SignedDuration::from_secs(1);
    Ok(Listener { account: work.actor()?.account_id(), session: work.bearer()?.session_id, since })
}

/// What was told to a listener after the event that they saw last, the oldest first; none when that is not known, and the
/// list must be loaded anew (rule N6). What was made shortly before it is there too, since another server may have stored
/// it later.
pub fn missed(work: &mut Work<'_, '_>, last: NotificationId) -> Result<Option<Vec<DomainNotification>>, Problem> {
    /// More than that is rather read as a list.
    const MOST: usize = 200;
    let session = work.bearer()?.session_id;
    let request = PageRequest { after: None, limit: MOST, updated_since: None };
    let Page { items, .. } = store::notification::list(work.tx, session, &NotificationFilter::default(), &request)?;
    let Some(seen) = items.iter().find(|one| one.id == last).map(|one| one.made_at) else {
        return Ok(None);
    };
    // The clock was set back: what came after it may look as if it came before.
    if work.now < seen - SENT_AGAIN {
        return Ok(None);
    }
    let again = |one: &DomainNotification| one.id != last && one.made_at >= seen - SENT_AGAIN;
    Ok(Some(items.into_iter().filter(again).rev().collect()))
}

/// Which kinds of message the account can have, and switch off (rule N3).
fn kinds(work: &mut Work<'_, '_>) -> Result<Vec<Template>, Problem> {
    let account = work.actor()?.kind();
    let offered = |kind: &&Template| can_be_switched(**kind) && kind.is_for(account);
    Ok(Template::ALL.iter().filter(offered).copied().collect())
}

/// What the account wants to hear (rule N3).
pub fn settings(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let (account, of_kind) = (work.actor()?.account_id(), work.actor()?.kind());
    let settings = store::notification::settings(work.tx, account)?;
    let language = work.context.language;
    let show = |kind| NotificationSetting::new(kind, &settings, of_kind, language);
    Reply::ok(&NotificationSettings { settings: kinds(work)?.into_iter().map(show).collect() })
}

/// Switches a kind on or off (rule N3).
pub fn set(work: &mut Work<'_, '_>, kind: &str, body: &SetNotificationSetting) -> Result<Reply, Problem> {
    let (account, of_kind) = (work.actor()?.account_id(), work.actor()?.kind());
    let offered = kinds(work)?;
    let kind = Template::from_code(kind).ok_or(Code::NotFound)?;
    if !can_be_switched(kind) {
        return Err(Code::NotificationAlwaysTold.into());
    }
    if !offered.contains(&kind) {
        return Err(Code::NotFound.into());
    }
    store::account::lock(work.tx, account)?;
    let mut settings = store::notification::settings(work.tx, account)?;
    for (channel, wanted) in [(Channel::InApp, body.in_app), (Channel::Email, body.email), (Channel::Push, body.push)] {
        settings.set(kind, channel, wanted).map_err(|_| Code::NotificationAlwaysTold)?;
    }
    store::notification::save_setting(work.tx, account, kind, &settings)?;
    Reply::ok(&NotificationSetting::new(kind, &settings, of_kind, work.context.language))
}
