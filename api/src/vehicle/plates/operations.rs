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
    let page = store::plates::list(work.tx, passport.vehicle_id(), &query.request()?)?;
    Reply::page(query, page, |period| PlatePeriod::new(&period))
}
