//! What the operations on the list of cars whose APK expires do.

use super::wire::{ApkExportQuery, ApkListCar, ApkListQuery};
use crate::{
    apk_mailing::choice::{Mailboxes, choose},
    command::{Reply, Work},
    garage::operations::today,
    problem::Problem,
    wire::{AnyOf, Day, Search, items_after},
};
use domain::{
    Date,
    access::Action,
    apk_mailing::{LeftOut, MAX_DAYS, Selection},
    days_between,
    ids::GarageId,
    removal::FollowedList,
};
use jiff::ToSpan;
use persistence::{
    self as store, Page, PageRequest,
    apk_list::{ApkKey, ApkListFilter},
    removal::ListOf,
};
use std::collections::BTreeSet;

/// How many days after its first one the list ends, unless others are asked for: when the first reminder comes (rule RM1).
const DAYS: i64 = 70;
/// How many cars of a file are read at a time.
pub(super) const BLOCK: usize = 200;
/// How many blocks a request reads at most that looks for cars which are left out.
const MOST_BLOCKS: usize = 10;

/// The cars of the garage whose APK expires (rules LS1 and ML1). The list has the passports that are in use.
pub(super) fn list(work: &mut Work<'_, '_>, query: &ApkListQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    let (from, until) = days(work, garage, query.expires_from.as_ref(), query.expires_until.as_ref())?;
    let latest_first = query.sort.is_some_and(|sort| sort.newest_first);
    let filter =
        ApkListFilter { from, until, mailed: query.mailed, search: sought(query.search.as_ref()), latest_first };
    let wanted = AnyOf::of(query.not_mailable_because.clone(), |reason| reason.0);
    let request = query.list().request()?;
    let gone = work.gone(query.list(), &[FollowedList::Passports, FollowedList::PassportsInUse], ListOf::Actor)?;
    let page = items_after(&gone, || {
        if wanted.is_empty() {
            read(work, garage, &filter, &request)
        } else {
            read_left_out(work, garage, &filter, &request, &wanted)
        }
    })?;
    Reply::followed_page(query.list(), gone, page, |car| car)
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

/// The cars of a page that a mailing leaves out for one of these reasons. Why is known only when a car was read, so a request reads
/// a bounded number of them, and the next page goes on behind the last.
fn read_left_out(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    filter: &ApkListFilter,
    request: &PageRequest<ApkKey>,
    wanted: &[LeftOut],
) -> Result<Page<ApkListCar, ApkKey>, Problem> {
    let mut found = Page { items: vec![], next: request.after };
    for _ in 0..MOST_BLOCKS {
        let next = PageRequest { after: found.next, limit: BLOCK, updated_since: request.updated_since };
        let page = read(work, garage, filter, &next)?;
        found.next = page.next;
        for car in page.items {
            if found.items.len() == request.limit {
                // The page is full, and there is at least this one more.
                found.next = found.items.last().and_then(ApkListCar::key);
                return Ok(found);
            }
            let is_wanted = car.not_mailable_because.as_ref().is_some_and(|reason| wanted.contains(&reason.0));
            found.items.extend(is_wanted.then_some(car));
        }
        if found.next.is_none() {
            break;
        }
    }
    Ok(found)
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
    let mailboxes = (&mut Mailboxes::default(), work.now);
    let choices = choose(work.tx, garage, page.items, (&selection, None), mailboxes)?;
    let items = choices.into_iter().zip(vehicles);
    let items = items.map(|(choice, vehicle)| ApkListCar::new(choice, visits.get(&vehicle).copied())).collect();
    Ok(Page { items, next: page.next })
}
