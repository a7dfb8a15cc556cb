//! What the operations on the list of cars whose APK expires do.

use super::wire::{ApkExportQuery, ApkListCar, ApkListQuery};
use crate::{
    apk_mailing::choice::choose,
    command::{Reply, Work},
    garage::operations::today,
    problem::Problem,
    wire::{Day, Search},
};
use domain::{
    Date,
    access::Action,
    apk_mailing::{MAX_DAYS, Selection},
    days_between,
    ids::GarageId,
};
use jiff::ToSpan;
use persistence::{
    self as store, Page, PageRequest,
    apk_list::{ApkKey, ApkListFilter},
};
use std::collections::BTreeSet;

/// How many days after its first one the list ends, unless others are asked for: when the first reminder comes (rule RM1).
const DAYS: i64 = 70;
/// How many cars of a file are read at a time.
pub(super) const BLOCK: usize = 200;

/// The cars of the garage whose APK expires (rule ML1).
pub(super) fn list(work: &mut Work<'_, '_>, query: &ApkListQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    let (from, until) = days(work, garage, query.expires_from.as_ref(), query.expires_until.as_ref())?;
    let latest_first = query.sort.is_some_and(|sort| sort.newest_first);
    let filter =
        ApkListFilter { from, until, mailed: query.mailed, search: sought(query.search.as_ref()), latest_first };
    let page = read(work, garage, &filter, &query.list().request()?)?;
    Reply::page(query.list(), page, |car| car)
}

/// What a file has: the filter, which stays the same for all its blocks.
pub(super) fn begin(work: &mut Work<'_, '_>, query: &ApkExportQuery) -> Result<ApkListFilter, Problem> {
    let garage = work.require_staff(Action::CustomerExport)?;
    let (from, until) = days(work, garage, query.expires_from.as_ref(), query.expires_until.as_ref())?;
    Ok(ApkListFilter { from, until, mailed: query.mailed, search: sought(query.search.as_ref()), latest_first: false })
}

/// A block of a file (rule ML1). Who may read it is looked at for each.
pub(super) fn block(
    work: &mut Work<'_, '_>,
    filter: &ApkListFilter,
    after: Option<ApkKey>,
) -> Result<Page<ApkListCar, ApkKey>, Problem> {
    let garage = work.require_staff(Action::CustomerExport)?;
    read(work, garage, filter, &PageRequest { after, limit: BLOCK, updated_since: None })
}

fn sought(search: Option<&Search>) -> Option<String> {
    search.map(|search| search.0.clone())
}

fn days(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    from: Option<&Day>,
    until: Option<&Day>,
) -> Result<(Date, Date), Problem> {
    let from = match from {
        Some(from) => from.0,
        None => today(work, garage)?,
    };
    let until = until.map_or_else(|| from.saturating_add(DAYS.days()), |until| until.0);
    if until < from {
        return Err(Problem::parameter("expiresUntil", "selection_reversed"));
    }
    if days_between(from, until) > MAX_DAYS {
        return Err(Problem::parameter("expiresUntil", "selection_too_wide"));
    }
    Ok((from, until))
}

fn read(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    filter: &ApkListFilter,
    request: &PageRequest<ApkKey>,
) -> Result<Page<ApkListCar, ApkKey>, Problem> {
    let page = store::apk_list::list(work.tx, garage, filter, request)?;
    let vehicles: Vec<_> = page.items.iter().map(|car| car.vehicle).collect();
    let visits = store::apk_list::last_visits(work.tx, garage, &vehicles)?;
    let selection = Selection::stored(filter.from, filter.until, BTreeSet::new());
    let choices = choose(work.tx, garage, page.items, &selection, None)?;
    let items = choices.into_iter().zip(vehicles);
    let items = items.map(|(choice, vehicle)| ApkListCar::new(choice, visits.get(&vehicle).copied())).collect();
    Ok(Page { items, next: page.next })
}
