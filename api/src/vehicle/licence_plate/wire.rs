//! The answers about a licence plate.

use crate::{
    body, enum_scalars, parameters,
    problem::{FieldProblem, Place, Problem, field_message},
    wire::{CountryCode, Member, PlateNumber, Reader},
};
use domain::{
    licence_plate::{self, Typed, shown_while_typing},
    value::{Country, Language, ValueError},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

enum_scalars! {
    /// What the letters of a plate suggest.
    PlateCategory(domain::licence_plate::PlateCategory), "The kind of vehicle, or of holder, that the letters of a Dutch plate suggest. It is a hint only.";
    /// What is odd about a plate's letters.
    PlateWarning(domain::licence_plate::PlateWarning), "What is unusual about the letters of a plate. Letter not issued: a C or Q. Vowel: a vowel in a layout without vowels. Refused combination: new plates do not get these letters. District unknown: a German or Austrian plate does not say where its district ends.";
}

parameters! {
    /// The country of the plate.
    pub struct PlateQuery {
        /// The country that issued the plate. The default is NL.
        pub country: Option<CountryCode>,
    }
}

impl PlateQuery {
    /// The country.
    pub fn country(&self) -> Country {
        self.country.as_ref().map_or(Country::NL, |country| country.0)
    }
}

/// What is wrong with the plate of an address.
pub fn wrong_plate(error: ValueError) -> Problem {
    Problem::invalid(vec![FieldProblem::from_value(Place::Parameter("plate".into()), error)])
}

/// What a licence plate says by its letters and digits.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "country": "NL",
    "number": "V95JKV",
    "shown": "V-95-JKV",
    "complete": true,
    "sidecode": 12,
    "categoryHints": ["light_commercial"],
    "warnings": [],
    "suggestion": null
}))]
pub struct LicencePlate {
    /// The country that issued the plate.
    pub country: CountryCode,
    /// The plate in its normal form: capitals and digits, with a dash where a German or Austrian district ends.
    #[schema(max_length = 13, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ-]+$")]
    pub number: String,
    /// The plate as people write it, with the dashes of its layout. The beginning of a plate has only the dashes that
    /// are certain. A plate of another country is shown as it was typed: in capitals, with those dashes and spaces.
    #[schema(max_length = 20, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ -]+$")]
    pub shown: String,
    /// Whether the plate is complete. Plates of other countries always count as complete.
    pub complete: bool,
    /// The number of the plate's Dutch layout (*sidecode*); null until the plate is complete, and for other countries.
    #[schema(minimum = 1, maximum = 14)]
    pub sidecode: Option<usize>,
    /// The kinds of vehicle, or of holder, that the letters of a Dutch plate suggest.
    #[schema(max_items = 11)]
    pub category_hints: Vec<PlateCategory>,
    /// What is unusual about the letters, perhaps because of a typing mistake. Real plates can have it too.
    #[schema(max_items = 4)]
    pub warnings: Vec<Warning>,
    /// The plate that was probably meant, as people write it: the one without anything unusual, with signs that look alike (O
    /// and 0, I and 1, B and 8) in place of each other; null when nothing is unusual or none fits.
    #[schema(max_length = 8, pattern = "^[A-Z0-9-]+$")]
    pub suggestion: Option<String>,
}

/// Something unusual that is no reason to refuse the plate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "code": "letter_not_issued", "detail": "contains a C or a Q, which are not issued" }))]
pub struct Warning {
    /// What is unusual.
    pub code: PlateWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl LicencePlate {
    /// What was typed of a plate of `country`.
    pub fn new(typed: Typed, country: Country, language: Language) -> Self {
        let plate = match typed {
            Typed::Whole(plate) => plate,
            Typed::Beginning(number) => {
                let shown = shown_while_typing(country, &number).unwrap_or_else(|_| number.clone());
                let (country, sidecode) = (CountryCode(country), None);
                return Self {
                    country,
                    number,
                    shown,
                    complete: false,
                    sidecode,
                    category_hints: vec![],
                    warnings: vec![],
                    suggestion: None,
                };
            }
        };
        let variants = plate.may_be().iter().map(licence_plate::LicencePlate::shown).collect::<Vec<_>>().join(", ");
        let warning = |code: domain::licence_plate::PlateWarning| Warning {
            code: PlateWarning(code),
            detail: field_message(code.code(), (None, None), language).replace("{said}", &variants),
        };
        Self {
            country: CountryCode(country),
            number: plate.written(),
            shown: plate.shown(),
            complete: true,
            sidecode: plate.sidecode(),
            category_hints: plate.category_hints().into_iter().map(PlateCategory).collect(),
            warnings: plate.warnings().into_iter().map(warning).collect(),
            suggestion: plate.look_alike().map(|meant| meant.shown()),
        }
    }
}

body! {
    /// A licence plate with its country.
    #[schema(example = json!({ "number": "TT-601-D", "country": "NL" }))]
    pub struct TypedPlate {
        /// The plate as it was typed. Dashes and spaces matter only where the district of a German or Austrian plate ends; a plate of
        /// another country is shown with them.
        pub number: PlateNumber,
        /// The country that issued the plate. The default is NL.
        pub country: Option<CountryCode>,
    }
}

/// The plate of a body.
#[derive(Clone, Debug)]
pub struct PlateInput(pub licence_plate::LicencePlate);

impl Member for PlateInput {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let typed = TypedPlate::read(value, reader)?;
        let country = typed.country.map_or(Country::NL, |country| country.0);
        reader.check_member("number", licence_plate::LicencePlate::parse(country, &typed.number.0)).map(Self)
    }
}

/// What was typed as a plate, tidied, or why no plate can be written so.
#[derive(Clone, Debug)]
pub struct TriedNumber(pub Result<String, ValueError>);

impl Member for TriedNumber {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        Some(Self(licence_plate::tidied(&text)))
    }
}

body! {
    /// A licence plate with its country, of which the answer says so when it is written badly.
    pub struct TriedPlate {
        /// The plate as it was typed.
        #[schema(value_type = PlateNumber)]
        pub number: TriedNumber,
        /// The country that issued the plate. The default is NL.
        pub country: Option<CountryCode>,
    }
}

impl TriedPlate {
    /// The plate, or why it is none.
    pub fn plate(&self) -> Result<licence_plate::LicencePlate, ValueError> {
        let country = self.country.as_ref().map_or(Country::NL, |country| country.0);
        self.number.0.clone().and_then(|typed| licence_plate::LicencePlate::parse(country, &typed))
    }
}

/// Why what was typed is no licence plate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "code": "licence_plate_slip", "detail": "is not one of the fourteen Dutch layouts; is it TT-601-D?" }))]
pub struct PlateError {
    /// The stable code of what is wrong.
    #[schema(max_length = 60, pattern = "^[a-z0-9_]+$")]
    pub code: String,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl PlateError {
    /// What is wrong, in a language.
    pub fn new(error: ValueError, language: Language) -> Self {
        let wrong = FieldProblem::from_value(Place::Body("/number".to_owned()), error);
        Self { code: wrong.code.to_owned(), detail: wrong.detail(language) }
    }
}

impl PartialSchema for PlateInput {
    fn schema() -> RefOr<Schema> {
        TypedPlate::schema()
    }
}

impl ToSchema for PlateInput {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        TypedPlate::schemas(schemas);
    }
}

/// A licence plate with its country.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plate {
    /// The country that issued the plate.
    pub country: CountryCode,
    /// The plate in its normal form: capitals and digits, with a dash where a German or Austrian district ends.
    #[schema(max_length = 13, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ-]+$")]
    pub number: String,
    /// The plate as people write it: a Dutch one with the dashes of its layout, one of another country as it was typed, in capitals.
    #[schema(max_length = 20, pattern = "^[A-Z0-9ÄÅÆÖØÜČĆĐŠŽ -]+$")]
    pub shown: String,
}

impl Plate {
    /// A plate, in both forms.
    pub fn new(plate: &domain::licence_plate::LicencePlate) -> Self {
        Self { country: CountryCode(plate.country()), number: plate.written(), shown: plate.shown() }
    }
}
