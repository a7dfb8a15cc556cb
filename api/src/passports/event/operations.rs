//! What reading the events of a passport does.

use super::wire::{Event, EventQuery};
use crate::{
    command::{Reply, Work},
    problem::Problem,
    reach::find,
};
use domain::{access::Action, ids::PassportId};
use persistence as store;

/// What happened with a passport (rule P10).
pub(super) fn list(work: &mut Work<'_, '_>, id: PassportId, query: &EventQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::EventRead)?;
    let kind = query.kind.map(|kind| kind.0);
    let page = store::event::list_of_passport(work.tx, &passport, kind, &query.list().request()?)?;
    Reply::page(query.list(), page, Event::new)
}
