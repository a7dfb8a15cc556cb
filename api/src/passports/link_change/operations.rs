//! What the operations on changes of link do.

use super::wire::{LinkChange, LinkChangeQuery, speaks_for};
use crate::{
    command::{Reply, Work},
    fleet,
    passport::operations::transfer_open,
    problem::{Code, Problem},
    reach::save,
    wire::AnyOf,
};
use domain::{
    access::{Action, Actor, Relation},
    event::Stream,
    ids::LinkChangeId,
    link_change::LinkChange as DomainChange,
    passport::Changed,
};
use persistence::{self as store, Scope};

fn relation(actor: &Actor, change: &DomainChange) -> Relation {
    Relation {
        garage: actor.garage_id() == Some(change.garage_id),
        fleet: actor.fleet_id() == Some(change.fleet_id),
        driver: actor.driver().is_some_and(|(account, _)| account == change.driver),
        former_owner: change.former_owner() == speaks_for(actor).0,
        ..Relation::default()
    }
}

fn reply(work: &mut Work<'_, '_>, id: LinkChangeId) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let view = store::link_change::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let (version, now) = (view.change.version, work.now);
    Ok(Reply::ok(&LinkChange::new(view, work.actor()?, now))?.version(version))
}

/// The changes of link (rule L5).
pub fn list(work: &mut Work<'_, '_>, query: &LinkChangeQuery) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let filter = store::link_change::LinkChangeFilter {
        statuses: AnyOf::of(query.status.clone(), |status| status.0),
        passport: query.passport_id.map(|id| id.0.into()),
        newest_first: query.sort.is_some_and(|sort| sort.newest_first),
    };
    let page = store::link_change::list(work.tx, &scope, &filter, work.now, &query.list().request()?)?;
    let now = work.now;
    let actor = work.actor()?;
    Reply::page(query.list(), page, |view| LinkChange::new(view, actor, now))
}

/// One change of link (rule L5).
pub fn get(work: &mut Work<'_, '_>, id: LinkChangeId) -> Result<Reply, Problem> {
    reply(work, id)
}

/// A change of link in the actor's reach, to be decided: its garage's lock is held from here on.
fn lock_and_find_change(work: &mut Work<'_, '_>, id: LinkChangeId) -> Result<DomainChange, Problem> {
    let scope = work.scope()?;
    let garage = store::link_change::garage_of(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.lock(garage)?;
    let change = store::link_change::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?.change;
    let relation = relation(work.actor()?, &change);
    work.require(Action::LinkChangeDecide, relation)?;
    fleet::operations::require_handed_over(work)?;
    work.check_version(change.version)?;
    Ok(change)
}

/// The side that lost the car agrees (rules F8 and L5).
pub fn agree(work: &mut Work<'_, '_>, id: LinkChangeId) -> Result<Reply, Problem> {
    let change = lock_and_find_change(work, id)?;
    let (by, _) = speaks_for(work.actor()?);
    let (change, fact) = change.agree(by, work.now)?;
    store::link_change::update(work.tx, &change, work.now)?;
    work.record(Stream::Garage(change.garage_id), [fact])?;
    reply(work, id)
}

/// The side that lost the car objects, and has it again (rules F8, L5 and P5).
pub fn object(work: &mut Work<'_, '_>, id: LinkChangeId) -> Result<Reply, Problem> {
    let change = lock_and_find_change(work, id)?;
    let by = speaks_for(work.actor()?);
    // Who lost the car may see it no longer: that they may object was decided above.
    let (passport, stamps) =
        store::passport::find(work.tx, &Scope::System, change.passport_id)?.ok_or(Code::NotFound)?;
    let open = transfer_open(work, passport.passport_id())?;
    let done = change.object(passport.into_inner(), by, open, work.now)?;
    store::link_change::update(work.tx, &done.change, work.now)?;
    let changed = Changed { passport: done.passport, custody: done.custody, facts: vec![done.fact] };
    save(work, &changed, stamps)?;
    reply(work, id)
}
