//! What the operations on expected maintenance do.

use super::{
    costs::Prices,
    wire::{ExpectedMaintenance, ExpectedMaintenanceQuery, Shown},
};
use crate::{
    car_status::operations::{find, needs},
    clock::local_date,
    command::{Reply, Work},
    problem::Problem,
};
use domain::{
    Date,
    access::sees_amounts,
    cost::CostCar,
    expected_maintenance::{CarNeeds, Forecast, MAX_YEARS},
    ids::PassportId,
    service_task::TaskKey,
    value::AccountKind,
};
use jiff::ToSpan;
use persistence as store;
use std::collections::{BTreeSet, HashSet};

/// How many years are foretold unless asked otherwise.
const YEARS: i64 = 2;

/// What a car is expected to need (rules EM1 to EM6, EC5 and EC6): three queries, and two for who sees no amounts.
pub fn get(work: &mut Work<'_, '_>, id: PassportId, query: &ExpectedMaintenanceQuery) -> Result<Reply, Problem> {
    let view = find(work, id)?;
    let today = local_date(work.now, &view.time_zone);
    let years = |years: i64| today.checked_add(years.years()).unwrap_or(Date::MAX);
    let until = query.until.map_or_else(|| years(YEARS), |until| until.0);
    if until < today || until > years(MAX_YEARS) {
        return Err(Problem::parameter("until", "until_out_of_range"));
    }
    let needs = needs(work.tx, &view)?;
    let forecast = needs.forecast(today, until);
    let is_linked = view.passport.fleet().is_some();
    let fleet_allows = view.drivers_see_amounts == Some(true);
    let shows_amounts = sees_amounts(work.bearer()?.kind, is_linked, fleet_allows);
    let prices = if shows_amounts {
        let register = view.registration.as_ref().and_then(|known| known.data.as_ref());
        let vehicle = &view.passport.vehicle;
        let (make, model) = (vehicle.make.as_deref(), vehicle.model.as_deref());
        let car = CostCar { make, model, fuel: vehicle.fuel, register };
        Prices::find(work, &view.asker, &car, &tasks(&needs, &forecast), today)?
    } else {
        Prices::default()
    };
    let of_before = if work.bearer()?.kind == AccountKind::Staff && view.passport.kept_since.is_some() {
        let open = store::recommendation::open_of(work.tx, view.passport.vehicle_id())?;
        open.into_iter().filter(|one| !view.passport.shows_names_of(one.made_at)).map(|one| one.id).collect()
    } else {
        HashSet::new()
    };
    let shown = Shown { prices, today, shows_amounts, of_before, language: work.context.language };
    Reply::ok(&ExpectedMaintenance::new(&needs, &forecast, &shown))
}

/// The tasks of a forecast.
fn tasks(needs: &CarNeeds, forecast: &Forecast) -> BTreeSet<TaskKey> {
    let with_day = forecast.visits.iter().flat_map(|visit| &visit.items).filter_map(|item| item.task);
    let without_day = forecast.without_day.iter().filter_map(|number| needs.needs.get(*number)?.task);
    with_day.chain(without_day).collect()
}
