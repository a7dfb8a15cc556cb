//! Learning the prices of one task: its entries are sorted into groups, and of each group that has enough the quartiles
//! are kept (rules EC2 and EC3).
//!
//! **Nobody's own records.** A group across garages tells a garage only what the others paid. In a group of few garages each
//! has its own result, without its own records; in a larger one there are eight, each without an eighth of the garages, and
//! a garage gets the one without its eighth. A garage that has no record in the group gets one of these results too. So no two
//! results are nested in one another, and none is of all garages, unless it is the only one.
//!
//! **Nothing between two groups, or between two months.** A group within another is not shown when it lacks only a few
//! garages of the larger one. A group keeps the result that it had until there are new records of enough other garages.
//! Else who compares both would learn what those few charge.

use super::{
    GroupLevel, GroupSize, MIN_GARAGES, Quartiles, Sample,
    ledger::{Entry, Ledger, NONE, Network, day_number, day_of},
    measure::{self, Verdict},
    price_factor, quartiles, weight,
};
use crate::{Date, ids::GarageId, service_task::TaskKey, value::Country};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// In a group of at most this many garages, each garage has a result of its own.
const FEW_GARAGES: usize = 12;
/// The number of results of a larger group.
const FOLDS: u8 = 8;

/// The result of a group, for those to whom it may be told.
#[derive(Clone, Debug, PartialEq)]
pub struct CostGroup {
    /// The task.
    pub task: TaskKey,
    /// Which records form the group.
    pub level: GroupLevel,
    /// The text by which the group is found: [`group_keys`].
    pub key: String,
    /// Whose records are left out: see [`left_outs`].
    pub left_out: Uuid,
    /// The quartiles; none for those to whom the group tells nothing.
    pub quartiles: Option<Quartiles>,
    /// On how many records they rest.
    pub records: i64,
    /// The day of the oldest of them.
    pub from: Date,
    /// The day of the latest.
    pub until: Date,
    /// The day on which the records were read.
    pub read_on: Date,
    /// Whether it may be told. What is not is kept, so that what is told later can be compared with it.
    pub is_shown: bool,
}

/// By which texts the groups of a car in a garage are found, the nearest first.
pub fn group_keys(
    garage: GarageId,
    country: Country,
    chain: Option<&str>,
    car: &super::CostCar<'_>,
) -> Vec<(GroupLevel, String)> {
    let (model, class) = (car.model_key(), car.class().key());
    let chain = chain.map(|chain| super::ledger::chain_name(country, chain));
    let id = garage.to_string();
    let part = |level: GroupLevel| -> Option<(&str, &str)> {
        Some(match level {
            GroupLevel::GarageModel => (&id, model.as_deref()?),
            GroupLevel::GarageClass => (&id, &class),
            GroupLevel::ChainModel => (chain.as_deref()?, model.as_deref()?),
            GroupLevel::CountryModel => (country.as_str(), model.as_deref()?),
            GroupLevel::CountryClass => (country.as_str(), &class),
            GroupLevel::Country => (country.as_str(), ""),
        })
    };
    GroupLevel::ALL.iter().filter_map(|level| part(*level).map(|parts| (*level, key(*level, parts)))).collect()
}

pub(super) fn key(level: GroupLevel, (whose, which): (&str, &str)) -> String {
    format!("{}/{whose}/{which}", level.code())
}

/// Under which ids the result for a garage can be, the first of these that a group has: its own, that of its eighth, and
/// that for garages without a record in a small group.
pub fn left_outs(garage: GarageId) -> [Uuid; 3] {
    [garage.0, fold(garage), Uuid::nil()]
}

/// The eighth that a garage is in.
fn fold(garage: GarageId) -> Uuid {
    let last = garage.0.as_bytes().last().copied().unwrap_or_default();
    Uuid::from_u128(u128::from(last % FOLDS) + 1)
}

/// What a garage is told of one group, of all its results.
pub fn told<'g>(results: impl IntoIterator<Item = &'g CostGroup>, garage: GarageId) -> Option<&'g CostGroup> {
    let ids = left_outs(garage);
    let place = |group: &&CostGroup| ids.iter().position(|id| *id == group.left_out);
    let nearest = results.into_iter().filter(|group| place(group).is_some()).min_by_key(place)?;
    (nearest.is_shown && nearest.quartiles.is_some()).then_some(nearest)
}

/// An entry as it counts today.
#[derive(Clone, Copy)]
struct Point {
    sample: Sample,
    garage: u32,
    car: u32,
    done: u16,
    recorded: u16,
}

/// Two numbers that stand for a group of a level.
type Parts = (u32, u32);

/// The garages of a group, each with how many records it has there and how much they weigh.
type Garages = BTreeMap<u32, (usize, f64)>;

/// A group across garages, with its results.
struct Across {
    level: GroupLevel,
    parts: Parts,
    garages: Garages,
    /// The class of its cars, if all have the same.
    class: Option<u32>,
    results: Vec<CostGroup>,
}

/// What is needed to learn one task.
pub(super) struct Lesson<'a> {
    pub(super) network: &'a Network,
    pub(super) task: TaskKey,
    pub(super) today: Date,
}

/// Learns the prices of a task. `previous` is what was told of its groups across garages before.
pub fn learn(network: &Network, ledger: &Ledger, task: TaskKey, today: Date, previous: &[CostGroup]) -> Vec<CostGroup> {
    let lesson = Lesson { network, task, today };
    let verdict = measure::verdict(network, ledger.of(task), task, today);
    let mut known: HashMap<&str, Vec<&CostGroup>> = HashMap::new();
    for group in previous {
        known.entry(&group.key).or_default().push(group);
    }
    let changes: Vec<(u32, u32, u16, u16)> = ledger
        .corrections_of(task)
        .iter()
        .map(|change| (change.garage, change.car, change.recorded, change.corrected))
        .collect();
    lesson.groups(ledger.of(task), &changes, &known, &verdict)
}

impl Lesson<'_> {
    /// The groups of some entries, as if nothing had been told before and nothing measured.
    pub(super) fn fresh(&self, entries: &[Entry]) -> Vec<CostGroup> {
        self.groups(entries, &[], &HashMap::new(), &Verdict::default())
    }

    fn groups(
        &self,
        entries: &[Entry],
        changes: &[(u32, u32, u16, u16)],
        known: &HashMap<&str, Vec<&CostGroup>>,
        verdict: &Verdict,
    ) -> Vec<CostGroup> {
        let points = self.points(entries);
        let mut own = vec![];
        let mut across = vec![];
        for level in GroupLevel::ALL.iter().copied() {
            let mut order: Vec<(Parts, u32)> = (0_u32..)
                .zip(&points)
                .filter_map(|(index, point)| Some((self.parts(level, point.garage, point.car)?, index)))
                .collect();
            order.sort_unstable();
            let mut corrected_in: HashMap<Parts, Vec<(u32, u16, u16)>> = HashMap::new();
            for (garage, car, recorded, corrected) in changes {
                if let Some(parts) = self.parts(level, *garage, *car) {
                    corrected_in.entry(parts).or_default().push((*garage, *recorded, *corrected));
                }
            }
            for group in order.chunk_by(|one, other| one.0 == other.0) {
                let Some((parts, _)) = group.first().copied() else { continue };
                let members: Vec<Point> =
                    group.iter().filter_map(|(_, index)| points.get(super::ledger::place(*index)).copied()).collect();
                let key = self.key(level, parts);
                if level.is_own() {
                    own.extend(self.own(level, &key, &members));
                } else {
                    let corrected = corrected_in.get(&parts).map_or(&[][..], Vec::as_slice);
                    let before = known.get(key.as_str()).map_or(&[][..], Vec::as_slice);
                    across.extend(self.across((level, parts), &key, &members, corrected, before));
                }
            }
        }
        hide_nested(&mut across, self.network);
        let mut groups = own;
        groups.extend(across.into_iter().flat_map(|group| group.results));
        for group in &mut groups {
            verdict.apply(group, self.today);
        }
        groups
    }

    /// The entries as they count today, the cheapest first.
    fn points(&self, entries: &[Entry]) -> Vec<Point> {
        let mut factors: HashMap<(u32, u16), (f64, f64)> = HashMap::new();
        let mut points: Vec<Point> = entries
            .iter()
            .filter_map(|entry| {
                let garage = self.network.garage(entry.garage)?;
                // The same day comes again and again.
                let (ln_factor, weight) = *factors.entry((garage.country_name, entry.done)).or_insert_with(|| {
                    let done_on = day_of(entry.done);
                    let factor = price_factor(garage.country, self.task, done_on, self.today);
                    (factor.ln(), weight(done_on, self.today))
                });
                let mut sample = Sample::of(i64::from(entry.cents), weight)?;
                sample.ln += ln_factor;
                let (done, recorded) = (entry.done, entry.recorded);
                Some(Point { sample, garage: entry.garage, car: entry.car, done, recorded })
            })
            .collect();
        points.sort_by(|one, other| {
            one.sample.ln.total_cmp(&other.sample.ln).then((one.car, one.done).cmp(&(other.car, other.done)))
        });
        points
    }

    fn parts(&self, level: GroupLevel, garage: u32, car: u32) -> Option<Parts> {
        let (found, car) = (self.network.garage(garage)?, self.network.car(car)?);
        let parts = match level {
            GroupLevel::GarageModel => (garage, car.model),
            GroupLevel::GarageClass => (garage, car.class),
            GroupLevel::ChainModel => (found.chain_name, car.model),
            GroupLevel::CountryModel => (found.country_name, car.model),
            GroupLevel::CountryClass => (found.country_name, car.class),
            GroupLevel::Country => (found.country_name, 0),
        };
        (parts.0 != NONE && parts.1 != NONE).then_some(parts)
    }

    fn key(&self, level: GroupLevel, (whose, which): Parts) -> String {
        let id = self.network.garage(whose).filter(|_| level.is_own()).map(|garage| garage.id.to_string());
        let whose = id.as_deref().unwrap_or_else(|| self.network.text(whose));
        let which = if level == GroupLevel::Country { "" } else { self.network.text(which) };
        key(level, (whose, which))
    }

    /// A garage's own group.
    fn own(&self, level: GroupLevel, key: &str, members: &[Point]) -> Option<CostGroup> {
        let cars: BTreeSet<u32> = members.iter().map(|point| point.car).collect();
        let size = GroupSize { records: members.len(), cars: cars.len(), garages: 1, greatest_part: 1.0 };
        level.is_enough(&size).then(|| self.result((level, key), Uuid::nil(), members.iter()))?
    }

    /// The quartiles of the points, which are told to those whose records are left out.
    fn result<'p>(
        &self,
        (level, key): (GroupLevel, &str),
        left_out: Uuid,
        points: impl Iterator<Item = &'p Point>,
    ) -> Option<CostGroup> {
        let (mut samples, mut from, mut until) = (vec![], u16::MAX, 0);
        for point in points {
            samples.push(point.sample);
            from = from.min(point.done);
            until = until.max(point.done);
        }
        Some(CostGroup {
            task: self.task,
            level,
            key: key.to_owned(),
            left_out,
            quartiles: Some(quartiles(&samples)?),
            records: i64::try_from(samples.len()).unwrap_or(i64::MAX),
            from: day_of(from),
            until: day_of(until),
            read_on: self.today,
            is_shown: true,
        })
    }

    fn across(
        &self,
        (level, parts): (GroupLevel, Parts),
        key: &str,
        members: &[Point],
        changed: &[(u32, u16, u16)],
        before: &[&CostGroup],
    ) -> Option<Across> {
        let mut garages = Garages::new();
        for point in members {
            let (count, weight) = garages.entry(point.garage).or_default();
            *count += 1;
            *weight += point.sample.weight;
        }
        let class_of = |point: &Point| self.network.car(point.car).map(|car| car.class);
        let first = members.first().and_then(class_of);
        let class = first.filter(|_| members.iter().all(|point| class_of(point) == first));
        let results = if may_follow(members, changed, before) {
            self.results((level, key), members, &garages)
        } else {
            before.iter().map(|group| CostGroup { is_shown: true, ..(*group).clone() }).collect()
        };
        let results = if results.is_empty() {
            // What was told once is remembered, though there is not enough to be told any more.
            before.iter().map(|group| CostGroup { is_shown: false, ..(*group).clone() }).collect()
        } else {
            results
        };
        (!results.is_empty()).then_some(Across { level, parts, garages, class, results })
    }

    /// The results of a group across garages, each without the records of some of them.
    fn results(&self, (level, key): (GroupLevel, &str), members: &[Point], garages: &Garages) -> Vec<CostGroup> {
        let mut folds: BTreeMap<Uuid, BTreeSet<u32>> = BTreeMap::new();
        for number in garages.keys() {
            let Some(garage) = self.network.garage(*number) else { continue };
            let id = if garages.len() <= FEW_GARAGES { garage.id.0 } else { fold(garage.id) };
            folds.entry(id).or_default().insert(*number);
        }
        let result = |left_out: Uuid, without: &BTreeSet<u32>| {
            let is_enough = level.is_enough(&size_without(garages, without));
            let rest = members.iter().filter(|point| !without.contains(&point.garage));
            if is_enough { self.result((level, key), left_out, rest) } else { None }
        };
        let weight = |without: &BTreeSet<u32>| -> f64 {
            without.iter().filter_map(|number| garages.get(number)).map(|(_, weight)| weight).sum()
        };
        let mut results: Vec<CostGroup> = vec![];
        let mut lightest: Option<(f64, CostGroup)> = None;
        for (id, without) in &folds {
            match result(*id, without) {
                None => results.push(self.nothing((level, key), *id)),
                Some(group) => {
                    if lightest.as_ref().is_none_or(|(least, _)| weight(without) < *least) {
                        lightest = Some((weight(without), group.clone()));
                    }
                    results.push(group);
                }
            }
        }
        // Garages without a record in the group get a result that lacks someone, like all others. Only where none of these
        // has enough, they get that of all, which nobody else gets then.
        let others = match lightest {
            Some((_, group)) => Some(CostGroup { left_out: Uuid::nil(), ..group }),
            None => result(Uuid::nil(), &BTreeSet::new()),
        };
        let Some(others) = others else { return vec![] };
        results.push(others);
        results
    }

    fn nothing(&self, (level, key): (GroupLevel, &str), left_out: Uuid) -> CostGroup {
        let (task, key, today) = (self.task, key.to_owned(), self.today);
        let (quartiles, records, is_shown) = (None, 0, true);
        CostGroup {
            task,
            level,
            key,
            left_out,
            quartiles,
            records,
            from: today,
            until: today,
            read_on: today,
            is_shown,
        }
    }
}

fn size_without(garages: &Garages, without: &BTreeSet<u32>) -> GroupSize {
    let rest = || garages.iter().filter(|(number, _)| !without.contains(number)).map(|(_, part)| part);
    let total: f64 = rest().map(|(_, weight)| weight).sum();
    let greatest = rest().map(|(_, weight)| *weight).fold(0.0, f64::max);
    GroupSize {
        records: rest().map(|(count, _)| count).sum(),
        cars: 0,
        garages: rest().count(),
        greatest_part: if total > 0.0 { greatest / total } else { 1.0 },
    }
}

/// Whether a group may have a new result after the one that was told: nothing changed, or enough garages had a part in
/// what did, of which none has more than half of it. One of them may be the one that asks.
fn may_follow(members: &[Point], changed: &[(u32, u16, u16)], before: &[&CostGroup]) -> bool {
    let Some(read_on) = before.iter().filter_map(|group| day_number(group.read_on)).max() else { return true };
    let mut news: BTreeMap<u32, usize> = BTreeMap::new();
    let added = members.iter().filter(|point| point.recorded > read_on).map(|point| point.garage);
    let taken = changed
        .iter()
        .filter(|(_, recorded, corrected)| *recorded <= read_on && *corrected > read_on)
        .map(|(garage, ..)| *garage);
    for garage in added.chain(taken) {
        *news.entry(garage).or_default() += 1;
    }
    let total: usize = news.values().sum();
    let greatest = news.values().max().copied().unwrap_or(0);
    total == 0 || (news.len() > MIN_GARAGES && greatest * 2 <= total)
}

/// Hides the groups that lack so few garages of a larger group that the difference would tell what those charge.
fn hide_nested(groups: &mut [Across], network: &Network) {
    let by_parts: HashMap<(GroupLevel, Parts), usize> =
        groups.iter().enumerate().map(|(index, group)| ((group.level, group.parts), index)).collect();
    let country_of = |group: &Across| {
        let first = group.garages.keys().next().and_then(|number| network.garage(*number));
        first.map(|garage| garage.country_name)
    };
    let mut hidden = vec![];
    for (index, group) in groups.iter().enumerate() {
        let Some(country) = country_of(group) else { continue };
        let mut larger = vec![];
        if group.level == GroupLevel::ChainModel {
            larger.push((GroupLevel::CountryModel, (country, group.parts.1)));
        }
        if let (GroupLevel::ChainModel | GroupLevel::CountryModel, Some(class)) = (group.level, group.class) {
            larger.push((GroupLevel::CountryClass, (country, class)));
        }
        if group.level != GroupLevel::Country {
            larger.push((GroupLevel::Country, (country, 0)));
        }
        let too_near = larger.iter().filter_map(|parts| groups.get(*by_parts.get(parts)?)).any(|larger| {
            let count = |number: &u32| group.garages.get(number).map_or(0, |(count, _)| *count);
            let more = larger.garages.iter().filter(|(number, (of_larger, _))| *of_larger > count(number)).count();
            (1..=MIN_GARAGES).contains(&more)
        });
        if too_near {
            hidden.push(index);
        }
    }
    for index in hidden {
        for group in groups.get_mut(index).into_iter().flat_map(|group| &mut group.results) {
            group.is_shown = false;
        }
    }
}

#[cfg(test)]
mod tests;
