//! Vehicle checks (*autostatus-checks*): what a mechanic found (rules VC2 to VC4 and VC6).
//!
//! A check is a draft that any mechanic of the garage fills in, also from two devices at once; it is completed once, by one
//! of them, and never changed after that. A mistake is mended by a new check that replaces it.

use crate::{
    Date, Instant,
    check_template::{CheckList, FindingResult, Measure},
    coded_enum,
    ids::{AccountId, VehicleCheckId, VehicleId},
    passport::Fuel,
    recommendation::{Advice, FoundAt, MeasuredValue, Recommendation, Urgency},
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

    /// What follows from a completed check for the car's recommendations (rules VC6, RC2 and RC4): each finding that is
    /// not good becomes one, and takes the place of the open one for the same task and position; a good finding ends the
    /// open one. What was not checked changes nothing. What a check made that this one replaces was a mistake, and ends.
    pub fn consequences<'a>(&self, open: &'a [Recommendation]) -> CheckConsequences<'a> {
        let mut consequences = CheckConsequences::default();
        let is_mistake =
            |one: &&Recommendation| one.is_open() && one.check_id.is_some() && one.check_id == self.replaces;
        consequences.superseded.extend(open.iter().filter(is_mistake));
        for ((key, position), finding) in &self.findings {
            let Some(item) = self.list.find(key) else { continue };
            let urgency = match finding.result {
                FindingResult::NotChecked => continue,
                FindingResult::Good => None,
                FindingResult::Attention => Some(Urgency::Attention),
                FindingResult::Urgent => Some(Urgency::Urgent),
            };
            let position = position.as_deref().and_then(Position::from_code);
            let measured = finding.measured.zip(item.measure.as_ref());
            let found = FoundAt {
                item: item.key.clone(),
                names: item.names.clone(),
                position,
                measured: measured.map(|(value, measure)| MeasuredValue::new(value, measure)),
                note: finding.note.clone(),
            };
            let advice = Advice {
                task: item.task(),
                position,
                urgency: urgency.unwrap_or(Urgency::Attention),
                text: found.text(Language::Dutch),
                found: vec![found],
                expected_on: None,
            };
            let same = open.iter().filter(|one| one.is_open() && one.advice.is_same_work(&advice));
            consequences.superseded.extend(same);
            if urgency.is_some() {
                consequences.add(advice);
            }
        }
        consequences.superseded.sort_by_key(|one| one.id);
        consequences.superseded.dedup_by_key(|one| one.id);
        consequences
    }
}

/// What follows from a check for the recommendations of a car.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckConsequences<'a> {
    /// The new ones.
    pub advised: Vec<Advice>,
    /// The open ones that end, each once.
    pub superseded: Vec<&'a Recommendation>,
}

impl CheckConsequences<'_> {
    /// Adds an advice. Two items of one check can lead to the same task at the same place, such as the depth of a tread and
    /// damage to the tyre: they become one, with the greater urgency and what was found of both.
    fn add(&mut self, advice: Advice) {
        match self.advised.iter_mut().find(|other| other.is_same_work(&advice)) {
            Some(other) => {
                other.urgency = other.urgency.max(advice.urgency);
                other.found.extend(advice.found);
                other.text = other.text_in(Language::Dutch);
            }
            None => self.advised.push(advice),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check_template::platform,
        ids::RecommendationId,
        recommendation::{RecommendationEnd, RecommendationStatus},
    };
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
        Completed { by: mechanic(3), at: Instant::UNIX_EPOCH, on: TODAY }
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

    fn recommendation(number: u128, advice: Advice) -> Recommendation {
        Recommendation {
            id: RecommendationId(Uuid::from_u128(number)),
            vehicle_id: VehicleId(Uuid::from_u128(2)),
            advice,
            check_id: None,
            made_at: Instant::UNIX_EPOCH,
            agreed: None,
            is_planned: false,
            end: None,
            version: 1,
        }
    }

    #[test]
    fn vc6_what_is_not_good_becomes_a_recommendation_or_renews_the_open_one() {
        let front_left = || place("tread_depth", Some("front_left"));
        let worn = enter(filled(None), front_left(), measured("1.2")).unwrap();
        let first = worn.consequences(&[]);
        let [advice] = first.advised.as_slice() else { panic!("{first:?}") };
        assert_eq!(advice.urgency, Urgency::Urgent);
        assert_eq!(advice.position, Some(Position::FrontLeft));
        assert_eq!(first.superseded, Vec::<&Recommendation>::new());
        let open = [recommendation(7, advice.clone())];
        let second = worn.consequences(&open);
        assert_eq!((second.advised.len(), second.superseded.len()), (1, 1));
        // A later check that finds it good ends it; one that did not look changes nothing.
        let good = enter(filled(None), front_left(), measured("8")).unwrap();
        assert_eq!((good.consequences(&open).advised.len(), good.consequences(&open).superseded.len()), (0, 1));
        let not_checked = |position| {
            let place = place("tyre_damage", position);
            (place, choice(FindingResult::NotChecked))
        };
        let mut unseen = filled(None);
        unseen.findings.retain(|(key, _), _| key != "tread_depth");
        let (damage, not) = not_checked(Some("front_left"));
        let unseen = enter(unseen, damage, not).unwrap();
        assert_eq!(unseen.consequences(&open).superseded.len(), 0);
    }

    #[test]
    fn vc2_a_check_is_replaced_once_and_what_it_made_ends() {
        let worn = enter(filled(None), place("tread_depth", Some("front_left")), measured("1.2")).unwrap();
        let worn = worn.complete(completed(), None, TODAY).unwrap();
        let start = |former: &VehicleCheck, is_replaced| {
            let id = VehicleCheckId(Uuid::from_u128(9));
            VehicleCheck::start(id, former.vehicle_id, former.list.clone(), None, Some((former, is_replaced)))
        };
        assert_eq!(start(&draft(None), false), Err(VehicleCheckRefusal::ReplacesUnknown));
        assert_eq!(start(&worn, true), Err(VehicleCheckRefusal::AlreadyReplaced));
        let new = start(&worn, false).unwrap();
        assert_eq!((new.replaces, new.completed, new.version), (Some(worn.id), None, 1));
        let of_worn =
            Recommendation { check_id: Some(worn.id), ..recommendation(7, worn.consequences(&[]).advised.remove(0)) };
        let of_another = recommendation(8, of_worn.advice.clone());
        let open = [of_worn.clone(), of_another];
        // Nothing was looked at yet: only what the mistaken check made ends.
        let ended = new.consequences(&open);
        assert_eq!((ended.advised.len(), ended.superseded), (0, vec![&of_worn]));
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

    #[test]
    fn vc6_two_findings_of_one_task_and_place_are_one_recommendation() {
        let worn = enter(filled(None), place("tread_depth", Some("front_left")), measured("2")).unwrap();
        let note = Some("Snee in de wang".to_owned());
        let cut = NewFinding { note, ..choice(FindingResult::Urgent) };
        let check = enter(worn, place("tyre_damage", Some("front_left")), cut).unwrap();
        let consequences = check.consequences(&[]);
        let [advice] = consequences.advised.as_slice() else { panic!("{consequences:?}") };
        assert_eq!(
            (advice.urgency, advice.text.as_str()),
            (Urgency::Urgent, "Profieldiepte linksvoor: 2 mm (advies: meer dan 3 mm)\nSnee in de wang")
        );
    }

    #[test]
    fn rc4_what_was_declined_stays_and_a_later_check_raises_it_again() {
        let worn = enter(filled(None), place("tread_depth", Some("front_left")), measured("1.2")).unwrap();
        let advice = worn.consequences(&[]).advised.remove(0);
        let decision = crate::recommendation::Decision {
            by: mechanic(9),
            at: Instant::UNIX_EPOCH,
            channel: crate::recommendation::DecisionChannel::App,
        };
        let declined = recommendation(7, advice).decline(decision).unwrap();
        let known = [declined.clone()];
        let again = worn.consequences(&known);
        assert_eq!((again.advised.len(), again.superseded.len()), (1, 0));
        assert_eq!(declined.status(), RecommendationStatus::Declined);
        assert_eq!(declined.end, Some(RecommendationEnd::Declined(decision)));
    }
}
