//! Lists: pages of at most 200 items, by an opaque cursor that names the last item of the page before.

use super::{Id, Limit, Member, Members, Moment, Reader, Request, opaque};
use crate::problem::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Instant, removal::is_remembered};
use persistence::{
    Page, PageRequest,
    removal::{Gone, RemovalKey},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
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

/// A page of a list that tells what is gone from it, too.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowedList<T> {
    /// The items of this page. There are none on a page after which more is told of what is gone.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<Cursor>,
    /// What is gone from the list since `updatedSince`, in the order in which it went: it was deleted, or is no longer within the
    /// reach of the account. It all comes before the first item. What came back since is among the items, so take these out first.
    /// Null without `updatedSince`, and when that is more than 90 days ago: read the whole list anew then.
    #[schema(max_items = 200)]
    pub removed: Option<Vec<Removed>>,
}

/// Something that is gone from a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// The id of what is gone.
    pub id: Id,
    /// When it went.
    pub at: Moment,
}

impl From<Gone> for Removed {
    fn from(gone: Gone) -> Self {
        Self { id: Id(gone.id), at: Moment(gone.at) }
    }
}

/// What a request asks of what is gone from a list.
#[derive(Clone, Debug)]
pub enum AskedGone {
    /// Nothing, or of before all that is remembered.
    Nothing,
    /// Nothing more: the pages before this one had it all.
    ToldBefore,
    /// This page of it.
    Page(PageRequest<RemovalKey>),
}

/// What is told of what is gone from a list: none when it is not known or not asked for.
pub type ToldGone = Option<Page<Gone, RemovalKey>>;

/// Whether there is more of what is gone: it all comes before the first item.
pub fn is_more_gone(gone: &ToldGone) -> bool {
    gone.as_ref().is_some_and(|gone| gone.next.is_some())
}

/// The items of a page, which are read when all that is gone was told.
pub fn items_after<T, K, E>(gone: &ToldGone, read: impl FnOnce() -> Result<Page<T, K>, E>) -> Result<Page<T, K>, E> {
    if is_more_gone(gone) { Ok(Page { items: vec![], next: None }) } else { read() }
}

/// The place where a page ends that has only told of what is gone: the microseconds of the last instant, and the id. Keys of items
/// are no objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GoneKey {
    gone: (i64, uuid::Uuid),
}

impl From<RemovalKey> for GoneKey {
    fn from((at, id): RemovalKey) -> Self {
        Self { gone: (at.as_microsecond(), id) }
    }
}

impl GoneKey {
    fn place(self) -> Option<RemovalKey> {
        let (at, id) = self.gone;
        Some((Instant::from_microsecond(at).ok()?, id))
    }
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
    /// Only what changed at or after this instant. To keep a copy up to date, give an instant one minute before the copy was begun: what
    /// was under way then bears an earlier time than that at which it can be seen.
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
            // What is gone was told of up to there, and the items are still to come.
            Some(_) if self.gone_until().is_some() => None,
            Some(cursor) => {
                let unknown = || Problem::parameter("cursor", "cursor_invalid");
                Some(cursor.key(self.mark).ok_or_else(unknown)?)
            }
        };
        Ok(PageRequest { after, limit: self.limit(), updated_since: self.updated_since.map(|since| since.0) })
    }

    fn limit(&self) -> usize {
        usize::try_from(self.limit.map_or(DEFAULT_LIMIT, |limit| limit.0)).unwrap_or(1)
    }

    /// The place up to which what is gone was told of, when the page before has told of nothing else.
    fn gone_until(&self) -> Option<RemovalKey> {
        self.cursor.as_ref()?.key::<GoneKey>(self.mark)?.place()
    }

    /// What is asked of what is gone from the list.
    pub fn asked_gone(&self, now: Instant) -> AskedGone {
        let Some(since) = self.updated_since.map(|since| since.0).filter(|since| is_remembered(*since, now)) else {
            return AskedGone::Nothing;
        };
        let after = self.gone_until();
        if self.cursor.is_some() && after.is_none() {
            return AskedGone::ToldBefore;
        }
        AskedGone::Page(PageRequest { after, limit: self.limit(), updated_since: Some(since) })
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

impl<T> FollowedList<T> {
    /// The page that a query asked for, as it is shown, with what is gone. When there is more of that, it goes on first.
    pub fn of<U, K: Serialize>(query: &ListQuery, gone: ToldGone, page: Page<U, K>, show: impl FnMut(U) -> T) -> Self {
        let next_gone = gone.as_ref().and_then(|gone| gone.next).map(GoneKey::from);
        let List { items, next_cursor } = List::of(query, page, show);
        Self {
            items,
            next_cursor: next_gone.map(|key| Cursor::new(query.mark, &key)).or(next_cursor),
            removed: gone.map(|gone| gone.items.into_iter().map(Removed::from).collect()),
        }
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
    fn ls1_what_is_gone_is_told_before_the_items() {
        let now = Instant::constant(1_790_000_000, 0);
        let mark = mark("/v1/customers", json!({ "updatedSince": "x" }));
        let query = |cursor: Option<Cursor>, since: Option<Instant>| ListQuery {
            limit: None,
            cursor,
            updated_since: since.map(Moment),
            mark,
        };
        let after = |query: &ListQuery| query.request::<(String, i64)>().map(|request| request.after);
        assert!(matches!(query(None, None).asked_gone(now), AskedGone::Nothing));
        assert!(matches!(query(None, Some(Instant::UNIX_EPOCH)).asked_gone(now), AskedGone::Nothing));
        let AskedGone::Page(first) = query(None, Some(now)).asked_gone(now) else { panic!("the first page") };
        assert_eq!((first.after, first.limit, first.updated_since), (None, 50, Some(now)));
        let place = (now, uuid::Uuid::from_u128(7));
        let next = query(Some(Cursor::new(mark, &GoneKey::from(place))), Some(now));
        let AskedGone::Page(second) = next.asked_gone(now) else { panic!("the second page") };
        assert_eq!((second.after, after(&next).unwrap()), (Some(place), None), "the items begin at their beginning");
        let items = query(Some(Cursor::new(mark, &("a", 1))), Some(now));
        assert!(matches!(items.asked_gone(now), AskedGone::ToldBefore));
        assert_eq!(after(&items).unwrap(), Some(("a".to_owned(), 1)));
        // The cursor leads on in what is gone as long as there is more of it.
        let gone = |next| Some(Page { items: vec![Gone { id: place.1, at: now }], next });
        let page = || Page { items: vec![1], next: Some(("b", 2)) };
        let list = FollowedList::of(&query(None, Some(now)), gone(Some(place)), page(), |item| item);
        assert_eq!(list.next_cursor.unwrap().key::<GoneKey>(mark), Some(GoneKey::from(place)));
        let list = FollowedList::of(&query(None, Some(now)), gone(None), page(), |item| item);
        assert_eq!(list.next_cursor.unwrap().key::<(String, i64)>(mark), Some(("b".to_owned(), 2)));
        assert_eq!(list.removed.unwrap().len(), 1);
        assert!(FollowedList::of(&query(None, None), None, page(), |item| item).removed.is_none());
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
