//! What was done to a car and found on it, in the order of its days, and what that means for advice (rules VC2, VC6, RC2 and
//! SR3).
//!
//! Checks and records are often written down later than they happened, and corrected later still. So what ends what is
//! decided by days, and not by the order in which it was written down: what a check of March found says nothing about a tyre
//! that was replaced in April.

use crate::{
    Date, Instant,
    recommendation::{Advice, Recommendation, RecommendationEnd},
    service_record::ServiceRecord,
    vehicle_check::VehicleCheck,
};

/// When something happened to a car: on which day, and when that was written down, which decides between two of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Happened {
    /// The day.
    pub on: Date,
    /// When it was written down.
    pub at: Instant,
}

/// What counts of what was done to a car and found on it, since some day: records that were not corrected, and completed
/// checks that were not replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarHistory {
    /// What was done.
    pub records: Vec<ServiceRecord>,
    /// What was found.
    pub checks: Vec<VehicleCheck>,
}

/// What follows from a check for the recommendations of a car.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckConsequences {
    /// The new ones.
    pub advised: Vec<Advice>,
    /// The open ones that end, each once.
    pub ended: Vec<Recommendation>,
    /// Those that only the check which it replaces had ended, with what becomes of them, each once.
    pub reconsidered: Vec<Recommendation>,
}

impl Recommendation {
    /// When it was advised.
    pub const fn happened(&self) -> Happened {
        Happened { on: self.advised_on, at: self.made_at }
    }
}

impl ServiceRecord {
    /// When the work was done.
    pub const fn happened(&self) -> Happened {
        Happened { on: self.done_on, at: self.recorded_at }
    }
}

impl VehicleCheck {
    /// When it was completed; none for a draft.
    pub fn happened(&self) -> Option<Happened> {
        self.completed.map(|completed| Happened { on: completed.on, at: completed.at })
    }
}

impl CarHistory {
    /// How a recommendation ended, by the first thing that happened after it: a record did the work, or a check found it good
    /// or found it anew. None while nothing did.
    fn end_of(&self, one: &Recommendation) -> Option<RecommendationEnd> {
        let advised = one.happened();
        let done = self.records.iter().map(|record| (record.happened(), record));
        let done = done.filter(|(then, record)| *then >= advised && record.closes(&one.advice, one.advised_on));
        let done = done.map(|(then, record)| (then, RecommendationEnd::Done(record.id)));
        let others = self.checks.iter().filter(|check| one.check_id != Some(check.id));
        let checked = others.filter_map(|check| Some((check.happened()?, check)));
        let checked = checked.filter(|(then, check)| *then >= advised && check.judges(&one.advice));
        let checked = checked.map(|(then, check)| (then, RecommendationEnd::Superseded(check.id)));
        done.chain(checked).min_by_key(|(then, _)| *then).map(|(_, end)| end)
    }

    /// What becomes of a recommendation whose end does not count any more, since the record or the check that brought it was
    /// replaced: something else that happened ends it, or it waits again, with the owner's agreement.
    #[must_use]
    pub fn reconsider(&self, one: Recommendation) -> Recommendation {
        Recommendation { end: self.end_of(&one), ..one }
    }

    /// Whether the work of an advice of this day was done, or looked at, on a later day.
    fn overtakes(&self, advice: &Advice, day: Date) -> bool {
        let is_done = self.records.iter().any(|record| record.done_on > day && record.closes(advice, day));
        let is_later = |check: &VehicleCheck| check.happened().is_some_and(|then| then.on > day);
        is_done || self.checks.iter().any(|check| is_later(check) && check.judges(advice))
    }

    /// What follows from a completed check (rules VC6, RC2 and RC4): each finding that is not good becomes a recommendation
    /// and takes the place of the open one for the same task and position; a good finding ends the open one. What was not
    /// checked changes nothing. What is of a later day than the check stands: the check ends no advice of that day, and makes
    /// none for work that was done or looked at since; of one day, what is written down last counts. The history is that
    /// since the day of the check, and of what it replaces.
    ///
    /// `open` are the open recommendations, and `former` those that the check had ended which this one replaces. What that
    /// one made was a mistake, and ends; what it ended waits again, unless something else ends it.
    pub fn consequences(
        &self,
        check: &VehicleCheck,
        open: &[Recommendation],
        former: Vec<Recommendation>,
    ) -> CheckConsequences {
        let Some(Happened { on: day, .. }) = check.happened() else { return CheckConsequences::default() };
        let superseded = Some(RecommendationEnd::Superseded(check.id));
        let advices: Vec<_> = check.advices().collect();
        let is_judged = |one: &Recommendation| {
            one.advised_on <= day && advices.iter().any(|(_, advice)| advice.is_same_work(&one.advice))
        };
        let is_mistake = |one: &Recommendation| one.check_id.is_some() && one.check_id == check.replaces;
        let ended = open.iter().filter(|one| is_mistake(one) || is_judged(one));
        let ended = ended.map(|one| Recommendation { end: superseded, ..one.clone() });
        let reconsidered = former
            .into_iter()
            .map(|one| if is_judged(&one) { Recommendation { end: superseded, ..one } } else { self.reconsider(one) });
        let mut consequences =
            CheckConsequences { advised: vec![], ended: ended.collect(), reconsidered: reconsidered.collect() };
        for (is_good, advice) in advices {
            let newer =
                |one: &Recommendation| one.advised_on > day && !is_mistake(one) && one.advice.is_same_work(&advice);
            let is_overtaken = open.iter().any(newer) || self.overtakes(&advice, day);
            if !is_good && !is_overtaken {
                consequences.add(advice);
            }
        }
        consequences
    }
}

impl CheckConsequences {
    /// Adds an advice. Two items of one check can lead to the same task at the same place, such as the depth of a tread and
    /// damage to the tyre: they become one, with the greater urgency and what was found of both.
    fn add(&mut self, advice: Advice) {
        match self.advised.iter_mut().find(|other| other.is_same_work(&advice)) {
            Some(other) => other.join(advice),
            None => self.advised.push(advice),
        }
    }
}

#[cfg(test)]
mod tests;
