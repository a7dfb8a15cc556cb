//! HTTP of files.

use super::{
    operations, serve,
    upload::{self, AttachmentBody, PhotoBody},
    wire::{Attachment, AttachmentQuery, FileBytes, FileQuery, Photo},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{PathIds, PathPlace, Query, SignedIn},
    wire::{CheckPlace, FollowedList, IDLE_EXAMPLE, Id, ListQuery},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use domain::file::FileSize;

/// Read a file: a photo of a check, or what is attached to a service record.
///
/// The photos of a completed check are for all who see the car, those of a draft for the garage's staff. What is attached
/// to a service record is for the garage whose record it is, for whoever owned the car when the work was done, as long as
/// they own it, and for who declared the record. The driver of a fleet car sees it when the fleet lets its drivers see
/// amounts. `Range` asks for a part, with `If-Range` only when the file is still the same. A file never changes.
#[utoipa::path(operation_id = "getFile", tag = "files",
    params(("id" = Id, Path, description = "The passport."), ("fileId" = Id, Path, description = "The file."), FileQuery),
    responses(
        (status = 200, description = "The file.", content((FileBytes = "image/jpeg"), (FileBytes = "application/pdf")),
            headers(("Content-Disposition"), ("Accept-Ranges"))),
        (status = 206, description = "The part of the file that `Range` asks for.",
            content((FileBytes = "image/jpeg"), (FileBytes = "application/pdf")),
            headers(("ETag"), ("Content-Disposition"), ("Accept-Ranges"), ("Content-Range")))),
    extensions(("x-problems" = json!(problems![NotFound, RangeNotSatisfiable, FilesUnavailable]))))]
#[get("/passports/{id}/files/{fileId}")]
pub(crate) async fn get_file(
    request: HttpRequest,
    signed_in: SignedIn,
    ids: PathIds,
    query: Query<FileQuery>,
) -> Result<HttpResponse, Problem> {
    let size = query.0.size.map_or(FileSize::Whole, |size| size.0);
    let found =
        signed_in.look(move |work| operations::find_version(work, ids.id.into(), ids.part.into(), size)).await?;
    // No connection to the database is held from here on.
    serve::serve(&request, &signed_in.context.app.files, found).await
}

/// List the photos of a check.
///
/// They are sorted by when they were added. With `updatedSince`, the photos of the car's checks that were deleted since are told in
/// `removed`.
#[utoipa::path(operation_id = "listPhotos", tag = "files",
    params(("id" = Id, Path, description = "The passport."), ("checkId" = Id, Path, description = "The check."), ListQuery),
    responses((status = 200, description = "A page of photos.", body = FollowedList<Photo>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/checks/{checkId}/photos")]
pub(crate) async fn list_photos(
    signed_in: SignedIn,
    ids: PathIds,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_photos(work, ids.id.into(), ids.part.into(), &query.0)).await
}

/// Add a photo to a place of a check that is not completed.
///
/// The body is the photo itself, as JPEG, PNG or WebP, of at most 12 MiB, 16,384 pixels wide or high, and 50 million pixels
/// in all. It is written anew as JPEG, upright and at most 2,048 pixels wide and high, without anything else that was in it,
/// such as where it was taken. A check has at most 40 photos.
#[utoipa::path(operation_id = "addPhoto", tag = "files",
    params(("id" = Id, Path, description = "The passport."),
        ("checkId" = Id, Path, description = "The check.", example = json!(IDLE_EXAMPLE)),
        ("place" = CheckPlace, Path, description = "The place that the photo shows, such as `windscreen` or `tread_depth.front_left`: the `place` in the items of the check.",
            example = json!("tread_depth.front_left"))),
    request_body(content((FileBytes = "image/jpeg"), (FileBytes = "image/png"), (FileBytes = "image/webp"),
        (FileBytes = "application/octet-stream")), description = "The photo."),
    responses((status = 201, description = "The photo was added.", body = Photo, headers(("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckCompleted, CheckUnknownItem,
        CheckPhotosTooMany, FileNotTaken, HeicNotTaken, ImageTooLarge, ImageDamaged, FilesUnavailable]))))]
#[post("/passports/{id}/checks/{checkId}/findings/{place}/photos")]
pub(crate) async fn add_photo(signed_in: SignedIn, path: PathPlace, body: PhotoBody) -> Result<HttpResponse, Problem> {
    let target = operations::photo(path.part.into(), CheckPlace::read(&path.place));
    upload::add(signed_in, path.id.into(), target, body.0).await
}

/// List the files that are attached to a service record.
///
/// They are sorted by when they were added. A correction of a record has the files of the record that it replaced, which then
/// has none. For those who do not see what the work cost, the list is empty. With `updatedSince`, the files that were deleted since
/// from any record of the car are told in `removed`.
#[utoipa::path(operation_id = "listAttachments", tag = "files",
    params(("id" = Id, Path, description = "The passport."), ("recordId" = Id, Path, description = "The record."), ListQuery),
    responses((status = 200, description = "A page of attached files.", body = FollowedList<Attachment>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/service-records/{recordId}/attachments")]
pub(crate) async fn list_attachments(
    signed_in: SignedIn,
    ids: PathIds,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_attachments(work, ids.id.into(), ids.part.into(), &query.0)).await
}

/// Attach a file to a service record.
///
/// The body is the file itself: a PDF of at most 10 MiB, or a photo as for `addPhoto`, which is written anew. The garage
/// whose record it is can attach files, and who declared the record. A record has at most 20 files.
#[utoipa::path(operation_id = "addAttachment", tag = "files",
    params(("id" = Id, Path, description = "The passport."), ("recordId" = Id, Path, description = "The record."),
        AttachmentQuery),
    request_body(content((FileBytes = "application/pdf"), (FileBytes = "image/jpeg"), (FileBytes = "image/png"),
        (FileBytes = "image/webp"), (FileBytes = "application/octet-stream")), description = "The file."),
    responses((status = 201, description = "The file was attached.", body = Attachment, headers(("Location")))),
    extensions(("x-problems" = json!(problems![AttachmentNotYours, NotFound, PassportArchived, AttachmentsTooMany,
        ServiceRecordAlreadyReplaced,
        FileNotTaken, HeicNotTaken, ImageTooLarge, ImageDamaged, FilesUnavailable]))))]
#[post("/passports/{id}/service-records/{recordId}/attachments")]
pub(crate) async fn add_attachment(
    signed_in: SignedIn,
    ids: PathIds,
    query: Query<AttachmentQuery>,
    body: AttachmentBody,
) -> Result<HttpResponse, Problem> {
    let target = operations::attachment(ids.part.into(), query.0.name.map(|name| name.0));
    upload::add(signed_in, ids.id.into(), target, body.0).await
}

/// Delete a file.
///
/// The garage's staff can delete a photo while its check is a draft; an admin or advisor of the garage can delete what is
/// attached to a service record of the garage.
#[utoipa::path(operation_id = "deleteFile", tag = "files",
    params(("id" = Id, Path, description = "The passport."), ("fileId" = Id, Path, description = "The file.")),
    responses((status = 204, description = "The file was deleted.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, CheckCompleted]))))]
#[delete("/passports/{id}/files/{fileId}")]
pub(crate) async fn delete_file(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, ids.id.into(), ids.part.into())).await
}
