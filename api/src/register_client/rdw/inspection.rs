//! Reads inspections from the register's rows.

use super::row::Row;
use domain::{
    Date,
    register::{Inspection, InspectionDefect},
};
use std::collections::HashMap;

/// The most inspections of a vehicle that are kept; the newest are kept.
const INSPECTIONS: usize = 100;
/// The most defects of one inspection.
const DEFECTS: usize = 200;

/// When an inspection was reported: the day and, if known, the time of day. All rows of one vehicle with the same
/// moment belong to one inspection.
type Moment = (Date, Option<String>);

fn moment(row: &Row) -> Option<Moment> {
    let time = row.text("meld_tijd_door_keuringsinstantie", 4);
    // `730` is half past seven: the register drops the leading zero.
    let padded = time.map(|time| format!("{time:0>4}"));
    Some((row.date("meld_datum_door_keuringsinstantie")?, padded.filter(|time| is_time(time))))
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

/// The inspections of a vehicle, the newest first, with the defects found. If two reports have the same moment, the
/// first counts. Defects at a moment without a report make an inspection of their own.
pub(super) fn inspections(reports: &[Row], defects: &[Row], texts: &HashMap<String, String>) -> Vec<Inspection> {
    let mut found: Vec<Inspection> = vec![];
    for row in reports {
        let Some(moment) = moment(row) else { continue };
        if position(&found, &moment).is_none() {
            let kind = row.text("soort_melding_ki_omschrijving", 100);
            found.push(Inspection { kind, expires_on: row.date("vervaldatum_keuring"), ..at(moment) });
        }
    }
    for row in defects {
        let (Some(moment), Some(code)) = (moment(row), code(row)) else { continue };
        let index = position(&found, &moment).unwrap_or_else(|| {
            found.push(at(moment));
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
    found.sort_by(|a, b| (b.reported_on, &b.reported_at).cmp(&(a.reported_on, &a.reported_at)));
    found.truncate(INSPECTIONS);
    found
}

fn at((reported_on, reported_at): Moment) -> Inspection {
    Inspection { reported_on, reported_at, kind: None, expires_on: None, defects: vec![] }
}

fn position(found: &[Inspection], (day, time): &Moment) -> Option<usize> {
    found.iter().position(|inspection| inspection.reported_on == *day && inspection.reported_at == *time)
}
