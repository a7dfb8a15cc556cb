//! Reads a vehicle from the register's rows.

use super::row::Row;
use domain::{
    apk::{EuCategory, VehicleKind},
    passport::{Fuel, MAX_YEAR, MIN_YEAR},
    register::{RegisterData, RegisterVerdict, RegisteredFuel, RegisteredOdometer},
};

/// The greatest design speed that is accepted, in metres per hour.
const MAX_SPEED_M_PER_H: i64 = 1_000_000;

/// The most fuels of a vehicle.
const MOST_FUELS: usize = 10;

/// The greatest mass that is accepted, in kilograms: no road vehicle is heavier.
const MAX_MASS_KG: i64 = 500_000;

/// A vehicle from its row; its fuels are in another dataset. A zero that is impossible (for a mass, seats or a price)
/// is read as unknown; zero doors and zero carbon dioxide are possible.
pub(super) fn data(row: &Row) -> RegisterData {
    RegisterData {
        kind: row.text("voertuigsoort", 60).map(|text| kind(&text)),
        eu_category: eu_category(row),
        make: row.text("merk", 100),
        model: row.text("handelsbenaming", 100),
        body: row.text("inrichting", 60),
        colour: row.text("eerste_kleur", 60),
        admitted_on: row.date("datum_eerste_toelating"),
        first_registered_on: row.date("datum_eerste_tenaamstelling_in_nederland"),
        registered_on: row.date("datum_tenaamstelling"),
        max_speed_m_per_h: row.thousandths("maximale_constructiesnelheid", 1, MAX_SPEED_M_PER_H),
        on_tracks: row.text("rupsonderstelconfiguratiecode", 10).map(|_| true),
        empty_mass_kg: row.number("massa_ledig_voertuig", 1, MAX_MASS_KG),
        max_mass_kg: row.number("toegestane_maximum_massa_voertuig", 1, MAX_MASS_KG),
        seats: row.number("aantal_zitplaatsen", 1, 500),
        doors: row.number("aantal_deuren", 0, 50),
        engine_cc: row.number("cilinderinhoud", 1, 100_000),
        catalogue_price_eur: row.number("catalogusprijs", 1, 100_000_000),
        efficiency_class: row.text("zuinigheidsclassificatie", 10).and_then(|text| efficiency_class(&text)),
        apk_expires_on: row.date("vervaldatum_apk"),
        tachograph_expires_on: row.date("vervaldatum_tachograaf"),
        taxi: row.indicator("taxi_indicator"),
        exported: row.indicator("export_indicator"),
        registrable: row.indicator("tenaamstellen_mogelijk"),
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

/// The fuels in the register's order. Hybrids have several rows, which the register does not send in order; a row that
/// comes twice counts once.
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
    let mut fuels: Vec<RegisteredFuel> = vec![];
    for one in registered {
        if fuels.len() < MOST_FUELS && !fuels.contains(&one) {
            fuels.push(one);
        }
    }
    fuels
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
        "land- of bosbouwtrekker" => VehicleKind::Tractor,
        "motorrijtuig met beperkte snelheid" => VehicleKind::LimitedSpeed,
        "mobiele machine" => VehicleKind::MobileMachine,
        "land- of bosb aanhw of getr uitr stuk" => VehicleKind::AgriculturalTrailer,
        "aanhangwagen" | "oplegger" | "middenasaanhangwagen" | "autonome aanhangwagen" => VehicleKind::Trailer,
        _ => VehicleKind::Other,
    }
}

/// The European category. It can come in two columns, as `L3` and `e`, and with more behind it, as in `L3e-A1` and `N1G`:
/// letter and number say which it is.
fn eu_category(row: &Row) -> Option<EuCategory> {
    let text = row.text("europese_voertuigcategorie", 10)?;
    let start = text.get(..2).filter(|start| start.as_bytes().last().is_some_and(u8::is_ascii_digit))?;
    let is_whole = text.get(2..3).is_none_or(|next| !next.starts_with(|c: char| c.is_ascii_digit()));
    let begins = |category: &&EuCategory| category.code().get(..2).is_some_and(|code| code.eq_ignore_ascii_case(start));
    EuCategory::ALL.iter().find(begins).copied().filter(|_| is_whole)
}

fn efficiency_class(text: &str) -> Option<String> {
    let class = text.to_uppercase();
    matches!(class.as_bytes(), [b'A'..=b'G']).then_some(class)
}
