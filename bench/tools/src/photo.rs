//! Makes a photo such as a telephone takes: light that changes smoothly, edges, and the noise of a sensor, as a JPEG. The
//! same each time.

use crate::world::text;
use clap::Args;
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use std::{fs::File, io::BufWriter, path::PathBuf};

/// How large, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The file that is written
    #[arg(long)]
    file: PathBuf,
    /// How many pixels wide
    #[arg(long, default_value = "4000")]
    width: u32,
    /// How many pixels high
    #[arg(long, default_value = "3000")]
    height: u32,
}

/// As telephones do.
const QUALITY: u8 = 90;
/// How far a pixel lies from what it should be, of 255, at the most.
const NOISE: u32 = 24;
/// How many pixels wide and high the things in the picture are.
const THING: u32 = 160;

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let file = File::create(&options.file).map_err(|error| format!("{}: {error}", options.file.display()))?;
    let encoder = JpegEncoder::new_with_quality(BufWriter::new(file), QUALITY);
    picture(options.width, options.height).write_with_encoder(encoder).map_err(text)
}

fn picture(width: u32, height: u32) -> RgbImage {
    let mut noise = 2_026_u32;
    RgbImage::from_fn(width, height, |x, y| {
        let light = 40 + 150 * x / width.max(1);
        let thing = (x / THING * 7 + y / THING * 13) % 5 * 9;
        let mut channel = |shade: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from((light + thing + shade + (noise >> 24) * NOISE / 255).min(255)).unwrap_or(u8::MAX)
        };
        Rgb([channel(0), channel(10 * y / height.max(1)), channel(20)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_photo_that_the_server_takes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("photo.jpg");
        run(&Options { file: file.clone(), width: 400, height: 300 }).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let taken = api::picture::Picture::of(&bytes).unwrap();
        assert_eq!((taken.width, taken.height), (400, 300));
        run(&Options { file: file.clone(), width: 400, height: 300 }).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}
