//! Requests and answers of APK mailings.

use crate::{
    body, enum_scalars,
    mail::Rendered,
    query,
    wire::{AnyOf, Day, Email, Id, Many, Moment, Patch, Version},
};
use domain::{
    apk_mailing::{ApkMailing as DomainMailing, LeftOut, MAX_FORCED, Outcome},
    value::Language,
};
use persistence::{
    Stamps,
    apk_list::{ApkCar, ApkCustomer},
    apk_mailing::RecipientView,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub use crate::wire::{MailingBody, MailingSubject};

enum_scalars! {
    /// The life of a mailing.
    MailingStatus(domain::apk_mailing::MailingStatus), "Draft: it is being written. Scheduled: it begins by itself at its moment. Sending: mails are going out. Sent: all cars were dealt with. Stopped: nothing goes out any more.";
    /// Why a car is left out.
    LeftOutReason(LeftOut), "Why no mail goes out for a car. No address: the customer has no e-mail. Objected: the customer objected to mailings. Suppressed: mail to the address came back, or its reader complained. No basis: it is not known that the garage got the address with a sale and offered an objection then, and the customer did not agree to promotions (Telecommunicatiewet 11.7). Already inspected: the APK expires on another day. Already planned: an appointment stands. Already mailed: a mailing told of this expiry before. Again too soon: the car was mailed once more less than 24 hours ago. Mailbox has enough: within 24 hours 10 mails of the garage's mailings go to one mailbox at most, those first whose APK expires first. Stopped: the mailing was stopped before. Car gone: the garage does not keep the passport any more, or it was archived.";
    /// What became of a mail.
    MailingOutcome(Outcome), "Waiting: it has not gone out yet. Sent: the mail server took it. Failed: the mail server refused it. Unknown: nobody knows whether it went out, so it is not sent again. Left out: no mail goes out, for a reason. Stopped: the mailing was stopped before.";
}

body! {
    /// Which of the garage's cars a mailing is for. It replaces the whole selection.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "expiresFrom": "2027-10-01", "expiresUntil": "2027-10-31", "again": [] }))]
    pub struct MailingSelection {
        /// The first day on which the APK expires; at most a year ago.
        pub expires_from: Day,
        /// The last day on which the APK expires: at most 366 days later, and at most two years ahead.
        pub expires_until: Day,
        /// The passports of cars that are mailed although a mailing told of the same expiry before. It mends a mistake: each car
        /// is mailed once more in 24 hours at most.
        #[schema(value_type = Option<Vec<Id>>, max_items = 500)]
        pub again: Option<Many<Id, MAX_FORCED>>,
    }
}

body! {
    /// A new mailing.
    #[schema(example = json!({
        "subject": "De APK van {{kenteken}} verloopt op {{apk_datum}}",
        "body": "Beste {{naam}},\n\nDe APK van uw {{auto}} met kenteken {{kenteken}} verloopt op {{apk_datum}}. Belt u ons op {{telefoon}} voor een afspraak?\n\nMet vriendelijke groet,\nAnneke de Vries",
        "selection": { "expiresFrom": "2027-10-01", "expiresUntil": "2027-10-31" }
    }))]
    pub struct NewApkMailing {
        /// The subject of the mails.
        pub subject: MailingSubject,
        /// What they say.
        pub body: MailingBody,
        /// For which cars they are.
        pub selection: MailingSelection,
    }
}

body! {
    /// What changes of a mailing that has not begun. What is left out stays as it is.
    #[schema(example = json!({ "subject": "Tijd voor de APK van {{kenteken}}" }))]
    pub struct UpdateApkMailing {
        /// The subject of the mails.
        #[schema(value_type = Option<MailingSubject>, nullable = false)]
        pub subject: Patch<MailingSubject>,
        /// What they say.
        #[schema(value_type = Option<MailingBody>, nullable = false)]
        pub body: Patch<MailingBody>,
        /// For which cars they are. It replaces the whole selection.
        #[schema(value_type = Option<MailingSelection>, nullable = false)]
        pub selection: Patch<MailingSelection>,
    }
}

body! {
    /// When a mailing is sent.
    #[schema(example = json!({ "sendAt": null }))]
    pub struct ScheduleApkMailing {
        /// The moment, at most a year ahead. Null or left out means now. Between 20:00 and 8:00 in the time zone of the garage it
        /// becomes 8:00.
        pub send_at: Option<Moment>,
    }
}

query! {
    /// Which mailings to list.
    pub struct ApkMailingQuery {
        /// Only those with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<MailingStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<MailingStatus>>,
    }
}

query! {
    /// Which cars of a mailing to list.
    pub struct RecipientQuery {
        /// Only those with one of these outcomes, separated by commas.
        #[param(value_type = Option<Vec<MailingOutcome>>, style = Form, explode = false)]
        pub outcome: Option<AnyOf<MailingOutcome>>,
    }
}

/// How many cars of a mailing have each outcome. All are zero until it begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "waiting": 12, "sent": 140, "failed": 1, "unknown": 0, "leftOut": 31, "stopped": 0 }))]
pub struct MailingCounts {
    /// Mails that have not gone out yet.
    #[schema(minimum = 0)]
    pub waiting: i64,
    /// Mails that the mail server took.
    #[schema(minimum = 0)]
    pub sent: i64,
    /// Mails that the mail server refused.
    #[schema(minimum = 0)]
    pub failed: i64,
    /// Mails of which nobody knows whether they went out.
    #[schema(minimum = 0)]
    pub unknown: i64,
    /// Cars for which no mail goes out.
    #[schema(minimum = 0)]
    pub left_out: i64,
    /// Cars whose mail was stopped.
    #[schema(minimum = 0)]
    pub stopped: i64,
}

/// A mailing of the garage to customers whose APK expires.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "status": "draft",
    "subject": "De APK van {{kenteken}} verloopt op {{apk_datum}}",
    "body": "Beste {{naam}},\n\nBelt u ons voor een afspraak?",
    "namesPrice": false,
    "selection": { "expiresFrom": "2027-10-01", "expiresUntil": "2027-10-31", "again": [] },
    "sendAt": null, "begunAt": null, "endedAt": null,
    "counts": { "waiting": 0, "sent": 0, "failed": 0, "unknown": 0, "leftOut": 0, "stopped": 0 },
    "version": 1,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct ApkMailing {
    /// The id of the mailing.
    pub id: Id,
    /// How far it is.
    pub status: MailingStatus,
    /// The subject, with its placeholders.
    #[schema(max_length = 150)]
    pub subject: String,
    /// What it says, with its placeholders.
    #[schema(max_length = 5000)]
    pub body: String,
    /// Whether the text seems to name a price or an offer. By law it is then advertising, whatever else it says; it goes only to
    /// those who may be sent that. It is a hint, and nothing is refused for it.
    pub names_price: bool,
    /// For which cars it is.
    pub selection: MailingSelection,
    /// When it is sent; null for a draft.
    pub send_at: Option<Moment>,
    /// When mails began to go out; null before.
    pub begun_at: Option<Moment>,
    /// When all cars were dealt with, or when it was stopped; null before.
    pub ended_at: Option<Moment>,
    /// What became of its cars.
    pub counts: MailingCounts,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the mailing was created.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl ApkMailing {
    /// A mailing, with how many of its cars have each outcome.
    pub fn new(mailing: &DomainMailing, stamps: Stamps, counts: &BTreeMap<Outcome, i64>) -> Self {
        let count = |outcome| counts.get(&outcome).copied().unwrap_or(0);
        let again = mailing.selection.forced().iter().map(|id| Id(id.0)).collect();
        Self {
            id: Id(mailing.id.0),
            status: MailingStatus(mailing.status),
            subject: mailing.text.subject().to_owned(),
            body: mailing.text.body().to_owned(),
            names_price: mailing.text.names_price(),
            selection: MailingSelection {
                expires_from: Day(mailing.selection.from()),
                expires_until: Day(mailing.selection.until()),
                again: Some(Many(again)),
            },
            send_at: mailing.send_at.map(Moment),
            begun_at: mailing.begun_at.map(Moment),
            ended_at: mailing.ended_at.map(Moment),
            counts: MailingCounts {
                waiting: count(Outcome::Waiting),
                sent: count(Outcome::Sent),
                failed: count(Outcome::Failed),
                unknown: count(Outcome::Unknown),
                left_out: count(Outcome::LeftOut),
                stopped: count(Outcome::Stopped),
            },
            version: Version(mailing.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// A mail as it will look.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "plate": "GR-731-N",
    "customerName": "Bakkerij Jansen",
    "email": "jan@jansen.example",
    "subject": "De APK van GR-731-N verloopt op 12 april 2026",
    "text": "Beste Bakkerij Jansen,\n\nBelt u ons voor een afspraak?\n\nGarage De Vries\n020 123 45 67 · info@garage-devries.example\n…",
    "html": "<!DOCTYPE html>…"
}))]
pub struct MailingSample {
    /// The passport of the car.
    pub passport_id: Id,
    /// The plate of the car.
    #[schema(max_length = 20)]
    pub plate: String,
    /// The customer who gets the mail.
    #[schema(max_length = 100)]
    pub customer_name: String,
    /// The address to which it goes.
    pub email: Option<Email>,
    /// The subject.
    #[schema(max_length = 2000)]
    pub subject: String,
    /// The mail as plain text.
    #[schema(max_length = 60_000)]
    pub text: String,
    /// The mail as HTML, which needs nothing from elsewhere.
    #[schema(max_length = 200_000)]
    pub html: String,
}

impl MailingSample {
    /// What goes to the customer of a car.
    pub fn new(car: &ApkCar, customer: &ApkCustomer, rendered: Rendered) -> Self {
        Self {
            passport_id: Id(car.passport.0),
            plate: car.plate.shown(),
            customer_name: customer.name.clone(),
            email: customer.email.clone().map(Email),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        }
    }
}

/// How a mailing looks, when no mail goes out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "subject": "De APK van GR-731-N verloopt op 12 april 2026",
    "text": "Beste Bakkerij Jansen,\n\nBelt u ons voor een afspraak?\n",
    "html": "<!DOCTYPE html>…"
}))]
pub struct MailingExample {
    /// The subject.
    #[schema(max_length = 2000)]
    pub subject: String,
    /// The mail as plain text.
    #[schema(max_length = 60_000)]
    pub text: String,
    /// The mail as HTML, which needs nothing from elsewhere.
    #[schema(max_length = 200_000)]
    pub html: String,
}

impl From<Rendered> for MailingExample {
    fn from(rendered: Rendered) -> Self {
        Self { subject: rendered.subject, text: rendered.text, html: rendered.html }
    }
}

/// How many cars are left out for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "reason": "no_address", "explanation": "De klant heeft geen e-mailadres.", "cars": 12 }))]
pub struct LeftOutCount {
    /// The reason.
    pub reason: LeftOutReason,
    /// The reason in words, in the language of the request.
    #[schema(max_length = 300)]
    pub explanation: &'static str,
    /// How many cars.
    #[schema(minimum = 1)]
    pub cars: i64,
}

impl LeftOutCount {
    /// So many cars for a reason.
    pub fn new(reason: LeftOut, cars: i64, language: Language) -> Self {
        Self { reason: LeftOutReason(reason), explanation: explanation(reason, language), cars }
    }
}

/// A reason in words.
pub fn explanation(reason: LeftOut, language: Language) -> &'static str {
    let [dutch, english] = match reason {
        LeftOut::NoAddress => ["De klant heeft geen e-mailadres.", "The customer has no e-mail address."],
        LeftOut::Objected => [
            "De klant wil geen APK-berichten van u. Alleen de klant zelf kan dat terugdraaien.",
            "The customer wants no messages about the APK from you. Only the customer can take that back.",
        ],
        LeftOut::Suppressed => [
            "E-mail aan dit adres kwam terug of leverde een klacht op. Vraag de klant naar het juiste adres.",
            "Mail to this address came back or led to a complaint. Ask the customer for the right address.",
        ],
        LeftOut::NoBasis => [
            "Het is niet bekend dat u het adres bij een verkoop of dienst kreeg en de klant toen liet weten hoe die \
             bezwaar maakt, en de klant gaf geen toestemming. Leg vast hoe u aan het adres kwam, of vraag toestemming.",
            "It is not known that you got the address with a sale or service and told the customer then how to object, \
             and the customer did not consent. Write down how you got the address, or ask for consent.",
        ],
        LeftOut::AlreadyInspected => [
            "De APK verloopt niet meer in deze periode: de auto is gekeurd.",
            "The APK no longer expires in this period: the car was inspected.",
        ],
        LeftOut::AlreadyPlanned => ["Er staat een afspraak.", "An appointment stands."],
        LeftOut::AlreadyMailed => [
            "De klant kreeg al een bericht over deze APK. Kies de auto met name om hem toch te mailen (in de API: `again`).",
            "The customer was mailed about this APK before. Choose the car by name to mail it all the same (in the API: `again`).",
        ],
        LeftOut::AgainTooSoon => [
            "De auto is minder dan 24 uur geleden al een keer extra gemaild. Wacht een dag; 'again' is om een fout te herstellen.",
            "The car was mailed once more less than 24 hours ago. Wait a day; 'again' is there to mend a mistake.",
        ],
        LeftOut::MailboxHasEnough => [
            "Dit e-mailadres krijgt binnen 24 uur al 10 APK-mails van u. Mail de andere auto's een dag later, of bel.",
            "This address gets 10 of your APK mails within 24 hours already. Mail the other cars a day later, or call.",
        ],
        LeftOut::Stopped => ["De mailing is gestopt.", "The mailing was stopped."],
        LeftOut::CarGone => [
            "De auto is niet meer bij u of het paspoort is gearchiveerd.",
            "You do not keep the car any more, or its passport was archived.",
        ],
    };
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

/// A car that is left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "plate": "GR-731-N", "customerId": null, "customerName": null,
    "reason": "no_address"
}))]
pub struct LeftOutCar {
    /// The passport of the car.
    pub passport_id: Id,
    /// The plate of the car.
    #[schema(max_length = 20)]
    pub plate: String,
    /// The record of its customer; null when there is none.
    pub customer_id: Option<Id>,
    /// The name of its customer; null when there is none.
    #[schema(max_length = 100)]
    pub customer_name: Option<String>,
    /// Why.
    pub reason: LeftOutReason,
}

impl LeftOutCar {
    /// A car with the reason why it is left out.
    pub fn new(car: &ApkCar, reason: LeftOut) -> Self {
        Self {
            passport_id: Id(car.passport.0),
            plate: car.plate.shown(),
            customer_id: car.customer.as_ref().map(|customer| Id(customer.id.0)),
            customer_name: car.customer.as_ref().map(|customer| customer.name.clone()),
            reason: LeftOutReason(reason),
        }
    }
}

/// Who would get a mailing, and how it would look.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "recipients": 140,
    "beginsAt": "2026-03-03T08:00:00Z",
    "namesPrice": false,
    "samples": [],
    "example": null,
    "leftOut": [{ "reason": "no_address", "explanation": "De klant heeft geen e-mailadres.", "cars": 12 }],
    "leftOutCars": []
}))]
pub struct MailingPreview {
    /// How many mails would go out.
    #[schema(minimum = 0)]
    pub recipients: i64,
    /// When they would begin to go out, if it is sent now or at its moment.
    pub begins_at: Moment,
    /// Whether the text seems to name a price or an offer.
    pub names_price: bool,
    /// Up to three mails as they will look.
    #[schema(max_items = 3)]
    pub samples: Vec<MailingSample>,
    /// How the text looks when no mail goes out: with the first car of the selection, although it is left out, or with a made-up one
    /// when there is none. Null when mails go out.
    pub example: Option<MailingExample>,
    /// How many cars are left out, by reason.
    #[schema(max_items = 20)]
    pub left_out: Vec<LeftOutCount>,
    /// The first 200 cars that are left out, those first whose APK expires first.
    #[schema(max_items = 200)]
    pub left_out_cars: Vec<LeftOutCar>,
}

/// A car of a mailing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "plate": "GR-731-N",
    "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "customerName": "Bakkerij Jansen", "email": "jan@jansen.example",
    "apkExpiresOn": "2026-04-12", "outcome": "sent", "leftOutBecause": null, "updatedAt": "2026-03-03T08:00:04Z"
}))]
pub struct ApkMailingRecipient {
    /// The passport of the car.
    pub passport_id: Id,
    /// The plate of the car.
    #[schema(max_length = 20)]
    pub plate: String,
    /// The record of its customer at that time; null when there was none.
    pub customer_id: Option<Id>,
    /// The name of the customer now; null when there is no record any more.
    #[schema(max_length = 100)]
    pub customer_name: Option<String>,
    /// The address to which the mail goes or went; null when there was none, and 400 days after.
    pub email: Option<Email>,
    /// The last day of the APK of which the mail tells.
    pub apk_expires_on: Day,
    /// What became of it.
    pub outcome: MailingOutcome,
    /// Why no mail goes out; null when one does.
    pub left_out_because: Option<LeftOutReason>,
    /// When that was written down.
    pub updated_at: Moment,
}

impl ApkMailingRecipient {
    /// A car of a mailing as its garage sees it.
    pub fn new(view: RecipientView) -> Self {
        let recipient = view.recipient;
        Self {
            passport_id: Id(recipient.passport.0),
            plate: view.plate.shown(),
            customer_id: recipient.customer.map(|id| Id(id.0)),
            customer_name: view.customer_name,
            email: recipient.email.map(Email),
            apk_expires_on: Day(recipient.expires_on),
            outcome: MailingOutcome(recipient.outcome),
            left_out_because: recipient.left_out.map(LeftOutReason),
            updated_at: Moment(view.at),
        }
    }
}
