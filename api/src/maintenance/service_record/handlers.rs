//! HTTP of service records.

use super::{
    operations,
    wire::{NewServiceRecord, ServiceRecord, ServiceRecordQuery},
};
use crate::{
    problem::{Code, Problem, problems},
    request::{Json, PathId, PathIds, Query, SignedIn},
    wire::{Id, List},
};
use actix_web::{HttpResponse, get, post};

/// The value of a record that each of these refusals is about.
const VALUES_OF_RECORD: &[(Code, &str)] = &[
    (Code::ServiceRecordInFuture, "/doneOn"),
    (Code::ServiceRecordBeforeFirstAdmission, "/doneOn"),
    (Code::ServiceRecordAlreadyReplaced, "/replacesId"),
    (Code::ServiceRecordNotYours, "/replacesId"),
    (Code::ServiceRecordDeclaredOnly, "/origin"),
];

/// How large a record may be: that of a hundred lines, with room for letters that take several bytes.
const MAX_RECORD: usize = 256 * 1024;

/// List what was done to a car.
///
/// The latest work comes first. The records belong to the car and go with it, whoever has it later. What work cost is seen
/// by the garage in whose books it is, and by whoever owned the car then and owns it still; others see the day, the
/// odometer, the tasks and the garage. The driver of a fleet's car sees no amounts, unless the fleet allows it. Records that
/// were corrected are left out, unless `includeReplaced` is true.
#[utoipa::path(operation_id = "listServiceRecords", tag = "service-records",
    params(("id" = Id, Path, description = "The passport."), ServiceRecordQuery),
    responses((status = 200, description = "A page of records.", body = List<ServiceRecord>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/service-records")]
pub(crate) async fn list_service_records(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ServiceRecordQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}

/// Read one record of what was done to a car.
///
/// A record never changes. If it was corrected, `replacedById` is the record that took its place.
#[utoipa::path(operation_id = "getServiceRecord", tag = "service-records",
    params(("id" = Id, Path, description = "The passport."), ("recordId" = Id, Path, description = "The record.")),
    responses((status = 200, description = "The record.", body = ServiceRecord)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/service-records/{recordId}")]
pub(crate) async fn get_service_record(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, ids.id.into(), ids.part.into())).await
}

/// Write down what was done to a car.
///
/// The garage's staff write down their own work and work that was done elsewhere; the fleet that the car is in, its owner
/// and its driver the latter only. What the odometer showed becomes a reading of its ledger, with the ledger's rules. The
/// open recommendations for the tasks of the lines are closed. A record of the garage's own work has its own invoice number;
/// work that was done elsewhere, with the same lines on one day, is written down once.
///
/// A correction is a new record that names the one it replaces in `replacesId`. It is the whole record: what is left out (the
/// mechanic, the note, a line) is not taken over from the record that it replaces. What was attached goes along with it. The
/// recommendations that the replaced record had closed are closed by the new one, or wait again.
///
/// When the lines have the task `apk_inspection` and no later expiry date is known yet, `warnings` says so. The register brings
/// the date within some days; until then staff can enter it with `enterApkDate`. The body can be at most 256 KiB.
#[utoipa::path(operation_id = "addServiceRecord", tag = "service-records",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewServiceRecord,
    responses((status = 201, description = "The record was added.", body = ServiceRecord, headers(("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, ServiceRecordInFuture,
        ServiceRecordBeforeFirstAdmission, ServiceRecordTotalsDiffer, ServiceRecordAmountsIncomplete,
        ServiceRecordReplacesUnknown, ServiceRecordAlreadyReplaced, ServiceRecordDeclaredOnly, ServiceRecordNotYours,
        ServiceRecordDeclaredTooManyToday, ServiceRecordDeclaredTooMany,
        ServiceRecordInvoiceKnown, ServiceRecordDuplicate, TaskNotForFuel, OdometerUnconfirmed, OdometerImplausible,
        OdometerTooManyToday]))))]
#[post("/passports/{id}/service-records")]
pub(crate) async fn add_service_record(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewServiceRecord, MAX_RECORD>,
) -> Result<HttpResponse, Problem> {
    let added = signed_in.command(body.hash, move |work| operations::add(work, id.0.into(), &body.value)).await;
    added.map_err(|problem| problem.about(VALUES_OF_RECORD))
}
