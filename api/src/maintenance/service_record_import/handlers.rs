//! HTTP of imports of service records.

use super::{
    operations,
    wire::{ImportedServiceRecord, ServiceRecordImport},
};
use crate::{
    command::Reply,
    json_lines::JsonLines,
    line_import::{self, LineImport},
    problem::{Problem, problems},
    request::{SignedIn, request_id},
};
use actix_web::{HttpRequest, HttpResponse, post};

/// Import what was done to cars before.
///
/// The body is a stream of JSON lines; each line is like the body of `addServiceRecord`, with the licence plate of a car
/// that the garage has in use. It is the garage's own work, and corrects nothing. Each line stands by itself: a wrong line
/// is reported, and the others are stored, some hundred in one transaction. A line that says the same as a record that the
/// garage has of that car and day, also one that was corrected, is skipped, so an import that broke off can be sent again
/// as a whole. Of an import that breaks off, the lines that arrived whole are stored.
#[utoipa::path(operation_id = "importServiceRecords", tag = "service-records",
    request_body(content = ImportedServiceRecord, content_type = "application/x-ndjson", description = "Each line is one of these objects."),
    responses((status = 200, description = "How many lines were stored, skipped and refused.", body = ServiceRecordImport)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, RequestTimeout]))))]
#[post("/service-record-imports")]
pub(crate) async fn import_service_records(
    request: HttpRequest,
    signed_in: SignedIn,
    stream: JsonLines,
) -> Result<HttpResponse, Problem> {
    let (may_import, store) = (operations::may_import, operations::import);
    let import = LineImport {
        may_import,
        store,
        race: None,
        answer: |tally, context, request_id| Reply::ok(&ServiceRecordImport::new(tally, context, request_id)),
    };
    line_import::run(import, signed_in, stream, request_id(&request)).await
}
