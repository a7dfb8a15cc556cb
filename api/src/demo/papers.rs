//! The demo's files: a photo of the worn tyre that the check found, and the invoice of the service. What they hold is written
//! to the storage before the demo garage is made, under ids that are always the same.

use super::{EXAMPLE, example};
use crate::{picture::Picture, problem::Problem, storage::Files, wire::IDLE_EXAMPLE};
use domain::{Instant, file::MediaType, ids::AccountId, passport::Passport, vehicle_check::Place};
use image::{ImageFormat, Rgb, RgbImage};
use persistence::{self as store, Tx, file::StoredFile};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use uuid::Uuid;

/// The id of the small version of the photo.
const SMALL: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a21";

/// An invoice that says only what it is: one page, made by hand.
const INVOICE: &[u8] = b"%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>> endobj
4 0 obj <</Length 66>> stream
BT /F1 18 Tf 72 760 Td (Garage De Vries - factuur 2026-0042) Tj ET
endstream endobj
5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
trailer <</Root 1 0 R /Size 6>>
%%EOF
";

/// What the demo's files hold.
pub(super) struct Papers {
    photo: Picture,
}

/// A picture of a tyre, drawn: dark rubber with grooves, which are shallower on its inside.
fn tyre() -> RgbImage {
    RgbImage::from_fn(960, 640, |x, y| {
        let in_groove = x % 160 < 24 + x / 40;
        let shade = u8::try_from((y / 8 % 7) * 3 + if in_groove { 20 } else { 60 + x / 16 }).unwrap_or(u8::MAX);
        Rgb([shade, shade, shade])
    })
}

impl Papers {
    /// Makes them, and writes them to the storage.
    pub(super) async fn write(files: &Files) -> Result<Self, Problem> {
        let mut png = Cursor::new(Vec::new());
        tyre().write_to(&mut png, ImageFormat::Png).map_err(|error| Problem::internal(&error.to_string()))?;
        let papers = Self { photo: Picture::of(&png.into_inner())? };
        let named = [
            (IDLE_EXAMPLE, papers.photo.large.clone()),
            (SMALL, papers.photo.small.clone()),
            (EXAMPLE, INVOICE.to_vec()),
        ];
        let named = named.into_iter().map(|(id, bytes)| Ok((example(id)?, bytes)));
        files.put(named.collect::<Result<Vec<(Uuid, Vec<u8>)>, Problem>>()?).await?;
        Ok(papers)
    }

    /// Stores whose they are: the photo of the completed check's tyre, and the invoice of the record.
    pub(super) fn store(
        &self,
        tx: &mut Tx<'_>,
        passport: &Passport,
        by: AccountId,
        now: Instant,
    ) -> Result<(), Problem> {
        let length = |bytes: &[u8]| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let file = |id: &str, media_type, bytes: &[u8]| -> Result<StoredFile, Problem> {
            Ok(StoredFile {
                id: example(id)?.into(),
                garage_id: passport.garage_id,
                vehicle_id: passport.vehicle.id,
                media_type,
                bytes: length(bytes),
                sha256: Sha256::digest(bytes).into(),
                name: None,
                pixels: None,
                small: None,
                created_at: now,
                by: Some(by),
            })
        };
        let photo = StoredFile {
            pixels: Some((self.photo.width.into(), self.photo.height.into())),
            small: Some((example(SMALL)?.into(), length(&self.photo.small))),
            ..file(IDLE_EXAMPLE, MediaType::Jpeg, &self.photo.large)?
        };
        let place: Place = ("tread_depth".to_owned(), Some("front_left".to_owned()));
        store::file::insert_photo(tx, &photo, example(EXAMPLE)?.into(), &place)?;
        let invoice =
            StoredFile { name: Some("Factuur 2026-0042.pdf".into()), ..file(EXAMPLE, MediaType::Pdf, INVOICE)? };
        Ok(store::file::insert_attachment(tx, &invoice, example(EXAMPLE)?.into())?)
    }
}
