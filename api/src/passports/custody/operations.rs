//! What reading the history of hands does.

use super::wire::Custody;
use crate::{
    command::{Reply, Work},
    problem::{Code, Problem},
    wire::ListQuery,
};
use domain::ids::PassportId;
use persistence as store;

/// The history of hands (rules P5 and T9).
pub(super) fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let (passport, _) = store::passport::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let page = store::custody::list(work.tx, passport.passport_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |period| Custody::new(period, actor))
}
