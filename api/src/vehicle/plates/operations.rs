//! What reading a vehicle's plates does.

use super::wire::PlatePeriod;
use crate::{
    command::{Reply, Work},
    problem::Problem,
    reach::find,
    wire::ListQuery,
};
use domain::{access::Action, ids::PassportId};
use persistence as store;

/// The plates that the vehicle had (rule R19).
pub(super) fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::PassportRead)?;
    let request = query.request()?;
    let is_staff = work.actor()?.garage_id().is_some();
    let list = if is_staff { store::plates::list } else { store::plates::list_without_mistakes };
    let page = list(work.tx, passport.vehicle_id(), &request)?;
    Reply::page(query, page, |period| PlatePeriod::new(&period))
}
