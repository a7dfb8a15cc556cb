//! What reading the history of hands does.

use super::wire::Custody;
use crate::{
    command::{Reply, Work},
    problem::Problem,
    reach::find,
    wire::ListQuery,
};
use domain::{access::Action, ids::PassportId};
use persistence as store;

/// The history of hands (rules P5 and T9).
pub(super) fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::PassportRead)?;
    let page = store::custody::list(work.tx, passport.passport_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |period| Custody::new(period, actor, &passport))
}
