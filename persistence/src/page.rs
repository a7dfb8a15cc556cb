//! Pages of lists, by keyset: a page begins after the last row of the page before, even if rows were added in the
//! meantime.

use domain::Instant;

/// The page of a list that is requested.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    /// The key of the last row of the page before; none for the first page.
    pub after: Option<K>,
    /// The most rows in the page; at least one.
    pub limit: usize,
    /// Only rows changed at or after this.
    pub updated_since: Option<Instant>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T, K> {
    /// The rows.
    pub items: Vec<T>,
    /// The key with which to request the next page; none on the last page.
    pub next: Option<K>,
}

impl<K> PageRequest<K> {
    /// Whether something that changed then is asked for.
    pub fn asks_for(&self, changed_at: Instant) -> bool {
        self.updated_since.is_none_or(|since| changed_at >= since)
    }

    /// The limit for the query: one row more than requested, which shows whether there is a next page.
    pub(crate) fn sql_limit(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Cuts off the extra row.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> K) -> Page<T, K> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = if more { items.last().map(key) } else { None };
        Page { items, next }
    }
}

/// Goes on after the last row of the page before, in the order of the ids or, with `newest_first`, against it. The query is
/// boxed; its table has `id` and `updated_at`.
macro_rules! page_by_id {
    ($query:ident, $table:ident, $request:expr, $newest_first:expr) => {{
        let mut query = $query;
        if let Some(after) = $request.after.map(Key::from) {
            let (later, earlier) = ($table::id.gt(after), $table::id.lt(after));
            query = if $newest_first { query.filter(earlier) } else { query.filter(later) };
        }
        if let Some(since) = $request.updated_since {
            query = query.filter($table::updated_at.ge(Time(since)));
        }
        query = if $newest_first { query.order($table::id.desc()) } else { query.order($table::id) };
        query.limit($request.sql_limit())
    }};
}

pub(crate) use page_by_id;
