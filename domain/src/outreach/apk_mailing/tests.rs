mod life;
mod properties;
mod recipients;
mod text;

use super::*;
use crate::{Date, ids::PassportId};
use jiff::civil::date;
use std::collections::BTreeSet;

const TODAY: Date = date(2026, 2, 25);

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn passports(count: u128) -> BTreeSet<PassportId> {
    (0..count).map(|number| PassportId(uuid::Uuid::from_u128(number))).collect()
}

/// A selection of the APKs that expire in March.
fn march() -> Selection {
    Selection::new(date(2026, 3, 1), date(2026, 3, 31), BTreeSet::new(), TODAY).unwrap()
}

fn written(body: &str) -> MailingText {
    MailingText::parse("Uw APK", body).unwrap()
}

/// What is wrong with a body: the fault, the line and the piece.
fn wrong(body: &str) -> Vec<(TextFault, usize, String)> {
    let refused = MailingText::parse("Uw APK", body).expect_err(body);
    assert!(refused.iter().all(|one| one.field == TextField::Body), "{refused:?}");
    refused.into_iter().map(|one| (one.fault, one.line, one.piece)).collect()
}

fn values() -> Values<'static> {
    Values {
        name: Some("J. de Vries"),
        plate: "12-ABC-3",
        car: Some("Volkswagen Golf"),
        apk_date: date(2027, 3, 12),
        garage: "Garage De Zon",
        phone: Some("+31301234567"),
        garage_email: "info@zon.example",
    }
}
