//! What the operations on suppressions do.

use super::wire::{Suppression, SuppressionQuery};
use crate::{
    command::{Reply, Work},
    problem::{Code, Problem},
    wire::{AnyOf, items_after},
};
use domain::{
    access::Action,
    event::{Fact, Stream},
    ids::SuppressionId,
    removal::FollowedList,
};
use persistence::{self as store, removal::ListOf, suppression::SuppressionFilter};

/// The addresses that the garage has to correct (rules CH3 and LS1).
pub fn list(work: &mut Work<'_, '_>, query: &SuppressionQuery) -> Result<Reply, Problem> {
    work.require_staff(Action::CustomerRead)?;
    let scope = work.scope()?;
    let filter = SuppressionFilter { reasons: AnyOf::of(query.reason.clone(), |reason| reason.0) };
    let gone = work.gone(query.list(), &[FollowedList::Suppressions], ListOf::Actor)?;
    let request = query.list().request()?;
    let page = items_after(&gone, || store::suppression::list(work.tx, &scope, &filter, &request))?;
    Reply::followed_page(query.list(), gone, page, Suppression::from)
}

/// Writes to an address again (rule CH3).
pub fn lift(work: &mut Work<'_, '_>, id: SuppressionId) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerChange)?;
    work.lock(garage)?;
    let scope = work.scope()?;
    let found = store::suppression::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    found.may_lift()?;
    // Another garage with the same customer may have been first.
    if !store::suppression::delete(work.tx, &found, work.now)? {
        return Err(Code::NotFound.into());
    }
    work.record(Stream::Garage(garage), [Fact::SuppressionLifted { suppression_id: id }])?;
    Ok(Reply::nothing())
}
