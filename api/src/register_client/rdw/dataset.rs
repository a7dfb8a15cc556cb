//! The datasets of RDW Open Data that are used: their ids, their keys, the order of their rows, and the columns that
//! are read.

/// A dataset.
#[derive(Debug)]
pub(super) struct Dataset {
    /// Its id in the URL.
    pub(super) id: &'static str,
    /// Its name in metrics and messages.
    pub(super) name: &'static str,
    /// The column by which its rows are found.
    pub(super) key: &'static str,
    /// The order of its rows. Without it the order varies between identical questions, and so would the rows that are
    /// cut off.
    pub(super) order: &'static str,
    /// The columns that are read.
    pub(super) columns: &'static [&'static str],
}

/// Vehicles with a licence plate, one row for each.
pub(super) static VEHICLES: Dataset = Dataset {
    id: "m9d7-ebf2",
    name: "vehicles",
    key: "kenteken",
    order: "kenteken",
    columns: &[
        "kenteken",
        "voertuigsoort",
        "europese_voertuigcategorie",
        "merk",
        "handelsbenaming",
        "inrichting",
        "eerste_kleur",
        "vervaldatum_apk",
        "vervaldatum_apk_dt",
        "vervaldatum_tachograaf",
        "vervaldatum_tachograaf_dt",
        "datum_eerste_toelating",
        "datum_eerste_toelating_dt",
        "datum_tenaamstelling",
        "datum_tenaamstelling_dt",
        "datum_eerste_tenaamstelling_in_nederland",
        "datum_eerste_tenaamstelling_in_nederland_dt",
        "maximale_constructiesnelheid",
        "rupsonderstelconfiguratiecode",
        "massa_ledig_voertuig",
        "toegestane_maximum_massa_voertuig",
        "aantal_zitplaatsen",
        "aantal_deuren",
        "cilinderinhoud",
        "catalogusprijs",
        "zuinigheidsclassificatie",
        "taxi_indicator",
        "export_indicator",
        "tenaamstellen_mogelijk",
        "wam_verzekerd",
        "openstaande_terugroepactie_indicator",
        "tellerstandoordeel",
        "code_toelichting_tellerstandoordeel",
        "jaar_laatste_registratie_tellerstand",
    ],
};

/// Fuels and emissions; a hybrid has several rows.
pub(super) static FUELS: Dataset = Dataset {
    id: "8ys7-d773",
    name: "fuels",
    key: "kenteken",
    order: "kenteken,brandstof_volgnummer",
    columns: &[
        "kenteken",
        "brandstof_volgnummer",
        "brandstof_omschrijving",
        "nettomaximumvermogen",
        "netto_max_vermogen_elektrisch",
        "emissie_co2_gecombineerd_wltp",
        "co2_uitstoot_gecombineerd",
    ],
};

/// The inspections that inspection stations reported.
pub(super) static INSPECTIONS: Dataset = Dataset {
    id: "sgfe-77wx",
    name: "inspections",
    key: "kenteken",
    order: "kenteken,meld_datum_door_keuringsinstantie DESC,meld_tijd_door_keuringsinstantie DESC",
    columns: &[
        "kenteken",
        "meld_datum_door_keuringsinstantie",
        "meld_datum_door_keuringsinstantie_dt",
        "meld_tijd_door_keuringsinstantie",
        "soort_erkenning_keuringsinstantie",
        "soort_erkenning_omschrijving",
        "soort_melding_ki_omschrijving",
        "vervaldatum_keuring",
        "vervaldatum_keuring_dt",
    ],
};

/// The defects that they found, by code.
pub(super) static DEFECTS: Dataset = Dataset {
    id: "a34c-vvps",
    name: "defects",
    key: "kenteken",
    order: "kenteken,meld_datum_door_keuringsinstantie DESC,meld_tijd_door_keuringsinstantie DESC,gebrek_identificatie",
    columns: &[
        "kenteken",
        "meld_datum_door_keuringsinstantie",
        "meld_datum_door_keuringsinstantie_dt",
        "meld_tijd_door_keuringsinstantie",
        "soort_erkenning_keuringsinstantie",
        "soort_erkenning_omschrijving",
        "gebrek_identificatie",
        "aantal_gebreken_geconstateerd",
    ],
};

/// The texts of the defect codes.
pub(super) static DEFECT_TEXTS: Dataset = Dataset {
    id: "hx2c-gt7k",
    name: "defect_texts",
    key: "gebrek_identificatie",
    order: "gebrek_identificatie",
    columns: &["gebrek_identificatie", "gebrek_omschrijving"],
};

/// The state of each recall for a vehicle.
pub(super) static RECALL_STATUS: Dataset = Dataset {
    id: "t49b-isb7",
    name: "recall_status",
    key: "kenteken",
    order: "kenteken,code_status,referentiecode_rdw",
    columns: &["kenteken", "referentiecode_rdw", "code_status"],
};

/// The details of each recall. Two of the column names have lost their letters with diacritics.
pub(super) static RECALL_DETAIL: Dataset = Dataset {
    id: "j9yg-7rg9",
    name: "recall_detail",
    key: "referentiecode_rdw",
    order: "referentiecode_rdw",
    columns: &[
        "referentiecode_rdw",
        "omschrijving_defect",
        "materi_le_gevolgen",
        "beschrijving_van_het_herstel",
        "referentiecode_producent",
        "datum_aankondiging_producent",
        "datum_aankondiging_producent_dt",
        "datum_eigenaren_ge_nformeerd",
        "datum_eigenaren_ge_nformeerd_dt",
    ],
};

/// The hazards of each recall.
pub(super) static RECALL_HAZARDS: Dataset = Dataset {
    id: "9ihi-jgpf",
    name: "recall_hazards",
    key: "referentiecode_rdw",
    order: "referentiecode_rdw,code_mogelijk_gevaar",
    columns: &["referentiecode_rdw", "code_mogelijk_gevaar", "mogelijk_gevaar"],
};

/// All datasets.
pub(super) static ALL: [&Dataset; 8] =
    [&VEHICLES, &FUELS, &INSPECTIONS, &DEFECTS, &DEFECT_TEXTS, &RECALL_STATUS, &RECALL_DETAIL, &RECALL_HAZARDS];
