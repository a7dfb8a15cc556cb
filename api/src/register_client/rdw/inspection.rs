//! Reads inspections from the register's rows.

use super::row::Row;
use domain::{
    Date,
    register::{Inspection, InspectionBody, InspectionDefect},
};
use std::{cmp::Reverse, collections::HashMap};

/// The most inspections of a vehicle that are kept; the newest are kept.
const INSPECTIONS: usize = 100;
/// The most defects of one inspection.
const DEFECTS: usize = 200;

/// What tells one inspection of a vehicle from another: the day, the time of day and the body that reported it. The last
/// two may be unknown.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    day: Date,
    time: Option<String>,
    body: Option<InspectionBody>,
}

impl Key {
    fn of(row: &Row) -> Option<Self> {
        let time = row.text("meld_tijd_door_keuringsinstantie", 4);
        // `730` is half past seven: the register drops the leading zero.
        let padded = time.map(|time| format!("{time:0>4}"));
        let day = row.date("meld_datum_door_keuringsinstantie")?;
        Some(Self { day, time: padded.filter(|time| is_time(time)), body: body(row) })
    }

    /// Whether the inspection has this key. A row that lacks the body belongs to any inspection of its moment.
    fn fits(&self, inspection: &Inspection) -> bool {
        let is_body = self.body.is_none() || inspection.body.is_none() || self.body == inspection.body;
        is_body && self.day == inspection.reported_on && self.time == inspection.reported_at
    }
}

/// The body that reported: by the words of its recognition or, where a row lacks these, by the code of an APK station.
fn body(row: &Row) -> Option<InspectionBody> {
    let words = row.text("soort_erkenning_omschrijving", 60).map(|words| words.to_lowercase());
    match words.as_deref() {
        Some("apk lichte voertuigen") => Some(InspectionBody::ApkLight),
        Some("apk zware voertuigen") => Some(InspectionBody::ApkHeavy),
        // It is written with a space, a hyphen or in one word with what follows.
        Some(words) if words.starts_with("apk") && words.contains("landbouw") => Some(InspectionBody::ApkAgricultural),
        Some(words) if words.starts_with("controleappara") || words.contains("tachogra") => {
            Some(InspectionBody::Tachograph)
        }
        Some(words) if words.starts_with("gasinstallatie") => Some(InspectionBody::GasInstallation),
        Some(words) if words.starts_with("boordcomputer") => Some(InspectionBody::TaxiComputer),
        Some(_) => Some(InspectionBody::Other),
        None => match row.text("soort_erkenning_keuringsinstantie", 10)?.to_uppercase().as_str() {
            "AL" => Some(InspectionBody::ApkLight),
            "AZ" => Some(InspectionBody::ApkHeavy),
            _ => None,
        },
    }
}

fn is_time(text: &str) -> bool {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u8>().ok());
    text.len() == 4 && part(0..2).is_some_and(|hour| hour < 24) && part(2..4).is_some_and(|minute| minute < 60)
}

/// The code of the defect that a row is about.
pub(super) fn code(row: &Row) -> Option<String> {
    row.text("gebrek_identificatie", 20)
}

/// The texts of the defects, by their codes.
pub(super) fn texts(rows: &[Row]) -> HashMap<String, String> {
    rows.iter().filter_map(|row| Some((code(row)?, row.text("gebrek_omschrijving", 500)?))).collect()
}

/// The inspections of a vehicle, the newest first, with the defects found. If two reports of one body have the same
/// moment, the first counts. Defects at a moment at which their body reported nothing make an inspection of their own.
pub(super) fn inspections(reports: &[Row], defects: &[Row], texts: &HashMap<String, String>) -> Vec<Inspection> {
    let mut found: Vec<Inspection> = vec![];
    for row in reports {
        let Some(key) = Key::of(row) else { continue };
        let is_told = |one: &Inspection| key.fits(one) && key.body == one.body;
        if !found.iter().any(is_told) {
            let kind = row.text("soort_melding_ki_omschrijving", 100);
            found.push(Inspection { kind, expires_on: row.date("vervaldatum_keuring"), ..at(key) });
        }
    }
    for row in defects {
        let (Some(key), Some(code)) = (Key::of(row), code(row)) else { continue };
        let index = position(&found, &key).unwrap_or_else(|| {
            found.push(at(key));
            found.len() - 1
        });
        let count = row.number("aantal_gebreken_geconstateerd", 1, 1_000);
        let defect = InspectionDefect { text: texts.get(&code).cloned(), code, count };
        if let Some(inspection) = found.get_mut(index)
            && inspection.defects.len() < DEFECTS
            && !inspection.defects.contains(&defect)
        {
            inspection.defects.push(defect);
        }
    }
    found.sort_by_cached_key(|one| Reverse((one.reported_on, one.reported_at.clone(), one.body)));
    found.truncate(INSPECTIONS);
    found
}

fn at(key: Key) -> Inspection {
    Inspection {
        reported_on: key.day,
        reported_at: key.time,
        body: key.body,
        kind: None,
        expires_on: None,
        defects: vec![],
        seen_at: None,
    }
}

/// The inspection that a defect belongs to: that of its body, else one of its moment whose body is unknown on either side.
fn position(found: &[Inspection], key: &Key) -> Option<usize> {
    let of_body = |one: &Inspection| key.fits(one) && key.body == one.body;
    found.iter().position(of_body).or_else(|| found.iter().position(|one| key.fits(one)))
}
