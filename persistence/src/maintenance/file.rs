//! Files: photos of checks, and what is attached to service records. What they hold lies in the storage of files; a row
//! says what it is and what it belongs to.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    removal,
    row::Reading,
    schema::{files, service_attachments, service_records, vehicle_check_photos, vehicle_checks},
    scope::Found,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    Instant,
    check_template::CheckList,
    file::{AttachedRecord, Belonging, MediaType, PhotographedCheck},
    ids::{AccountId, FileId, GarageId, ServiceRecordId, VehicleCheckId, VehicleId},
    passport::Fuel,
    removal::Removal,
    service_record::{RecordOrigin, RecordOwner},
    vehicle_check::Place,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A file as it is stored: what it holds lies under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// The garage with whose car it came.
    pub garage_id: GarageId,
    /// The car.
    pub vehicle_id: VehicleId,
    /// What it holds.
    pub media_type: MediaType,
    /// How many bytes it has.
    pub bytes: i64,
    /// The SHA-256 of them.
    pub sha256: [u8; 32],
    /// What it is called, if who sent it said so.
    pub name: Option<String>,
    /// How many pixels a photo is wide and high.
    pub pixels: Option<(i64, i64)>,
    /// The small version of a photo, and how many bytes it has.
    pub small: Option<(FileId, i64)>,
    /// When it was added.
    pub created_at: Instant,
    /// Who added it.
    pub by: Option<AccountId>,
}

/// The thing to which a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A check.
    Check(VehicleCheckId),
    /// A service record.
    Record(ServiceRecordId),
}

/// A file as it is found, with what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// The file.
    pub file: StoredFile,
    /// The thing to which it belongs.
    pub of: Of,
    /// What that says of who sees it.
    pub belonging: Belonging,
}

/// A photo of a check: the file, and the place that it shows.
pub type PhotoView = (StoredFile, Place);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = files, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    garage_id: Key,
    vehicle_id: Key,
    media_type: String,
    bytes: i64,
    sha256: Vec<u8>,
    name: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    small_id: Option<Key>,
    small_bytes: Option<i64>,
    created_at: Time,
    created_by: Option<Key>,
}

impl Row {
    fn new(file: &StoredFile) -> Self {
        Self {
            id: file.id.into(),
            garage_id: file.garage_id.into(),
            vehicle_id: file.vehicle_id.into(),
            media_type: file.media_type.code().to_owned(),
            bytes: file.bytes,
            sha256: file.sha256.to_vec(),
            name: file.name.clone(),
            width: file.pixels.map(|(width, _)| width),
            height: file.pixels.map(|(_, height)| height),
            small_id: file.small.map(|(id, _)| id.into()),
            small_bytes: file.small.map(|(_, bytes)| bytes),
            created_at: file.created_at.into(),
            created_by: file.by.map(Key::from),
        }
    }

    fn read(self) -> Result<StoredFile, StoreError> {
        let reading = Reading { table: "files", id: self.id.0 };
        let length = self.sha256.len();
        Ok(StoredFile {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            vehicle_id: self.vehicle_id.into(),
            media_type: reading.column("media_type", &self.media_type, MediaType::from_code)?,
            bytes: self.bytes,
            sha256: self.sha256.try_into().map_err(|_| reading.corrupt("sha256", format!("{length} bytes")))?,
            name: self.name,
            pixels: self.width.zip(self.height),
            small: self.small_id.map(Into::into).zip(self.small_bytes),
            created_at: self.created_at.0,
            by: self.created_by.map(Into::into),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_records)]
struct RecordColumns {
    id: Key,
    garage_id: Key,
    origin: String,
    owner_account_id: Option<Key>,
    owner_fleet_id: Option<Key>,
    recorded_by: Option<Key>,
}

impl RecordColumns {
    fn read(self) -> Result<AttachedRecord, StoreError> {
        let reading = Reading { table: "service_records", id: self.id.0 };
        let driver = self.owner_account_id.map(|id| RecordOwner::Driver(id.into()));
        Ok(AttachedRecord {
            garage_id: self.garage_id.into(),
            origin: reading.column("origin", &self.origin, RecordOrigin::from_code)?,
            owner: driver.or(self.owner_fleet_id.map(|id| RecordOwner::Fleet(id.into()))),
            by: self.recorded_by.map(Into::into),
        })
    }
}

/// A position as it is stored: empty where the item has none.
fn stored_position(place: &Place) -> &str {
    place.1.as_deref().unwrap_or_default()
}

fn place((item, position): (String, String)) -> Place {
    (item, Some(position).filter(|position| !position.is_empty()))
}

/// A check of a car, as far as its photos depend on it.
pub fn check(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: VehicleCheckId,
) -> Result<Option<PhotographedCheck>, StoreError> {
    type Columns = (Key, String, Option<String>, Option<Time>);
    let found: Option<Columns> = vehicle_checks::table
        .find(Key::from(id))
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .select((vehicle_checks::garage_id, vehicle_checks::list, vehicle_checks::fuel, vehicle_checks::completed_at))
        .first(tx.conn)
        .optional()?;
    let Some((garage, list, fuel, completed_at)) = found else { return Ok(None) };
    let reading = Reading { table: "vehicle_checks", id: id.0 };
    Ok(Some(PhotographedCheck {
        garage_id: garage.into(),
        list: reading.column("list", &list, |list| serde_json::from_str::<CheckList>(list).ok())?,
        fuel: reading.optional("fuel", fuel.as_ref(), Fuel::from_code)?,
        is_completed: completed_at.is_some(),
    }))
}

/// A service record of a car, as far as what is attached to it depends on it.
pub fn record(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: ServiceRecordId,
) -> Result<Option<AttachedRecord>, StoreError> {
    let found: Option<RecordColumns> = service_records::table
        .find(Key::from(id))
        .filter(service_records::vehicle_id.eq(Key::from(*vehicle)))
        .select(RecordColumns::as_select())
        .first(tx.conn)
        .optional()?;
    found.map(RecordColumns::read).transpose()
}

/// Whether another record has taken the place of a service record.
pub fn is_replaced(tx: &mut Tx<'_>, record: ServiceRecordId) -> Result<bool, StoreError> {
    let later = service_records::table.filter(service_records::replaces_id.eq(Some(Key::from(record))));
    Ok(diesel::select(diesel::dsl::exists(later)).get_result(tx.conn)?)
}

/// How many photos a check has.
pub fn count_photos(tx: &mut Tx<'_>, check: VehicleCheckId) -> Result<usize, StoreError> {
    let of_check = vehicle_check_photos::table.filter(vehicle_check_photos::check_id.eq(Key::from(check)));
    let count: i64 = of_check.select(count_star()).first(tx.conn)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// How many files are attached to a service record.
pub fn count_attachments(tx: &mut Tx<'_>, record: ServiceRecordId) -> Result<usize, StoreError> {
    let of_record = service_attachments::table.filter(service_attachments::record_id.eq(Key::from(record)));
    let count: i64 = of_record.select(count_star()).first(tx.conn)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Stores a photo of a place of a check.
pub fn insert_photo(
    tx: &mut Tx<'_>,
    file: &StoredFile,
    check: VehicleCheckId,
    place: &Place,
) -> Result<(), StoreError> {
    use vehicle_check_photos::{check_id, file_id, item, position};
    diesel::insert_into(files::table).values(Row::new(file)).execute(tx.conn)?;
    let photo = (
        file_id.eq(Key::from(file.id)),
        check_id.eq(Key::from(check)),
        item.eq(place.0.clone()),
        position.eq(stored_position(place).to_owned()),
    );
    diesel::insert_into(vehicle_check_photos::table).values(photo).execute(tx.conn)?;
    Ok(())
}

/// Stores a file that is attached to a service record.
pub fn insert_attachment(tx: &mut Tx<'_>, file: &StoredFile, record: ServiceRecordId) -> Result<(), StoreError> {
    use service_attachments::{file_id, record_id};
    diesel::insert_into(files::table).values(Row::new(file)).execute(tx.conn)?;
    let attachment = (file_id.eq(Key::from(file.id)), record_id.eq(Key::from(record)));
    diesel::insert_into(service_attachments::table).values(attachment).execute(tx.conn)?;
    Ok(())
}

type CheckColumns = (Key, Key, Option<Time>);

/// A file of a car, with what it belongs to.
pub fn find(tx: &mut Tx<'_>, vehicle: Found<VehicleId>, id: FileId) -> Result<Option<FileView>, StoreError> {
    let found: Option<(Row, Option<CheckColumns>, Option<RecordColumns>)> = files::table
        .left_join(vehicle_check_photos::table.inner_join(vehicle_checks::table))
        .left_join(service_attachments::table.inner_join(service_records::table))
        .filter(files::id.eq(Key::from(id)))
        .filter(files::vehicle_id.eq(Key::from(*vehicle)))
        .select((
            Row::as_select(),
            (vehicle_checks::id, vehicle_checks::garage_id, vehicle_checks::completed_at).nullable(),
            Option::<RecordColumns>::as_select(),
        ))
        .first(tx.conn)
        .optional()?;
    let Some((row, check, record)) = found else { return Ok(None) };
    let file = row.read()?;
    let (of, belonging) = match (check, record) {
        (Some((check, garage, completed_at)), _) => {
            let photo = Belonging::Photo { garage_id: garage.into(), is_completed: completed_at.is_some() };
            (Of::Check(check.into()), photo)
        }
        (None, Some(record)) => (Of::Record(record.id.into()), Belonging::Attachment(record.read()?)),
        (None, None) => return Ok(None),
    };
    Ok(Some(FileView { file, of, belonging }))
}

/// Deletes a file of a car. What it holds is left to the jobs that delete it from the storage.
pub fn delete(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    (file, of): (&StoredFile, Of),
    now: Instant,
) -> Result<(), StoreError> {
    let (key, car) = (Key::from(file.id), (*vehicle, file.garage_id));
    diesel::delete(vehicle_check_photos::table.find(key)).execute(tx.conn)?;
    diesel::delete(service_attachments::table.find(key)).execute(tx.conn)?;
    diesel::delete(files::table.find(key).filter(files::vehicle_id.eq(Key::from(*vehicle)))).execute(tx.conn)?;
    let gone = match of {
        Of::Check(_) => Removal::of_photo(file.id, car, now),
        Of::Record(_) => Removal::of_attachment(file.id, car, now),
    };
    removal::insert_all(tx, &[gone])
}

/// Deletes the photos of checks. Returns the names of what is left to be deleted in the storage: the photos and their small
/// versions.
pub fn delete_photos(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    checks: &[VehicleCheckId],
) -> Result<Vec<FileId>, StoreError> {
    let found: Vec<(Key, Option<Key>)> = vehicle_check_photos::table
        .inner_join(files::table)
        .filter(vehicle_check_photos::check_id.eq_any(checks.iter().map(|id| Key::from(*id))))
        .filter(files::vehicle_id.eq(Key::from(*vehicle)))
        .select((files::id, files::small_id))
        .load(tx.conn)?;
    let photos: Vec<Key> = found.iter().map(|(id, _)| *id).collect();
    diesel::delete(vehicle_check_photos::table.filter(vehicle_check_photos::file_id.eq_any(&photos)))
        .execute(tx.conn)?;
    diesel::delete(files::table.filter(files::id.eq_any(&photos))).execute(tx.conn)?;
    Ok(found.into_iter().flat_map(|(id, small)| [Some(id), small]).flatten().map(FileId::from).collect())
}

/// A page of the photos of a check, in the order in which they were added.
pub fn list_photos(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    check: VehicleCheckId,
    request: &PageRequest<FileId>,
) -> Result<Page<PhotoView, FileId>, StoreError> {
    let mut query = vehicle_check_photos::table
        .inner_join(files::table)
        .filter(vehicle_check_photos::check_id.eq(Key::from(check)))
        .filter(files::vehicle_id.eq(Key::from(*vehicle)))
        .order(vehicle_check_photos::file_id)
        .limit(request.sql_limit())
        .select((Row::as_select(), (vehicle_check_photos::item, vehicle_check_photos::position)))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(vehicle_check_photos::file_id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(files::created_at.ge(Time(since)));
    }
    let found: Vec<(Row, (String, String))> = query.load(tx.conn)?;
    let items = found.into_iter().map(|(row, shown)| Ok((row.read()?, place(shown))));
    let items = items.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |(file, _)| file.id))
}

/// A page of the files that are attached to a service record, in the order in which they were added.
pub fn list_attachments(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    record: ServiceRecordId,
    request: &PageRequest<FileId>,
) -> Result<Page<StoredFile, FileId>, StoreError> {
    let mut query = service_attachments::table
        .inner_join(files::table)
        .filter(service_attachments::record_id.eq(Key::from(record)))
        .filter(files::vehicle_id.eq(Key::from(*vehicle)))
        .order(service_attachments::file_id)
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(service_attachments::file_id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(files::created_at.ge(Time(since)));
    }
    let found: Vec<Row> = query.load(tx.conn)?;
    let items = found.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(items, |file| file.id))
}

/// Which of some names in the storage belong to a file, with the bytes that should lie under each: for the system's own
/// comparison of the two.
pub fn known(tx: &mut Tx<'_>, names: &[Uuid]) -> Result<HashMap<Uuid, i64>, StoreError> {
    let keys: Vec<Key> = names.iter().map(|name| Key(*name)).collect();
    let whole: Vec<(Key, i64)> =
        files::table.filter(files::id.eq_any(keys.clone())).select((files::id, files::bytes)).load(tx.conn)?;
    let small: Vec<(Option<Key>, Option<i64>)> = files::table
        .filter(files::small_id.eq_any(keys))
        .select((files::small_id, files::small_bytes))
        .load(tx.conn)?;
    let small = small.into_iter().filter_map(|(name, bytes)| Some((name?, bytes?)));
    Ok(whole.into_iter().chain(small).map(|(name, bytes)| (name.0, bytes)).collect())
}

/// The names under which the files after one lie in the storage, with the file of each, in the order of their ids: for the
/// system's own comparison of the two.
pub fn names_after(tx: &mut Tx<'_>, after: Option<FileId>, limit: i64) -> Result<Vec<(FileId, Uuid)>, StoreError> {
    let mut query = files::table.order(files::id).limit(limit).select((files::id, files::small_id)).into_boxed();
    if let Some(after) = after {
        query = query.filter(files::id.gt(Key::from(after)));
    }
    let found: Vec<(Key, Option<Key>)> = query.load(tx.conn)?;
    let names = found
        .into_iter()
        .flat_map(|(id, small)| [Some(id), small].into_iter().flatten().map(move |name| (FileId(id.0), name.0)));
    Ok(names.collect())
}
