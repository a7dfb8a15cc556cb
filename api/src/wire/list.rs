//! Lists: pages of at most 200 items, by an opaque cursor that names the last item of the page before.

use super::{Limit, Member, Members, Moment, Reader, Request, opaque};
use crate::problem::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use persistence::{Page, PageRequest};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
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

/// A list as it is asked for: the path, the order and the filters. A place in one list means nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark([u8; Mark::LENGTH]);

impl Mark {
    /// Enough that no two lists that a client meets have the same mark; it keeps no secret.
    const LENGTH: usize = 6;

    /// The mark of the list at `path` with these parameters. Which part of the list is asked for makes no other list.
    pub fn new(path: &str, parameters: &Map<String, Value>) -> Self {
        let mut named: Vec<_> =
            parameters.iter().filter(|(name, _)| !["limit", "cursor"].contains(&name.as_str())).collect();
        named.sort_by_key(|(name, _)| *name);
        let mut hash = Sha256::new_with_prefix(path);
        for (name, value) in named {
            // As JSON, so that no value can look like the next name.
            hash.update(json!([name, value]).to_string());
        }
        let mut mark = [0; Self::LENGTH];
        for (byte, of_hash) in mark.iter_mut().zip(hash.finalize()) {
            *byte = of_hash;
        }
        Self(mark)
    }
}

/// The place where a page of a list ends, in a form that only this API can read: the mark of the list, and the key of the
/// last item as JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    fn new<K: Serialize>(mark: Mark, key: &K) -> Self {
        let key = serde_json::to_vec(key).unwrap_or_default();
        Self(URL_SAFE_NO_PAD.encode([&mark.0[..], &key].concat()))
    }

    /// The key; none when another list gave the cursor, or none did.
    fn key<K: DeserializeOwned>(&self, mark: Mark) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let key: Value = serde_json::from_slice(bytes.strip_prefix(&mark.0)?).ok()?;
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

/// The parameters of every list.
#[derive(Clone, Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListQuery {
    /// The greatest number of items on a page: 1 to 200. The default is 50.
    pub limit: Option<Limit>,
    /// The `nextCursor` of the previous page. Without it, the answer is the first page. It belongs to one list, with its order
    /// and its filters; every other list refuses it.
    pub cursor: Option<Cursor>,
    /// Only what changed at or after this instant.
    pub updated_since: Option<Moment>,
    /// The list for which the request asks.
    #[param(ignore)]
    mark: Mark,
}

impl Request for ListQuery {
    fn read_members(members: &mut Members<'_>) -> Option<Self> {
        let (limit, cursor) = (members.member("limit"), members.member("cursor"));
        let updated_since = members.member("updated_since");
        Some(Self { limit: limit?, cursor: cursor?, updated_since: updated_since?, mark: members.query? })
    }
}

impl ListQuery {
    /// The request to the store. A cursor that this list did not give is refused.
    pub fn request<K: DeserializeOwned>(&self) -> Result<PageRequest<K>, Problem> {
        let after = match &self.cursor {
            None => None,
            Some(cursor) => {
                let unknown = || Problem::parameter("cursor", "cursor_invalid");
                Some(cursor.key(self.mark).ok_or_else(unknown)?)
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
    /// The page that a query asked for, as it is shown.
    pub fn of<U, K: Serialize>(query: &ListQuery, page: Page<U, K>, show: impl FnMut(U) -> T) -> Self {
        let next_cursor = page.next.as_ref().map(|key| Cursor::new(query.mark, key));
        Self { items: page.items.into_iter().map(show).collect(), next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(path: &str, parameters: Value) -> Mark {
        let Value::Object(parameters) = parameters else { panic!("an object") };
        Mark::new(path, &parameters)
    }

    #[test]
    fn a_cursor_is_of_one_list_order_and_filter() {
        let asked = || mark("/v1/passports", json!({ "sort": "-createdAt", "status": "active" }));
        let cursor = Cursor::new(asked(), &("a", 1));
        assert_eq!(cursor.key::<(String, i64)>(asked()), Some(("a".to_owned(), 1)));
        let page = json!({ "status": "active", "cursor": cursor, "limit": "7", "sort": "-createdAt" });
        assert_eq!(
            mark("/v1/passports", page),
            asked(),
            "the page does not matter, and the order of the parameters neither"
        );
        for other in [
            mark("/v1/fleets", json!({ "sort": "-createdAt", "status": "active" })),
            mark("/v1/passports", json!({ "sort": "createdAt", "status": "active" })),
            mark("/v1/passports", json!({ "sort": "-createdAt" })),
            mark("/v1/passports", json!({ "status": "active" })),
            mark("/v1/passports", json!({ "sort": "-createdAt", "status": "active", "plate": "x" })),
            mark("/v1/passports", json!({ "sort": "-createdAt\",\"status\",\"active" })),
        ] {
            assert_eq!(cursor.key::<(String, i64)>(other), None);
        }
    }

    #[test]
    fn what_is_no_cursor_has_no_key() {
        let mark = mark("/v1/customers", json!({}));
        assert_eq!(Cursor::new(mark, &"a\0").key::<String>(mark), None);
        assert_eq!(Cursor::new(mark, &7).key::<String>(mark), None);
        for text in ["", "nonsense", "AAAA", "IjAxOTljNWYyIg", "%"] {
            assert_eq!(Cursor(text.to_owned()).key::<Value>(mark).map(|key| key.to_string()), None, "{text}");
        }
    }
}
