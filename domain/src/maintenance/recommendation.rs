//! Recommendations (*adviezen*): work that was advised and is not yet done (rules RC1 to RC4).
//!
//! Nothing deletes a recommendation. It is open until it is planned, done, declined, or superseded by a later check. What was
//! done by a record is open again when a correction of that record says otherwise.

pub use crate::value::DecisionChannel;

use crate::{
    Date, Instant,
    amount_text::names_amount,
    check_template::{LimitKind, Measure, MeasureUnit},
    coded_enum,
    ids::{AccountId, RecommendationId, ServiceRecordId, VehicleCheckId, VehicleId},
    passport::Fuel,
    service_task::{Position, TaskKey, Texts},
    value::{Language, ValueError, lines},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The most characters of the text for the customer.
pub const MAX_TEXT: usize = 1_000;
/// How many years ahead the day can lie by which work is best done.
pub const MAX_YEARS_AHEAD: i32 = 10;
/// The most recommendations of one car that are open at once; a list that only grows must not be flooded.
pub const MAX_OPEN: usize = 200;

coded_enum! {
    /// How soon the work is to be done.
    pub enum Urgency {
        /// It is to be done some time.
        Attention => "attention",
        /// It is to be done now.
        Urgent => "urgent",
    }
}

coded_enum! {
    /// The life of a recommendation (rule RC2).
    pub enum RecommendationStatus {
        /// Nothing was decided yet, or the owner agreed and it waits for an appointment.
        Open => "open",
        /// It is part of an appointment.
        Planned => "planned",
        /// A service record says that it was done.
        Done => "done",
        /// The owner does not want it.
        Declined => "declined",
        /// A later check found it good, or found it anew.
        Superseded => "superseded",
    }
}

impl RecommendationStatus {
    /// Whether it waits to be done.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Open | Self::Planned)
    }
}

/// Who agreed to or declined a recommendation, when, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who wrote it down: the owner, or staff of the garage on the owner's word.
    pub by: AccountId,
    /// When.
    pub at: Instant,
    /// How the owner made it known.
    pub channel: DecisionChannel,
}

/// How a recommendation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecommendationEnd {
    /// The work was done.
    Done(ServiceRecordId),
    /// The owner does not want it.
    Declined(Decision),
    /// A later check took its place.
    Superseded(VehicleCheckId),
}

/// What was measured, and the limit that it passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredValue {
    /// The value.
    pub value: Decimal,
    /// Its unit.
    pub unit: MeasureUnit,
    /// What the value should have been; none when the limits say that it is good.
    pub limit: Option<(LimitKind, Decimal)>,
}

impl MeasuredValue {
    /// A value that was measured, with the limit that it passed.
    pub fn new(value: Decimal, measure: &Measure) -> Self {
        Self { value, unit: measure.unit, limit: measure.limit(value) }
    }

    /// The value and the limit in words.
    fn text(&self, language: Language) -> String {
        let value = self.unit.written(self.value, language);
        let Some((kind, limit)) = self.limit else { return value };
        let asked = match (kind, language) {
            (LimitKind::AtLeast, Language::Dutch) => "minimaal",
            (LimitKind::AtLeast, Language::English) => "at least",
            (LimitKind::AtMost, Language::Dutch) => "maximaal",
            (LimitKind::AtMost, Language::English) => "at most",
            (LimitKind::MoreThan, Language::Dutch) => "advies: meer dan",
            (LimitKind::MoreThan, Language::English) => "advised: more than",
            (LimitKind::LessThan, Language::Dutch) => "advies: minder dan",
            (LimitKind::LessThan, Language::English) => "advised: less than",
        };
        format!("{value} ({asked} {})", self.unit.written(limit, language))
    }
}

/// What a check found at one place, as it is kept with the advice that it led to: the template may change later, and what was
/// advised may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundAt {
    /// The key of the item of the check.
    pub item: String,
    /// What the item is called.
    pub names: Texts,
    /// Where on the car.
    pub position: Option<Position>,
    /// What was measured.
    pub measured: Option<MeasuredValue>,
    /// What the mechanic wrote for the customer.
    pub note: Option<String>,
}

impl FoundAt {
    /// What the customer reads: what the mechanic wrote, else what was looked at, where, and what was measured.
    pub fn text(&self, language: Language) -> String {
        if let Some(note) = &self.note {
            return note.clone();
        }
        let mut text = self.names.of(language).to_owned();
        if let Some(position) = self.position {
            text = format!("{text} {}", position.name(language));
        }
        match &self.measured {
            Some(measured) => format!("{text}: {}", measured.text(language)),
            None => text,
        }
    }
}

/// What is advised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The task; none for work that is only described.
    pub task: Option<TaskKey>,
    /// Where on the car.
    pub position: Option<Position>,
    /// How soon.
    pub urgency: Urgency,
    /// What the garage wrote for the customer. Without that, what was found in Dutch, or the Dutch name of the task: see
    /// [`Advice::text_in`]. Empty only for who may not see the amount that it names.
    pub text: String,
    /// What a check found, by which it is advised; empty when the garage advised it without one.
    pub found: Vec<FoundAt>,
    /// By when it is best done.
    pub expected_on: Option<Date>,
}

/// When something happened to a car: on which day, and its place within that day, which is when it was written down. What
/// corrects something of the same day takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Happened {
    /// The day.
    pub on: Date,
    /// The place within the day.
    pub at: Instant,
}

/// A recommendation for a car.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// Its id.
    pub id: RecommendationId,
    /// The car.
    pub vehicle_id: VehicleId,
    /// What is advised.
    pub advice: Advice,
    /// The check that found it; none when the garage wrote it down without one.
    pub check_id: Option<VehicleCheckId>,
    /// When it was advised: when the check was that found it, else when the garage wrote it down.
    pub advised: Happened,
    /// When it was made.
    pub made_at: Instant,
    /// The owner's agreement.
    pub agreed: Option<Decision>,
    /// Whether it is part of an appointment.
    pub is_planned: bool,
    /// How it ended; none while it is open or planned.
    pub end: Option<RecommendationEnd>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a recommendation is refused.
    pub enum RecommendationRefusal {
        /// Rule RC2: it is done, declined or superseded.
        NotOpen => "recommendation_not_open",
        /// Rule RC3: the owner agreed to it before.
        AlreadyAgreed => "recommendation_already_agreed",
        /// The car has too many open recommendations.
        TooManyOpen => "recommendations_too_many",
        /// Rule MS4: the task makes no sense for what the car runs on.
        TaskNotForFuel => "task_not_for_fuel",
    }
}

impl Advice {
    /// Whether the day by which the work is best done makes sense: from today to ten years ahead (rule RC1).
    pub fn is_expected_in_time(&self, today: Date) -> bool {
        let last = today.saturating_add(jiff::Span::new().years(MAX_YEARS_AHEAD));
        self.expected_on.is_none_or(|on| (today..=last).contains(&on))
    }

    /// Checks the text for the customer.
    pub fn check_text(input: &str) -> Result<String, ValueError> {
        lines(input, MAX_TEXT)
    }

    /// The advice for who may not see amounts (rule EC6): a text that names one is left out, and so is a name.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        for found in &mut self.found {
            found.note = found.note.take().filter(|note| !names_amount(note));
            found.names = found.names.clone().without_amounts(&found.item);
        }
        if names_amount(&self.text) {
            self.text = self.task.and_then(TaskKey::task).map_or_else(String::new, |task| task.names.nl.clone());
        }
        self
    }

    /// What the customer reads, in their language as far as the garage wrote no words of its own.
    pub fn text_in(&self, language: Language) -> String {
        if !self.found.is_empty() {
            let texts: Vec<String> = self.found.iter().map(|found| found.text(language)).collect();
            return texts.join("\n").chars().take(MAX_TEXT).collect();
        }
        if self.text.is_empty() {
            return match language {
                Language::Dutch => "Geadviseerd werk".to_owned(),
                Language::English => "Advised work".to_owned(),
            };
        }
        let names = self.task.and_then(TaskKey::task).map(|task| &task.names);
        names
            .filter(|names| names.nl == self.text)
            .map_or_else(|| self.text.clone(), |names| names.of(language).to_owned())
    }

    /// What work it is, in one line: the task and where it is to be done. None for work that is only described.
    pub fn heading(&self, language: Language) -> Option<String> {
        let task = self.task.and_then(TaskKey::task)?.names.of(language);
        Some(self.position.map_or_else(|| task.to_owned(), |position| format!("{task}, {}", position.name(language))))
    }

    /// What work it is, with what the customer reads, for who knows only this of it.
    pub fn described(&self, language: Language) -> String {
        let text = self.text_in(language);
        let place = || self.position.map(|position| position.name(language).to_owned());
        match self.heading(language).or_else(place) {
            // The task says it all.
            Some(heading) if self.task.and_then(TaskKey::task).is_some_and(|task| task.names.of(language) == text) => {
                heading
            }
            Some(heading) => format!("{heading}: {text}"),
            None => text,
        }
    }

    /// Takes in another advice for the same work: the greater urgency, and what was found of both.
    pub fn join(&mut self, other: Self) {
        self.urgency = self.urgency.max(other.urgency);
        self.found.extend(other.found);
        self.text = self.text_in(Language::Dutch);
    }

    /// Whether both are about the same work at the same place, so that the later takes the place of the earlier (rule
    /// VC6). Work that is only described is never the same.
    pub fn is_same_work(&self, other: &Self) -> bool {
        self.is_work(other.task, other.position)
    }

    /// Whether it is about this task at this place.
    pub fn is_work(&self, task: Option<TaskKey>, position: Option<Position>) -> bool {
        let is_there = |task: TaskKey| task.place(self.position) == task.place(position);
        self.task == task && self.task.is_some_and(is_there)
    }
}

impl Recommendation {
    /// Makes one (rules RC1 and RC2), that was advised at some time. `check_id` is the check that found it.
    pub fn make(
        id: RecommendationId,
        vehicle_id: VehicleId,
        advice: Advice,
        check_id: Option<VehicleCheckId>,
        (advised, made_at): (Happened, Instant),
    ) -> Self {
        Self {
            id,
            vehicle_id,
            advice,
            check_id,
            advised,
            made_at,
            agreed: None,
            is_planned: false,
            end: None,
            version: 1,
        }
    }

    /// Whether a car that runs on `fuel` and has so many open ones may have another (rules MS4 and RC2).
    pub fn check_another(advice: &Advice, fuel: Option<Fuel>, open: usize) -> Result<(), RecommendationRefusal> {
        if advice.task.is_some_and(|task| !task.fits(fuel)) {
            return Err(RecommendationRefusal::TaskNotForFuel);
        }
        Self::check_room(open + 1)
    }

    /// Whether a car may have so many open ones.
    pub fn check_room(open: usize) -> Result<(), RecommendationRefusal> {
        if open > MAX_OPEN { Err(RecommendationRefusal::TooManyOpen) } else { Ok(()) }
    }

    /// Its status.
    pub fn status(&self) -> RecommendationStatus {
        match self.end {
            Some(RecommendationEnd::Done(_)) => RecommendationStatus::Done,
            Some(RecommendationEnd::Declined(_)) => RecommendationStatus::Declined,
            Some(RecommendationEnd::Superseded(_)) => RecommendationStatus::Superseded,
            None if self.is_planned => RecommendationStatus::Planned,
            None => RecommendationStatus::Open,
        }
    }

    /// Whether it still waits to be done.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// The owner agrees (rule RC3).
    pub fn agree(self, decision: Decision) -> Result<Self, RecommendationRefusal> {
        if !self.is_open() {
            return Err(RecommendationRefusal::NotOpen);
        }
        if self.agreed.is_some() {
            return Err(RecommendationRefusal::AlreadyAgreed);
        }
        Ok(Self { agreed: Some(decision), ..self })
    }

    /// The owner does not want it (rules RC2 and RC3). Whoever agreed before may think again.
    pub fn decline(self, decision: Decision) -> Result<Self, RecommendationRefusal> {
        self.ended(RecommendationEnd::Declined(decision))
    }

    /// A service record has done it (rule SR3). One that was declined before stays declined: the customer's word stays on
    /// record.
    pub fn done(self, record: ServiceRecordId) -> Result<Self, RecommendationRefusal> {
        self.ended(RecommendationEnd::Done(record))
    }

    /// A later check found the work good, or found it anew (rules RC2 and VC6).
    pub fn supersede(self, check: VehicleCheckId) -> Result<Self, RecommendationRefusal> {
        self.ended(RecommendationEnd::Superseded(check))
    }

    fn ended(self, end: RecommendationEnd) -> Result<Self, RecommendationRefusal> {
        if self.is_open() { Ok(Self { end: Some(end), ..self }) } else { Err(RecommendationRefusal::NotOpen) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn advice(task: Option<&str>, position: Option<Position>) -> Advice {
        Advice {
            task: task.and_then(TaskKey::find),
            position,
            urgency: Urgency::Urgent,
            text: "De band heeft nog 1,4 mm profiel.".into(),
            found: vec![],
            expected_on: None,
        }
    }

    fn open() -> Recommendation {
        Recommendation {
            id: RecommendationId(Uuid::from_u128(1)),
            vehicle_id: VehicleId(Uuid::from_u128(2)),
            advice: advice(Some("tyres"), Some(Position::FrontLeft)),
            check_id: None,
            advised: Happened { on: Date::ZERO, at: Instant::UNIX_EPOCH },
            made_at: Instant::UNIX_EPOCH,
            agreed: None,
            is_planned: false,
            end: None,
            version: 1,
        }
    }

    fn decision() -> Decision {
        Decision { by: AccountId(Uuid::from_u128(3)), at: Instant::UNIX_EPOCH, channel: DecisionChannel::App }
    }

    #[test]
    fn rc1_work_is_the_same_by_task_and_position() {
        let tyre = advice(Some("tyres"), Some(Position::FrontLeft));
        assert!(tyre.is_same_work(&open().advice));
        assert!(!tyre.is_same_work(&advice(Some("tyres"), Some(Position::FrontRight))));
        assert!(!tyre.is_same_work(&advice(Some("tyres"), None)));
        assert!(!advice(None, None).is_same_work(&advice(None, None)));
        assert!(Advice::check_text("").is_err() && Advice::check_text("Zie\nfoto").is_ok());
    }

    #[test]
    fn rc1_the_customer_reads_what_was_found_in_their_own_language() {
        let tread = crate::check_template::platform()[0].find("tread_depth").unwrap();
        let found = |value: Option<&str>| FoundAt {
            item: "tread_depth".into(),
            names: tread.names.clone(),
            position: Some(Position::RearLeft),
            measured: value.map(|value| MeasuredValue::new(value.parse().unwrap(), tread.measure.as_ref().unwrap())),
            note: None,
        };
        let both = |found: &FoundAt| [Language::Dutch, Language::English].map(|language| found.text(language));
        assert_eq!(
            both(&found(Some("1.5"))),
            ["Profieldiepte linksachter: 1,5 mm (minimaal 1,6 mm)", "Tread depth rear left: 1.5 mm (at least 1.6 mm)"]
        );
        assert_eq!(
            both(&found(Some("2.80"))),
            [
                "Profieldiepte linksachter: 2,8 mm (advies: meer dan 3 mm)",
                "Tread depth rear left: 2.8 mm (advised: more than 3 mm)"
            ]
        );
        // The mechanic judged otherwise than the measurement, which is good.
        assert_eq!(both(&found(Some("6"))), ["Profieldiepte linksachter: 6 mm", "Tread depth rear left: 6 mm"]);
        assert_eq!(both(&found(None)), ["Profieldiepte linksachter", "Tread depth rear left"]);
        let noted = FoundAt { note: Some("Snee in de wang".into()), ..found(Some("1.5")) };
        assert_eq!(both(&noted), ["Snee in de wang", "Snee in de wang"]);
        let advised =
            Advice { found: vec![found(Some("1.5")), noted], ..advice(Some("tyres"), Some(Position::RearLeft)) };
        assert_eq!(
            advised.text_in(Language::English),
            "Tread depth rear left: 1.5 mm (at least 1.6 mm)\nSnee in de wang"
        );
        assert_eq!(advised.heading(Language::Dutch).as_deref(), Some("Banden vervangen, linksachter"));
    }

    #[test]
    fn rc1_without_a_check_the_customer_reads_what_the_garage_wrote() {
        let written = advice(Some("tyres"), None);
        assert_eq!(written.text_in(Language::English), "De band heeft nog 1,4 mm profiel.");
        assert_eq!(written.described(Language::English), "Tyre replacement: De band heeft nog 1,4 mm profiel.");
        let by_task = Advice { text: "Banden vervangen".into(), ..written };
        assert_eq!(by_task.described(Language::English), "Tyre replacement");
        let in_words = advice(None, Some(Position::Front));
        assert_eq!(in_words.described(Language::Dutch), "voor: De band heeft nog 1,4 mm profiel.");
        assert_eq!(by_task.text_in(Language::English), "Tyre replacement");
        assert_eq!(
            (by_task.text_in(Language::Dutch), advice(None, None).heading(Language::Dutch)),
            ("Banden vervangen".into(), None)
        );
    }

    #[test]
    fn ec6_who_may_not_see_amounts_reads_no_text_that_names_one() {
        let found = |note: &str| FoundAt {
            item: "tyre_damage".into(),
            names: Texts { nl: "Schade".into(), en: "Damage".into() },
            position: None,
            measured: None,
            note: Some(note.into()),
        };
        let seen = |advice: Advice| advice.without_amounts().text_in(Language::English);
        let written = |text: &str, task| Advice { text: text.into(), ..advice(task, None) };
        assert_eq!(seen(written("Samen € 450,00", Some("tyres"))), "Tyre replacement");
        assert_eq!(seen(written("Samen € 450,00", None)), "Advised work");
        assert_eq!(seen(written("Nog 1,4 mm profiel", None)), "Nog 1,4 mm profiel");
        let both = Advice { found: vec![found("kost 450 euro"), found("Snee in de wang")], ..advice(None, None) };
        assert_eq!(seen(both), "Damage\nSnee in de wang");
        let priced = Texts { nl: "Schade (nieuw 4321 euro)".into(), en: "Damage".into() };
        let named = Advice { found: vec![FoundAt { names: priced, note: None, ..found("") }], ..advice(None, None) };
        assert_eq!(seen(named), "Tyre damage");
    }

    #[test]
    fn rc1_work_is_best_done_by_a_day_that_is_to_come() {
        let (today, text) = (date(2026, 11, 28), advice(None, None));
        let fits = |expected_on| Advice { expected_on, ..text.clone() }.is_expected_in_time(today);
        assert!(fits(None) && fits(Some(today)) && fits(Some(date(2036, 11, 28))));
        assert!(!fits(today.yesterday().ok()) && !fits(Some(date(2036, 11, 29))) && !fits(Some(Date::MAX)));
    }

    #[test]
    fn rc2_it_ends_once_in_one_way() {
        let record = ServiceRecordId(Uuid::from_u128(4));
        let check = VehicleCheckId(Uuid::from_u128(5));
        let done = open().done(record).unwrap();
        let declined = open().decline(decision()).unwrap();
        let superseded = open().supersede(check).unwrap();
        let statuses = [&open(), &done, &declined, &superseded].map(Recommendation::status);
        let expected = [
            RecommendationStatus::Open,
            RecommendationStatus::Done,
            RecommendationStatus::Declined,
            RecommendationStatus::Superseded,
        ];
        assert_eq!(statuses, expected);
        assert_eq!(Recommendation { is_planned: true, ..open() }.status(), RecommendationStatus::Planned);
        for ended in [done, declined, superseded] {
            let refused = Err(RecommendationRefusal::NotOpen);
            assert_eq!(ended.clone().done(record), refused);
            assert_eq!(ended.clone().decline(decision()), refused);
            assert_eq!(ended.clone().supersede(check), refused);
            assert_eq!(ended.agree(decision()), refused);
        }
    }

    #[test]
    fn rc1_a_task_fits_what_the_car_runs_on_and_a_car_has_so_many_open_ones() {
        let plugs = advice(Some("spark_plugs"), None);
        let check = |fuel, open| Recommendation::check_another(&plugs, fuel, open);
        assert_eq!(check(Some(Fuel::Electric), 0), Err(RecommendationRefusal::TaskNotForFuel));
        assert_eq!((check(Some(Fuel::Petrol), MAX_OPEN - 1), check(None, 0)), (Ok(()), Ok(())));
        assert_eq!(check(None, MAX_OPEN), Err(RecommendationRefusal::TooManyOpen));
        assert_eq!(Recommendation::check_room(MAX_OPEN + 1), Err(RecommendationRefusal::TooManyOpen));
    }

    #[test]
    fn rc3_the_owner_agrees_once_and_may_think_again() {
        let agreed = open().agree(decision()).unwrap();
        assert_eq!((agreed.status(), agreed.agreed), (RecommendationStatus::Open, Some(decision())));
        assert_eq!(agreed.clone().agree(decision()), Err(RecommendationRefusal::AlreadyAgreed));
        assert_eq!(agreed.decline(decision()).unwrap().status(), RecommendationStatus::Declined);
    }

    #[test]
    fn rc4_what_was_declined_is_kept_with_who_when_and_how() {
        let declined = open().decline(decision()).unwrap();
        assert_eq!(declined.end, Some(RecommendationEnd::Declined(decision())));
        assert_eq!(declined.status(), RecommendationStatus::Declined);
        assert_eq!(declined.advice, open().advice);
    }

    proptest! {
        /// No sequence of commands brings back what ended, or changes what was advised.
        #[test]
        fn rc2_nothing_brings_back_what_ended(steps in proptest::collection::vec(0..4_u8, 0..12)) {
            let mut now = open();
            let mut end = None;
            for step in steps {
                let (record, check) = (ServiceRecordId(Uuid::from_u128(4)), VehicleCheckId(Uuid::from_u128(5)));
                let after = match step {
                    0 => now.clone().agree(decision()),
                    1 => now.clone().decline(decision()),
                    2 => now.clone().done(record),
                    _ => now.clone().supersede(check),
                };
                now = after.unwrap_or(now);
                if end.is_some() { prop_assert_eq!(now.end, end); }
                end = now.end;
                prop_assert_eq!(&now.advice, &open().advice);
            }
        }
    }
}
