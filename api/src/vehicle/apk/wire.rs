//! Requests and answers of the APK.

use super::texts;
use crate::{
    body, enum_scalars,
    problem::field_message,
    wire::{Day, Id, Members, Moment, Named, RegisterStatus},
};
use domain::{
    access::{Actor, Standing},
    apk::{ApkAssessment, ExpectedApk},
    passport::Passport,
    value::Language,
};
use persistence::apk::{ApkEntryView, ApkLiftView};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The state of a vehicle's APK.
    ApkStatus(domain::apk::ApkStatus), "The state of a vehicle's APK today. Inspectable: the certificate is valid, and an inspection now keeps the anniversary. Expired: it is no longer valid, by the register or by what the garage entered; a date that was only computed never expires. Exempt: the vehicle is so old that it needs none. Not subject: this kind of vehicle needs none. Suspended: it needs none for the time being. Unknown: too little is known, as `missing` says.";
    /// Where an APK date comes from.
    ApkSource(domain::apk::ApkSource), "Where the date comes from: the vehicle register, a garage that entered it before the register had it, or the rules of the law.";
    /// Why a vehicle has the APK duty that it has.
    ApkRule(domain::apk::ApkRule), "The rule that decides whether a vehicle needs an APK, and how often.";
    /// What is unusual about an APK date.
    ApkEntryWarning(domain::apk::ApkEntryWarning), "What is unusual about an APK date that was entered. Not by law: the law does not give this date for the car and the day of the inspection. When that day is not sent, the law gives the date for no inspection of the last 62 days or, where no certificate before is known, of the last two years.";
    /// Why the duty of a vehicle is lifted, as people say it.
    ApkLiftReason(domain::apk::LiftReason), "Why a vehicle needs no APK for the time being. Suspended: its registration is suspended (*geschorst*). Dealer stock: it is in the stock of a recognised dealer (*bedrijfsvoorraad*). Own grounds: it is a tractor that farmers, growers, foresters or fishers use mainly on and between their own grounds; the garage says so.";
    /// What must be known to find the rule.
    ApkMissing(domain::apk::ApkMissing), "What must be known about a vehicle to find the rule that applies to it, or how it stands. Certificate: the register gives no expiry date, and the vehicle may have a certificate that is not known here, such as one that came from abroad. Rule: no rule is known here for this kind of vehicle.";
}

body! {
    /// An APK date that the register does not have yet, or the day of an inspection that the car passed.
    #[schema(example = json!({ "inspectedOn": "2026-02-23", "expiresOn": "2027-05-17" }))]
    pub struct NewApkEntry {
        /// The last day on which the certificate is valid; needed unless `inspectedOn` is sent, from which it then follows by
        /// the law.
        pub expires_on: Option<Day>,
        /// The day on which the car passed its inspection: today or earlier, in the garage's time zone.
        pub inspected_on: Option<Day>,
    }
}

/// An APK date that the garage entered. It never changes; the latest one counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "expiresOn": "2027-05-17",
    "inspectedOn": "2026-03-19",
    "enteredAt": "2026-03-19T09:30:00Z",
    "enteredBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" },
    "warnings": []
}))]
pub struct ApkEntry {
    /// The id of the entry.
    pub id: Id,
    /// The last day on which the certificate is valid.
    pub expires_on: Day,
    /// The day on which the car passed its inspection, if the garage said it; else null.
    pub inspected_on: Option<Day>,
    /// When it was entered.
    pub entered_at: Moment,
    /// Who entered it; null for everyone outside the garage.
    pub entered_by: Option<Named>,
    /// What is unusual about it, when it was entered just now; else it is empty.
    #[schema(max_items = 1)]
    pub warnings: Vec<EntryWarning>,
}

/// Something unusual about an APK date, which is no reason to refuse it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "apk_date_not_by_law",
    "detail": "is not a date that the law gives for this car and an inspection on that day"
}))]
pub struct EntryWarning {
    /// What is unusual.
    pub code: ApkEntryWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl EntryWarning {
    /// The warning, in words too. They speak of the day of the inspection only where the garage said it.
    pub fn new(code: domain::apk::ApkEntryWarning, is_day_said: bool, language: Language) -> Self {
        let detail = if is_day_said {
            field_message(code.code(), (None, None), language)
        } else {
            texts::warning_without_day(code, language).to_owned()
        };
        Self { code: ApkEntryWarning(code), detail }
    }
}

impl ApkEntry {
    /// An entry as `actor` sees it: who works at the garage is the garage's (rule T9).
    pub fn new((entry, name): ApkEntryView, actor: &Actor, passport: &Passport) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..)) && passport.shows_names_of(entry.entered_at);
        Self {
            id: Id(entry.id.0),
            expires_on: Day(entry.expires_on),
            inspected_on: entry.inspected_on.map(Day),
            entered_at: Moment(entry.entered_at),
            entered_by: is_staff.then_some(Named { id: Id(entry.entered_by.0), name }),
            warnings: vec![],
        }
    }
}

body! {
    /// What lifts the APK duty of a car.
    #[schema(example = json!({ "reason": "suspended" }))]
    pub struct NewApkLift check says_reason {
        /// Why the duty is lifted; null when it holds again. It must be sent.
        #[schema(required = true)]
        pub reason: Option<ApkLiftReason>,
    }
}

/// That the duty holds again is said by a null: who leaves the reason out has said nothing.
fn says_reason(members: &mut Members<'_>) {
    if !members.is_sent("reason") {
        members.wrong("reason", "required");
    }
}

/// What lifts the APK duty of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "reason": "suspended",
    "enteredAt": "2026-03-19T09:30:00Z",
    "enteredBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }
}))]
pub struct ApkLift {
    /// Why the duty is lifted.
    pub reason: ApkLiftReason,
    /// When it was entered.
    pub entered_at: Moment,
    /// Who entered it; null for everyone except the garage and that account itself.
    pub entered_by: Option<Named>,
}

impl ApkLift {
    /// What was entered, as `actor` sees it: who did it is the person's, and stays behind with them (rule T9).
    pub fn new((lift, name): ApkLiftView, actor: &Actor, passport: &Passport) -> Self {
        let is_staff = matches!(actor.standing, Standing::Staff(..)) && passport.shows_names_of(lift.entered_at);
        let is_shown = is_staff || lift.entered_by == actor.account_id();
        Self {
            reason: ApkLiftReason(lift.reason),
            entered_at: Moment(lift.entered_at),
            entered_by: is_shown.then_some(Named { id: Id(lift.entered_by.0), name }),
        }
    }
}

/// What lifts the APK duty of a car after it was set.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "lift": {
        "reason": "suspended",
        "enteredAt": "2026-03-19T09:30:00Z",
        "enteredBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }
    }
}))]
pub struct ApkLiftSet {
    /// What lifts the duty; null when nothing does.
    pub lift: Option<ApkLift>,
}

impl ApkLiftSet {
    /// What lifts the duty now, as `actor` sees it.
    pub fn new(lift: Option<ApkLiftView>, actor: &Actor, passport: &Passport) -> Self {
        Self { lift: lift.map(|lift| ApkLift::new(lift, actor, passport)) }
    }
}

/// A rule of the law, with its text and its article.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "diesel_gas_other",
    "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
    "article": "Besluit voertuigen, arts. 8(a) and 16(1)"
}))]
pub struct Why {
    /// The rule.
    pub code: ApkRule,
    /// What the rule says, in the language of the request.
    #[schema(max_length = 300)]
    pub explanation: &'static str,
    /// The article of the law, in Dutch.
    #[schema(max_length = 100)]
    pub article: &'static str,
}

impl Why {
    fn new(rule: domain::apk::ApkRule, language: Language) -> Self {
        Self {
            code: ApkRule(rule),
            explanation: texts::explanation(rule, language),
            article: texts::article(rule, language),
        }
    }
}

/// Something that must be known about the vehicle to find the rule that applies to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "code": "fuel", "detail": "The fuel is not known." }))]
pub struct Missing {
    /// What must be known.
    pub code: ApkMissing,
    /// The same in words, in the language of the request.
    #[schema(max_length = 300)]
    pub detail: &'static str,
}

impl Missing {
    fn all(missing: &[domain::apk::ApkMissing], language: Language) -> Vec<Self> {
        let one =
            |one: &domain::apk::ApkMissing| Self { code: ApkMissing(*one), detail: texts::missing(*one, language) };
        missing.iter().map(one).collect()
    }
}

/// A future inspection, on the days that give the longest certificate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NextApk {
    /// The first day on which an inspection gives the latest expiry date.
    pub inspect_from: Day,
    /// The last day on which an inspection gives that expiry date.
    pub inspect_by: Day,
    /// The last day on which the new certificate is valid, after an inspection on these days.
    pub expires_on: Day,
    /// The rule that decides how long the new certificate is valid.
    pub why: Why,
    /// All days that keep the anniversary, for those who cannot come on the best ones, which can be a single Sunday.
    pub safe: SafePlan,
}

/// Days on which an inspection is safe to plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SafePlan {
    /// The first day.
    pub inspect_from: Day,
    /// The last day.
    pub inspect_by: Day,
    /// Until when the new certificate is valid at least, on whichever of these days the car is inspected.
    pub expires_on: Day,
}

impl NextApk {
    fn new(expected: &ExpectedApk, language: Language) -> Self {
        Self {
            inspect_from: Day(expected.inspect_from),
            inspect_by: Day(expected.inspect_by),
            expires_on: Day(expected.expires_on),
            why: Why::new(expected.rule, language),
            safe: SafePlan {
                inspect_from: Day(expected.safe.inspect_from),
                inspect_by: Day(expected.safe.inspect_by),
                expires_on: Day(expected.safe.expires_on),
            },
        }
    }
}

/// The APK of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "status": "valid",
    "expiresOn": "2027-05-17",
    "source": "register",
    "inspectableFrom": "2027-03-17",
    "next": [{
        "inspectFrom": "2027-03-17", "inspectBy": "2027-05-17", "expiresOn": "2028-05-17",
        "why": {
            "code": "diesel_gas_other",
            "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
            "article": "Besluit voertuigen, arts. 8(a) and 16(1)"
        },
        "safe": { "inspectFrom": "2027-03-17", "inspectBy": "2027-05-17", "expiresOn": "2028-05-17" }
    }],
    "exemptFrom": "2063-05-17",
    "why": {
        "code": "diesel_gas_other",
        "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
        "article": "Besluit voertuigen, arts. 8(a) and 16(1)"
    },
    "missing": [],
    "entry": null,
    "lift": null,
    "registerStatus": "known",
    "staleSince": null
}))]
pub struct Apk {
    /// The state of the APK today, in the garage's time zone.
    pub status: ApkStatus,
    /// The last day on which the certificate is valid. For a vehicle that was never inspected, it is the last day
    /// before it needs an APK. It is also given while the vehicle needs no APK for the time being. It is null when
    /// nothing is known.
    pub expires_on: Option<Day>,
    /// Where `expiresOn` comes from; null when there is no date.
    pub source: Option<ApkSource>,
    /// The first day on which an inspection keeps the anniversary (*keurbaar vanaf*); null when the vehicle needs no
    /// APK.
    pub inspectable_from: Option<Day>,
    /// The next two inspections. There are fewer when the vehicle becomes exempt or when too little is known.
    #[schema(max_items = 2)]
    pub next: Vec<NextApk>,
    /// The day from which the vehicle is exempt because of its age; null when that never happens or is not known.
    pub exempt_from: Option<Day>,
    /// The rule that applies to the vehicle today; null when too little is known, and for kinds of vehicles for which
    /// no rule is computed.
    pub why: Option<Why>,
    /// What must still be known about the vehicle to find the rule that applies to it, or how it stands. It is never empty
    /// while the status is `unknown`.
    #[schema(max_items = 5)]
    pub missing: Vec<Missing>,
    /// The garage's entry that `expiresOn` comes from; null when it comes from elsewhere.
    pub entry: Option<ApkEntry>,
    /// What somebody said that lifts the duty; null when nothing does, and when the register gives a later day of registration.
    pub lift: Option<ApkLift>,
    /// What the vehicle register knows about the plate.
    pub register_status: RegisterStatus,
    /// Since when the register gives no data about a vehicle that it knew before; null otherwise.
    pub stale_since: Option<Moment>,
}

/// How a vehicle stands with its APK, in brief.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApkInBrief {
    /// The state of the APK today.
    pub status: ApkStatus,
    /// The last day on which the certificate is valid, as in the full answer about the APK; null when nothing is known.
    pub expires_on: Option<Day>,
    /// Where `expiresOn` comes from; null when there is no date.
    pub source: Option<ApkSource>,
    /// The first day on which an inspection keeps the anniversary; null when the vehicle needs no APK.
    pub inspectable_from: Option<Day>,
    /// The rule that applies to the vehicle today; null when too little is known.
    pub why: Option<Why>,
    /// What must still be known to say more.
    #[schema(max_items = 5)]
    pub missing: Vec<Missing>,
}

impl ApkInBrief {
    /// An assessment, in a language.
    pub fn new(assessment: &ApkAssessment, language: Language) -> Self {
        Self {
            status: ApkStatus(assessment.status),
            expires_on: assessment.expiry.map(|expiry| Day(expiry.expires_on)),
            source: assessment.expiry.map(|expiry| ApkSource(expiry.source)),
            inspectable_from: assessment.inspectable_from.map(Day),
            why: assessment.rule.map(|rule| Why::new(rule, language)),
            missing: Missing::all(&assessment.missing, language),
        }
    }
}

/// What an assessment depends on besides itself.
pub struct Ground<'a> {
    /// The garage's latest entry.
    pub entry: Option<ApkEntryView>,
    /// What lifts the duty.
    pub lift: Option<ApkLiftView>,
    /// What the register knows about the plate.
    pub register_status: domain::registration::RegisterStatus,
    /// Since when it gives no data.
    pub stale_since: Option<domain::Instant>,
    /// The actor.
    pub actor: &'a Actor,
    /// The passport.
    pub passport: &'a Passport,
}

impl Apk {
    /// An assessment, in a language.
    pub fn new(assessment: &ApkAssessment, ground: Ground<'_>, language: Language) -> Self {
        let source = assessment.expiry.map(|expiry| expiry.source);
        let entry = ground.entry.filter(|_| source == Some(domain::apk::ApkSource::Garage));
        Self {
            status: ApkStatus(assessment.status),
            expires_on: assessment.expiry.map(|expiry| Day(expiry.expires_on)),
            source: source.map(ApkSource),
            inspectable_from: assessment.inspectable_from.map(Day),
            next: assessment.next.iter().map(|expected| NextApk::new(expected, language)).collect(),
            exempt_from: assessment.exempt_from.map(Day),
            why: assessment.rule.map(|rule| Why::new(rule, language)),
            missing: Missing::all(&assessment.missing, language),
            entry: entry.map(|entry| ApkEntry::new(entry, ground.actor, ground.passport)),
            lift: ground.lift.map(|lift| ApkLift::new(lift, ground.actor, ground.passport)),
            register_status: RegisterStatus(ground.register_status),
            stale_since: ground.stale_since.map(Moment),
        }
    }
}
