//! Checks and service records as rows, and photos and documents as they are sent.

use super::Server;
use domain::check_template::platform;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, codecs};

/// An id in a statement.
fn key(server: &Server, id: &str) -> String {
    let bare = id.replace('-', "");
    if server.is_sqlite() { format!("x'{bare}'") } else { format!("'{id}'") }
}

/// Now, in a statement.
fn now(server: &Server) -> String {
    let now = server.now();
    if server.is_sqlite() { now.as_microsecond().to_string() } else { format!("'{now}'") }
}

impl Server {
    /// A draft of a check of a car, from the platform's template.
    pub(crate) fn draft_check(&self, car: &str) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        let list = serde_json::to_string(&platform()[0]).unwrap().replace('\'', "''");
        let (own, car, now) = (key(self, &id), key(self, car), now(self));
        self.run_sql(&format!(
            "INSERT INTO vehicle_checks (id, vehicle_id, garage_id, template_key, template_names, list, started_by, created_at, updated_at, version)
             SELECT {own}, vehicle_id, garage_id, 'autostatus', '{{\"nl\":\"Check\",\"en\":\"Check\"}}', '{list}',
                (SELECT id FROM accounts WHERE accounts.garage_id = passports.garage_id LIMIT 1), {now}, {now}, 1
             FROM passports WHERE id = {car}"
        ));
        id
    }

    /// Completes a check.
    pub(crate) fn complete_check(&self, check: &str) {
        let (check, now) = (key(self, check), now(self));
        self.run_sql(&format!(
            "UPDATE vehicle_checks SET checked_on = '2026-02-25', completed_at = {now}, completed_by = started_by
             WHERE id = {check}"
        ));
    }

    /// A service record of a car, whose owner now is its owner then, written down by the account with this e-mail.
    pub(crate) fn service_record(&self, car: &str, origin: &str, by: &str) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        let (own, car, now) = (key(self, &id), key(self, car), now(self));
        self.run_sql(&format!(
            "INSERT INTO service_records (id, vehicle_id, garage_id, origin, done_on, currency, owner_account_id,
                owner_fleet_id, recorded_at, recorded_by)
             SELECT {own}, vehicle_id, garage_id, '{origin}', '2026-02-25', 'EUR',
                CASE WHEN fleet_id IS NULL THEN driver_account_id END, fleet_id, {now},
                (SELECT id FROM accounts WHERE email_key = '{by}')
             FROM passports WHERE id = {car}"
        ));
        id
    }

    /// Lets the drivers of a fleet's cars see amounts.
    pub(crate) fn let_drivers_see_amounts(&self, fleet: &str) {
        let (fleet, yes) = (key(self, fleet), if self.is_sqlite() { "1" } else { "true" });
        self.run_sql(&format!("UPDATE fleets SET drivers_see_amounts = {yes} WHERE id = {fleet}"));
    }
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
