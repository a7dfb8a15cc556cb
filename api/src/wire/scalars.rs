//! The values of requests and answers, each with its schema and the domain's rule that reads it.

use super::{Member, Reader};
use domain::value::{self, Country, EmailAddress, Language as DomainLanguage, PhoneNumber, ValueError};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

/// Text without control characters.
const PLAIN: &str = "^[^\\u0000-\\u001F\\u007F]*$";

fn string(max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(max))
}

macro_rules! text_scalars {
    ($($(#[$meta:meta])* $name:ident($inner:ty) = $parse:expr, $show:expr, $schema:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
                let text = reader.text(value)?;
                let parse: fn(&str) -> Result<$inner, ValueError> = $parse;
                reader.check(parse(&text)).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let show: fn(&$inner) -> &str = $show;
                serializer.serialize_str(show(&self.0))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object: ObjectBuilder = $schema;
                RefOr::T(Schema::Object(object.build()))
            }
        }

        impl ToSchema for $name {}
    )+};
}

text_scalars! {
    /// A name of at most 100 characters.
    Name(String) = |text| value::line(text, 100), |text| text,
        string(100).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("A name, on one line.")).examples(["Bakkerij Jansen"]);
    /// One line of at most 200 characters.
    Line(String) = |text| value::line(text, 200), |text| text,
        string(200).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("Text on one line.")).examples(["Dorpsstraat 12"]);
    /// Text of several lines.
    Notes(String) = |text| value::lines(text, 4000), |text| text,
        string(4000).min_length(Some(1)).pattern(Some("^[^\\u0000]*$")).description(Some("Text, on several lines."))
            .examples(["Belt liever niet voor negenen."]);
    /// An e-mail address.
    Email(EmailAddress) = EmailAddress::parse, EmailAddress::as_str,
        string(EmailAddress::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .description(Some("An e-mail address; compared after trimming and case folding.")).examples(["jan@jansen.example"]);
    /// A telephone number.
    Phone(PhoneNumber) = PhoneNumber::parse, PhoneNumber::as_str,
        string(40).pattern(Some("^\\+[0-9 ().-]{7,39}$"))
            .description(Some("A telephone number in the international form of E.164; spaces, dashes, dots and brackets are dropped."))
            .examples(["+31612345678"]);
    /// A country code.
    CountryCode(Country) = Country::parse, Country::as_str,
        string(2).min_length(Some(2)).pattern(Some("^[A-Za-z]{2}$")).description(Some("A country, by ISO 3166-1 alpha-2."))
            .examples(["NL"]);
    /// A licence plate as it was typed.
    PlateNumber(String) = |text| value::line(text, 20), |text| text,
        string(20).min_length(Some(1)).pattern(Some("^[A-Za-z0-9 ._-]+$"))
            .description(Some("A licence plate; dashes, spaces, dots and underscores are dropped, letters made capital."))
            .examples(["TT-601-D"]);
    /// A vehicle identification number.
    VinNumber(domain::value::Vin) = domain::value::Vin::parse, domain::value::Vin::as_str,
        string(17).min_length(Some(17)).pattern(Some("^[A-HJ-NPR-Za-hj-npr-z0-9]{17}$"))
            .description(Some("A vehicle identification number (ISO 3779).")).examples(["WV2ZZZ7HZDH123456"]);
    /// What someone types to find something.
    Search(String) = |text| value::line(text, 100), |text| text,
        string(100).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("Words to find, in any order.")).examples(["jansen"]);
    /// A currency code.
    Currency(String) = |text| match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(text.to_owned()),
            _ => Err(ValueError::TooLong { max: 3 }),
        }, |text| text,
        string(3).min_length(Some(3)).pattern(Some("^[A-Z]{3}$")).description(Some("A currency, by ISO 4217.")).examples(["EUR"]);
    /// A password that is being chosen: its rule needs to know whose, so it is checked where it is used.
    Password(String) = |text| bounded(text, domain::password::MAX), |text| text,
        string(domain::password::MAX).min_length(Some(domain::password::MIN)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("A password to be: 12 to 128 characters, not common and not easily guessed."))
            .examples(["vier blije fietsen op dinsdag"]);
    /// A password that someone signs in with.
    Secret(String) = |text| bounded(text, 1024), |text| text,
        string(1024).min_length(Some(1)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("The present password.")).examples(["Welkom-bij-AutoPaspoort-2019"]);
    /// A token: from a mailed link, or to refresh a session.
    Token(String) = |text| bounded(text, 200), |text| text,
        string(200).min_length(Some(1)).pattern(Some("^[A-Za-z0-9_-]*$")).description(Some("An opaque token."))
            .examples(["q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo"]);
}

/// Not trimmed and free of rules but its length: what stands between the quotes is the value.
fn bounded(text: &str, max: usize) -> Result<String, ValueError> {
    match text.chars().count() {
        0 => Err(ValueError::Blank),
        length if length > max => Err(ValueError::TooLong { max }),
        _ => Ok(text.to_owned()),
    }
}

macro_rules! number_scalars {
    ($($(#[$meta:meta])* $name:ident = $min:expr, $max:expr, $description:literal, $example:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
                let number = reader.integer(&value)?;
                reader.check(value::number(number, $min, $max)).map(Self)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object: Object = ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                    .minimum(Some($min))
                    .maximum(Some($max))
                    .description(Some($description))
                    .examples([$example])
                    .build();
                RefOr::T(Schema::Object(object))
            }
        }

        impl ToSchema for $name {}
    )+};
}

number_scalars! {
    /// What an odometer shows.
    OdometerKm = 0, domain::passport::MAX_ODOMETER_KM, "What the odometer shows, in kilometres.", 123_456;
    /// What an odometer shows, in its own unit.
    OdometerValue = 0, domain::passport::MAX_ODOMETER_KM, "What the odometer shows, in its own unit: in miles at most 1,242,742.", 123_456;
    /// The year of first admission.
    Year = domain::passport::MIN_YEAR, domain::passport::MAX_YEAR, "Year of first admission.", 2013;
    /// Kilometres a year.
    KmPerYear = 0, domain::customer::MAX_KM_PER_YEAR, "Kilometres driven a year.", 18_000;
    /// How many days an offer stands.
    Days = 1, domain::transfer::MAX_DAYS, "How many days the offer stands.", 14;
    /// How many items a page has.
    Limit = 1, 200, "The most items on a page.", 50;
}

macro_rules! enum_scalars {
    ($($(#[$meta:meta])* $name:ident($inner:ty), $description:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
                let text = reader.text(value)?;
                <$inner>::from_code(&text).map(Self).or_else(|| reader.wrong("unknown_value"))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let codes: Vec<&str> = <$inner>::ALL.iter().map(|value| value.code()).collect();
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                RefOr::T(Schema::Object(object.enum_values(Some(codes)).build()))
            }
        }

        impl ToSchema for $name {}
    )+};
}

enum_scalars! {
    /// A language.
    Language(DomainLanguage), "The language someone is written to in.";
    /// What an account is for.
    AccountKind(domain::value::AccountKind), "What an account is for.";
    /// The life of an account.
    AccountStatus(domain::account::AccountStatus), "Invited: no password was chosen yet.";
    /// A role at a garage.
    StaffRole(domain::value::StaffRole), "What someone does at the garage.";
    /// Person or company.
    CustomerKind(domain::customer::CustomerKind), "Person or company.";
    /// What a car is used for.
    VehicleUse(domain::customer::VehicleUse), "What the car is mostly used for.";
    /// What a car runs on.
    Fuel(domain::passport::Fuel), "What the vehicle runs on.";
    /// The life of a passport.
    PassportStatus(domain::passport::PassportStatus), "Invited: the driver was mailed. Active: the driver activated it. Archived: kept for the record.";
    /// Open or closed.
    FleetStatus(domain::fleet::FleetStatus), "A closed fleet's account can no longer sign in.";
    /// How a fleet begins.
    FleetBegin(domain::value::FleetBegin), "Invited: the manager is mailed. Prepared: the garage sets it up with an e-mail and a password of its own; no mail goes out.";
    /// What the recipient of an offer becomes.
    TransferKind(domain::value::TransferKind), "New owner: the car leaves its fleet. New driver: it stays in it.";
    /// The life of an offer.
    TransferStatus(domain::transfer::TransferStatus), "Where an offer is in its life.";
    /// What a plate's letters point to.
    PlateCategory(domain::licence_plate::PlateCategory), "What kind of vehicle, or whose, the letters of a Dutch plate point to: a hint.";
    /// What is odd about a plate's letters.
    PlateWarning(domain::licence_plate::PlateWarning), "What is odd about the letters of a Dutch plate.";
    /// In what an odometer counts.
    DistanceUnit(domain::odometer::DistanceUnit), "In what the odometer counts: kilometres, or miles of 1.609344 km.";
    /// Where a reading comes from.
    ReadingSource(domain::odometer::ReadingSource), "Where a reading comes from. The garage stands behind its own, those of its management system (gms) and of the APK.";
    /// Why a counter began anew.
    CounterStart(domain::odometer::CounterStart), "Why the counter began anew: it was replaced, or passed the most it can show.";
    /// Why there is no verdict.
    NoJudgementReason(domain::odometer::NoJudgementReason), "Why there is no verdict on the readings.";
    /// What an estimated reading rests on.
    EstimateBasis(domain::odometer::EstimateBasis), "Read on that day, between two readings, or after the last.";
    /// How a vehicle stands with its APK.
    ApkStatus(domain::apk::ApkStatus), "How a vehicle stands with its APK today.";
    /// Where an APK date comes from.
    ApkSource(domain::apk::ApkSource), "Who says so: the register, a garage that entered it ahead of the register, or the law alone.";
    /// Why a vehicle has the APK duty that it has.
    ApkRule(domain::apk::ApkRule), "The rule that governs the vehicle.";
    /// What must be known to tell the rule.
    ApkMissing(domain::apk::ApkMissing), "What must be known to tell the rule.";
    /// How the register stands to a plate.
    RegisterStatus(domain::registration::RegisterStatus), "Known: it told of the vehicle when last asked. Stale: it did before, and gives nothing now. Unknown: it was asked, and never knew the plate. Pending: it was not asked yet. Not covered: a plate of another country.";
    /// The register's verdict on the odometer.
    RegisterVerdict(domain::register::RegisterVerdict), "The register's verdict on the odometer (*tellerstandoordeel*).";
    /// The register's kinds of vehicle.
    VehicleKind(domain::apk::VehicleKind), "The register's kind of vehicle (*voertuigsoort*).";
    /// The European categories.
    EuCategory(domain::apk::EuCategory), "The European category of the vehicle.";
    /// How a recall stands.
    RecallStatus(domain::register::RecallStatus), "Open: yet to be repaired. Repaired: so the producer reports. Unknown: the register says neither.";
    /// What is worth a second look.
    RegisterWarning(domain::register::RegisterWarning), "What is worth a second look before a passport is made.";
    /// What kind of thing happened.
    EventKind(domain::event::FactKind), "What kind of thing happened. More kinds may come.";
    /// A role in the history of hands.
    CustodyRole(domain::custody::CustodyRole), "What someone is to the car.";
}

impl Member for bool {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        reader.boolean(&value)
    }
}

/// An id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Id(pub uuid::Uuid);

impl Member for Id {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        uuid::Uuid::try_parse(&text).ok().map(Self).or_else(|| reader.wrong("uuid_invalid"))
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let object = string(36).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).description(Some("An id."));
        RefOr::T(Schema::Object(object.examples(["0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10"]).build()))
    }
}

impl ToSchema for Id {}

/// An instant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Moment(pub domain::Instant);

impl Member for Moment {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        text.parse().ok().map(Self).or_else(|| reader.wrong("instant_invalid"))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let object = string(35)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("An instant in UTC (RFC 3339)."));
        RefOr::T(Schema::Object(object.examples(["2026-03-01T09:30:00Z"]).build()))
    }
}

impl ToSchema for Moment {}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Day(pub domain::Date);

impl Member for Day {
    /// Just `2026-03-01`: no other spelling of ISO 8601, no time, and no day before there were cars.
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        let day: Option<domain::Date> = text.parse().ok();
        day.filter(|day| i64::from(day.year()) >= domain::passport::MIN_YEAR && day.to_string() == text)
            .map(Self)
            .or_else(|| reader.wrong("date_invalid"))
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let object = string(10)
            .min_length(Some(10))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day, from 1880 on (ISO 8601)."));
        RefOr::T(Schema::Object(object.examples(["2026-03-01"]).build()))
    }
}

impl ToSchema for Day {}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

impl From<Language> for DomainLanguage {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// An amount of money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// In hundredths of the currency.
    pub cents: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Whole euros.
    pub fn euros(amount: i64) -> Self {
        Self { cents: amount.saturating_mul(100), currency: Currency("EUR".to_owned()) }
    }
}

/// An opaque format name, for what no standard names.
pub fn opaque(max: usize) -> ObjectBuilder {
    string(max).format(Some(SchemaFormat::Custom("opaque".to_owned())))
}
