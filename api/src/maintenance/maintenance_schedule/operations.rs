//! What the operations on maintenance schedules do.

use super::wire::{MaintenanceSchedule, MaintenanceScheduleQuery};
use crate::{
    command::{Reply, Work},
    problem::Problem,
    wire::page_of,
};
use domain::{SHIPPED_AT, maintenance_schedule::platform};
use persistence::PageRequest;

/// The platform's schedules, in their order (rules MS2, MS3 and MS5). Those for tasks that make no sense for the asked fuel,
/// or that are limited to another one, are left out (rule MS4).
pub fn list(_: &mut Work<'_, '_>, query: &MaintenanceScheduleQuery) -> Result<Reply, Problem> {
    let request: PageRequest<usize> = query.list().request()?;
    let has_changed = request.asks_for(SHIPPED_AT);
    let fuel = query.fuel.map(|fuel| fuel.0);
    let rest = platform().iter().enumerate().filter(|(number, schedule)| {
        let (task, limit) = (schedule.terms.task, schedule.terms.limits.fuel);
        let is_for_fuel = fuel.is_none() || (task.fits(fuel) && (limit.is_none() || limit == fuel));
        let is_of_task = query.task.as_ref().is_none_or(|asked| asked.0 == task);
        has_changed && is_for_fuel && is_of_task && request.after.is_none_or(|after| *number > after)
    });
    Reply::page(query.list(), page_of(rest, request.limit), MaintenanceSchedule::new)
}
