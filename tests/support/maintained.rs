//! Checks and service records as people make them, photos and documents as they are sent, and advice as it is stored.

use super::{Actor, Server};
use domain::{
    Instant,
    ids::{PassportId, RecommendationId},
    passport::Passport,
    recommendation::{Advice, Happened, Recommendation, Urgency},
    service_task::{Position, TaskKey},
};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, codecs};
use persistence::{Scope, StoreError, Tx, passport, recommendation};
use serde_json::{Value, json};

async fn begin(mechanic: &Actor<'_>, car: &str, template: &str) -> Value {
    mechanic.post(&format!("/v1/passports/{car}/checks"), json!({ "template": template })).await.created()
}

/// A draft of a check of a car in which nothing was found yet.
pub(crate) async fn draft_check(mechanic: &Actor<'_>, car: &str) -> String {
    begin(mechanic, car, "holiday").await["id"].as_str().unwrap().to_owned()
}

/// Enters that each of these places of a check is good.
async fn find_good(mechanic: &Actor<'_>, path: &str, places: &Value) {
    for place in places.as_array().unwrap() {
        let path = format!("{path}/findings/{}", place.as_str().unwrap());
        mechanic.change("PUT", &path, "*", json!({ "result": "good" })).await.ok();
    }
}

/// A draft of a check in which all that the template demands is good, but for what is given by its place.
pub(crate) async fn filled_check(mechanic: &Actor<'_>, car: &str, template: &str, found: &[(&str, Value)]) -> String {
    let made = begin(mechanic, car, template).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/passports/{car}/checks/{id}");
    let mut missing = made["missing"].clone();
    for (place, finding) in found {
        mechanic.change("PUT", &format!("{path}/findings/{place}"), "*", finding.clone()).await.ok();
        missing.as_array_mut().unwrap().retain(|other| other != place);
    }
    find_good(mechanic, &path, &missing).await;
    id
}

/// Completes a draft of a check: what nobody looked at yet is good.
pub(crate) async fn complete_check(mechanic: &Actor<'_>, car: &str, check: &str) {
    let path = format!("/v1/passports/{car}/checks/{check}");
    let draft = mechanic.get(&path).await.ok();
    find_good(mechanic, &path, &draft["missing"]).await;
    mechanic.post(&format!("{path}/complete"), json!({ "odometer": 60_000 })).await.ok();
}

/// A record of work on a car that was done today: the garage's own of its staff, else one that is declared.
pub(crate) async fn service_record(by: &Actor<'_>, car: &str) -> String {
    by.post(&format!("/v1/passports/{car}/service-records"), json!({ "lines": [{ "task": "wipers" }] })).await.id()
}

/// A photo of this size, red on its left half.
pub(crate) fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([20, 20, 20]) })
}

/// The same as a JPEG, to be turned as its metadata say, with a place and a device in them.
pub(crate) fn jpeg(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0]);
    exif.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x26\0\0\0\0\0\0\0SecretCamera");
    let mut bytes = vec![];
    let mut encoder = codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).unwrap();
    picture(width, height).write_with_encoder(encoder).unwrap();
    bytes
}

/// A PNG of one grey pixel after the other.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = vec![];
    let pixels = vec![7; usize::try_from(width * height).unwrap()];
    codecs::png::PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::L8).unwrap();
    bytes
}

/// A document of one empty page.
pub(crate) const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>\
    endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// What is sent as a body of this media type, where it is no JSON.
pub(crate) fn sample(media: &str) -> Vec<u8> {
    match media {
        "application/pdf" => PDF.to_vec(),
        _ => jpeg(64, 48, 1),
    }
}

/// The passport as it is stored.
pub(crate) fn stored(server: &Server, car: &str) -> persistence::Found<Passport> {
    let id: PassportId = car.parse::<uuid::Uuid>().unwrap().into();
    server
        .store()
        .read(|tx| -> Result<_, StoreError> { Ok(passport::find(tx, &Scope::System, id)?.unwrap().0) })
        .unwrap()
}

/// Advises work for a car at an instant, without a check: each a task, and where it is to be done.
pub(crate) fn advise(
    server: &Server,
    car: &str,
    urgency: Urgency,
    made_at: Instant,
    work: &[(&str, Option<&str>)],
) -> Vec<RecommendationId> {
    let passport = stored(server, car);
    let advice = |(task, position): &(&str, Option<&str>)| Recommendation {
        id: api::clock::new_id(),
        vehicle_id: passport.vehicle.id,
        advice: Advice {
            task: TaskKey::find(task),
            position: position.map(|position| Position::from_code(position).unwrap()),
            urgency,
            text: "Nodig".into(),
            found: vec![],
            expected_on: None,
        },
        check_id: None,
        advised: Happened { on: made_at.to_zoned(jiff::tz::TimeZone::UTC).date(), at: made_at },
        made_at,
        agreed: None,
        is_planned: false,
        end: None,
        version: 1,
    };
    let new: Vec<Recommendation> = work.iter().map(advice).collect();
    let write = |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        recommendation::insert_all(tx, passport.garage_id, None, &new, server.now())
    };
    server.store().write(write).unwrap();
    new.iter().map(|one| one.id).collect()
}
