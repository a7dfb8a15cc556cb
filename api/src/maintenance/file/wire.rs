//! Requests and answers of files.

use crate::{
    enum_scalars, parameters,
    wire::{CheckPlace, Id, Moment, Name},
};
use domain::vehicle_check::Place;
use persistence::file::{PhotoView, StoredFile};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

enum_scalars! {
    /// What a file is.
    FileKind(domain::file::FileKind), "What a file is: a photo, served as JPEG whatever it was sent as, or a document, served as PDF.";
    /// The versions of a photo.
    FileSize(domain::file::FileSize), "The version of a photo: whole, at most 2,048 pixels wide and high, or small, at most 400. A document has the first only.";
}

/// The bytes of a file.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .max_length(Some(crate::picture::MAX_BYTES))
            .description(Some("The bytes of a file, as they are."));
        RefOr::T(Schema::Object(object.build()))
    }
}

impl ToSchema for FileBytes {}

parameters! {
    /// What an attachment is called.
    pub struct AttachmentQuery {
        /// What the file is called, for those who save it.
        pub name: Option<Name>,
    }
}

parameters! {
    /// Which version of a file.
    pub struct FileQuery {
        /// The version of a photo. The default is `whole`.
        #[param(inline)]
        pub size: Option<FileSize>,
    }
}

/// A photo of a place of a check.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "place": "tread_depth.front_left",
    "width": 2_048,
    "height": 1_536,
    "bytes": 412_633,
    "createdAt": "2026-03-01T09:30:00Z"
}))]
pub struct Photo {
    /// The id of the file.
    pub id: Id,
    /// The place that it shows, as in the check.
    pub place: CheckPlace,
    /// How many pixels it is wide.
    #[schema(minimum = 1, maximum = 2_048)]
    pub width: i64,
    /// How many pixels it is high.
    #[schema(minimum = 1, maximum = 2_048)]
    pub height: i64,
    /// How many bytes it has.
    #[schema(minimum = 1, maximum = 100_000_000)]
    pub bytes: i64,
    /// When it was added.
    pub created_at: Moment,
}

impl Photo {
    /// A photo as everyone sees it.
    pub fn new((file, (item, position)): PhotoView) -> Self {
        let (width, height) = file.pixels.unwrap_or((1, 1));
        Self {
            id: Id(file.id.0),
            place: CheckPlace::of(&item, position.as_deref()),
            width,
            height,
            bytes: file.bytes,
            created_at: Moment(file.created_at),
        }
    }

    /// The same for one that was added just now.
    pub fn of(file: &StoredFile, place: &Place) -> Self {
        Self::new((file.clone(), place.clone()))
    }
}

/// A file that is attached to a service record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "name": "Factuur 2026-0117",
    "kind": "document",
    "bytes": 83_411,
    "createdAt": "2026-03-01T09:30:00Z"
}))]
pub struct Attachment {
    /// The id of the file.
    pub id: Id,
    /// What it is called; null when nobody said so.
    pub name: Option<Name>,
    /// What it is.
    pub kind: FileKind,
    /// How many bytes it has.
    #[schema(minimum = 1, maximum = 100_000_000)]
    pub bytes: i64,
    /// When it was added.
    pub created_at: Moment,
}

impl Attachment {
    /// An attachment as those see it for whom it is.
    pub fn new(file: StoredFile) -> Self {
        Self {
            id: Id(file.id.0),
            name: file.name.map(Name),
            kind: FileKind(file.media_type.kind()),
            bytes: file.bytes,
            created_at: Moment(file.created_at),
        }
    }
}
