//! What is said of a wrong value, and the page that a problem's `type` leads to.

use super::Code;
use domain::value::Language;

/// What a value of a request is, as JSON has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    WholeNumber,
    /// Yes or no.
    Boolean,
    /// An array.
    List,
    /// An object.
    Object,
}

impl Kind {
    /// What a value must be, in words.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Text, Language::English) => "text",
            (Self::Text, Language::Dutch) => "tekst",
            (Self::WholeNumber, Language::English) => "a whole number",
            (Self::WholeNumber, Language::Dutch) => "een geheel getal",
            (Self::Boolean, Language::English) => "true or false",
            (Self::Boolean, Language::Dutch) => "true of false",
            (Self::List, Language::English) => "a list (a JSON array)",
            (Self::List, Language::Dutch) => "een lijst (een JSON-array)",
            (Self::Object, Language::English) => "a JSON object",
            (Self::Object, Language::Dutch) => "een JSON-object",
        }
    }
}

/// Another wording of a problem, for a case in which its own does not say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Nobody knows the code that was typed in the place of a link.
    UnknownCode,
    /// A passport is to be activated with the address, or the account, of a garage or a fleet.
    DriverNeeded,
}

impl Wording {
    /// Title and detail in a language.
    pub const fn texts(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Self::UnknownCode, Language::English) => (
                "The code is not right",
                "No mail of the last three days went to this e-mail with this code. Check both, or ask for a new mail.",
            ),
            (Self::UnknownCode, Language::Dutch) => (
                "De code klopt niet",
                "De laatste drie dagen ging er geen mail met deze code naar dit e-mailadres. Controleer beide, of vraag een nieuwe mail aan.",
            ),
            (Self::DriverNeeded, Language::English) => (
                "The account of a garage or a fleet can have no car",
                "Sign in with a driver's account of yours and use the link again, or have the link mailed to another e-mail address of yours.",
            ),
            (Self::DriverNeeded, Language::Dutch) => (
                "Het account van een garage of een wagenpark kan geen auto hebben",
                "Log in met uw eigen account als bestuurder en gebruik de link opnieuw, of laat de link naar een ander e-mailadres van u mailen.",
            ),
        }
    }
}

/// Code of a wrong or odd value, English, Dutch. `{min}` and `{max}` stand for its bounds, `{allowed}`
/// for the values that it can have, `{kind}` for what it must be.
const FIELDS: &[(&str, &str, &str)] = &[
    ("required", "is required", "is verplicht"),
    ("one_required", "is required, or '{said}' in its place", "is verplicht, of in plaats daarvan '{said}'"),
    ("wrong_type", "must be {kind}", "moet {kind} zijn"),
    ("unknown_property", "is not a property of this request", "hoort niet bij dit verzoek"),
    ("not_json", "is not JSON at line {min}, column {max}", "is bij regel {min}, kolom {max} geen JSON"),
    ("repeated_property", "stands more than once in its object", "staat meer dan eens in zijn object"),
    ("unknown_parameter", "is not a parameter of this operation", "is geen parameter van deze bewerking"),
    ("not_found", "does not exist, or you have no access to it", "bestaat niet, of u hebt er geen toegang toe"),
    ("unknown_value", "must be one of: {allowed}", "moet een van deze zijn: {allowed}"),
    ("uuid_invalid", "is not a UUID", "is geen UUID"),
    (
        "instant_invalid",
        "is not an instant as in RFC 3339, such as 2026-03-01T09:30:00Z; in a query, write the plus sign of an offset as %2B, or use Z",
        "is geen tijdstip volgens RFC 3339, zoals 2026-03-01T09:30:00Z; schrijf in een query het plusteken van een tijdzone als %2B, of gebruik Z",
    ),
    ("date_invalid", "is not a day such as 2026-03-01, from 1880 on", "is geen dag zoals 2026-03-01, vanaf 1880"),
    (
        "odometer_falls",
        "is lower than an earlier reading, or higher than a later one",
        "is lager dan een eerdere stand, of hoger dan een latere",
    ),
    (
        "odometer_too_far",
        "differs from another reading by more than 1,000 km a day",
        "ligt meer dan 1.000 km per dag van een andere stand",
    ),
    (
        "odometer_second_on_day",
        "is lower than another reading of the same day",
        "is lager dan een andere stand van dezelfde dag",
    ),
    ("readings_rise", "The readings never fall.", "De standen dalen nooit."),
    ("readings_fall", "The readings fall.", "De standen dalen."),
    (
        "register_logical",
        "The vehicle register finds the readings logical.",
        "Het kentekenregister vindt de standen logisch.",
    ),
    (
        "register_illogical",
        "The vehicle register finds the readings illogical.",
        "Het kentekenregister vindt de standen onlogisch.",
    ),
    (
        "register_no_judgement",
        "The vehicle register gives no verdict on the readings.",
        "Het kentekenregister geeft geen oordeel over de standen.",
    ),
    (
        "motorcycle",
        "It is a motorcycle, on whose readings there is no verdict.",
        "Het is een motorfiets; over de standen daarvan is er geen oordeel.",
    ),
    (
        "counter_replaced",
        "The counter was replaced or repaired, so the whole distance is not known.",
        "De teller is vervangen of gerepareerd, dus de hele afstand is niet bekend.",
    ),
    (
        "rolled_over",
        "The counter passed its highest value and continued from zero.",
        "De teller is over zijn hoogste stand heen gegaan en bij nul verder geteld.",
    ),
    (
        "foreign_history",
        "The car was registered in another country before, so earlier readings are not known.",
        "De auto stond eerder in een ander land geregistreerd, dus eerdere standen zijn niet bekend.",
    ),
    ("too_few", "There are no readings of two different days.", "Er zijn geen standen van twee verschillende dagen."),
    (
        "fell_before_2014",
        "The readings fall only before 2014, which is not judged.",
        "De standen dalen alleen vóór 2014, en daarover wordt niet geoordeeld.",
    ),
    ("no_reading", "The odometer was never read.", "De teller is nooit afgelezen."),
    ("before_first_reading", "That day lies before the first reading.", "Die dag ligt vóór de eerste stand."),
    (
        "too_few_readings",
        "One reading does not say how far the car is driven.",
        "Eén stand zegt niet hoeveel er met de auto wordt gereden.",
    ),
    (
        "too_far_ahead",
        "That day lies more than five years after the last reading.",
        "Die dag ligt meer dan vijf jaar na de laatste stand.",
    ),
    (
        "until_out_of_range",
        "is before today, or more than 5 years ahead",
        "ligt voor vandaag, of meer dan 5 jaar vooruit",
    ),
    (
        "expected_on_out_of_range",
        "is before today, or more than 10 years ahead",
        "ligt voor vandaag, of meer dan 10 jaar vooruit",
    ),
    ("cursor_invalid", "is not a cursor of this list", "is geen cursor van deze lijst"),
    (
        "idempotency_key_invalid",
        "must be 1 to 200 visible ASCII characters, on one line",
        "moet 1 tot 200 zichtbare ASCII-tekens zijn, op één regel",
    ),
    (
        "if_match_invalid",
        "must be '*', or tags with commas between them, of which one is a version in quotes, such as \"3\", or the ETag that was loaded",
        "moet '*' zijn, of een of meer tags met komma's ertussen, waarvan één een versie tussen aanhalingstekens, zoals \"3\", of de geladen ETag",
    ),
    (
        "if_none_match_invalid",
        "must be '*', or ETags in their quotes, with commas between them",
        "moet '*' zijn, of een of meer ETags tussen hun aanhalingstekens, met komma's ertussen",
    ),
    (
        "only_for_reading",
        "may only be sent with GET and HEAD; a change takes 'If-Match'",
        "mag alleen met GET en HEAD; een wijziging neemt 'If-Match'",
    ),
    ("content_type_json", "must be 'application/json'", "moet 'application/json' zijn"),
    (
        "content_type_merge_patch",
        "must be 'application/json' or 'application/merge-patch+json'",
        "moet 'application/json' of 'application/merge-patch+json' zijn",
    ),
    (
        "content_type_json_lines",
        "must be 'application/x-ndjson', or 'application/octet-stream' for the same bytes",
        "moet 'application/x-ndjson' zijn, of 'application/octet-stream' voor dezelfde bytes",
    ),
    (
        "content_type_photo",
        "must be 'image/jpeg', 'image/png' or 'image/webp', or 'application/octet-stream' for the same bytes",
        "moet 'image/jpeg', 'image/png' of 'image/webp' zijn, of 'application/octet-stream' voor dezelfde bytes",
    ),
    (
        "content_type_attachment",
        "must be 'application/pdf', 'image/jpeg', 'image/png' or 'image/webp', or 'application/octet-stream' for the same bytes",
        "moet 'application/pdf', 'image/jpeg', 'image/png' of 'image/webp' zijn, of 'application/octet-stream' voor dezelfde bytes",
    ),
    (
        "content_type_message",
        "must be 'message/rfc822', or 'application/octet-stream' for the same bytes",
        "moet 'message/rfc822' zijn, of 'application/octet-stream' voor dezelfde bytes",
    ),
    (
        "content_encoding_not_taken",
        "must be left out: a body is not taken compressed",
        "moet ontbreken: gecomprimeerde inhoud wordt niet aangenomen",
    ),
    (
        "tag_weak",
        "has only weak tags (W/), which never match: send the version in quotes, such as \"3\"",
        "heeft alleen zwakke tags (W/), die nooit overeenkomen: stuur de versie tussen aanhalingstekens, zoals \"3\"",
    ),
    (
        "conflicts_with_other",
        "cannot be combined with another value of the request",
        "kan niet samen met een andere waarde",
    ),
    ("blank", "may not be empty", "mag niet leeg zijn"),
    ("too_short", "must have at least {min} characters", "moet minstens {min} tekens hebben"),
    ("too_long", "can have at most {max} characters", "mag hooguit {max} tekens hebben"),
    ("too_many_items", "can have at most {max} items", "mag hooguit {max} onderdelen hebben"),
    (
        "control_character",
        "may not contain control characters or letters that nobody sees",
        "mag geen stuurtekens of onzichtbare tekens bevatten",
    ),
    (
        "push_endpoint_invalid",
        "must be the https address of a push service on the internet, as the browser gave it",
        "moet het https-adres van een pushdienst op internet zijn, zoals de browser het gaf",
    ),
    (
        "push_key_invalid",
        "must be the key that the browser gave, unchanged",
        "moet de sleutel zijn die de browser gaf, ongewijzigd",
    ),
    ("web_address", "may not contain a web address", "mag geen webadres bevatten"),
    ("no_letter_or_digit", "has no letter and no digit to find", "heeft geen letter of cijfer om op te zoeken"),
    ("email_invalid", "is not an e-mail address", "is geen e-mailadres"),
    (
        "phone_invalid",
        "is not one telephone number without words, such as 06-12345678 or +31612345678",
        "is niet één telefoonnummer zonder woorden, zoals 06-12345678 of +31612345678",
    ),
    ("postcode_invalid", "is not a postal code of the country", "is geen postcode van het land"),
    (
        "email_misspelled",
        "may be misspelled: was '{said}' meant?",
        "is misschien verkeerd gespeld: was '{said}' bedoeld?",
    ),
    (
        "email_not_in_record",
        "is not in the record that the garage has of this customer, which 'otherId' names",
        "staat niet bij de klant die de garage al heeft en die 'otherId' noemt",
    ),
    (
        "customer_may_be_known",
        "may be the customer '{said}' of another record of the garage, which 'otherId' names",
        "is misschien de klant '{said}' die de garage al heeft en die 'otherId' noemt",
    ),
    (
        "date_swapped",
        "is not a day such as 2026-03-01: was {said} meant?",
        "is geen dag zoals 2026-03-01: was {said} bedoeld?",
    ),
    (
        "licence_plate_character",
        "contains a character that does not occur on licence plates",
        "bevat een teken dat op geen kenteken staat",
    ),
    (
        "licence_plate_script",
        "has '{said}', a letter of another script: write the Latin letter {said}",
        "bevat '{said}', een letter uit een ander schrift: schrijf de Latijnse letter {said}",
    ),
    (
        "licence_plate_slip",
        "is not one of the fourteen Dutch layouts; is it {said}?",
        "is niet een van de veertien Nederlandse kentekenreeksen; is het {said}?",
    ),
    (
        "licence_plate_layout",
        "is not one of the fourteen Dutch layouts",
        "is niet een van de veertien Nederlandse kentekenreeksen",
    ),
    (
        "letter_not_issued",
        "contains a C or a Q, which are not issued",
        "bevat een C of Q, letters die niet worden uitgegeven",
    ),
    (
        "vowel",
        "contains a vowel, which plates of this layout do not have",
        "bevat een klinker, die in deze kentekenreeks niet voorkomt",
    ),
    (
        "refused_combination",
        "contains a combination of letters that new plates do not get",
        "bevat een lettercombinatie die nieuwe kentekens niet krijgen",
    ),
    (
        "district_unknown",
        "does not say where the district ends; write it with a dash: {said}",
        "zegt niet waar het district eindigt; schrijf het met een streepje: {said}",
    ),
    (
        "exported",
        "was exported, and is no longer on the road with this plate",
        "is geëxporteerd: het rijdt niet meer op dit kenteken",
    ),
    (
        "not_registrable",
        "cannot be registered in anyone's name for the time being, although it was not exported",
        "kan nu niet op naam worden gezet (tenaamstellen niet mogelijk), terwijl het niet is geëxporteerd",
    ),
    ("open_recall", "has an open recall", "heeft een openstaande terugroepactie"),
    ("apk_expired", "has no valid APK", "heeft geen geldige APK"),
    (
        "odometer_illogical",
        "has odometer readings that are illogical according to the register",
        "heeft volgens het register onlogische tellerstanden",
    ),
    (
        "vat_rate_unusual",
        "has a rate of VAT that was not in force on that day",
        "bevat een btw-tarief dat op die dag niet gold",
    ),
    ("credit", "has a negative total: it is a credit", "heeft een negatief totaal: het is een creditering"),
    (
        "apk_date_unknown",
        "has an APK inspection, and no later expiry date is known: the register brings it within some days, or enter it with POST /passports/{id}/apk/entries",
        "bevat een APK-keuring, en een latere vervaldatum is nog niet bekend: het kentekenregister levert die binnen enkele dagen, of voer hem in met POST /passports/{id}/apk/entries",
    ),
    (
        "apk_date_not_by_law",
        "is not a date that the law gives for this car and an inspection on that day",
        "is geen datum die de wet geeft voor deze auto en een keuring op die dag",
    ),
    ("make_unknown", "is the make of no car of the garage", "is het merk van geen enkele auto van de garage"),
    (
        "model_unknown",
        "is the model of no car of the garage of that make",
        "is het model van geen enkele auto van de garage van dat merk",
    ),
    ("not_insured", "does not have the insurance that the law requires", "is niet WAM-verzekerd"),
    (
        "country_invalid",
        "is not a country code of ISO 3166-1, such as NL",
        "is geen landcode volgens ISO 3166-1, zoals NL",
    ),
    (
        "currency_invalid",
        "is not the code of a currency in use (ISO 4217), such as EUR",
        "is geen code van een munt waarmee mensen betalen, zoals EUR",
    ),
    (
        "vin_invalid",
        "is not a vehicle identification number of 17 characters",
        "is geen voertuigidentificatienummer van 17 tekens",
    ),
    (
        "vin_end_invalid",
        "is not the end of a vehicle identification number: the last four letters or digits, without I, O and Q",
        "is niet het einde van een voertuigidentificatienummer: de laatste vier letters of cijfers, zonder I, O en Q",
    ),
    (
        "invoice_known",
        "is the number of another record of the garage, which 'otherId' names",
        "is het nummer van een andere werkorder van de garage; 'otherId' noemt die",
    ),
    (
        "record_known",
        "says the same as another record of that day, which 'otherId' names",
        "zegt hetzelfde als een andere werkorder van die dag; 'otherId' noemt die",
    ),
    (
        "schedule_known",
        "can be for the same cars as another schedule of the garage, which 'otherId' names",
        "kan voor dezelfde auto's gelden als een ander schema van de garage; 'otherId' noemt dat",
    ),
    ("task_not_for_fuel", "makes no sense for what this car runs on", "past niet bij waar deze auto op rijdt"),
    ("list_length", "must have {min} to {max} items", "moet {min} tot {max} onderdelen hebben"),
    ("task_unknown", "is not a task of the catalogue", "is geen taak uit de catalogus"),
    (
        "decimal_invalid",
        "must be digits with a point, and at most {max} decimals",
        "moet uit cijfers met een punt bestaan, met hooguit {max} decimalen",
    ),
    (
        "decimal_not_text",
        "must be text: send the number in quotes, with a point, such as \"2.8\"",
        "moet tekst zijn: stuur het getal tussen aanhalingstekens, met een punt, zoals \"2.8\"",
    ),
    ("not_plausible", "must be from {said} to {said}", "moet van {said} tot en met {said} zijn"),
    ("place_without_result", "has no result at {said}", "heeft nog geen uitkomst bij {said}"),
    (
        "plate_of_own_passport",
        "is the plate of another passport of the garage, which 'otherId' names",
        "is het kenteken van een ander AutoPaspoort van de garage, dat 'otherId' noemt",
    ),
    (
        "plate_may_be_own",
        "may be {said}, the plate of another passport of the garage, which 'otherId' names: write where the district ends, as in {said}",
        "is misschien {said}, het kenteken van een ander AutoPaspoort van de garage, dat 'otherId' noemt: schrijf waar het district eindigt, zoals in {said}",
    ),
    (
        "own_plate_may_be",
        "may be what is meant by {said}, the plate of another passport of the garage, which 'otherId' names and which does not say where its district ends",
        "is misschien wat wordt bedoeld met {said}, het kenteken van een ander AutoPaspoort van de garage, dat 'otherId' noemt en dat niet zegt waar het district eindigt",
    ),
    (
        "draft_open",
        "has an open draft already, which 'otherId' names",
        "heeft al een controle die niet af is; 'otherId' noemt die",
    ),
    (
        "key_invalid",
        "must be 1 to 40 small letters, digits and underscores, and not '{said}'",
        "moet uit 1 tot 40 kleine letters, cijfers en lage streepjes bestaan, en niet '{said}' zijn",
    ),
    (
        "push_needs_in_app",
        "needs 'inApp' to be true: what is sent to devices is read in the app",
        "heeft 'inApp' nodig: wat naar apparaten gaat wordt in de app gelezen",
    ),
    ("offset_repeated", "is there before: give each offset once", "staat er al: geef elke dag een keer"),
    ("key_repeated", "stands there before: '{said}'", "staat er al: '{said}'"),
    ("key_fixed", "cannot be changed: it is '{said}'", "kan niet worden gewijzigd: die is '{said}'"),
    (
        "line_break",
        "has a line break in line {said}: a subject is one line",
        "heeft een regeleinde in regel {said}: een onderwerp is één regel",
    ),
    (
        "placeholder_unknown",
        "has a placeholder in line {said} that there is not: '{said}'; there are name (the customer), plate, car (make and model), apk_date (the last valid day), garage and phone (of the garage), or in Dutch naam, kenteken, auto, apk_datum and telefoon",
        "heeft in regel {said} een invulveld dat niet bestaat: '{said}'; er zijn naam (de klant), kenteken, auto (merk en model), apk_datum (de laatste geldige dag), garage en telefoon (van de garage)",
    ),
    (
        "placeholder_unended",
        "has '{{' without '}}' in line {said}: '{said}'",
        "heeft '{{' zonder '}}' in regel {said}: '{said}'",
    ),
    (
        "placeholder_unbegun",
        "has '}}' without '{{' in line {said}: '{said}'",
        "heeft '}}' zonder '{{' in regel {said}: '{said}'",
    ),
    (
        "placeholder_single_braces",
        "has a placeholder in single braces in line {said}: '{said}'; write two",
        "heeft in regel {said} een invulveld tussen enkele accolades: '{said}'; schrijf er twee",
    ),
    (
        "placeholder_in_host",
        "has a placeholder in the address of a link, in line {said}: '{said}'",
        "heeft in regel {said} een invulveld in het adres van een link: '{said}'",
    ),
    (
        "template_syntax",
        "has signs of a template language in line {said}: '{said}'",
        "heeft tekens van een sjabloontaal in regel {said}: '{said}'",
    ),
    (
        "html",
        "has HTML in line {said}: '{said}'; write plain text",
        "heeft HTML in regel {said}: '{said}'; schrijf gewone tekst",
    ),
    (
        "link_scheme",
        "has a link in line {said} that begins with neither https:// nor http://: '{said}'",
        "heeft in regel {said} een link die niet met https:// of http:// begint: '{said}'",
    ),
    ("too_many_links", "has more than {max} links", "heeft meer dan {max} links"),
    (
        "selection_reversed",
        "'expiresUntil' must not be before 'expiresFrom', which is today where none is given",
        "'expiresUntil' mag niet voor 'expiresFrom' liggen; zonder 'expiresFrom' is dat vandaag",
    ),
    (
        "selection_too_wide",
        "must be at most 366 days after the first day",
        "mag hoogstens 366 dagen na de eerste dag liggen",
    ),
    ("selection_too_early", "must be at most a year ago", "mag hoogstens een jaar geleden zijn"),
    ("selection_too_late", "must be at most two years ahead", "mag hoogstens twee jaar vooruit liggen"),
    ("selection_too_many_forced", "must be at most 500 cars", "mag hoogstens 500 auto's hebben"),
    ("day_in_future", "must not be in the future", "mag niet in de toekomst liggen"),
    ("out_of_range", "must be from {min} to {max}", "moet van {min} tot en met {max} zijn"),
    ("password_too_common", "is too common or too easy to guess", "komt te vaak voor of is te makkelijk te raden"),
    (
        "code_wrong",
        "is not the present code of the authenticator app, or was used before",
        "is niet de huidige code van de authenticator-app, of is al gebruikt",
    ),
    (
        "password_unchanged",
        "is the password that the garage has; choose another",
        "is het wachtwoord dat de garage heeft; kies een ander",
    ),
    ("password_wrong", "is not your current password", "is niet uw huidige wachtwoord"),
];

/// How long the values may be that a message names; the document says how long a message can be.
const MAX_LISTED: usize = 450;

/// What is said of a value that is wrong, or odd; of one that a refusal is about, what the problem says.
pub fn field_message(code: &str, bounds: (Option<i64>, Option<i64>), language: Language) -> String {
    let Some((_, english, dutch)) = FIELDS.iter().find(|(known, ..)| *known == code) else {
        return Code::from_code(code).map_or(code, |code| code.texts(language).1).to_owned();
    };
    let text = match language {
        Language::English => english,
        Language::Dutch => dutch,
    };
    let number = |bound: Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    text.replace("{min}", &number(bounds.0)).replace("{max}", &number(bounds.1))
}

/// What is said of a value that refused nothing in an import, so that whoever reads it knows what became of the value.
pub(super) fn warning(code: &str, detail: &str, language: Language) -> String {
    let is_stored =
        matches!(code, "email_misspelled" | "customer_may_be_known" | "plate_may_be_own" | "own_plate_may_be");
    let end = if detail.ends_with('?') { "" } else { "." };
    match (is_stored, language) {
        (true, Language::English) => format!("{detail}{end} It was stored as it was sent."),
        (true, Language::Dutch) => format!("{detail}{end} Het is opgeslagen zoals het is gestuurd."),
        (false, Language::English) => format!("{detail}, and was left empty"),
        (false, Language::Dutch) => format!("{detail}, en is leeg gelaten"),
    }
}

/// The values that something can have, as its message names them: all of them, or as many as fit.
pub(super) fn listed(values: &[&str]) -> String {
    let mut text = String::new();
    for value in values {
        if text.len() + value.len() > MAX_LISTED {
            return text + ", …";
        }
        text.push_str(if text.is_empty() { "" } else { ", " });
        text.push_str(value);
    }
    text
}

/// The page of a problem, in both languages.
pub fn page(code: Code) -> String {
    let (title_en, detail_en) = code.texts(Language::English);
    let (title_nl, detail_nl) = code.texts(Language::Dutch);
    let (word, status) = (code.code(), code.status());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{word}</title>\n<h1><code>{word}</code> ({status})</h1>\n\
         <h2>{title_en}</h2>\n<p>{detail_en}</p>\n<div lang=\"nl\">\n<h2>{title_nl}</h2>\n<p>{detail_nl}</p>\n</div>\n</html>\n"
    )
}
