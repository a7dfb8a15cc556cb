//! What reading of former cars does.

use super::wire::FormerCar;
use crate::{
    command::{Reply, Work},
    odometer::wire::OdometerReading,
    problem::{Code, Problem},
    service_record::wire::ServiceRecord,
    wire::ListQuery,
};
use domain::{ids::PassportId, value::AccountKind};
use persistence::{self as store, Found};

/// The cars that the account had (rule P16).
pub(super) fn list(work: &mut Work<'_, '_>, query: &ListQuery) -> Result<Reply, Problem> {
    match work.bearer()?.kind {
        AccountKind::Driver | AccountKind::Fleet => {}
        AccountKind::Staff | AccountKind::Platform => {
            work.actor()?;
            return Err(Code::WrongAccountKind.into());
        }
    }
    let scope = work.scope()?;
    let page = store::former_car::list(work.tx, &scope, &query.request()?)?;
    work.prove(!page.items.is_empty());
    Reply::page(query, page, |car| FormerCar::new(&car))
}

/// A car that the account had. Of a car that it has now, or never had, there is none.
fn find(work: &mut Work<'_, '_>, id: PassportId) -> Result<Found<store::former_car::FormerCar>, Problem> {
    let scope = work.scope()?;
    let found = store::former_car::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.prove(true);
    Ok(found)
}

/// The readings that the account entered itself (rule P16).
pub(super) fn list_readings(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let car = find(work, id)?;
    let page = store::odometer::list_entered(work.tx, &car, &query.request()?)?;
    Reply::page(query, page, OdometerReading::shown)
}

/// What the account wrote down itself of work that was done (rule P16).
pub(super) fn list_records(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let car = find(work, id)?;
    let page = store::service_record::list_entered(work.tx, &car, &query.request()?)?;
    let language = work.context.language;
    Reply::page(query, page, |view| ServiceRecord::entered(view, language))
}
