//! What the operations on the account's calendar do.

use super::{
    secret_address::{address, secret_hash},
    wire::{CalendarAddress, CalendarFeed},
};
use crate::{
    command::{Reply, Work},
    problem::{Code, Problem},
    secret::new_token,
    wire::Moment,
};
use domain::{
    access::{Action, Actor, Relation, Standing},
    ids::AccountId,
};
use persistence as store;

/// What an actor is to the calendar of their cars; none for an account that has no cars.
pub(super) fn relation(actor: &Actor) -> Option<Relation> {
    match actor.standing {
        Standing::Driver(..) => Some(Relation { driver: true, ..Relation::default() }),
        Standing::Fleet(..) => Some(Relation { fleet: true, ..Relation::default() }),
        Standing::Staff(..) | Standing::Platform => None,
    }
}

/// The account, if it can have a calendar.
fn keeper(work: &mut Work<'_, '_>) -> Result<AccountId, Problem> {
    let relation = relation(work.actor()?).ok_or(Code::WrongAccountKind)?;
    work.require(Action::CalendarKeep, relation)?;
    Ok(work.actor()?.account_id())
}

/// Whether the account has a calendar (rule CAL1).
pub fn view(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let account = keeper(work)?;
    Reply::ok(&CalendarFeed::new(store::calendar::made_at(work.tx, account)?))
}

/// Makes the account's calendar, or gives it another address (rule CAL1).
pub fn renew(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let account = keeper(work)?;
    let token = new_token();
    store::calendar::save(work.tx, account, &secret_hash(&work.app.secret, &token), work.now)?;
    let address = address(&work.app.settings.public_url, &token);
    Reply::ok(&CalendarAddress { address, since: Moment(work.now) })
}

/// Deletes the account's calendar (rule CAL1).
pub fn delete(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let account = keeper(work)?;
    store::calendar::delete(work.tx, account)?;
    Ok(Reply::nothing())
}
