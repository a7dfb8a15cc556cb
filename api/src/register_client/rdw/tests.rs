//! One test for each odd behaviour of the register that was seen.

use super::*;
use domain::{
    Date,
    apk::{EuCategory, VehicleKind},
    passport::Fuel,
    register::{InspectionBody, RecallStatus, RegisterData, RegisterVerdict, RegisteredFuel},
};
use serde_json::{Value, json};

/// A source that answers each question about a dataset with the same rows, whatever was asked.
struct Fixed(HashMap<&'static str, Value>);

impl Source for Fixed {
    fn rows(&self, dataset: &'static Dataset, _: &[&str], _: Instant) -> Result<Vec<Row>, RegisterError> {
        let json = self.0.get(dataset.id).cloned().unwrap_or_else(|| json!([]));
        let rows = row::Rows { columns: dataset.columns, most: 1000 }.read(json.to_string().as_bytes());
        rows.map_err(|error| RegisterError::Garbage(error.to_string()))
    }
}

fn register(datasets: impl IntoIterator<Item = (&'static str, Value)>) -> Rdw<Fixed> {
    Rdw::new(Fixed(datasets.into_iter().collect()), Duration::from_secs(1))
}

fn plate(number: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, number).unwrap()
}

/// A valid day.
fn day(text: &str) -> Option<Date> {
    let day = text.parse().ok();
    assert!(day.is_some(), "{text}");
    day
}

/// What one row of the vehicles says about TT601D.
fn told(mut row: Value) -> RegisterData {
    row["kenteken"] = json!("TT601D");
    told_with_fuels(row, json!([]))
}

fn told_with_fuels(mut row: Value, mut fuels: Value) -> RegisterData {
    row["kenteken"] = json!("TT601D");
    for fuel in fuels.as_array_mut().unwrap() {
        fuel["kenteken"] = json!("TT601D");
    }
    let register = register([("m9d7-ebf2", json!([row])), ("8ys7-d773", fuels)]);
    register.vehicle(&plate("TT601D")).unwrap().unwrap()
}

#[test]
fn r31_the_whole_row_of_a_car() {
    let demo = Rdw::new(Folder::demo().unwrap(), Duration::from_secs(1));
    let data = demo.vehicle(&plate("TT601D")).unwrap().unwrap();
    let expected = RegisterData {
        kind: Some(VehicleKind::Car),
        eu_category: Some(EuCategory::M1),
        make: Some("VOLKSWAGEN".into()),
        model: Some("KOMBI".into()),
        body: Some("MPV".into()),
        colour: Some("ROOD".into()),
        admitted_on: day("2013-05-17"),
        first_registered_on: day("2013-05-17"),
        registered_on: day("2013-07-25"),
        max_speed_m_per_h: None,
        on_tracks: None,
        empty_mass_kg: Some(1876),
        max_mass_kg: Some(3200),
        seats: Some(9),
        doors: Some(5),
        engine_cc: Some(1968),
        catalogue_price_eur: Some(71828),
        efficiency_class: Some("D".into()),
        apk_expires_on: day("2027-05-17"),
        tachograph_expires_on: None,
        taxi: Some(false),
        exported: Some(false),
        registrable: None,
        insured: Some(true),
        open_recall: Some(false),
        odometer: domain::register::RegisteredOdometer {
            verdict: Some(RegisterVerdict::Logical),
            reason: Some("00".into()),
            last_year: Some(2026),
        },
        fuels: vec![RegisteredFuel { fuel: Fuel::Diesel, power_w: Some(103_000), co2_g_per_km: Some(203) }],
    };
    assert_eq!(data, expected);
}

#[test]
fn r31_numbers_are_strings_and_may_be_numbers() {
    let data = told(json!({ "cilinderinhoud": "1968", "massa_ledig_voertuig": 1876, "catalogusprijs": 71828.0 }));
    assert_eq!((data.engine_cc, data.empty_mass_kg, data.catalogue_price_eur), (Some(1968), Some(1876), Some(71828)));
    let fuels = json!([{ "brandstof_omschrijving": "Diesel", "nettomaximumvermogen": "103.00" }]);
    assert_eq!(told_with_fuels(json!({}), fuels).fuels[0].power_w, Some(103_000));
    let fuels = json!([{ "brandstof_omschrijving": "Diesel", "nettomaximumvermogen": 66.6, "co2_uitstoot_gecombineerd": "119.5" }]);
    let fuel = &told_with_fuels(json!({}), fuels).fuels[0];
    assert_eq!((fuel.power_w, fuel.co2_g_per_km), (Some(66_600), Some(120)));
}

#[test]
fn r31_dates_come_twice() {
    let both = json!({ "vervaldatum_apk": "20270517", "vervaldatum_apk_dt": "2028-05-17T00:00:00.000" });
    assert_eq!(told(both).apk_expires_on, day("2027-05-17"));
    let twin = json!({ "vervaldatum_apk_dt": "2027-05-17T00:00:00.000", "datum_eerste_toelating_dt": "2013-05-17" });
    let data = told(twin);
    assert_eq!((data.apk_expires_on, data.admitted_on), (day("2027-05-17"), day("2013-05-17")));
    assert_eq!(told(json!({ "vervaldatum_apk": 20_270_517 })).apk_expires_on, day("2027-05-17"));
}

#[test]
fn r31_a_date_that_is_none_is_absent() {
    for nonsense in
        ["20271399", "20270229", "0", "", "2027051", "2027-05-17", "00000000", "18791231", "tomorrow", "２0270517"]
    {
        assert_eq!(told(json!({ "vervaldatum_apk": nonsense })).apk_expires_on, None, "{nonsense}");
    }
    for nonsense in ["2027-13-99T00:00:00.000", "17-05-2027", "2027", "2027-05-1é"] {
        assert_eq!(told(json!({ "vervaldatum_apk_dt": nonsense })).apk_expires_on, None, "{nonsense}");
    }
    let repaired = json!({ "vervaldatum_apk": "20271399", "vervaldatum_apk_dt": "2027-05-17T00:00:00.000" });
    assert_eq!(told(repaired).apk_expires_on, day("2027-05-17"));
}

#[test]
fn r31_omitted_columns_are_absent() {
    assert_eq!(told(json!({})), RegisterData::default());
}

#[test]
fn r31_words_that_mean_nothing_are_absent_in_any_case() {
    for word in [
        "N.v.t.",
        "n.v.t.",
        "Niet geregistreerd",
        "NIET GEREGISTREERD",
        "Geen verstrekking in Open Data",
        "geen verstrekking in open data",
        "Niet bekend",
        "(Nog) niet bekend",
        "(NOG) NIET BEKEND",
        " N.v.t. ",
        "",
    ] {
        let data = told(json!({
            "merk": word, "handelsbenaming": word, "inrichting": word, "eerste_kleur": word, "voertuigsoort": word,
            "zuinigheidsclassificatie": word, "massa_ledig_voertuig": word, "vervaldatum_apk": word, "export_indicator": word,
        }));
        assert_eq!(data, RegisterData::default(), "{word}");
    }
}

#[test]
fn r31_unknown_columns_are_ignored() {
    let data =
        told(json!({ "merk": "OPEL", "hoogte_voertuig": "0", "api_gekentekende_voertuigen_assen": { "url": ["x"] } }));
    assert_eq!(data, RegisterData { make: Some("OPEL".into()), ..RegisterData::default() });
}

#[test]
fn r31_a_wrong_value_costs_its_field_and_not_the_row() {
    let data = told(json!({
        "merk": "OPEL", "handelsbenaming": ["CORSA"], "inrichting": { "a": 1 }, "eerste_kleur": null, "cilinderinhoud": true,
        "massa_ledig_voertuig": "-5", "toegestane_maximum_massa_voertuig": "zwaar", "aantal_zitplaatsen": "1e3",
        "catalogusprijs": "99999999999999999999", "aantal_deuren": -1, "taxi_indicator": 1,
        "jaar_laatste_registratie_tellerstand": "12", "zuinigheidsclassificatie": "Z", "europese_voertuigcategorie": "X9",
    }));
    assert_eq!(data, RegisterData { make: Some("OPEL".into()), ..RegisterData::default() });
}

#[test]
fn r31_nought_doors_are_real_and_nought_masses_are_unknown() {
    let data = told(json!({
        "aantal_deuren": "0", "massa_ledig_voertuig": "0", "toegestane_maximum_massa_voertuig": "0", "aantal_zitplaatsen": "0",
        "cilinderinhoud": "0", "catalogusprijs": "0",
    }));
    assert_eq!(data, RegisterData { doors: Some(0), ..RegisterData::default() });
}

#[test]
fn r31_an_indicator_is_yes_or_no_or_unknown() {
    let exported = |word: &str| told(json!({ "export_indicator": word })).exported;
    assert_eq!((exported("Ja"), exported("JA"), exported(" ja ")), (Some(true), Some(true), Some(true)));
    assert_eq!((exported("Nee"), exported("nEE")), (Some(false), Some(false)));
    assert_eq!((exported("J"), exported("N.v.t."), exported("true"), exported("0")), (None, None, None, None));
}

#[test]
fn r31_the_verdict_on_the_odometer() {
    let verdict = |word: &str| told(json!({ "tellerstandoordeel": word })).odometer.verdict;
    assert_eq!(
        (verdict("Logisch"), verdict("ONLOGISCH")),
        (Some(RegisterVerdict::Logical), Some(RegisterVerdict::Illogical))
    );
    assert_eq!(verdict("Geen oordeel"), Some(RegisterVerdict::NoJudgement));
    assert_eq!(verdict("Niet geregistreerd"), Some(RegisterVerdict::NotRegistered));
    assert_eq!((verdict("N.v.t."), verdict("Mooi")), (None, None));
    let reason = |word: &str| told(json!({ "code_toelichting_tellerstandoordeel": word })).odometer.reason;
    assert_eq!((reason("04").as_deref(), reason("ng").as_deref()), (Some("04"), Some("NG")));
    assert_eq!((reason("08"), reason("4"), reason("<b>")), (None, None, None));
}

#[test]
fn r31_a_hybrid_has_several_rows_in_any_order() {
    let fuels = json!([
        { "brandstof_volgnummer": "2", "brandstof_omschrijving": "Elektriciteit", "netto_max_vermogen_elektrisch": "45.00" },
        { "brandstof_volgnummer": "1", "brandstof_omschrijving": "BENZINE", "nettomaximumvermogen": "54.00",
          "emissie_co2_gecombineerd_wltp": "90", "co2_uitstoot_gecombineerd": "84" },
        { "brandstof_volgnummer": "3" },
        { "brandstof_omschrijving": "Kernfusie", "co2_uitstoot_gecombineerd": "0" },
    ]);
    let data = told_with_fuels(json!({}), fuels);
    let row = |fuel, power_w, co2_g_per_km| RegisteredFuel { fuel, power_w, co2_g_per_km };
    let expected = [
        row(Fuel::Petrol, Some(54_000), Some(90)),
        row(Fuel::Electric, Some(45_000), None),
        row(Fuel::Other, None, Some(0)),
    ];
    assert_eq!(data.fuels, expected);
    let hybrid = told_with_fuels(
        json!({}),
        json!([{ "brandstof_omschrijving": "Elektriciteit" }, { "brandstof_omschrijving": "Benzine" }]),
    );
    assert_eq!(hybrid.fuel(), Some(Fuel::HybridPetrol));
}

#[test]
fn r31_a_new_car_has_no_dates_at_all() {
    let data = told(
        json!({ "voertuigsoort": "Personenauto", "merk": "KIA", "vervaldatum_apk": "", "datum_eerste_toelating": "N.v.t." }),
    );
    assert_eq!((data.apk_expires_on, data.admitted_on, data.registered_on), (None, None, None));
    assert_eq!((data.kind, data.year()), (Some(VehicleKind::Car), None));
}

#[test]
fn r31_kinds_and_categories() {
    let kind = |word: &str| told(json!({ "voertuigsoort": word })).kind;
    let known = [
        ("Personenauto", VehicleKind::Car),
        ("BEDRIJFSAUTO", VehicleKind::Commercial),
        ("Bus", VehicleKind::Bus),
        ("Motorfiets", VehicleKind::Motorcycle),
        ("Bromfiets", VehicleKind::Moped),
        ("Driewielig motorrijtuig", VehicleKind::ThreeWheeler),
        ("Aanhangwagen", VehicleKind::Trailer),
        ("Oplegger", VehicleKind::Trailer),
        ("Land- of bosbouwtrekker", VehicleKind::Tractor),
        ("Motorrijtuig met beperkte snelheid", VehicleKind::LimitedSpeed),
        ("Mobiele machine", VehicleKind::MobileMachine),
        ("Land- of bosb aanhw of getr uitr stuk", VehicleKind::AgriculturalTrailer),
        ("Luchtschip", VehicleKind::Other),
    ];
    for (word, expected) in known {
        assert_eq!(kind(word), Some(expected), "{word}");
    }
    let category = |word: &str| told(json!({ "europese_voertuigcategorie": word })).eu_category;
    assert_eq!((category("N1"), category("l3E"), category("T5")), (Some(EuCategory::N1), Some(EuCategory::L3e), None));
    let both = |word: &str, more: &str| {
        let row = json!({ "europese_voertuigcategorie": word, "europese_voertuigcategorie_toevoeging": more });
        told(row).eu_category
    };
    assert_eq!((both("L3", "e"), both("L1", "e")), (Some(EuCategory::L3e), Some(EuCategory::L1e)));
    assert_eq!((both("L7", "e"), category("L7e")), (Some(EuCategory::L7e), Some(EuCategory::L7e)));
    assert_eq!(
        (category("L3e-A1"), both("N1", "G"), category("M1G")),
        (Some(EuCategory::L3e), Some(EuCategory::N1), Some(EuCategory::M1))
    );
    for nonsense in ["L8e", "L", "L33", "é3", "3L", "O5"] {
        assert_eq!(category(nonsense), None, "{nonsense}");
    }
}

#[test]
fn r31_a_fuel_row_that_comes_twice_counts_once() {
    let diesel = |number: &str| json!({ "brandstof_volgnummer": number, "brandstof_omschrijving": "Diesel", "nettomaximumvermogen": "103.00" });
    let data = told_with_fuels(json!({}), json!([diesel("1"), diesel("2"), diesel("1")]));
    assert_eq!((data.fuels.len(), data.fuel()), (1, Some(Fuel::Diesel)));
    // Two that differ in their power are kept, and are the same fuel all the same.
    let weaker =
        json!({ "brandstof_volgnummer": "2", "brandstof_omschrijving": "Diesel", "nettomaximumvermogen": "90.00" });
    let data = told_with_fuels(json!({}), json!([diesel("1"), weaker]));
    assert_eq!((data.fuels.len(), data.fuel()), (2, Some(Fuel::Diesel)));
}

#[test]
fn r31_a_byte_order_mark_is_passed_over() {
    let rows = row::Rows { columns: &["kenteken"], most: 10 };
    let marked = rows.read("\u{FEFF}[{\"kenteken\":\"TT601D\"}]".as_bytes()).unwrap();
    assert_eq!(marked[0].raw("kenteken"), Some("TT601D"));
    assert!(rows.read("\u{FEFF}\u{FEFF}[]".as_bytes()).is_err());
}

#[test]
fn r31_texts_are_bounded_and_safe() {
    let data = told(
        json!({ "merk": "A".repeat(10_000), "handelsbenaming": "KOM\u{0}BI\u{202E}\n2.0", "inrichting": "\u{0}" }),
    );
    assert_eq!(data.make.map(|make| make.len()), Some(100));
    assert_eq!((data.model.as_deref(), data.body), (Some("KOMBI 2.0"), None));
}

#[test]
fn r32_rows_of_other_plates_are_dropped() {
    let rows = json!([
        { "kenteken": "V95JKV", "merk": "RENAULT" }, { "merk": "NOBODY'S" }, { "kenteken": 12 },
        { "kenteken": "TT601D", "merk": "VOLKSWAGEN" }, { "kenteken": "TT601D", "merk": "AGAIN" },
    ]);
    let found = register([("m9d7-ebf2", rows)]).vehicles(&[plate("TT601D"), plate("X99XXX")]).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[&plate("TT601D")].make.as_deref(), Some("VOLKSWAGEN"));
}

#[test]
fn r32_plates_of_other_countries_are_not_asked() {
    struct Never;
    impl Source for Never {
        fn rows(&self, _: &'static Dataset, keys: &[&str], _: Instant) -> Result<Vec<Row>, RegisterError> {
            panic!("{keys:?} were asked");
        }
    }
    let german = LicencePlate::parse(Country::parse("DE").unwrap(), "BMW1234").unwrap();
    let register = Rdw::new(Never, Duration::from_secs(1));
    let plates = std::slice::from_ref(&german);
    assert_eq!(register.vehicle(&german), Ok(None));
    assert_eq!(register.vehicles(plates), Ok(HashMap::new()));
    assert_eq!(register.fuels(plates), Ok(HashMap::new()));
    assert_eq!(register.recalls(plates), Ok(HashMap::new()));
    assert_eq!(register.inspections(plates), Ok(HashMap::new()));
}

#[test]
fn r31_what_is_no_array_of_rows_is_nonsense() {
    for nonsense in
        [json!({ "error": true }), json!("text"), json!([1, 2]), json!([[]]), json!(null), json!([{}, null])]
    {
        let answer = register([("m9d7-ebf2", nonsense.clone())]).vehicles(&[plate("TT601D")]);
        assert!(matches!(answer, Err(RegisterError::Garbage(_))), "{nonsense}: {answer:?}");
    }
    let rows = row::Rows { columns: &["kenteken"], most: 2 };
    for nonsense in ["", "[", "[{}", "[{\"kenteken\":", "<html>", "[] []", "[{},{},{}]", "[{\"a\":1}} "] {
        assert!(rows.read(nonsense.as_bytes()).is_err(), "{nonsense}");
    }
    assert_eq!(rows.read(b" [{}, {\"kenteken\":\"A\",\"kenteken\":\"B\"}] ").unwrap()[1].raw("kenteken"), Some("A"));
}

#[test]
fn r31_deep_nesting_is_passed_over_or_refused() {
    let rows = row::Rows { columns: &["kenteken", "merk"], most: 10 };
    let deep = "[".repeat(1_000_000);
    assert!(rows.read(deep.as_bytes()).is_err());
    assert!(rows.read(format!("[{{\"merk\":{deep}").as_bytes()).is_err());
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    for column in ["merk", "x"] {
        let json = format!("[{{\"{column}\":{open}{close},\"kenteken\":\"TT601D\"}}]");
        if let Ok(read) = rows.read(json.as_bytes()) {
            assert_eq!((read[0].raw("kenteken"), read[0].raw("merk")), (Some("TT601D"), None));
        }
    }
}

fn recalls(status: Value, detail: Value, hazards: Value) -> Vec<Recall> {
    let register = register([("t49b-isb7", status), ("j9yg-7rg9", detail), ("9ihi-jgpf", hazards)]);
    register.recalls(&[plate("TT601D")]).unwrap().remove(&plate("TT601D")).unwrap_or_default()
}

#[test]
fn r33_a_recall_is_open_or_repaired_or_unknown() {
    let row = |reference: &str, status: Value| json!({ "kenteken": "TT601D", "referentiecode_rdw": reference, "code_status": status });
    let rows = json!([
        row("A", json!("O")), row("B", json!("P")), row("C", json!("H")), row("D", json!(null)), row("E", json!("o")),
        { "kenteken": "TT601D", "code_status": "O" }, { "kenteken": "V95JKV", "referentiecode_rdw": "F", "code_status": "O" },
        // Two rows of one recall: the row that says that a repair is still needed counts.
        row("G", json!("P")), row("G", json!("O")), row("H", json!("P")), row("H", json!("X")), row("I", json!("P")), row("I", json!("P")),
    ]);
    let found = recalls(rows, json!([]), json!([]));
    let words: Vec<(&str, &str)> =
        found.iter().map(|recall| (recall.reference.as_str(), recall.status.code())).collect();
    let expected = [
        ("A", "open"),
        ("E", "open"),
        ("G", "open"),
        ("B", "repaired"),
        ("I", "repaired"),
        ("C", "unknown"),
        ("D", "unknown"),
        ("H", "unknown"),
    ];
    assert_eq!(words, expected);
    assert!(found.iter().all(|recall| recall.detail.is_none()));
}

#[test]
fn r33_the_detail_of_a_recall_may_be_missing() {
    let status = json!([
        { "kenteken": "TT601D", "referentiecode_rdw": "MGP1", "code_status": "O" },
        { "kenteken": "TT601D", "referentiecode_rdw": "MGP2", "code_status": "O" },
    ]);
    let detail = json!([{
        "referentiecode_rdw": "MGP1", "omschrijving_defect": "Slang lekt.", "materi_le_gevolgen": "Brand.",
        "beschrijving_van_het_herstel": "(Nog) niet bekend", "referentiecode_producent": "23R7",
        "datum_aankondiging_producent": "20260827", "datum_eigenaren_ge_nformeerd_dt": "2026-09-14T00:00:00.000",
    }]);
    let hazards = json!([
        { "referentiecode_rdw": "MGP1", "mogelijk_gevaar": "Brand met letselschade" },
        { "referentiecode_rdw": "MGP1", "mogelijk_gevaar": "Brand met letselschade" },
        { "referentiecode_rdw": "MGP1", "code_mogelijk_gevaar": "ONG" },
        { "referentiecode_rdw": "MGP2", "code_mogelijk_gevaar": "ONG" },
    ]);
    let found = recalls(status, detail, hazards);
    let detail = found[0].detail.clone().unwrap();
    assert_eq!((detail.defect.as_deref(), detail.consequences.as_deref()), (Some("Slang lekt."), Some("Brand.")));
    assert_eq!((detail.repair, detail.producer_reference.as_deref()), (None, Some("23R7")));
    assert_eq!((detail.announced_on, detail.owners_informed_on), (day("2026-08-27"), day("2026-09-14")));
    assert_eq!(detail.hazards, ["Brand met letselschade", "ONG"]);
    assert_eq!((found[1].status, found[1].detail.as_ref()), (RecallStatus::Open, None));
}

#[test]
fn r34_inspections_with_the_defects_found() {
    let at = |day: &str, time: &str| json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": day, "meld_tijd_door_keuringsinstantie": time });
    let with = |mut row: Value, column: &str, value: &str| {
        row[column] = json!(value);
        row
    };
    let reports = json!([
        with(at("20250502", "930"), "vervaldatum_keuring", "20260517"),
        with(at("20260420", "1015"), "soort_melding_ki_omschrijving", "periodieke controle"),
        at("20260420", "1015"),
        at("nooit", "1015"),
        at("20240506", "9999"),
    ]);
    let defects = json!([
        with(with(at("20260420", "1015"), "gebrek_identificatie", "205"), "aantal_gebreken_geconstateerd", "2"),
        with(at("20250502", "0930"), "gebrek_identificatie", "K04"),
        with(at("20250502", "0930"), "gebrek_identificatie", "K04"),
        with(at("20230501", "1200"), "gebrek_identificatie", "AC1"),
        at("20260420", "1015"),
    ]);
    let texts = json!([{ "gebrek_identificatie": "205", "gebrek_omschrijving": "Dimlicht werkt niet" }]);
    let found = register([("sgfe-77wx", reports), ("a34c-vvps", defects), ("hx2c-gt7k", texts)])
        .inspections(&[plate("TT601D")])
        .unwrap()
        .remove(&plate("TT601D"))
        .unwrap();
    let short: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.reported_on,
                one.reported_at.as_deref(),
                one.expires_on,
                one.defects.iter().map(|defect| defect.code.as_str()).collect(),
            )
        })
        .collect();
    let at = |text: &str| day(text).unwrap();
    let expected = [
        (at("2026-04-20"), Some("1015"), None, vec!["205"]),
        (at("2025-05-02"), Some("0930"), day("2026-05-17"), vec!["K04"]),
        (at("2024-05-06"), None, None, vec![]),
        (at("2023-05-01"), Some("1200"), None, vec!["AC1"]),
    ];
    assert_eq!(short, expected);
    assert_eq!(found[0].kind.as_deref(), Some("periodieke controle"));
    let defect = &found[0].defects[0];
    assert_eq!((defect.text.as_deref(), defect.count), (Some("Dimlicht werkt niet"), Some(2)));
    assert_eq!((found[1].defects[0].text.as_ref(), found[1].defects[0].count), (None, None));
}

/// The inspections of TT601D.
fn inspections(reports: Value, defects: Value) -> Vec<Inspection> {
    let register = register([("sgfe-77wx", reports), ("a34c-vvps", defects)]);
    register.inspections(&[plate("TT601D")]).unwrap().remove(&plate("TT601D")).unwrap_or_default()
}

#[test]
fn r34_the_body_that_reported_is_read() {
    let body = |columns: Value| {
        let mut row = columns;
        row["kenteken"] = json!("TT601D");
        row["meld_datum_door_keuringsinstantie"] = json!("20260420");
        inspections(json!([row]), json!([]))[0].body
    };
    let named = |words: &str| body(json!({ "soort_erkenning_omschrijving": words }));
    for (words, expected) in [
        ("APK Lichte voertuigen", InspectionBody::ApkLight),
        ("APK ZWARE VOERTUIGEN", InspectionBody::ApkHeavy),
        ("APK-Landbouw", InspectionBody::ApkAgricultural),
        ("APK Landbouwvoertuigen", InspectionBody::ApkAgricultural),
        ("Controleapparaten", InspectionBody::Tachograph),
        ("Tachograafwerkplaats", InspectionBody::Tachograph),
        ("Gasinstallaties", InspectionBody::GasInstallation),
        ("Boordcomputertaxi", InspectionBody::TaxiComputer),
        ("Onderzoeksgerechtigde", InspectionBody::Other),
    ] {
        assert_eq!(named(words), Some(expected), "{words}");
    }
    assert_eq!((named("N.v.t."), body(json!({}))), (None, None));
    let coded = |code: &str| body(json!({ "soort_erkenning_keuringsinstantie": code }));
    assert_eq!((coded("AL"), coded("az")), (Some(InspectionBody::ApkLight), Some(InspectionBody::ApkHeavy)));
    assert_eq!(coded("XX"), None);
}

#[test]
fn r34_two_bodies_in_the_same_minute_are_two_inspections() {
    let at = |body: &str| {
        json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20240229",
        "meld_tijd_door_keuringsinstantie": "1015", "soort_erkenning_omschrijving": body })
    };
    let with = |mut row: Value, column: &str, value: &str| {
        row[column] = json!(value);
        row
    };
    let (apk, tachograph) = ("APK Zware voertuigen", "Controleapparaten");
    let reports = json!([
        with(at(tachograph), "vervaldatum_keuring", "20260301"),
        with(at(apk), "vervaldatum_keuring", "20250301"),
        with(at(apk), "vervaldatum_keuring", "20290301"),
    ]);
    let defects = json!([
        with(at(apk), "gebrek_identificatie", "205"),
        with(at("Gasinstallaties"), "gebrek_identificatie", "K04"),
    ]);
    let found = inspections(reports, defects);
    let short = |one: &Inspection| {
        let codes: Vec<String> = one.defects.iter().map(|defect| defect.code.clone()).collect();
        (one.body, one.expires_on, codes)
    };
    let expected = [
        (Some(InspectionBody::GasInstallation), None, vec!["K04".to_owned()]),
        (Some(InspectionBody::Tachograph), day("2026-03-01"), vec![]),
        (Some(InspectionBody::ApkHeavy), day("2025-03-01"), vec!["205".to_owned()]),
    ];
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), expected);
}

#[test]
fn r31_the_tachograph_and_whether_it_can_be_registered() {
    let data = told(json!({ "vervaldatum_tachograaf": "20260301", "tenaamstellen_mogelijk": "Nee" }));
    assert_eq!((data.tachograph_expires_on, data.registrable), (day("2026-03-01"), Some(false)));
    let tractor = told(json!({ "maximale_constructiesnelheid": "40.01", "rupsonderstelconfiguratiecode": "A" }));
    assert_eq!((tractor.max_speed_m_per_h, tractor.on_tracks), (Some(40_010), Some(true)));
    let slow = told(json!({ "maximale_constructiesnelheid": "40.00", "rupsonderstelconfiguratiecode": "N.v.t." }));
    assert_eq!((slow.max_speed_m_per_h, slow.on_tracks), (Some(40_000), None));
    let twin =
        told(json!({ "vervaldatum_tachograaf_dt": "2026-03-01T00:00:00.000", "tenaamstellen_mogelijk": "N.v.t." }));
    assert_eq!((twin.tachograph_expires_on, twin.registrable), (day("2026-03-01"), None));
}

#[test]
fn the_rows_that_come_with_the_program_are_whole() {
    let demo = Rdw::new(Folder::demo().unwrap(), Duration::from_secs(1));
    let plates = ["TT601D", "V95JKV", "00BBL8", "X99XXX", "X98XXX", "ZZ999Z"].map(plate);
    let (found, fuels) = (demo.vehicles(&plates).unwrap(), demo.fuels(&plates).unwrap());
    let (inspections, recalls) = (demo.inspections(&plates).unwrap(), demo.recalls(&plates).unwrap());
    assert_eq!((found.len(), fuels.len()), (6, 6));
    for (plate, data) in &found {
        assert!(data.make.is_some() && data.apk_expires_on.is_some() && data.fuels.is_empty(), "{data:?}");
        assert_eq!(inspections[plate][0].expires_on, data.apk_expires_on, "{}", plate.number());
        assert!(inspections[plate].iter().flat_map(|one| &one.defects).all(|defect| defect.text.is_some()));
        assert_eq!(demo.vehicle(plate).unwrap().unwrap().fuels, fuels[plate]);
    }
    assert_eq!(recalls[&plate("V95JKV")][0].status, RecallStatus::Open);
    assert!(recalls.values().flatten().all(|recall| !recall.detail.as_ref().unwrap().hazards.is_empty()));
}

#[test]
fn a_folder_is_read_whole_and_says_what_is_wrong_with_it() {
    let folder = std::env::temp_dir().join(format!("autopaspoort-register-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let error = || Folder::open(&folder).err().unwrap();
    assert!(error().contains("m9d7-ebf2.json: No such file"), "{}", error());
    write("m9d7-ebf2.json", r#"[{"kenteken":"TT601D","merk":"OPEL"},{"merk":"FORD"}]"#);
    assert!(error().contains("m9d7-ebf2.json: row 2 has no kenteken"), "{}", error());
    write("m9d7-ebf2.json", r#"[{"kenteken":"TT601D"},7]"#);
    assert!(error().contains("m9d7-ebf2.json: row 2: invalid type"), "{}", error());
    write("m9d7-ebf2.json", r#"[{"kenteken":"TT601D","merk":"OPEL"}]"#);
    let register = Rdw::new(Folder::open(&folder).unwrap(), Duration::from_secs(1));
    let found = register.vehicles(&[plate("TT601D"), plate("V95JKV")]).unwrap();
    assert_eq!((found.len(), found[&plate("TT601D")].make.as_deref()), (1, Some("OPEL")));
    assert!(register.recalls(&[plate("TT601D")]).unwrap().is_empty());
    write("8ys7-d773.json", "<html>");
    assert!(error().contains("8ys7-d773.json: expected value at line 1"), "{}", error());
    std::fs::remove_dir_all(&folder).unwrap();
}
