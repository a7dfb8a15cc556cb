//! Reads recalls from the register's rows.

use super::row::Row;
use domain::register::{Recall, RecallDetail, RecallStatus};
use std::collections::HashMap;

/// The most characters in a reference.
const REFERENCE: usize = 40;
/// The most characters in a text about a recall.
const TEXT: usize = 2_000;
/// The most hazards of a recall.
const HAZARDS: usize = 20;

/// The reference that a row is about.
pub(super) fn reference(row: &Row) -> Option<String> {
    row.text("referentiecode_rdw", REFERENCE)
}

/// Each recall of a vehicle, once, the open ones first. The details of a recall may be missing.
pub(super) fn recalls(rows: &[Row], details: &HashMap<String, RecallDetail>) -> Vec<Recall> {
    let mut recalls: Vec<Recall> = vec![];
    for row in rows {
        let Some(reference) = reference(row) else { continue };
        let status = status(row);
        match recalls.iter_mut().find(|recall| recall.reference == reference) {
            None => recalls.push(Recall { detail: details.get(&reference).cloned(), reference, status }),
            // If two rows disagree, the open one counts, since a repair that is still needed must not be missed.
            Some(known) if known.status != status => known.status = worse(known.status, status),
            Some(_) => {}
        }
    }
    recalls.sort_by(|a, b| (a.status, &a.reference).cmp(&(b.status, &b.reference)));
    recalls
}

fn status(row: &Row) -> RecallStatus {
    match row.raw("code_status").map(str::to_uppercase).as_deref() {
        Some("O") => RecallStatus::Open,
        Some("P") => RecallStatus::Repaired,
        _ => RecallStatus::Unknown,
    }
}

fn worse(one: RecallStatus, other: RecallStatus) -> RecallStatus {
    if [one, other].contains(&RecallStatus::Open) { RecallStatus::Open } else { RecallStatus::Unknown }
}

/// The details of recalls, by their reference.
pub(super) fn details(rows: &[Row], hazards: &[Row]) -> HashMap<String, RecallDetail> {
    let mut details: HashMap<String, RecallDetail> = HashMap::new();
    for row in rows {
        let Some(reference) = reference(row) else { continue };
        details.entry(reference).or_insert_with(|| RecallDetail {
            defect: row.text("omschrijving_defect", TEXT),
            consequences: row.text("materi_le_gevolgen", TEXT),
            repair: row.text("beschrijving_van_het_herstel", TEXT),
            producer_reference: row.text("referentiecode_producent", 100),
            announced_on: row.date("datum_aankondiging_producent"),
            owners_informed_on: row.date("datum_eigenaren_ge_nformeerd"),
            hazards: vec![],
        });
    }
    for row in hazards {
        let Some(detail) = reference(row).and_then(|reference| details.get_mut(&reference)) else { continue };
        let hazard = row.text("mogelijk_gevaar", 200).or_else(|| row.text("code_mogelijk_gevaar", 200));
        if let Some(hazard) = hazard
            && detail.hazards.len() < HAZARDS
            && !detail.hazards.contains(&hazard)
        {
            detail.hazards.push(hazard);
        }
    }
    details
}
