//! What was done to a car and found on it, in the order of its days, and what that means for advice (rules VC2, VC6, RC2 and
//! SR3).
//!
//! Checks and records are often written down later than they happened, and corrected later still. So what ends what is
//! decided by days, and not by the order in which it was written down: what a check of March found says nothing about a tyre
//! that was replaced in April. Every finding that is not good becomes a recommendation, also one that has ended already, so
//! that it comes back when what has ended it turns out to be a mistake.

use crate::{
    ids::VehicleCheckId,
    recommendation::{Advice, Decision, Happened, Recommendation, RecommendationEnd},
    service_record::ServiceRecord,
    vehicle_check::VehicleCheck,
};

/// What counts of what was done to a car and found on it, since some day: records that were not corrected, and completed
/// checks that were not replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarHistory {
    /// What was done.
    pub records: Vec<ServiceRecord>,
    /// What was found.
    pub checks: Vec<VehicleCheck>,
}

/// What a check had done that another one replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// What it had advised, whatever became of that.
    pub advised: Vec<Recommendation>,
    /// What it had ended.
    pub ended: Vec<Recommendation>,
}

/// What a check advises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advised {
    /// The advice.
    pub advice: Advice,
    /// The owner's agreement to the same advice of the check that this one replaces.
    pub agreed: Option<Decision>,
    /// How it ended already, by something that happened after the check.
    pub end: Option<RecommendationEnd>,
}

/// What follows from a check for the recommendations of a car.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckConsequences {
    /// The new ones.
    pub advised: Vec<Advised>,
    /// The open ones that end, each once.
    pub ended: Vec<Recommendation>,
    /// Those that the check had made which this one replaces, and that end as a mistake: all but those that the owner has
    /// declined.
    pub mistaken: Vec<Recommendation>,
    /// Those that the replaced check had ended, with what becomes of them.
    pub reconsidered: Vec<Recommendation>,
}

impl Recommendation {
    /// Whether the owner has declined it.
    const fn is_declined(&self) -> bool {
        matches!(self.end, Some(RecommendationEnd::Declined(_)))
    }
}

impl CarHistory {
    /// How advice ends by the first thing that `has_come`: a record does the work, or a check other than its own finds it good
    /// or finds it anew. None while nothing does.
    fn end_of(
        &self,
        (advice, advised): (&Advice, Happened),
        own: Option<VehicleCheckId>,
        has_come: impl Fn(Happened) -> bool,
    ) -> Option<RecommendationEnd> {
        let done = self.records.iter().filter(|record| record.closes(advice, advised));
        let done = done.map(|record| (record.happened(), RecommendationEnd::Done(record.id)));
        let checked = self.checks.iter().filter(|check| own != Some(check.id) && check.judges(advice));
        let checked = checked.filter_map(|check| Some((check.happened()?, RecommendationEnd::Superseded(check.id))));
        let all = done.chain(checked).filter(|(then, _)| has_come(*then));
        all.min_by_key(|(then, _)| *then).map(|(_, end)| end)
    }

    /// What becomes of a recommendation whose end does not count any more, since the record or the check that brought it was
    /// replaced: something else that happened ends it, or it waits again, with the owner's agreement. What was found by a
    /// check that was itself replaced stays ended.
    #[must_use]
    pub fn reconsider(&self, one: Recommendation) -> Recommendation {
        if one.check_id.is_some_and(|check| self.checks.iter().all(|known| known.id != check)) {
            return one;
        }
        let end = self.end_of((&one.advice, one.advised), one.check_id, |then| then >= one.advised);
        Recommendation { end, ..one }
    }

    /// What follows from a completed check (rules VC2, VC6, RC2 and RC4): each finding that is not good becomes a
    /// recommendation and takes the place of the open one for the same task and position; a good finding ends the open one.
    /// What was not checked changes nothing. The order is that of days: the check ends no advice that is later, and what it
    /// advises has ended already if something later has done or looked at the work. It advises nothing that the garage has
    /// advised in words on a later day, or that the owner has declined since.
    ///
    /// The history is that since the day of the check, and of what it replaces; `later` are the open recommendations, and
    /// those of later days that the owner has declined. `replaced` is what the check had done which this one replaces: what
    /// that had advised was a mistake, and ends; what it had ended waits again, unless something else ends it. What both
    /// advise keeps the owner's word, unless it is more urgent now.
    pub fn consequences(
        &self,
        check: &VehicleCheck,
        later: &[Recommendation],
        replaced: &Replaced,
    ) -> CheckConsequences {
        let Some(checked) = check.happened() else { return CheckConsequences::default() };
        let superseded = Some(RecommendationEnd::Superseded(check.id));
        let end = |one: &Recommendation| Recommendation { end: superseded, ..one.clone() };
        let mut new: Vec<Advice> = vec![];
        for advice in check.advices() {
            match new.iter_mut().find(|other| other.is_same_work(&advice)) {
                Some(other) => other.join(advice),
                None => new.push(advice),
            }
        }
        let is_judged = |one: &Recommendation| one.advised <= checked && check.judges(&one.advice);
        let is_mistake = |one: &Recommendation| one.check_id.is_some() && one.check_id == check.replaces;
        let open = later.iter().filter(|one| one.is_open() && !is_mistake(one));
        let reconsider = |one: &Recommendation| {
            // What this check looked at is said by this check.
            let reopened = self.reconsider(one.clone());
            if is_judged(one) || reopened.end == one.end { end(one) } else { reopened }
        };
        CheckConsequences {
            ended: open.filter(|one| is_judged(one)).map(end).collect(),
            mistaken: replaced.advised.iter().filter(|one| !one.is_declined()).map(end).collect(),
            reconsidered: replaced.ended.iter().map(reconsider).collect(),
            advised: new
                .into_iter()
                .filter(|advice| {
                    !later.iter().any(|one| {
                        one.advised.on > checked.on
                            && !is_mistake(one)
                            && one.check_id.is_none()
                            && one.advice.is_same_work(advice)
                    })
                })
                .map(|advice| self.advised(advice, (check.id, checked), &replaced.advised))
                .collect(),
        }
    }

    /// A new advice of a check, with what became of it since, and what the owner said to the same advice before.
    fn advised(
        &self,
        advice: Advice,
        (check, checked): (VehicleCheckId, Happened),
        before: &[Recommendation],
    ) -> Advised {
        let is_known = |one: &&Recommendation| one.advice.is_same_work(&advice) && advice.urgency <= one.advice.urgency;
        let known = before.iter().find(is_known);
        let end = self.end_of((&advice, checked), Some(check), |then| then > checked);
        let declined = known.filter(|one| one.is_declined()).and_then(|one| one.end);
        let agreed = known.and_then(|one| one.agreed);
        Advised { advice, agreed, end: end.or(declined) }
    }
}

#[cfg(test)]
mod tests;
