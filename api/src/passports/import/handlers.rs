//! HTTP of imports.

use super::{
    operations,
    wire::{ImportQuery, PassportImport},
};
use crate::{
    command::{Reply, Work},
    json_lines::{JsonLines, Line},
    line_import::{self, LineImport},
    passport::wire::NewPassport,
    problem::{Code, Problem, problems},
    request::{Query, SignedIn, request_id},
};
use actix_web::{HttpRequest, HttpResponse, post};

/// Import passports with their customers.
///
/// The body is a stream of JSON lines; each line is like the body of `createPassport`. Each line stands by itself: a
/// wrong line is reported, and the others are stored, some hundred in one transaction. A customer whose name and e-mail
/// match a record of the garage is not created again, nor is one whose name and mobile number do, unless both have an e-mail and these
/// differ. A car for which the garage already has a passport is skipped, so
/// an import that broke off can be sent again as a whole; nobody is mailed for it again. Which lines were skipped, and whether an
/// earlier line of the same import was about the same car, stands in `existingLines`. The `emailSource` of a line is
/// written down for a customer whom the garage has already too, also when the car is skipped, unless one is known. Of an import that breaks off, the
/// lines that arrived whole are stored.
///
/// When a new customer's telephone number or postal code is not valid, the customer is stored without it; an e-mail that looks
/// misspelled is stored. Both are named in `warnedLines`. A line that is skipped has no warnings, so keep the answer to the first
/// import when you send one again. A text without any sign in it, which is what converters of spreadsheets write for an empty cell,
/// counts as absent, and a text of digits is a whole number where one is needed.
///
/// A plate of which another garage has a passport is refused (`passport_exists`). After 1,000 of those at once, and then one
/// each two minutes, further lines are refused with `too_many_attempts`; send them again later.
#[utoipa::path(operation_id = "importPassports", tag = "passports", params(ImportQuery),
    request_body(content = NewPassport, content_type = "application/x-ndjson", description = "Each line is one of these objects."),
    responses((status = 200, description = "How many lines were stored, skipped and refused.", body = PassportImport)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, RequestTimeout]))))]
#[post("/passport-imports")]
pub(crate) async fn import_passports(
    request: HttpRequest,
    signed_in: SignedIn,
    query: Query<ImportQuery>,
    stream: JsonLines,
) -> Result<HttpResponse, Problem> {
    let invite = query.0.invite == Some(true);
    let may_import = operations::may_import;
    let store = move |work: &mut Work<'_, '_>, lines: &[Line<NewPassport>]| operations::import(work, lines, invite);
    let import = LineImport {
        may_import,
        store,
        race: Some(Code::PassportExists),
        answer: |tally, context, request_id| Reply::ok(&PassportImport::new(tally, context, request_id)),
    };
    line_import::run(import, signed_in, stream, request_id(&request)).await
}
