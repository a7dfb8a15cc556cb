//! Photos that people send: recognised by what they are, bounded before they are decoded, turned upright, and written anew
//! as JPEG (rule VC5). Nothing of what was sent is kept but the pixels: no position, no device, no text, no profile, and
//! nothing that was hidden behind the image.
//!
//! Decoding takes a core and much memory, so it runs on threads of its own, one for each core at the most.

use crate::problem::{Code, Problem};
use image::{
    DynamicImage, ImageDecoder, Limits, RgbImage,
    codecs::{jpeg, png, webp},
    metadata::Orientation,
};
use std::{io::Cursor, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// The most bytes of a photo as it is sent.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// The most pixels on a side, and in all: what the sensors of telephones have.
const MAX_SIDE: u32 = 16_384;
const MAX_PIXELS: u64 = 50_000_000;
/// The most memory that the pixels of a photo take.
const MAX_MEMORY: u64 = 200 * 1024 * 1024;
/// The longest side of what is stored, and of its small version.
const LARGE: u32 = 2_048;
const SMALL: u32 = 400;
/// How good the JPEG is, of 100.
const QUALITY: u8 = 82;
/// How long a photo waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// What bytes are, by how they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// HEIC, AVIF, and what else is wrapped like them.
    Heic,
    /// PDF.
    Pdf,
    /// Something else.
    Other,
}

impl Kind {
    /// What some bytes are.
    pub fn of(bytes: &[u8]) -> Self {
        let (head, brand) = (bytes.get(..4).unwrap_or_default(), bytes.get(8..12).unwrap_or_default());
        match (head, bytes.get(4..8)) {
            ([0xFF, 0xD8, 0xFF, _], _) => Self::Jpeg,
            (b"\x89PNG", Some(b"\r\n\x1a\n")) => Self::Png,
            (b"RIFF", _) if brand == b"WEBP" => Self::WebP,
            (b"%PDF", _) => Self::Pdf,
            (_, Some(b"ftyp")) if is_heic(brand) => Self::Heic,
            _ => Self::Other,
        }
    }
}

fn is_heic(brand: &[u8]) -> bool {
    [&b"heic"[..], b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"].contains(&brand)
}

/// A photo as it is stored.
#[derive(Debug)]
pub struct Picture {
    /// The photo as JPEG.
    pub large: Vec<u8>,
    /// The small version of it, as JPEG.
    pub small: Vec<u8>,
    /// How many pixels it is wide.
    pub width: u32,
    /// How many pixels it is high.
    pub height: u32,
}

/// Why a photo is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It is HEIC.
    Heic,
    /// It is no JPEG, PNG or WebP.
    NoPhoto,
    /// It has too many pixels.
    TooManyPixels,
    /// It is damaged, or breaks off.
    Damaged,
}

impl From<NotTaken> for Problem {
    fn from(not_taken: NotTaken) -> Self {
        Self::new(match not_taken {
            NotTaken::Heic => Code::HeicNotTaken,
            NotTaken::NoPhoto => Code::FileNotTaken,
            NotTaken::TooManyPixels => Code::ImageTooLarge,
            NotTaken::Damaged => Code::ImageDamaged,
        })
    }
}

impl Picture {
    /// Writes a photo anew (rule VC5).
    pub fn of(bytes: &[u8]) -> Result<Self, NotTaken> {
        let (pixels, orientation) = match Kind::of(bytes) {
            // The decoder would paint what is missing grey.
            Kind::Jpeg if !is_whole_jpeg(bytes) => return Err(NotTaken::Damaged),
            Kind::Jpeg => decoded(jpeg::JpegDecoder::new(Cursor::new(bytes)))?,
            Kind::Png => {
                let plain = plain_png(bytes).ok_or(NotTaken::Damaged)?;
                decoded(png::PngDecoder::with_limits(Cursor::new(plain), limits()))?
            }
            Kind::WebP => decoded(webp::WebPDecoder::new(Cursor::new(bytes)))?,
            Kind::Heic => return Err(NotTaken::Heic),
            Kind::Pdf | Kind::Other => return Err(NotTaken::NoPhoto),
        };
        // It is made smaller first: what is turned is then a quarter of the size.
        let large = upright(shrunk(pixels, LARGE), orientation);
        let small = shrunk(DynamicImage::ImageRgb8(large.clone()), SMALL).into_rgb8();
        let (width, height) = large.dimensions();
        Ok(Self { large: written(&large)?, small: written(&small)?, width, height })
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// The pixels of a photo, if there are not too many, and how they are to be turned. The decoder has read no more than its
/// header when the size is looked at.
fn decoded<D: ImageDecoder>(decoder: image::ImageResult<D>) -> Result<(DynamicImage, Orientation), NotTaken> {
    let mut decoder = decoder.map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    let is_too_large = width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS;
    if is_too_large || decoder.total_bytes() > MAX_MEMORY {
        return Err(NotTaken::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(|error| refusal(&error))?;
    // One that cannot be read says nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok((pixels, orientation))
}

fn refusal(error: &image::ImageError) -> NotTaken {
    if matches!(error, image::ImageError::Limits(_)) { NotTaken::TooManyPixels } else { NotTaken::Damaged }
}

/// The photo with no side longer than `side`.
fn shrunk(pixels: DynamicImage, side: u32) -> DynamicImage {
    if pixels.width().max(pixels.height()) <= side { pixels } else { pixels.thumbnail(side, side) }
}

/// The photo as it was seen, on white where it is transparent.
fn upright(pixels: DynamicImage, orientation: Orientation) -> RgbImage {
    let mut pixels = if pixels.color().has_alpha() {
        let mut opaque = pixels.into_rgba8();
        for pixel in opaque.pixels_mut() {
            let [red, green, blue, alpha] = pixel.0;
            let on_white = |channel: u8| {
                let mixed = u32::from(channel) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
                u8::try_from(mixed / 255).unwrap_or(u8::MAX)
            };
            pixel.0 = [on_white(red), on_white(green), on_white(blue), 255];
        }
        DynamicImage::ImageRgba8(opaque)
    } else {
        pixels
    };
    pixels.apply_orientation(orientation);
    pixels.into_rgb8()
}

fn written(pixels: &RgbImage) -> Result<Vec<u8>, NotTaken> {
    let mut bytes = Vec::new();
    let encoder = jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    pixels.write_with_encoder(encoder).map_err(|_| NotTaken::Damaged)?;
    Ok(bytes)
}

/// Whether a JPEG goes on to its end: after its header, and the images that may be in that, comes the mark of the end.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xDA;
    let end = |scan: &[u8]| scan.windows(2).any(|mark| mark == [0xFF, 0xD9]);
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        match rest {
            // Filling, and marks without anything behind them.
            [0xFF, after @ ..] if after.first() == Some(&0xFF) => rest = after,
            [0xFF, 0x01 | 0xD0..=0xD7, after @ ..] => rest = after,
            [0xFF, SCAN, scan @ ..] => return end(scan),
            [0xFF, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(length.max(2) + 2..).unwrap_or_default();
            }
            _ => return false,
        }
    }
}

/// A PNG with nothing but its pixels and how they are to be turned: texts and profiles can be packed, and unpack to any
/// size. None when it breaks off.
fn plain_png(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8]; 6] = [b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"];
    let (signature, mut rest) = bytes.split_at_checked(8)?;
    let mut plain = signature.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        let (chunk, after) = rest.split_at_checked(usize::try_from(length).ok()?.checked_add(12)?)?;
        let kind = chunk.get(4..8)?;
        if KEPT.contains(&kind) {
            plain.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(plain);
        }
        rest = after;
    }
}

/// Whether a document may be stored: it begins and ends as a PDF, and nothing that a browser could take for a page stands
/// where a browser would look. It is not read further, and never opened here.
pub fn is_pdf(bytes: &[u8]) -> bool {
    let begins = bytes.get(..8).is_some_and(|head| {
        head.starts_with(b"%PDF-") && head.get(5).is_some_and(u8::is_ascii_digit) && head.get(6) == Some(&b'.')
    });
    let end = bytes.get(bytes.len().saturating_sub(1_024)..).unwrap_or_default();
    let ends = end.windows(5).any(|part| part == b"%%EOF");
    let head = bytes.get(..bytes.len().min(1_024)).unwrap_or_default().to_ascii_lowercase();
    let pages: [&[u8]; 6] = [b"<!doctype", b"<html", b"<script", b"<svg", b"<body", b"<iframe"];
    let is_page = pages.iter().any(|page| head.windows(page.len()).any(|part| part == *page));
    begins && ends && !is_page
}

/// Writes photos anew, a few at a time.
pub struct Darkroom {
    turns: Arc<Semaphore>,
}

impl Darkroom {
    /// A place for so many photos at once.
    pub fn new(at_once: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once)) }
    }

    /// Writes a photo anew when it is its turn; `overloaded` when that takes too long.
    pub async fn develop(&self, bytes: Vec<u8>) -> Result<Picture, Problem> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(|| Problem::new(Code::Overloaded).retry_after(5))?;
        let (done, developed) = tokio::sync::oneshot::channel();
        let work = move || {
            // It lasts as long as the work, also when nobody waits for that any more.
            let _turn = turn;
            let picture = std::panic::catch_unwind(|| Picture::of(&bytes)).unwrap_or_else(|_| {
                tracing::error!("the decoder of images panicked");
                Err(NotTaken::Damaged)
            });
            let _ = done.send(picture);
        };
        // Each has a thread of its own: the allocator keeps what a thread has freed for that thread, and of a photo that is
        // many megabytes, which would stay with each thread of the pool that ever had one.
        let spawned = std::thread::Builder::new().name("darkroom".into()).spawn(work);
        spawned.map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(developed.await.map_err(|error| Problem::internal(&error.to_string()))??)
    }
}

#[cfg(test)]
mod tests;
