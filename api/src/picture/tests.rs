use super::*;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, RgbaImage};

/// A photo of this size, dark but for its left half, which is red.
fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([20, 20, 20]) })
}

fn as_jpeg(photo: &RgbImage, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = vec![];
    let mut encoder = jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    photo.write_with_encoder(encoder).unwrap();
    bytes
}

/// What a camera writes: turned by a quarter, and taken somewhere.
fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    bytes.extend([orientation, 0, 0, 0]);
    bytes.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x26\0\0\0\0\0\0\0SecretCamera");
    bytes
}

fn as_png(width: u32, height: u32, pixels: &[u8], color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = vec![];
    png::PngEncoder::new(&mut bytes).write_image(pixels, width, height, color).unwrap();
    bytes
}

fn seen(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn vc5_a_photo_is_written_anew_upright_and_without_what_was_hidden_in_it() {
    let mut sent = as_jpeg(&photo(120, 80), Some(exif(6)));
    sent.extend_from_slice(b"PK\x03\x04<script>hidden</script>");
    assert!(has(&sent, b"SecretCamera"));
    let picture = Picture::of(&sent).unwrap();
    assert_eq!((picture.width, picture.height), (80, 120));
    for written in [&picture.large, &picture.small] {
        assert!(!has(written, b"SecretCamera") && !has(written, b"Exif") && !has(written, b"hidden"));
        // What was left is above once it is turned a quarter clockwise.
        let seen = seen(written);
        let (above, below) = (seen.get_pixel(40, 10), seen.get_pixel(40, 110));
        assert!(above.0[0] > 150 && below.0[0] < 60, "{above:?} {below:?}");
    }
}

#[test]
fn vc5_a_photo_is_bounded_and_has_a_small_version() {
    let picture = Picture::of(&as_jpeg(&photo(3_000, 2_000), None)).unwrap();
    assert_eq!((picture.width, picture.height), (2_048, 1_365));
    assert_eq!(seen(&picture.small).dimensions(), (400, 267));
    let small = Picture::of(&as_jpeg(&photo(60, 40), None)).unwrap();
    assert_eq!((small.width, small.height, seen(&small.small).dimensions()), (60, 40, (60, 40)));
}

#[test]
fn vc5_png_and_webp_are_taken_and_what_is_transparent_becomes_white() {
    let clear = RgbaImage::from_pixel(30, 20, image::Rgba([0, 0, 0, 0]));
    let picture = Picture::of(&as_png(30, 20, clear.as_raw(), ExtendedColorType::Rgba8)).unwrap();
    assert!(seen(&picture.large).get_pixel(5, 5).0.iter().all(|channel| *channel > 250));
    let mut bytes = vec![];
    let lossless = webp::WebPEncoder::new_lossless(&mut bytes);
    lossless.write_image(photo(30, 20).as_raw(), 30, 20, ExtendedColorType::Rgb8).unwrap();
    assert_eq!(Picture::of(&bytes).unwrap().width, 30);
}

#[test]
fn vc5_what_is_no_photo_is_refused_whatever_its_name() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice();
    assert_eq!(Picture::of(heic).unwrap_err(), NotTaken::Heic);
    for other in [
        &b""[..],
        b"GIF89a\x01\0\x01\0",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<!DOCTYPE html><html></html>",
        b"%PDF-1.7\n%%EOF",
        b"\0\0\0\x18ftypisom\0\0\0\0",
        b"RIFF\0\0\0\0WAVE",
    ] {
        assert_eq!(Picture::of(other).unwrap_err(), NotTaken::NoPhoto, "{other:?}");
    }
    let whole = as_jpeg(&photo(60, 40), None);
    // The beginning of an image before something else is no image.
    let much = as_jpeg(&photo(600, 400), Some(exif(1)));
    for damaged in [
        &whole[..20],
        &much[..much.len() / 2],
        &much[..much.len() - 2],
        b"\xFF\xD8\xFF\xE0<script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<html>",
        b"RIFF\x04\0\0\0WEBP",
    ] {
        assert_eq!(Picture::of(damaged).unwrap_err(), NotTaken::Damaged, "{damaged:?}");
    }
}

#[test]
fn vc5_a_bomb_is_refused_before_it_is_decoded() {
    // 10,000 by 10,000 pixels of nothing in some hundred kilobytes; and a header that claims as much as it can.
    let bomb = as_png(10_000, 10_000, &vec![0; 10_000 * 10_000], ExtendedColorType::L8);
    assert!(bomb.len() < 1_000_000, "{}", bomb.len());
    let begun = std::time::Instant::now();
    assert_eq!(Picture::of(&bomb).unwrap_err(), NotTaken::TooManyPixels);
    assert!(begun.elapsed() < Duration::from_millis(500));
    let mut claims = as_jpeg(&photo(60, 40), None);
    let frame = claims.windows(2).position(|mark| mark == [0xFF, 0xC0]).unwrap();
    claims[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    assert_eq!(Picture::of(&claims).unwrap_err(), NotTaken::TooManyPixels);
    let wide = as_png(16_385, 1, &vec![0; 16_385], ExtendedColorType::L8);
    assert_eq!(Picture::of(&wide).unwrap_err(), NotTaken::TooManyPixels);
}

#[test]
fn vc5_a_profile_that_unpacks_to_much_is_not_looked_at() {
    let plain = as_png(30, 20, photo(30, 20).as_raw(), ExtendedColorType::Rgb8);
    let mut packed = flate2::write::ZlibEncoder::new(b"x\0\0".to_vec(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &vec![0; 100_000_000]).unwrap();
    let profile = packed.finish().unwrap();
    let mut chunk = u32::try_from(profile.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(b"iCCP");
    chunk.extend(&profile);
    let mut crc = flate2::Crc::new();
    crc.update(&chunk[4..]);
    chunk.extend(crc.sum().to_be_bytes());
    let bomb = [&plain[..33], &chunk, &plain[33..]].concat();
    assert_eq!(plain_png(&bomb).unwrap(), plain_png(&plain).unwrap());
    assert!(Picture::of(&bomb).is_ok());
    assert_eq!(plain_png(&plain[..plain.len() - 1]), None);
}

#[test]
fn sr1_a_document_is_a_pdf_and_no_page() {
    assert!(is_pdf(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<<>>\n%%EOF\n"));
    for other in [
        &b""[..],
        b"<!DOCTYPE html><html>%PDF-1.7 %%EOF",
        b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF",
        b"%PDF-1.7\n<SCRIPT>alert(1)</SCRIPT>\n%%EOF",
        b"%PDF-1.7\nbreaks off",
        b"%PDF\n%%EOF",
        b" %PDF-1.7\n%%EOF",
    ] {
        assert!(!is_pdf(other), "{other:?}");
    }
}

#[actix_web::test]
async fn a_photo_waits_for_its_turn_no_longer_than_it_may() {
    let full = Darkroom::new(0).develop(vec![]).await.unwrap_err();
    assert_eq!((full.code, full.retry_after), (Code::Overloaded, Some(5)));
    let photo = as_jpeg(&photo(60, 40), None);
    assert_eq!(Darkroom::new(1).develop(photo).await.unwrap().width, 60);
}

/// `cargo test --release -p api --lib -- --ignored --nocapture one_photo`: what a photo of twelve megapixels takes.
#[test]
#[ignore = "it measures the whole process, so it means something in a release build and by itself only"]
fn one_photo_of_twelve_megapixels_takes_a_second_and_150_mb_at_most() {
    let noisy = RgbImage::from_fn(4_032, 3_024, |x, y| {
        let grain = u8::try_from((x * 7 + y * 13) % 40).unwrap();
        Rgb([grain + u8::try_from(x / 32).unwrap(), grain + 60, grain + u8::try_from(y / 32).unwrap()])
    });
    let sent = as_jpeg(&noisy, Some(exif(6)));
    drop(noisy);
    let begun = std::time::Instant::now();
    let picture = Picture::of(&sent).unwrap();
    let took = begun.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_kb: u64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    let [large, small] = [&picture.large, &picture.small].map(Vec::len);
    let told = format!("{} bytes in {took:?}, {large} and {small} bytes out, {peak_kb} kB at the peak", sent.len());
    assert!(took < Duration::from_secs(1) && peak_kb < 150_000, "{told}");
    std::io::Write::write_all(&mut std::io::stderr(), format!("{told}\n").as_bytes()).unwrap();
}
