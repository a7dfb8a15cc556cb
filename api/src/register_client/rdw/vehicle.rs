//! Reads a vehicle from the register's rows.

use super::row::Row;
use domain::{
    apk::{EuCategory, VehicleKind},
    passport::{Fuel, MAX_YEAR, MIN_YEAR},
    register::{RegisterData, RegisterVerdict, RegisteredFuel, RegisteredOdometer},
};

/// The greatest mass that is accepted, in kilograms: no road vehicle is heavier.
const MAX_MASS_KG: i64 = 500_000;

/// A vehicle from its row; its fuels are in another dataset. A zero that is impossible (for a mass, seats or a price)
/// is read as unknown; zero doors and zero carbon dioxide are possible.
pub(super) fn data(row: &Row) -> RegisterData {
    RegisterData {
        kind: row.text("voertuigsoort", 60).map(|text| kind(&text)),
        eu_category: row.text("europese_voertuigcategorie", 10).and_then(|text| eu_category(&text)),
        make: row.text("merk", 100),
        model: row.text("handelsbenaming", 100),
        body: row.text("inrichting", 60),
        colour: row.text("eerste_kleur", 60),
        admitted_on: row.date("datum_eerste_toelating"),
        first_registered_on: row.date("datum_eerste_tenaamstelling_in_nederland"),
        registered_on: row.date("datum_tenaamstelling"),
        empty_mass_kg: row.number("massa_ledig_voertuig", 1, MAX_MASS_KG),
        max_mass_kg: row.number("toegestane_maximum_massa_voertuig", 1, MAX_MASS_KG),
        seats: row.number("aantal_zitplaatsen", 1, 500),
        doors: row.number("aantal_deuren", 0, 50),
        engine_cc: row.number("cilinderinhoud", 1, 100_000),
        catalogue_price_eur: row.number("catalogusprijs", 1, 100_000_000),
        efficiency_class: row.text("zuinigheidsclassificatie", 10).and_then(|text| efficiency_class(&text)),
        apk_expires_on: row.date("vervaldatum_apk"),
        taxi: row.indicator("taxi_indicator"),
        exported: row.indicator("export_indicator"),
        insured: row.indicator("wam_verzekerd"),
        open_recall: row.indicator("openstaande_terugroepactie_indicator"),
        odometer: odometer(row),
        fuels: vec![],
    }
}

fn odometer(row: &Row) -> RegisteredOdometer {
    // "Niet geregistreerd" is a verdict here, although it means "no value" in every other column.
    let verdict = match row.raw("tellerstandoordeel").map(str::to_lowercase).as_deref() {
        Some("logisch") => Some(RegisterVerdict::Logical),
        Some("onlogisch") => Some(RegisterVerdict::Illogical),
        Some("geen oordeel") => Some(RegisterVerdict::NoJudgement),
        Some("niet geregistreerd") => Some(RegisterVerdict::NotRegistered),
        _ => None,
    };
    let reason = row.text("code_toelichting_tellerstandoordeel", 10).map(|text| text.to_uppercase());
    let known = |code: &String| code == "NG" || matches!(code.as_bytes(), [b'0', b'0'..=b'7']);
    RegisteredOdometer {
        verdict,
        reason: reason.filter(known),
        last_year: row.number("jaar_laatste_registratie_tellerstand", MIN_YEAR, MAX_YEAR),
    }
}

/// The fuels in the register's order. Hybrids have several rows, which the register does not send in order.
pub(super) fn fuels(rows: &[Row]) -> Vec<RegisteredFuel> {
    let mut rows: Vec<(i64, &Row)> =
        rows.iter().map(|row| (row.number("brandstof_volgnummer", 0, 99).unwrap_or(99), row)).collect();
    rows.sort_by_key(|(number, _)| *number);
    let registered = rows.into_iter().filter_map(|(_, row)| {
        let power = |column: &str| row.thousandths(column, 1, 100_000_000);
        let carbon = |column: &str| row.number(column, 0, 10_000);
        Some(RegisteredFuel {
            fuel: fuel(&row.text("brandstof_omschrijving", 60)?),
            power_w: power("nettomaximumvermogen").or_else(|| power("netto_max_vermogen_elektrisch")),
            co2_g_per_km: carbon("emissie_co2_gecombineerd_wltp").or_else(|| carbon("co2_uitstoot_gecombineerd")),
        })
    });
    registered.take(10).collect()
}

fn fuel(text: &str) -> Fuel {
    match text.to_lowercase().as_str() {
        "benzine" => Fuel::Petrol,
        "diesel" => Fuel::Diesel,
        "elektriciteit" => Fuel::Electric,
        "lpg" => Fuel::Lpg,
        "cng" => Fuel::Cng,
        "waterstof" => Fuel::Hydrogen,
        "alcohol" => Fuel::Alcohol,
        _ => Fuel::Other,
    }
}

/// Kinds that the rules of the APK do not need, and new kinds, become "other": no rule is computed for them.
fn kind(text: &str) -> VehicleKind {
    match text.to_lowercase().as_str() {
        "personenauto" => VehicleKind::Car,
        "bedrijfsauto" => VehicleKind::Commercial,
        "bus" => VehicleKind::Bus,
        "motorfiets" | "motorfiets met zijspan" => VehicleKind::Motorcycle,
        "bromfiets" => VehicleKind::Moped,
        "driewielig motorrijtuig" => VehicleKind::ThreeWheeler,
        "aanhangwagen" | "oplegger" | "middenasaanhangwagen" | "autonome aanhangwagen" => VehicleKind::Trailer,
        _ => VehicleKind::Other,
    }
}

fn eu_category(text: &str) -> Option<EuCategory> {
    EuCategory::ALL.iter().copied().find(|category| category.code().eq_ignore_ascii_case(text))
}

fn efficiency_class(text: &str) -> Option<String> {
    let class = text.to_uppercase();
    matches!(class.as_bytes(), [b'A'..=b'G']).then_some(class)
}
