//! What the operations on files do.

use super::{
    upload::Upload,
    wire::{Attachment, Photo},
};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, Problem},
    reach::{find, lock_and_find, reader, relation},
    wire::{ListQuery, items_after},
};
use domain::{
    access::Action,
    event::{Fact, Stream},
    file::{AttachedRecord, Belonging, FileSize, PhotographedCheck},
    ids::{FileId, PassportId, ServiceRecordId, VehicleCheckId, VehicleId},
    job::Task,
    passport::Passport,
    removal::FollowedList,
    service_record::{RecordReader, ServiceRecordRefusal},
    vehicle_check::Place,
};
use persistence::{
    self as store, Found,
    file::{FileView, Of, StoredFile},
    removal::ListOf,
};

/// To what a file is added, and the right to do so.
#[derive(Clone, Debug)]
pub(super) struct Target {
    action: Action,
    to: To,
}

#[derive(Clone, Debug)]
enum To {
    /// A place of a check.
    Check(VehicleCheckId, Place),
    /// A service record, under this name.
    Record(ServiceRecordId, Option<String>),
}

/// A photo is to be added to a place of a check (rules VC1, VC2 and VC5).
pub(super) fn photo(check: VehicleCheckId, place: Place) -> Target {
    Target { action: Action::PhotoChange, to: To::Check(check, place) }
}

/// A file is to be attached to a service record (rules SR1 and SR4).
pub(super) fn attachment(record: ServiceRecordId, name: Option<String>) -> Target {
    Target { action: Action::AttachmentAdd, to: To::Record(record, name) }
}

impl Target {
    /// What the query of the request says: of an attachment, its name. The place of a photo stands in the path.
    pub(super) fn said(&self) -> &str {
        match &self.to {
            To::Check(..) => "",
            To::Record(_, name) => name.as_deref().unwrap_or_default(),
        }
    }

    /// Whether documents are taken beside photos.
    pub(super) fn takes_documents(&self) -> bool {
        matches!(self.to, To::Record(..))
    }
}

/// A check of the car, if its photos are there for who acts.
fn photographed(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    id: VehicleCheckId,
) -> Result<PhotographedCheck, Problem> {
    let check = store::file::check(work.tx, passport.vehicle_id(), id)?.ok_or(Code::NotFound)?;
    // Photos of checks are no amounts: the fleet has no say in them.
    let reader = RecordReader::of(work.actor()?, passport.hands, false);
    if check.shows_photos(&reader) { Ok(check) } else { Err(Code::NotFound.into()) }
}

fn attached(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    id: ServiceRecordId,
) -> Result<AttachedRecord, Problem> {
    Ok(store::file::record(work.tx, passport.vehicle_id(), id)?.ok_or(Code::NotFound)?)
}

/// Goes on only if the file may be added now (rules VC1, VC2, VC5, SR1 and SR4).
fn may_add(work: &mut Work<'_, '_>, passport: &Found<Passport>, target: &Target) -> Result<(), Problem> {
    passport.in_use()?;
    match &target.to {
        To::Check(id, place) => {
            let check = photographed(work, passport, *id)?;
            let photos = store::file::count_photos(work.tx, *id)?;
            Ok(check.may_add(place, photos)?)
        }
        To::Record(id, _) => {
            let record = attached(work, passport, *id)?;
            if store::file::is_replaced(work.tx, *id)? {
                return Err(ServiceRecordRefusal::AlreadyReplaced.into());
            }
            let attachments = store::file::count_attachments(work.tx, *id)?;
            Ok(record.may_attach(work.actor()?, attachments)?)
        }
    }
}

/// The same before the body is read, unless the request repeats one that was answered.
pub(super) fn look_ahead(work: &mut Work<'_, '_>, id: PassportId, target: &Target) -> Result<(), Problem> {
    if work.has_answered()? {
        return Ok(());
    }
    let passport = find(work, id, target.action)?;
    may_add(work, &passport, target)
}

/// Adds a file, which lies in the storage already (rules VC1, VC2, VC5, SR1 and SR4).
pub(super) fn add(work: &mut Work<'_, '_>, id: PassportId, target: &Target, upload: &Upload) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, target.action)?;
    may_add(work, &passport, target)?;
    let name = match &target.to {
        To::Check(..) => None,
        To::Record(_, name) => name.clone(),
    };
    let file = StoredFile {
        id: upload.id,
        garage_id: passport.garage_id,
        vehicle_id: *passport.vehicle_id(),
        media_type: upload.media_type,
        bytes: upload.bytes,
        sha256: upload.sha256,
        name,
        pixels: upload.pixels,
        small: upload.small,
        created_at: work.now,
        by: Some(work.actor()?.account_id()),
    };
    let location = format!("/v1/passports/{id}/files/{}", file.id);
    let (passport_id, file_id) = (id, file.id);
    let (fact, reply) = match &target.to {
        To::Check(check_id, place) => {
            store::file::insert_photo(work.tx, &file, *check_id, place)?;
            let reply = Reply::created(&Photo::of(&file, place), location)?;
            (Fact::PhotoAdded { passport_id, check_id: *check_id, file_id }, reply)
        }
        To::Record(record_id, _) => {
            store::file::insert_attachment(work.tx, &file, *record_id)?;
            let reply = Reply::created(&Attachment::new(file), location)?;
            (Fact::AttachmentAdded { passport_id, record_id: *record_id, file_id }, reply)
        }
    };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    Ok(reply)
}

/// The photos of a check (rules LS1 and VC5).
pub(super) fn list_photos(
    work: &mut Work<'_, '_>,
    id: PassportId,
    check: VehicleCheckId,
    query: &ListQuery,
) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::FileRead)?;
    photographed(work, &passport, check)?;
    let vehicle = passport.vehicle_id();
    let gone = work.gone(query, &[FollowedList::Photos], ListOf::KeptCar(vehicle))?;
    let request = query.request()?;
    let page = items_after(&gone, || store::file::list_photos(work.tx, vehicle, check, &request))?;
    Reply::followed_page(query, gone, page, Photo::new)
}

/// What is attached to a service record: nothing for those for whom it is not (rules EC6, LS1 and SR5).
pub(super) fn list_attachments(
    work: &mut Work<'_, '_>,
    id: PassportId,
    record_id: ServiceRecordId,
    query: &ListQuery,
) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::FileRead)?;
    let record = attached(work, &passport, record_id)?;
    let reader = reader(work, &passport)?;
    let account = work.actor()?.account_id();
    let (vehicle, request) = (passport.vehicle_id(), query.request()?);
    let is_seen = Belonging::Attachment(record).is_seen(&reader, Some(account));
    let followed: &[FollowedList] = if is_seen { &[FollowedList::Attachments] } else { &[] };
    let gone = work.gone(query, followed, ListOf::Car(vehicle))?;
    let mut page = items_after(&gone, || store::file::list_attachments(work.tx, vehicle, record_id, &request))?;
    if !is_seen {
        page.items.clear();
        page.next = None;
    }
    Reply::followed_page(query, gone, page, Attachment::new)
}

/// A version of a file, as it lies in the storage.
pub(super) struct Version {
    /// The file.
    pub(super) file: StoredFile,
    /// Under which name the version lies in the storage.
    pub(super) stored_as: FileId,
    /// How many bytes it has.
    pub(super) bytes: u64,
}

impl Version {
    fn new(file: StoredFile, size: FileSize) -> Self {
        let whole = (file.id, file.bytes);
        let (stored_as, bytes) = match size {
            FileSize::Whole => whole,
            FileSize::Small => file.small.unwrap_or(whole),
        };
        Self { file, stored_as, bytes: u64::try_from(bytes).unwrap_or_default() }
    }
}

/// A file of the car, if it is for who acts (rules VC5, SR5 and EC6).
fn seen(work: &mut Work<'_, '_>, passport: &Found<Passport>, id: FileId) -> Result<FileView, Problem> {
    let view = store::file::find(work.tx, passport.vehicle_id(), id)?.ok_or(Code::NotFound)?;
    let reader = match view.belonging {
        Belonging::Photo { .. } => RecordReader::of(work.actor()?, passport.hands, false),
        Belonging::Attachment(_) => reader(work, passport)?,
    };
    let account = work.actor()?.account_id();
    if view.belonging.is_seen(&reader, Some(account)) { Ok(view) } else { Err(Code::NotFound.into()) }
}

/// A version of a file, to be served (rules VC5, SR5 and EC6).
pub(super) fn find_version(
    work: &mut Work<'_, '_>,
    id: PassportId,
    file: FileId,
    size: FileSize,
) -> Result<Version, Problem> {
    let passport = find(work, id, Action::FileRead)?;
    Ok(Version::new(seen(work, &passport, file)?.file, size))
}

/// Deletes a file: a photo of a draft, or what is attached to a record of the garage (rules VC2 and SR1). Jobs delete what
/// lies in the storage.
pub(super) fn delete(work: &mut Work<'_, '_>, id: PassportId, file_id: FileId) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::FileRead)?;
    let FileView { file, of, belonging } = seen(work, &passport, file_id)?;
    let relation = relation(work.actor()?, &passport);
    let fact = match of {
        Of::Check(check_id) => {
            work.require(Action::PhotoChange, relation)?;
            Fact::PhotoDeleted { passport_id: id, check_id, file_id }
        }
        Of::Record(record_id) => {
            work.require(Action::AttachmentDelete, relation)?;
            Fact::AttachmentDeleted { passport_id: id, record_id, file_id }
        }
    };
    passport.in_use()?;
    belonging.may_delete()?;
    store::file::delete(work.tx, passport.vehicle_id(), (&file, of), work.now)?;
    delete_stored(work, [Some(file.id), file.small.map(|(small, _)| small)].into_iter().flatten())?;
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    Ok(Reply::nothing())
}

/// Deletes the photos of drafts that are discarded. The lock of the car's garage is held.
pub fn delete_photos(
    work: &mut Work<'_, '_>,
    vehicle: Found<VehicleId>,
    drafts: &[VehicleCheckId],
) -> Result<(), Problem> {
    let names = store::file::delete_photos(work.tx, vehicle, drafts)?;
    delete_stored(work, names)
}

/// Has the worker delete what lies in the storage under these names.
fn delete_stored(work: &mut Work<'_, '_>, names: impl IntoIterator<Item = FileId>) -> Result<(), Problem> {
    let job = |name| store::jobs::Job::without_cause(new_id(), Task::DeleteFile(name));
    let jobs: Vec<_> = names.into_iter().map(job).collect();
    Ok(store::jobs::insert_all(work.tx, &jobs, work.now, work.now)?)
}
