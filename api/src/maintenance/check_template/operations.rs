//! What the operations on check templates do.

use super::wire::CheckTemplate;
use crate::{
    command::{Reply, Work},
    problem::Problem,
    wire::{ListQuery, page_of},
};
use domain::{SHIPPED_AT, check_template::platform};
use persistence::PageRequest;

/// The platform's templates, by key (rules VC1 and VC3).
pub fn list(work: &mut Work<'_, '_>, query: &ListQuery) -> Result<Reply, Problem> {
    let request: PageRequest<String> = query.request()?;
    let has_changed = request.asks_for(SHIPPED_AT);
    let mut templates: Vec<_> =
        platform().iter().filter(|_| has_changed).map(|list| (list.key.clone(), list)).collect();
    templates.sort_by(|(one, _), (other, _)| one.cmp(other));
    let rest = templates.into_iter().filter(|(key, _)| request.after.as_ref().is_none_or(|after| key > after));
    let language = work.context.language;
    Reply::page(query, page_of(rest, request.limit), |template| CheckTemplate::new(template, language))
}
