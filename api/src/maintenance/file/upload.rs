//! Uploads: the body is read whole and bounded, becomes what is stored, is written to the storage of files, and then gets
//! its row. What goes wrong before the row leaves nothing behind; a crash leaves a file without a row at the most.

use super::operations::{self, Target};
use crate::{
    clock::new_id,
    incoming::{Form, Incoming},
    picture::{Kind, MAX_BYTES, Picture, is_pdf},
    problem::{Code, Problem},
    request::SignedIn,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header, rt};
use domain::{
    file::MediaType,
    ids::{FileId, PassportId},
};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};
use uuid::Uuid;

/// The most bytes of a document.
const MAX_PDF: usize = 10 * 1024 * 1024;
/// In which form photos are taken. HEIC is named so that who sends it is told what to send.
const PHOTO: Form = Form {
    media_types: &["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/octet-stream"],
    otherwise: "content_type_photo",
};
/// And what is attached to a record.
const ATTACHMENT: Form = Form {
    media_types: &[
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heic",
        "image/heif",
        "application/octet-stream",
    ],
    otherwise: "content_type_attachment",
};

/// The body of a request that is a photo.
pub(super) struct PhotoBody(pub(super) Incoming);

/// The body of a request that is a photo or a document.
pub(super) struct AttachmentBody(pub(super) Incoming);

impl FromRequest for PhotoBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Incoming::new(request, payload, &PHOTO, Some(MAX_BYTES)).map(Self))
    }
}

impl FromRequest for AttachmentBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Incoming::new(request, payload, &ATTACHMENT, Some(MAX_BYTES)).map(Self))
    }
}

/// What an upload became, to be stored.
pub(super) struct Upload {
    /// The id of the file, under which it lies in the storage.
    pub(super) id: FileId,
    /// What it holds.
    pub(super) media_type: MediaType,
    /// How many bytes it has.
    pub(super) bytes: i64,
    /// The SHA-256 of them.
    pub(super) sha256: [u8; 32],
    /// How many pixels a photo is wide and high.
    pub(super) pixels: Option<(i64, i64)>,
    /// The small version of a photo, and how many bytes it has.
    pub(super) small: Option<(FileId, i64)>,
}

impl Upload {
    fn of_photo(picture: Picture) -> (Self, Vec<(Uuid, Vec<u8>)>) {
        let Picture { large, small, width, height } = picture;
        let (mut upload, small_id) = (Self::new(MediaType::Jpeg, &large), new_id::<FileId>());
        upload.pixels = Some((width.into(), height.into()));
        upload.small = Some((small_id, length(&small)));
        let files = vec![(small_id.0, small), (upload.id.0, large)];
        (upload, files)
    }

    fn of_document(bytes: Vec<u8>) -> (Self, Vec<(Uuid, Vec<u8>)>) {
        let upload = Self::new(MediaType::Pdf, &bytes);
        let files = vec![(upload.id.0, bytes)];
        (upload, files)
    }

    fn new(media_type: MediaType, bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).into();
        Self { id: new_id(), media_type, bytes: length(bytes), sha256, pixels: None, small: None }
    }
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

/// The hash of a request: of the body and of what the query says.
fn hash(bytes: &[u8], target: &Target) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(bytes);
    hash.update(target.said().as_bytes());
    hash.finalize().into()
}

/// Adds what is sent to its target. Whether it may be added is asked first, so that nobody sends much for nothing, and again
/// in the transaction that stores it.
pub(super) async fn add(
    signed_in: SignedIn,
    passport: PassportId,
    target: Target,
    body: Incoming,
) -> Result<HttpResponse, Problem> {
    let asked = target.clone();
    signed_in.look(move |work| operations::look_ahead(work, passport, &asked)).await?;
    let room = signed_in.context.app.files.room(signed_in.bearer.account_id).await?;
    let bytes = body.whole().await?;
    let hash = hash(&bytes, &target);
    if signed_in.context.idempotency_key.is_some()
        && let Some(answer) = signed_in.answered(hash).await?
    {
        return Ok(answer);
    }
    // On its own, since a request ends with its connection: what was begun is finished, or undone.
    let storing = rt::spawn(async move {
        let _room = room;
        store(signed_in, passport, target, bytes, hash).await
    });
    storing.await.map_err(|error| Problem::internal(&error.to_string()))?
}

async fn store(
    signed_in: SignedIn,
    passport: PassportId,
    target: Target,
    bytes: Vec<u8>,
    hash: [u8; 32],
) -> Result<HttpResponse, Problem> {
    let app = signed_in.context.app.clone();
    let is_document = target.takes_documents() && Kind::of(&bytes) == Kind::Pdf;
    let (upload, files) = if is_document {
        if bytes.len() > MAX_PDF {
            return Err(Code::PayloadTooLarge.into());
        }
        if !is_pdf(&bytes) {
            return Err(Code::FileNotTaken.into());
        }
        Upload::of_document(bytes)
    } else {
        Upload::of_photo(app.darkroom.develop(bytes).await?)
    };
    let names: Vec<Uuid> = files.iter().map(|(name, _)| *name).collect();
    let id = upload.id.to_string();
    app.files.put(files).await?;
    let stored = signed_in.command(hash, move |work| operations::add(work, passport, &target, &upload)).await;
    let is_kept = match &stored {
        // A repeat is answered with the file that was added the first time.
        Ok(answer) => {
            answer.headers().get(header::LOCATION).is_some_and(|location| location.as_bytes().ends_with(id.as_bytes()))
        }
        // After a failure nobody knows whether the row is there.
        Err(problem) => problem.code.status() >= 500,
    };
    if !is_kept {
        app.files.forget(names).await;
    }
    stored
}
