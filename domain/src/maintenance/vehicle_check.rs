//! Vehicle checks (*autostatus-checks*): what a mechanic found (rules VC2 to VC4 and VC6). What follows from a check is in
//! [`crate::car_history`].
//!
//! A check is a draft that any mechanic of the garage fills in, also from two devices at once; it is completed once, by one
//! of them, and never changed after that. A mistake is mended by a new check that replaces it.

use crate::{
    Date, Instant,
    amount_text::names_amount,
    check_template::{CheckList, FindingResult, Measure, TemplateItem},
    coded_enum,
    ids::{AccountId, VehicleCheckId, VehicleId},
    passport::Fuel,
    recommendation::{Advice, FoundAt, Happened, MeasuredValue, Urgency},
    service_task::Position,
    value::{Language, ValueError, lines},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The most characters of a note.
pub const MAX_NOTE: usize = 1_000;

/// What an item of a check is named by: its key, and the position where it has several.
pub type Place = (String, Option<String>);

/// What was found at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The result, as the mechanic judged it.
    pub result: FindingResult,
    /// What was measured.
    pub measured: Option<Decimal>,
    /// Why the mechanic judged otherwise than the measurement suggests.
    pub reason: Option<String>,
    /// What the customer reads.
    pub note: Option<String>,
    /// Who found it.
    pub by: AccountId,
    /// When.
    pub at: Instant,
    /// The version that the check had from then on: what is found later at the same place has a higher one.
    pub version: i64,
}

/// What a mechanic enters at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFinding {
    /// The result; none to take what the measurement suggests.
    pub result: Option<FindingResult>,
    /// What was measured.
    pub measured: Option<Decimal>,
    /// Why it is judged otherwise than the measurement suggests.
    pub reason: Option<String>,
    /// What the customer reads.
    pub note: Option<String>,
}

/// How a check was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Who completed it.
    pub by: AccountId,
    /// When.
    pub at: Instant,
    /// The day of the check.
    pub on: Date,
    /// Its place within that day.
    pub stands_at: Instant,
}

impl Completed {
    /// The completion of a check in the place of the one that it replaces, if that was of the same day (rule VC2).
    #[must_use]
    pub fn in_place_of(self, former: Option<&VehicleCheck>) -> Self {
        let same_day = former.and_then(VehicleCheck::happened).filter(|happened| happened.on == self.on);
        Self { stands_at: same_day.map_or(self.stands_at, |happened| happened.at), ..self }
    }
}

/// A check of a car.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleCheck {
    /// Its id.
    pub id: VehicleCheckId,
    /// The car.
    pub vehicle_id: VehicleId,
    /// What is looked at, as the template was when the check began.
    pub list: CheckList,
    /// What the car runs on, which says which items make sense.
    pub fuel: Option<Fuel>,
    /// What was found so far.
    pub findings: BTreeMap<Place, Finding>,
    /// How it was completed; none while it is a draft.
    pub completed: Option<Completed>,
    /// The check that it replaces.
    pub replaces: Option<VehicleCheckId>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a check is refused.
    pub enum VehicleCheckRefusal {
        /// Rule VC2: it was completed before.
        Completed => "check_completed",
        /// Rule VC1: the template has no such item or position, or the item makes no sense for the car.
        UnknownItem => "check_unknown_item",
        /// Rule VC3: the item is judged by a choice, and not measured.
        NotMeasured => "check_not_measured",
        /// Rule VC3: the measurement is out of its plausible range.
        Implausible => "check_measurement_implausible",
        /// Rule VC3: neither a result nor a measurement.
        Empty => "check_finding_empty",
        /// Rule VC3: the result differs from what the measurement suggests, and nobody says why.
        ReasonMissing => "check_reason_missing",
        /// Rule VC4: an item that the template demands has no result yet.
        Incomplete => "check_incomplete",
        /// Rule VC4: the day of the check lies in the future, or before the car's first admission.
        Day => "check_day",
        /// Rule VC2: what it is to replace is no completed check of this car.
        ReplacesUnknown => "check_replaces_unknown",
        /// Rule VC2: another check has replaced that one already.
        AlreadyReplaced => "check_already_replaced",
        /// Rule VC2: the car has an open draft by the same template.
        DraftExists => "check_draft_exists",
    }
}

impl NewFinding {
    /// Checks a note or a reason.
    pub fn check_text(input: &str) -> Result<String, ValueError> {
        lines(input, MAX_NOTE)
    }

    /// The result by the mechanic and the measurement (rule VC3).
    fn judge(&self, measure: Option<&Measure>) -> Result<FindingResult, VehicleCheckRefusal> {
        let suggested = match (self.measured, measure) {
            (None, _) => None,
            (Some(_), None) => return Err(VehicleCheckRefusal::NotMeasured),
            (Some(value), Some(measure)) if !measure.is_plausible(value) => {
                return Err(VehicleCheckRefusal::Implausible);
            }
            (Some(value), Some(measure)) => Some(measure.suggest(value)),
        };
        match (self.result, suggested) {
            (None, None) => Err(VehicleCheckRefusal::Empty),
            (None, Some(suggested)) => Ok(suggested),
            (Some(result), Some(suggested)) if result != suggested && self.reason.is_none() => {
                Err(VehicleCheckRefusal::ReasonMissing)
            }
            (Some(result), _) => Ok(result),
        }
    }
}

impl VehicleCheck {
    /// Begins a check (rule VC2). `replaces` is the check in whose place it is to come, and whether another one has replaced
    /// that already.
    pub fn start(
        id: VehicleCheckId,
        vehicle_id: VehicleId,
        list: CheckList,
        fuel: Option<Fuel>,
        replaces: Option<(&Self, bool)>,
    ) -> Result<Self, VehicleCheckRefusal> {
        if let Some((former, is_replaced)) = replaces {
            former.may_be_replaced(is_replaced)?;
        }
        let replaces = replaces.map(|(former, _)| former.id);
        Ok(Self { id, vehicle_id, list, fuel, findings: BTreeMap::new(), completed: None, replaces, version: 1 })
    }

    /// Whether the garage may begin a check of a car (rule VC2). `open` is its draft by the same template: whoever finds one
    /// goes on with that, so that two tablets do not fill in two.
    pub fn require_no_draft(open: Option<VehicleCheckId>) -> Result<(), VehicleCheckRefusal> {
        if open.is_some() { Err(VehicleCheckRefusal::DraftExists) } else { Ok(()) }
    }

    /// Whether another check may take its place (rule VC2): once, and only when it is completed, since a draft can be
    /// changed itself. `is_replaced` says that another one did so already.
    pub fn may_be_replaced(&self, is_replaced: bool) -> Result<(), VehicleCheckRefusal> {
        if self.completed.is_none() {
            return Err(VehicleCheckRefusal::ReplacesUnknown);
        }
        if is_replaced { Err(VehicleCheckRefusal::AlreadyReplaced) } else { Ok(()) }
    }

    /// Only a draft changes, and only a draft can be discarded (rule VC2).
    pub fn is_draft(&self) -> Result<(), VehicleCheckRefusal> {
        if self.completed.is_some() { Err(VehicleCheckRefusal::Completed) } else { Ok(()) }
    }

    /// Takes out what was found at one place, and says what it was (rule VC2).
    pub fn clear(mut self, place: &Place) -> Result<(Self, Option<Finding>), VehicleCheckRefusal> {
        self.is_draft()?;
        let found = self.findings.remove(place);
        Ok((self, found))
    }

    /// Enters what was found at one place; what was there before is replaced (rules VC2 and VC3).
    pub fn enter(
        mut self,
        place: Place,
        new: NewFinding,
        by: AccountId,
        at: Instant,
    ) -> Result<Self, VehicleCheckRefusal> {
        self.is_draft()?;
        let (key, position) = (place.0.as_str(), place.1.as_deref());
        let item = self.list.find(key).filter(|item| item.fits(self.fuel));
        let item = item.filter(|item| item.places().any(|known| known == position));
        let item = item.ok_or(VehicleCheckRefusal::UnknownItem)?;
        let result = new.judge(item.measure.as_ref())?;
        let NewFinding { measured, reason, note, result: _ } = new;
        let version = self.version + 1;
        self.findings.insert(place, Finding { result, measured, reason, note, by, at, version });
        Ok(self)
    }

    /// The check for who may not see amounts (rule EC6): a note or a reason that names one is left out, and so is a name.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        self.list = self.list.without_amounts();
        for finding in self.findings.values_mut() {
            for text in [&mut finding.note, &mut finding.reason] {
                *text = text.take().filter(|text| !names_amount(text));
            }
        }
        self
    }

    /// The places that the template demands and that have no result yet (rule VC4).
    pub fn missing(&self) -> Vec<Place> {
        let demanded = self.list.items().filter(|item| item.demanded && item.fits(self.fuel));
        let places =
            demanded.flat_map(|item| item.places().map(|position| (item.key.clone(), position.map(str::to_owned))));
        places.filter(|place| !self.findings.contains_key(place)).collect()
    }

    /// Completes the check, once (rules VC2 and VC4). `admitted_on` is the first day on which the car can have been on
    /// the road, `today` the day in the garage's time zone.
    pub fn complete(
        self,
        completed: Completed,
        admitted_on: Option<Date>,
        today: Date,
    ) -> Result<Self, VehicleCheckRefusal> {
        self.is_draft()?;
        if completed.on > today || admitted_on.is_some_and(|admitted_on| completed.on < admitted_on) {
            return Err(VehicleCheckRefusal::Day);
        }
        if !self.missing().is_empty() {
            return Err(VehicleCheckRefusal::Incomplete);
        }
        Ok(Self { completed: Some(completed), ..self })
    }

    /// When it was made; none for a draft.
    pub fn happened(&self) -> Option<Happened> {
        self.completed.map(|completed| Happened { on: completed.on, at: completed.stands_at })
    }

    /// What was looked at: the item, the position on the car, and what was found.
    fn looked_at(&self) -> impl Iterator<Item = (&TemplateItem, Option<Position>, &Finding)> {
        let found = self.findings.iter().filter(|(_, finding)| finding.result != FindingResult::NotChecked);
        found.filter_map(|((key, position), finding)| {
            Some((self.list.find(key)?, position.as_deref().and_then(Position::from_code), finding))
        })
    }

    /// What each finding that is not good advises (rule VC6).
    pub fn advices(&self) -> impl Iterator<Item = Advice> {
        self.looked_at().filter_map(|(item, position, finding)| {
            let urgency = match finding.result {
                FindingResult::NotChecked | FindingResult::Good => return None,
                FindingResult::Attention => Urgency::Attention,
                FindingResult::Urgent => Urgency::Urgent,
            };
            let measured = finding.measured.zip(item.measure.as_ref());
            let found = FoundAt {
                item: item.key.clone(),
                names: item.names.clone(),
                position,
                measured: measured.map(|(value, measure)| MeasuredValue::new(value, measure)),
                note: finding.note.clone(),
            };
            let text = found.text(Language::Dutch);
            Some(Advice { task: item.task(), position, urgency, text, found: vec![found], expected_on: None })
        })
    }

    /// Whether it looked at the work that was advised, and so takes the advice's place (rule VC6).
    pub fn judges(&self, advice: &Advice) -> bool {
        self.looked_at().any(|(item, position, _)| advice.is_work(item.task(), position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_template::platform;
    use jiff::civil::date;
    use uuid::Uuid;

    const TODAY: Date = date(2026, 11, 28);

    fn mechanic(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    fn draft(fuel: Option<Fuel>) -> VehicleCheck {
        VehicleCheck {
            id: VehicleCheckId(Uuid::from_u128(1)),
            vehicle_id: VehicleId(Uuid::from_u128(2)),
            list: platform()[0].clone(),
            fuel,
            findings: BTreeMap::new(),
            completed: None,
            replaces: None,
            version: 1,
        }
    }

    fn place(key: &str, position: Option<&str>) -> Place {
        (key.into(), position.map(Into::into))
    }

    fn choice(result: FindingResult) -> NewFinding {
        NewFinding { result: Some(result), measured: None, reason: None, note: None }
    }

    fn measured(value: &str) -> NewFinding {
        NewFinding { result: None, measured: Some(Measure::value(value).unwrap()), reason: None, note: None }
    }

    fn enter(check: VehicleCheck, place: Place, new: NewFinding) -> Result<VehicleCheck, VehicleCheckRefusal> {
        check.enter(place, new, mechanic(3), Instant::UNIX_EPOCH)
    }

    fn filled(fuel: Option<Fuel>) -> VehicleCheck {
        let check = draft(fuel);
        let missing = check.missing();
        missing.into_iter().fold(check, |check, place| enter(check, place, choice(FindingResult::Good)).unwrap())
    }

    fn completed() -> Completed {
        Completed { by: mechanic(3), at: Instant::UNIX_EPOCH, on: TODAY, stands_at: Instant::UNIX_EPOCH }
    }

    #[test]
    fn vc2_a_draft_is_filled_in_by_several_and_completed_once() {
        let check = draft(None);
        let tyre = || place("tread_depth", Some("front_left"));
        let check = check.enter(tyre(), measured("5"), mechanic(3), Instant::UNIX_EPOCH).unwrap();
        let check = check.enter(tyre(), measured("4.5"), mechanic(4), Instant::UNIX_EPOCH).unwrap();
        assert_eq!(check.findings[&tyre()].by, mechanic(4));
        assert_eq!(VehicleCheck::require_no_draft(Some(check.id)), Err(VehicleCheckRefusal::DraftExists));
        assert_eq!(VehicleCheck::require_no_draft(None), Ok(()));
        let done = filled(None).complete(completed(), None, TODAY).unwrap();
        let refused = Err(VehicleCheckRefusal::Completed);
        assert_eq!(done.clone().complete(completed(), None, TODAY), refused);
        assert_eq!(enter(done, tyre(), measured("5")), refused);
    }

    #[test]
    fn vc3_a_mechanic_who_judges_otherwise_says_why() {
        let tyre = || place("tread_depth", Some("front_left"));
        let result = |new| enter(draft(None), tyre(), new).map(|check| check.findings[&tyre()].result);
        assert_eq!(result(measured("1.5")), Ok(FindingResult::Urgent));
        let otherwise = NewFinding { result: Some(FindingResult::Attention), ..measured("1.5") };
        assert_eq!(result(otherwise.clone()), Err(VehicleCheckRefusal::ReasonMissing));
        let with_reason = NewFinding { reason: Some("worn on one edge only".into()), ..otherwise };
        assert_eq!(result(with_reason), Ok(FindingResult::Attention));
        assert_eq!(result(choice(FindingResult::NotChecked)), Ok(FindingResult::NotChecked));
        assert_eq!(result(measured("15.01")), Err(VehicleCheckRefusal::Implausible));
        assert_eq!(result(measured("-1")), Err(VehicleCheckRefusal::Implausible));
        let empty = NewFinding { measured: None, ..measured("1") };
        assert_eq!(result(empty), Err(VehicleCheckRefusal::Empty));
        let windscreen = enter(draft(None), place("windscreen", None), measured("1"));
        assert_eq!(windscreen, Err(VehicleCheckRefusal::NotMeasured));
    }

    #[test]
    fn vc3_only_numbers_are_measurements() {
        for bad in ["", "1,6", "NaN", "1e2", "1.234", "+1", "12 mm", "1234567890123"] {
            assert!(Measure::value(bad).is_err(), "{bad}");
        }
        assert!(Measure::value("-25.50").is_ok());
    }

    #[test]
    fn vc1_only_items_of_the_template_that_fit_the_car_are_filled_in() {
        let refused = Err(VehicleCheckRefusal::UnknownItem);
        for (key, position) in
            [("nothing", None), ("tread_depth", None), ("tread_depth", Some("middle")), ("windscreen", Some("left"))]
        {
            let entered = enter(draft(None), place(key, position), choice(FindingResult::Good));
            assert_eq!(entered, refused, "{key} {position:?}");
        }
        let oil = || place("oil_level", None);
        assert_eq!(enter(draft(Some(Fuel::Electric)), oil(), choice(FindingResult::Good)), refused);
        assert!(!filled(Some(Fuel::Electric)).findings.contains_key(&oil()));
        assert!(filled(Some(Fuel::Petrol)).findings.contains_key(&oil()));
    }

    #[test]
    fn vc4_a_check_is_completed_when_all_that_is_demanded_has_a_result() {
        let mut check = filled(None);
        check.findings.remove(&place("windscreen", None));
        assert_eq!(check.missing(), [place("windscreen", None)]);
        assert_eq!(check.complete(completed(), None, TODAY), Err(VehicleCheckRefusal::Incomplete));
        let day = Err(VehicleCheckRefusal::Day);
        assert_eq!(filled(None).complete(completed(), None, TODAY.yesterday().unwrap()), day);
        assert_eq!(filled(None).complete(completed(), Some(TODAY.tomorrow().unwrap()), TODAY), day);
        assert!(filled(None).complete(completed(), Some(TODAY), TODAY).is_ok());
    }

    #[test]
    fn ec6_who_may_not_see_amounts_reads_no_reason_note_or_name_that_names_one() {
        let mut check = draft(None);
        check.list.groups[0].items[0].names.nl = "Profiel (nieuw 4321 euro)".into();
        let tyre = || place("tread_depth", Some("front_left"));
        let new = |note: &str, reason: &str| NewFinding {
            result: Some(FindingResult::Good),
            note: Some(note.into()),
            reason: Some(reason.into()),
            ..measured("1.5")
        };
        let seen = |note, reason| {
            let check = enter(check.clone(), tyre(), new(note, reason)).unwrap().without_amounts();
            assert_eq!(check.list.groups[0].items[0].names.nl, "Tread depth");
            let found = &check.findings[&tyre()];
            (found.note.clone(), found.reason.clone())
        };
        assert_eq!(seen("Binnenkant", "Klant betaalt 4321 euro"), (Some("Binnenkant".into()), None));
        assert_eq!(seen("4321 ,-", "nog 1,60 mm"), (None, Some("nog 1,60 mm".into())));
    }

    #[test]
    fn vc2_a_finding_is_taken_out_of_a_draft_only() {
        let tyre = place("tread_depth", Some("front_left"));
        let check = enter(draft(None), tyre.clone(), measured("5")).unwrap();
        let (check, found) = check.clear(&tyre).unwrap();
        assert_eq!((check.findings.len(), found.and_then(|found| found.measured)), (0, Some(Decimal::from(5))));
        assert_eq!(check.clear(&tyre).unwrap().1, None);
        let done = filled(None).complete(completed(), None, TODAY).unwrap();
        assert_eq!(done.is_draft(), Err(VehicleCheckRefusal::Completed));
        assert_eq!(done.clear(&tyre), Err(VehicleCheckRefusal::Completed));
    }
}
