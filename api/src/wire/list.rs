//! Lists: pages of at most 200 items, by an opaque cursor that names the last item of the page before.

use super::{Limit, Member, Moment, Reader, opaque};
use crate::parameters;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use persistence::{Page, PageRequest};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

/// The items on a page unless asked otherwise.
const DEFAULT_LIMIT: i64 = 50;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// The items of this page.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<Cursor>,
}

/// The place where a page of a list ends, in a form that only this API can read.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    fn new<K: Serialize>(key: &K) -> Self {
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default()))
    }

    fn key<K: DeserializeOwned>(&self) -> Option<K> {
        let key: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&self.0).ok()?).ok()?;
        if holds_nul(&key) { None } else { serde_json::from_value(key).ok() }
    }
}

/// No key of a list holds a NUL, and PostgreSQL takes none in a text.
fn holds_nul(key: &Value) -> bool {
    key.as_str().is_some_and(|text| text.contains('\0'))
        || key.as_array().is_some_and(|parts| parts.iter().any(holds_nul))
}

impl Member for Cursor {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        if text.len() <= 1000 { Some(Self(text)) } else { reader.wrong("cursor_invalid") }
    }
}

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        let object =
            opaque(1000).description(Some("The place where a page of a list ends. Only this API can read it."));
        RefOr::T(Schema::Object(object.examples(["IjAxOTljNWYyIg"]).build()))
    }
}

impl ToSchema for Cursor {}

parameters! {
    /// The parameters of every list.
    pub struct ListQuery {
        /// The greatest number of items on a page: 1 to 200. The default is 50.
        pub limit: Option<Limit>,
        /// The `nextCursor` of the previous page. Without it, the answer is the first page.
        pub cursor: Option<Cursor>,
        /// Only what changed at or after this instant.
        pub updated_since: Option<Moment>,
    }
}

impl ListQuery {
    /// The request to the store. A cursor that this list did not give is refused.
    pub fn request<K: DeserializeOwned>(&self) -> Result<PageRequest<K>, crate::problem::Problem> {
        let after = match &self.cursor {
            None => None,
            Some(cursor) => {
                let unknown = || crate::problem::Problem::parameter("cursor", "cursor_invalid");
                Some(cursor.key().ok_or_else(unknown)?)
            }
        };
        let limit = self.limit.map_or(DEFAULT_LIMIT, |limit| limit.0);
        Ok(PageRequest {
            after,
            limit: usize::try_from(limit).unwrap_or(1),
            updated_since: self.updated_since.map(|since| since.0),
        })
    }
}

/// A page of a list that is in memory: the items after the previous page, each with its key.
pub fn page_of<T, K>(items: impl Iterator<Item = (K, T)>, limit: usize) -> Page<T, K> {
    let mut items: Vec<(K, T)> = items.take(limit.saturating_add(1)).collect();
    let is_more = items.len() > limit;
    items.truncate(limit);
    let mut next = None;
    let mut page = Vec::with_capacity(items.len());
    for (key, item) in items {
        next = Some(key);
        page.push(item);
    }
    Page { items: page, next: next.filter(|_| is_more) }
}

impl<T> List<T> {
    /// A page as it is shown.
    pub fn of<U, K: Serialize>(page: Page<U, K>, show: impl FnMut(U) -> T) -> Self {
        let next_cursor = page.next.as_ref().map(Cursor::new);
        Self { items: page.items.into_iter().map(show).collect(), next_cursor }
    }
}
