//! What the operations on check templates do.

use super::wire::{CheckTemplate, CheckTemplateContent, CheckTemplateQuery, NewCheckTemplate};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, FieldProblem, MAX_FIELDS, Place, Problem},
    wire::{is_more_gone, page_of},
};
use domain::{
    SHIPPED_AT,
    access::Action,
    check_template::{self, CheckList, TemplateGroup, TemplateLevel, TemplateRefusal, is_key, platform},
    event::{Fact, Stream},
    ids::{CheckTemplateId, GarageId},
    removal::FollowedList,
    value::ValueError,
};
use persistence::{self as store, Page, PageRequest, Scope, Stamps, removal::ListOf};
use std::collections::{BTreeMap, BTreeSet};

/// The templates by key: those of the garage of staff, and those of the platform in whose place the garage has none (rules
/// VC1 and VC3). What is gone of the garage's own is told first (rule LS1).
pub fn list(work: &mut Work<'_, '_>, query: &CheckTemplateQuery) -> Result<Reply, Problem> {
    let request: PageRequest<String> = query.list().request()?;
    let language = work.context.language;
    let asked = query.level.map(|level| level.0);
    let garage = work.actor()?.garage_id().filter(|_| asked != Some(TemplateLevel::Platform));
    let followed: &[FollowedList] = if garage.is_some() { &[FollowedList::CheckTemplates] } else { &[] };
    let gone = work.gone(query.list(), followed, ListOf::Actor)?;
    if is_more_gone(&gone) {
        let nothing: Page<CheckTemplate, String> = Page { items: vec![], next: None };
        return Reply::followed_page(query.list(), gone, nothing, |template| template);
    }
    let mut shown = BTreeMap::new();
    let (mut replaced, mut is_back) = (vec![], false);
    if let Some(garage) = garage {
        is_back = has_deleted(work, garage, &request)?;
        replaced = store::check_template::keys(work.tx, garage)?;
        // One more than a page is enough to see whether there is a next one.
        let more = PageRequest { limit: request.limit.saturating_add(1), ..request.clone() };
        for (template, stamps) in store::check_template::list(work.tx, garage, &more)?.items {
            let key = template.list.key.clone();
            shown.insert(key, CheckTemplate::own(&template, stamps.updated_at, language));
        }
    }
    let has_shipped = asked != Some(TemplateLevel::Garage) && (is_back || request.asks_for(SHIPPED_AT));
    let is_later = |key: &String| request.after.as_ref().is_none_or(|after| key > after);
    for list in platform().iter().filter(|_| has_shipped) {
        if is_later(&list.key) && !replaced.contains(&list.key) {
            shown.insert(list.key.clone(), CheckTemplate::shipped(list, language));
        }
    }
    Reply::followed_page(query.list(), gone, page_of(shown.into_iter(), request.limit), |template| template)
}

/// Whether the garage has deleted a template since the instant that is asked for: the platform's may be there again in its place.
fn has_deleted(work: &mut Work<'_, '_>, garage: GarageId, request: &PageRequest<String>) -> Result<bool, Problem> {
    if request.updated_since.is_none() {
        return Ok(false);
    }
    let one = PageRequest { after: None, limit: 1, updated_since: request.updated_since };
    let lists = [FollowedList::CheckTemplates];
    let gone = store::removal::list(work.tx, &Scope::Garage(garage), &lists, ListOf::Actor, &one)?;
    Ok(!gone.items.is_empty())
}

/// The keys of a list that are not right, each with its place below `pointer`.
fn wrong_keys<'k>(keys: impl Iterator<Item = (String, &'k str)>) -> Vec<FieldProblem> {
    let mut before = BTreeSet::new();
    let wrong = keys.filter_map(|(pointer, key)| {
        let code = if !is_key(key) {
            "key_invalid"
        } else if !before.insert(key) {
            "key_repeated"
        } else {
            return None;
        };
        let at = FieldProblem::new(Place::Body(pointer), code);
        Some(FieldProblem { said: vec![key.to_owned()], ..at })
    });
    wrong.collect()
}

/// All keys of a template that are not right.
fn all_wrong_keys(key: &str, groups: &[TemplateGroup]) -> Vec<FieldProblem> {
    let mut wrong = wrong_keys(std::iter::once(("/key".to_owned(), key)));
    wrong.extend(wrong_keys(
        groups.iter().zip(0..).map(|(group, at)| (format!("/groups/{at}/key"), group.key.as_str())),
    ));
    let items = || {
        groups.iter().zip(0..).flat_map(|(group, at)| {
            group.items.iter().zip(0..).map(move |(item, number)| (format!("/groups/{at}/items/{number}"), item))
        })
    };
    wrong.extend(wrong_keys(items().map(|(place, item)| (format!("{place}/key"), item.key.as_str()))));
    for (place, item) in items() {
        let positions = item.positions.iter().zip(0..);
        wrong.extend(wrong_keys(positions.map(|(one, number)| (format!("{place}/positions/{number}"), one.code()))));
    }
    wrong
}

/// The refusal of a template. If it names unknown tasks, or a key is not right, the problem says where.
fn located(key: &str, groups: &[TemplateGroup], refusal: TemplateRefusal) -> Problem {
    let mut problem = Problem::from(refusal);
    if refusal == TemplateRefusal::Key {
        return problem.with_fields(all_wrong_keys(key, groups));
    }
    if refusal == TemplateRefusal::UnknownTask {
        for (group, number) in groups.iter().zip(0..) {
            let unknown = group.items.iter().zip(0..).filter(|(item, _)| item.task.is_some() && item.task().is_none());
            problem.fields.extend(unknown.take(MAX_FIELDS).map(|(_, item)| {
                let pointer = format!("/groups/{number}/items/{item}/task");
                FieldProblem::new(Place::Body(pointer), ValueError::Task.code())
            }));
        }
        problem.fields.truncate(MAX_FIELDS);
    }
    problem
}

fn shown(work: &Work<'_, '_>, template: &check_template::CheckTemplate, updated_at: domain::Instant) -> CheckTemplate {
    CheckTemplate::own(template, updated_at, work.context.language)
}

/// One of the garage's templates (rule VC1).
pub fn get(work: &mut Work<'_, '_>, id: CheckTemplateId) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::GarageRead)?;
    let (template, stamps) = store::check_template::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    Ok(Reply::ok(&shown(work, &template, stamps.updated_at))?.version(template.version))
}

/// Makes a template of the garage (rule VC1).
pub fn create(work: &mut Work<'_, '_>, body: NewCheckTemplate) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::TemplateChange)?;
    work.lock(garage)?;
    let keys = store::check_template::keys(work.tx, garage)?;
    let list: CheckList = body.into();
    list.check().map_err(|refusal| located(&list.key, &list.groups, refusal))?;
    let template = check_template::CheckTemplate::create(new_id(), garage, list, &keys)?;
    store::check_template::insert(work.tx, &template, work.now)?;
    work.record(Stream::Garage(garage), [Fact::CheckTemplateCreated { template_id: template.id }])?;
    let location = format!("/v1/check-templates/{}", template.id);
    Ok(Reply::created(&shown(work, &template, work.now), location)?.version(template.version))
}

/// A template of the garage, to be changed.
fn owned(work: &mut Work<'_, '_>, id: CheckTemplateId) -> Result<(check_template::CheckTemplate, Stamps), Problem> {
    let garage = work.require_staff(Action::TemplateChange)?;
    work.lock(garage)?;
    let (template, stamps) = store::check_template::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    work.require_version(template.version)?;
    Ok((template, stamps))
}

/// Replaces what a template of the garage says. Checks that were begun keep the list that they have (rules VC1 and VC2).
pub fn replace(work: &mut Work<'_, '_>, id: CheckTemplateId, body: CheckTemplateContent) -> Result<Reply, Problem> {
    let (before, stamps) = owned(work, id)?;
    let key = before.list.key.clone();
    if body.key.is_some_and(|sent| sent.0 != key) {
        let at = FieldProblem::new(Place::Body("/key".into()), "key_fixed");
        return Err(Problem::invalid([FieldProblem { said: vec![key], ..at }]));
    }
    let groups: Vec<TemplateGroup> = body.groups.0.into_iter().map(Into::into).collect();
    let revised = before.clone().revise(body.names.into(), groups.clone());
    let template = revised.map_err(|refusal| located(&key, &groups, refusal))?;
    if template == before {
        return Ok(Reply::ok(&shown(work, &template, stamps.updated_at))?.version(template.version));
    }
    let template = store::check_template::update(work.tx, &template, stamps, work.now)?;
    work.record(Stream::Garage(template.garage_id), [Fact::CheckTemplateChanged { template_id: id }])?;
    Ok(Reply::ok(&shown(work, &template, work.now))?.version(template.version))
}

/// Deletes a template of the garage: the platform's with the same key is there again (rule VC1).
pub fn delete(work: &mut Work<'_, '_>, id: CheckTemplateId) -> Result<Reply, Problem> {
    let (template, _) = owned(work, id)?;
    store::check_template::delete(work.tx, &template, work.now)?;
    work.record(Stream::Garage(template.garage_id), [Fact::CheckTemplateDeleted { template_id: id }])?;
    Ok(Reply::nothing())
}
