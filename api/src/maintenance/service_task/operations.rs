//! What the operations on service tasks do.

use super::wire::{ServiceTask, ServiceTaskQuery};
use crate::{
    command::{Reply, Work},
    problem::Problem,
    wire::{AnyOf, page_of},
};
use domain::{
    SHIPPED_AT,
    service_task::{TaskCategory, catalogue},
};
use persistence::PageRequest;

/// The tasks of the catalogue, by category and key (rules MS1 and MS4).
pub fn list(work: &mut Work<'_, '_>, query: &ServiceTaskQuery) -> Result<Reply, Problem> {
    let request: PageRequest<(TaskCategory, String)> = query.list().request()?;
    let categories = AnyOf::of(query.category.clone(), |category| category.0);
    let is_listed = |category| categories.is_empty() || categories.contains(&category);
    let fuel = query.fuel.map(|fuel| fuel.0);
    let has_changed = request.asks_for(SHIPPED_AT);
    let mut tasks: Vec<_> = catalogue()
        .iter()
        .filter(|task| has_changed && is_listed(task.category) && task.key().fits(fuel))
        .map(|task| ((task.category, task.key().as_str().to_owned()), task))
        .collect();
    tasks.sort_by(|(one, _), (other, _)| one.cmp(other));
    let rest = tasks.into_iter().filter(|(key, _)| request.after.as_ref().is_none_or(|after| key > after));
    let language = work.context.language;
    Reply::page(query.list(), page_of(rest, request.limit), |task| ServiceTask::new(task, language))
}
