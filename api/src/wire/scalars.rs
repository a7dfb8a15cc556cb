//! The values of requests and answers, each with its schema and the domain's rule that reads it.

use super::{Member, Reader};
use domain::{
    Decimal,
    check_template::{self, MAX_VALUE},
    garage_change, licence_plate, recommendation,
    service_record::{MAX_CENTS, MAX_LINES, ServiceRecord},
    service_task,
    value::{self, Country, EmailAddress, Language as DomainLanguage, PhoneNumber, ValueError},
    vehicle_check,
};
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
    Name(String) = |text| value::name(text, 100), |text| text,
        string(100).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("A name, on one line, without a web address.")).examples(["Bakkerij Jansen"]);
    /// One line of at most 200 characters.
    Line(String) = |text| value::line(text, 200), |text| text,
        string(200).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("Text on one line.")).examples(["Dorpsstraat 12"]);
    /// Text of several lines.
    Notes(String) = |text| value::lines(text, 4000), |text| text,
        string(4000).min_length(Some(1)).pattern(Some("^[^\\u0000]*$")).description(Some("Text, on one line or several."))
            .examples(["Belt liever niet voor negenen."]);
    /// An e-mail address.
    Email(EmailAddress) = EmailAddress::parse, EmailAddress::as_str,
        string(EmailAddress::MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::IdnEmail)))
            .description(Some("An e-mail address, whose domain may have letters of any language. Spaces around it, the case of its letters, and whether the domain is written in its ASCII form do not matter.")).examples(["jan@jansen.example"]);
    /// The subject of a mailing. What it may have is checked with the whole text, which names the line.
    MailingSubject(String) = |text| Ok(text.to_owned()), |text| text,
        string(domain::apk_mailing::MAX_SUBJECT).min_length(Some(1)).pattern(Some(PLAIN))
            .description(Some("The subject of a mailing: one line of plain text, with placeholders in double braces."))
            .examples(["De APK van {{kenteken}} verloopt op {{apk_datum}}"]);
    /// What a mailing says.
    MailingBody(String) = |text| Ok(text.to_owned()), |text| text,
        string(domain::apk_mailing::MAX_BODY).min_length(Some(1)).pattern(Some("^[^\\u0000]*$"))
            .description(Some("The text of a mailing: plain text with blank lines between paragraphs, with placeholders in double braces."))
            .examples(["Beste {{naam}},\n\nDe APK van {{kenteken}} verloopt op {{apk_datum}}."]);
    /// What a push service gave for a device.
    PushToken(String) = |text| value::line(text, 4096), |text| text,
        string(4096).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("What a push service gave."))
            .examples(["BTBZMqHH6r4Tts7J_aSIgg"]);
    /// A telephone number.
    Phone(PhoneNumber) = PhoneNumber::parse, PhoneNumber::as_str,
        string(16).pattern(Some("^\\+[1-9][0-9]{6,14}$"))
            .description(Some("A telephone number in the international form (E.164).")).examples(["+31612345678"]);
    /// A telephone number as it was typed. By the numbers of which countries it is read, is known with the address.
    TypedPhone(String) = |text| bounded(text, PhoneNumber::MAX_TYPED), |text| text,
        string(PhoneNumber::MAX_TYPED).min_length(Some(1)).pattern(Some(PLAIN))
            .description(Some("A telephone number as people write it: with its country code, or as it is dialled in the country of the address; a mobile number also as it is dialled in that of the garage. Spaces, dashes, dots, slashes and brackets do not matter, nor does the zero in brackets of `+31 (0)6`."))
            .examples(["06-12345678"]);
    /// A country code.
    CountryCode(Country) = Country::parse, Country::as_str,
        string(2).min_length(Some(2)).pattern(Some("^[A-Za-z]{2}$")).description(Some("A country, by its code in ISO 3166-1 alpha-2, or `XK` for Kosovo, which has no official code there."))
            .examples(["NL"]);
    /// A licence plate, in the normal form of what was typed.
    PlateNumber(String) = licence_plate::tidied, |text| text,
        string(40).min_length(Some(1)).pattern(Some("^[^\\u0000]*$"))
            .description(Some("A licence plate of at most 20 signs. Dashes, spaces and dots of any kind and signs that nobody sees do not count, except where the district of a German or Austrian plate ends; `NL` before a Dutch plate is dropped, and letters become capitals."))
            .examples([PLATE_EXAMPLE]);
    /// A vehicle identification number.
    VinNumber(domain::value::Vin) = domain::value::Vin::parse, domain::value::Vin::as_str,
        string(17).min_length(Some(17)).pattern(Some("^[A-HJ-NPR-Za-hj-npr-z0-9]{17}$"))
            .description(Some("A vehicle identification number (VIN, ISO 3779).")).examples(["WV2ZZZ7HZDH123456"]);
    /// The end of a vehicle identification number.
    VinEnd(String) = garage_change::check_vin_end, |text| text,
        string(garage_change::VIN_END).min_length(Some(garage_change::VIN_END)).pattern(Some("^[A-HJ-NPR-Za-hj-npr-z0-9]{4}$"))
            .description(Some("The last four signs of a vehicle identification number.")).examples(["3456"]);
    /// The key of a service task.
    TaskKey(service_task::TaskKey) = |text| service_task::TaskKey::find(text).ok_or(ValueError::Task), |key| key.as_str(),
        string(40).min_length(Some(2)).pattern(Some("^[a-z][a-z0-9_]*$"))
            .description(Some("The key of a task of the catalogue (`GET /service-tasks`).")).examples([TASK_EXAMPLE]);
    /// The key of a template, or of a part of it.
    TemplateKey(String) = |text| value::line(text, domain::check_template::MAX_KEY), |text| text,
        string(domain::check_template::MAX_KEY).min_length(Some(1)).pattern(Some("^[a-z0-9_]+$"))
            .description(Some("A key, made of small letters, digits and underscores.")).examples(["tread_depth"]);
    /// The number of an invoice.
    InvoiceNumber(String) = ServiceRecord::check_invoice_number, |text| text,
        string(domain::service_record::MAX_INVOICE_NUMBER).min_length(Some(1)).pattern(Some(PLAIN))
            .description(Some("The number of an invoice.")).examples(["2026-0815"]);
    /// A note at a service record.
    RecordNote(String) = ServiceRecord::check_note, |text| text,
        string(domain::service_record::MAX_NOTE).min_length(Some(1)).pattern(Some("^[^\\u0000]*$"))
            .description(Some("A note for the owner, on one line or several.")).examples(["De remmen zijn goed voor nog een jaar."]);
    /// A place of a check: the key of an item and, behind a point, the position.
    CheckPlace(String) = |text| value::line(text, 81), |text| text,
        string(81).min_length(Some(1)).pattern(Some("^[a-z0-9_]+(\\.[a-z0-9_]+)?$"))
            .description(Some("A place of a check: the key of an item and, when the item has several positions, a point and the position."))
            .examples(["tread_depth.front_left"]);
    /// What a mechanic says about a finding.
    Remark(String) = vehicle_check::NewFinding::check_text, |text| text,
        string(vehicle_check::MAX_NOTE).min_length(Some(1)).pattern(Some("^[^\\u0000]*$"))
            .description(Some("Text about a finding, on one line or several.")).examples(["Slijt aan de binnenkant."]);
    /// What the customer reads about work that is advised.
    AdviceText(String) = recommendation::Advice::check_text, |text| text,
        string(recommendation::MAX_TEXT).min_length(Some(1)).pattern(Some("^[^\\u0000]*$"))
            .description(Some("What the customer reads, on one line or several.")).examples(["De remvloeistof is vier jaar oud."]);
    /// What someone types to find something.
    Search(String) = |text| value::sought(text, 100), |text| text,
        string(100).min_length(Some(1)).pattern(Some(PLAIN)).description(Some("The words to find, in any order. One of them at least has a letter or a digit.")).examples(["jansen"]);
    /// A currency code.
    Currency(value::Currency) = value::Currency::parse, value::Currency::as_str,
        string(3).min_length(Some(3)).pattern(Some("^[A-Z]{3}$")).description(Some("A currency, by its code in ISO 4217.")).examples(["EUR"]);
    /// A password that is being chosen. How easily it is guessed depends on the account, so that is checked where it is
    /// used.
    Password(String) = |text| bounded(text, domain::password::MAX).and_then(long_enough), |text| text,
        string(domain::password::MAX).min_length(Some(domain::password::MIN)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("A new password: 12 to 128 characters, not common and not easy to guess."))
            .examples(["vier blije fietsen op dinsdag"]);
    /// A password that someone signs in with.
    Secret(String) = |text| bounded(text, 1024), |text| text,
        string(1024).min_length(Some(1)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("The present password.")).examples(["Welkom-bij-AutoPaspoort-2019"]);
    /// The code of a mailed link.
    LinkCode(String) = |text| value::line(text, domain::invitation::MAX_TYPED_CODE), |text| text,
        string(domain::invitation::MAX_TYPED_CODE).min_length(Some(1)).pattern(Some(PLAIN))
            .description(Some("The code that stands in the mail beside the link. Spaces, dashes and the case of letters do not matter."))
            .examples(["K7QD-M3FA"]);
    /// A code of a second factor.
    OneTimeCode(String) = |text| value::line(text, domain::second_factor::MAX_TYPED), |text| text,
        string(domain::second_factor::MAX_TYPED).min_length(Some(1)).pattern(Some(PLAIN))
            .description(Some("The six digits that the authenticator app shows, or a recovery code. Spaces, dashes and the case of letters do not matter."))
            .examples(["492039"]);
    /// A token: from a mailed link, or to refresh a session.
    Token(String) = |text| bounded(text, 200), |text| text,
        string(200).min_length(Some(1)).pattern(Some("^[A-Za-z0-9_-]*$")).description(Some("A token, which only this API can read."))
            .examples(["q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo"]);
}

/// The text as it was sent: it is not trimmed, and only its length is limited.
fn bounded(text: &str, max: usize) -> Result<String, ValueError> {
    match text.chars().count() {
        0 => Err(ValueError::Blank),
        length if length > max => Err(ValueError::TooLong { max }),
        _ => Ok(text.to_owned()),
    }
}

fn long_enough(password: String) -> Result<String, ValueError> {
    domain::password::check_length(&password).map(|()| password)
}

/// The largest sum of a record: of as many lines as it can have, each of the largest amount, with VAT of 100 per cent.
#[expect(clippy::cast_possible_wrap, reason = "the number of lines is small")]
const MAX_TOTAL: i64 = 2 * MAX_CENTS * MAX_LINES as i64;

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
    OdometerValue = 0, domain::passport::MAX_ODOMETER_KM, "What the odometer shows, in its own unit. In miles, it is at most 1,242,742.", 123_456;
    /// The year of first admission.
    Year = domain::passport::MIN_YEAR, domain::passport::MAX_YEAR, "The year of the vehicle's first admission to the road.", 2013;
    /// Kilometres a year.
    KmPerYear = 0, domain::customer::MAX_KM_PER_YEAR, "How many kilometres are driven in a year.", 18_000;
    /// After how many days an offer expires.
    Days = 1, domain::transfer::MAX_DAYS, "After how many days the offer expires.", 14;
    /// How many days before or after a due day people are reminded.
    OffsetDays = domain::reminder::EARLIEST_OFFSET, domain::reminder::LATEST_OFFSET, "How many days from the due day: negative before it, positive after it.", -28;
    /// How long one can object to a change of link.
    SecondThoughtsDays = 0, domain::garage::MAX_SECOND_THOUGHTS_DAYS, "For how many days the side that lost a car by a link or unlink can object; 0 for not at all.", 7;
    /// What a line of a record costs.
    NetCents = -MAX_CENTS, MAX_CENTS, "An amount without VAT, in hundredths of the currency; negative when it is paid back.", 6_750;
    /// A sum of lines.
    TotalCents = -MAX_TOTAL, MAX_TOTAL, "A sum of amounts, in hundredths of the currency; negative when it is paid back.", 8_168;
    /// For how many days an odometer was not read.
    DaysUnread = 1, 3_650, "A number of days.", 90;
    /// The version of something that can be changed.
    Version = 1, 9_007_199_254_740_991_i64, "The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.", 3;
    /// The months of an interval.
    Months = 1, domain::maintenance_schedule::MAX_MONTHS, "A number of months.", 12;
    /// The kilometres of an interval.
    IntervalKm = domain::maintenance_schedule::MIN_KM, domain::maintenance_schedule::MAX_KM, "A number of kilometres.", 15_000;
    /// The days that a service indicator has left.
    DaysLeft = -domain::expected_maintenance::MAX_DAYS_LEFT, domain::expected_maintenance::MAX_DAYS_LEFT, "How many days are left until the service; negative when it is late.", 61;
    /// The kilometres that a service indicator has left.
    KmLeft = -domain::expected_maintenance::MAX_KM_LEFT, domain::expected_maintenance::MAX_KM_LEFT, "How many kilometres are left until the service; negative when it is late.", 4_300;
    /// How many items a page has.
    Limit = 1, 200, "The greatest number of items on a page.", 50;
}

/// Declares the values of our enums in requests and answers, each by the enum of the domain and what it says to readers.
#[macro_export]
macro_rules! enum_scalars {
    ($($(#[$meta:meta])* $name:ident($inner:ty), $description:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $crate::wire::Member for $name {
            fn read(value: serde_json::Value, reader: &mut $crate::wire::Reader<'_>) -> Option<Self> {
                let text = reader.text(value)?;
                let allowed = || <$inner>::ALL.iter().map(|value| value.code());
                <$inner>::from_code(&text).map(Self).or_else(|| reader.none_of(allowed()))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::wire::closed(<$inner>::ALL.iter().map(|value| value.code()), $description)
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

/// The schema of a text that is one of these.
pub fn closed<'a>(values: impl Iterator<Item = &'a str>, description: &str) -> RefOr<Schema> {
    let object = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    RefOr::T(Schema::Object(object.enum_values(Some(values)).build()))
}

enum_scalars! {
    /// Where on a car.
    Position(service_task::Position), "A place on the car. Of two wheels beside each other at the rear, `rear_left` and `rear_right` are the outer ones. Spare: the spare wheel. Answers give the names in Dutch and English.";
    /// A language.
    Language(DomainLanguage), "The language of the mails to someone: `nl` is Dutch, `en` is English.";
    /// What an account is for.
    AccountKind(domain::value::AccountKind), "The kind of account. Driver: someone who uses passports in the app. Fleet: the account of one fleet. Staff: someone who works for a garage. Platform: someone of the network's support.";
    /// The life of an account.
    AccountStatus(domain::account::AccountStatus), "The status of an account. Invited: its holder has not chosen a password yet. Active: the holder can sign in. Ended: the holder can no longer sign in.";
    /// A role at a garage.
    StaffRole(domain::value::StaffRole), "The role of someone at the garage. Admins can do everything, advisors manage customers, passports and fleets, and mechanics can read everything and change the data of vehicles.";
    /// The fuel that a car runs on.
    Fuel(domain::passport::Fuel), "The fuel, or other energy, that a vehicle runs on.";
    /// What the register knows about a plate.
    RegisterStatus(domain::registration::RegisterStatus), "What the vehicle register knows about a plate. Known: it gave data about the vehicle when it was last asked. Stale: it gave data before, but gives none now. Unknown: it was asked, and never knew the plate. Pending: it was not asked yet. Not covered: the plate is of another country.";
}

impl Member for bool {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        reader.boolean(&value)
    }
}

/// The id in the examples of the document. The demo garage has one thing of each kind with this id, so that the examples
/// work there: a passport, its customer, a fleet, an offer, and so on.
pub const EXAMPLE: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

/// The id in the examples of operations on what is not in use yet: in the demo garage an invited passport, an invited
/// fleet without cars, and a customer without cars.
pub const IDLE_EXAMPLE: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a20";

/// The id in the example of the operation on what is archived: in the demo garage an archived passport.
pub const ARCHIVED_EXAMPLE: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a30";

/// The plate in the examples of the document, which a car of the demo garage has.
pub const PLATE_EXAMPLE: &str = "TT-601-D";

/// The task in the examples of the document.
pub const TASK_EXAMPLE: &str = "small_service";

/// An id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Id(pub uuid::Uuid);

impl Member for Id {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        read_id(&text).map(Self).or_else(|| reader.wrong("uuid_invalid"))
    }
}

/// An id as it is written in a path, a query or a body: in five groups with dashes between them, in small letters or
/// capitals. Other spellings of a UUID are refused, so that an id has one form in addresses and logs.
pub fn read_id(text: &str) -> Option<uuid::Uuid> {
    let is_grouped = text.len() == uuid::fmt::Hyphenated::LENGTH;
    if is_grouped { uuid::Uuid::try_parse(text).ok() } else { None }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let object = string(36)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .description(Some("An id: a UUID, in groups with dashes between them."));
        RefOr::T(Schema::Object(object.examples([EXAMPLE]).build()))
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
        parse_instant(&text).map(Self).or_else(|| reader.wrong("instant_invalid"))
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

/// An instant as RFC 3339 has it: a date, a time with seconds, and `Z` or an offset of at most 23:59. What ISO 8601 and its
/// extensions have besides is refused.
fn parse_instant(text: &str) -> Option<domain::Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let zone = match rest.strip_prefix('.') {
        // At least one digit of the second's fraction.
        Some(fraction) => {
            Some(fraction.trim_start_matches(|c: char| c.is_ascii_digit())).filter(|zone| *zone != fraction)?
        }
        None => rest,
    };
    let is_zone = matches!(zone, "Z" | "z")
        || zone
            .strip_prefix(['+', '-'])
            .filter(|offset| has_form(offset, "00:00"))
            .and_then(|offset| offset.split_once(':'))
            .is_some_and(|(hours, minutes)| hours <= "23" && minutes <= "59");
    let is_written_so = has_form(date, "0000-00-00") && has_form(clock, "00:00:00") && is_zone;
    is_written_so.then(|| text.parse().ok()).flatten()
}

/// Whether a text has the form of another one, in which `0` stands for any digit.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(c, f): (u8, u8)| if f == b'0' { c.is_ascii_digit() } else { c == f };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

fn parse_day(text: &str) -> Option<domain::Date> {
    let day: domain::Date = text.parse().ok()?;
    (i64::from(day.year()) >= domain::passport::MIN_YEAR && day.to_string() == text).then_some(day)
}

/// The day that was perhaps meant by one that is written in another way: `2026-25-02`, `25-02-2026` and `25/2/2026` by 2026-02-25.
/// Where either could be the month, as in `02-03-2026`, the day stands first, as in Europe.
fn written_otherwise(text: &str) -> Option<domain::Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [one, two, three] = parts.as_slice() else { return None };
    let orders = match (one.len(), three.len()) {
        (4, 1 | 2) => [(one, two, three), (one, three, two)],
        (1 | 2, 4) => [(three, two, one), (three, one, two)],
        _ => return None,
    };
    orders.into_iter().find_map(|(year, month, day)| parse_day(&format!("{year}-{month:0>2}-{day:0>2}")))
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Day(pub domain::Date);

impl Member for Day {
    /// Just `2026-03-01`: no other spelling of ISO 8601, no time, and no day before there were cars.
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(value)?;
        if let Some(day) = parse_day(&text) {
            return Some(Self(day));
        }
        match written_otherwise(&text) {
            Some(meant) => reader.wrong_saying("date_swapped", meant.to_string()),
            None => reader.wrong("date_invalid"),
        }
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let object = string(10)
            .min_length(Some(10))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day from 1880 on, as in ISO 8601: year, month and day."));
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

/// What was measured, or a limit of it: a decimal number, as text, so that no digit is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement(pub Decimal);

impl Member for Measurement {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.decimal(value)?;
        reader.check(check_template::Measure::value(&text)).map(Self)
    }
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Measurement {
    fn schema() -> RefOr<Schema> {
        let object = string(MAX_VALUE).min_length(Some(1)).pattern(Some("^-?[0-9]+(\\.[0-9]+)?$"));
        let description = "A measured value, or a limit of it: a decimal number with a point, and at most 2 decimals.";
        RefOr::T(Schema::Object(object.description(Some(description)).examples(["2.8"]).build()))
    }
}

impl ToSchema for Measurement {}

/// An amount of money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// The amount, in hundredths of the currency.
    pub cents: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Whole euros.
    pub fn euros(amount: i64) -> Self {
        Self { cents: amount.saturating_mul(100), currency: Currency(value::Currency::EUR) }
    }
}

/// An opaque format name, for what no standard names.
pub fn opaque(max: usize) -> ObjectBuilder {
    string(max).format(Some(SchemaFormat::Custom("opaque".to_owned())))
}

/// A decimal number, as text.
pub fn decimal(pattern: &str) -> ObjectBuilder {
    string(20).min_length(Some(1)).pattern(Some(pattern)).format(Some(SchemaFormat::Custom("decimal".to_owned())))
}

impl CheckPlace {
    /// The place as it is shown and as it stands in paths: the key of the item and, behind a point, the position.
    pub fn of(item: &str, position: Option<&str>) -> Self {
        Self(position.map_or_else(|| item.to_owned(), |position| format!("{item}.{position}")))
    }

    /// The place that a path names, which a check may or may not have.
    pub fn read(text: &str) -> vehicle_check::Place {
        match text.split_once('.') {
            Some((item, position)) => (item.to_owned(), Some(position.to_owned())),
            None => (text.to_owned(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_instant, written_otherwise};

    #[test]
    fn a_day_in_anwritten_otherwise_is_known() {
        for (text, meant) in [
            ("2026-25-02", "2026-02-25"),
            ("25-02-2026", "2026-02-25"),
            ("25/02/2026", "2026-02-25"),
            ("02/25/2026", "2026-02-25"),
            ("02-03-2026", "2026-03-02"),
            ("1-3-2026", "2026-03-01"),
            ("1.3.2026", "2026-03-01"),
            ("2026/03/01", "2026-03-01"),
            ("2026-3-1", "2026-03-01"),
        ] {
            assert_eq!(written_otherwise(text).map(|day| day.to_string()).as_deref(), Some(meant), "{text}");
        }
        for text in [
            "2026-02-30",
            "2026-13-32",
            "20260225",
            "yesterday",
            "1879-12-31",
            "2026-02-25T10:00:00Z",
            "",
            "--",
            "é-1-2026",
        ] {
            assert_eq!(written_otherwise(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_as_rfc_3339_has_it() {
        for (text, same) in [
            ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z"),
            ("2026-03-01t09:30:00.5z", "2026-03-01T09:30:00.5Z"),
            ("2026-03-01 09:30:00+01:00", "2026-03-01T08:30:00Z"),
            ("2026-03-01T09:30:00-23:59", "2026-03-02T09:29:00Z"),
            ("2026-03-01T09:30:00.123456789+23:59", "2026-02-28T09:31:00.123456789Z"),
        ] {
            assert_eq!(parse_instant(text).map(|at| at.to_string()).as_deref(), Some(same), "{text}");
        }
        for text in [
            "2027-01-01T00:00:00+25:00",
            "2027-01-01T00:00:00-24:00",
            "2027-01-01T00:00:00+01:60",
            "2027-01-01T00:00:00+01:00:30",
            "2027-01-01T00:00:00+01",
            "2027-01-01T00:00:00+0100",
            "2027-01-01T00:00:00",
            "2027-01-01T00:00Z",
            "2027-01-01T00:00:00.Z",
            "2027-01-01T00:00:00,5Z",
            "2027-01-01T00:00:00Z[Europe/Amsterdam]",
            "20270101T000000Z",
            "2027-02-29T00:00:00Z",
            "2027-01-01T24:00:00Z",
            "+002027-01-01T00:00:00Z",
            "2027-01-01",
            "é027-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
