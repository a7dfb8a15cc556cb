//! HTTP of the list of cars whose APK expires.

use super::{
    csv::Style,
    operations,
    wire::{ApkExportQuery, ApkListCar, ApkListQuery},
};
use crate::{
    problem::{Problem, problems},
    request::{Query, SignedIn},
    wire::FollowedList,
};
use actix_web::{HttpResponse, get, http::header, web::Bytes};
use futures_util::stream;
use persistence::apk_list::{ApkKey, ApkListFilter};

/// List the cars whose APK expires.
///
/// With whom to call or write to, whether a mailing would reach them and why not, when they were last here, and whether a
/// mailing has told of this expiry. Cars of archived passports are not there. Without other words, those of the next ten weeks.
///
/// With `updatedSince`, the passports that were archived since, or that another garage keeps now, are told in `removed`. A car that
/// has another day of expiry is not told.
#[utoipa::path(operation_id = "listApkList", tag = "apk-mailings", params(ApkListQuery),
    responses((status = 200, description = "A page of cars.", body = FollowedList<ApkListCar>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/garage/apk-list")]
pub(crate) async fn list_apk_list(signed_in: SignedIn, query: Query<ApkListQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Take the list of cars whose APK expires along as a file.
///
/// A CSV file (RFC 4180) in UTF-8 with one line for each car, with headings in the language of the request; for a Dutch Excel
/// with semicolons. A cell that a spreadsheet would take for a formula, also a telephone number that begins with `+`, has an
/// apostrophe before it.
#[utoipa::path(operation_id = "exportApkList", tag = "apk-mailings", params(ApkExportQuery),
    responses((status = 200, description = "The file.", content_type = "text/csv", body = String)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly]))))]
#[get("/garage/apk-list/export")]
pub(crate) async fn export_apk_list(
    signed_in: SignedIn,
    query: Query<ApkExportQuery>,
) -> Result<HttpResponse, Problem> {
    let style = Style { excel: query.0.excel == Some(true), language: signed_in.context.language };
    let asked = query.0.clone();
    let filter = signed_in.look(move |work| operations::begin(work, &asked)).await?;
    let name = format!("apk-{}-{}.csv", filter.from, filter.until);
    let file = File { signed_in, filter, style, next: Next::Headings };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(stream::unfold(file, File::go_on)))
}

/// A file that is being written, a block at a time, so that its length needs no memory.
struct File {
    signed_in: SignedIn,
    filter: ApkListFilter,
    style: Style,
    next: Next,
}

/// What comes next in a file.
enum Next {
    Headings,
    Cars(Option<ApkKey>),
    Nothing,
}

impl File {
    async fn go_on(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        let written = match self.next {
            Next::Headings => {
                self.next = Next::Cars(None);
                self.style.begin()
            }
            Next::Cars(after) => self.cars(after).await,
            Next::Nothing => return None,
        };
        if written.is_err() {
            // The connection breaks off, so that nobody takes half a file for a whole one.
            self.next = Next::Nothing;
        }
        Some((written.map(Bytes::from).map_err(Into::into), self))
    }

    async fn cars(&mut self, after: Option<ApkKey>) -> Result<Vec<u8>, Problem> {
        let filter = self.filter.clone();
        let page = self.signed_in.look(move |work| operations::block(work, &filter, after)).await?;
        self.next = page.next.map_or(Next::Nothing, |next| Next::Cars(Some(next)));
        self.style.lines(page.items)
    }
}
