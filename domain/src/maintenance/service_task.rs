//! Service tasks (*onderhoudstaken*): the kinds of work that a car can need (rule MS1).
//!
//! The platform has one catalogue of them, the file `domain/data/service_tasks.json`. A task is named by its key, which
//! never changes its meaning and is never taken out of the catalogue, since schedules, findings and history refer to it
//! for ever. Durations and prices are figures to go by; each price says where it comes from, and of which year it is.

use crate::{amount_text::names_amount, coded_enum, passport::Fuel, value::Language};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

coded_enum! {
    /// The part of the car, or the kind of work, that a task belongs to.
    pub enum TaskCategory {
        /// A service of the whole car.
        Service => "service",
        /// The engine.
        Engine => "engine",
        /// The exhaust and what cleans its gases.
        Exhaust => "exhaust",
        /// The brakes.
        Brakes => "brakes",
        /// Tyres and wheels.
        Tyres => "tyres",
        /// The batteries: of 12 V, and that which drives the car.
        Battery => "battery",
        /// Heating and air-conditioning.
        Climate => "climate",
        /// Clutch and gearbox.
        Transmission => "transmission",
        /// The suspension of the wheels.
        Suspension => "suspension",
        /// Windows, wipers, lights.
        Body => "body",
        /// Inspections, recalls and diagnosis.
        Inspection => "inspection",
    }
}

coded_enum! {
    /// Where on a car work is done or something is looked at. The words are the same everywhere: in templates, findings,
    /// recommendations and service records, so that what is the same place is known to be.
    pub enum Position {
        /// Front left.
        FrontLeft => "front_left",
        /// Front right.
        FrontRight => "front_right",
        /// Rear left; of two wheels there, the outer one.
        RearLeft => "rear_left",
        /// Rear right; of two wheels there, the outer one.
        RearRight => "rear_right",
        /// The inner one of two wheels at the rear left, as some vans have.
        RearLeftInner => "rear_left_inner",
        /// The inner one of two wheels at the rear right.
        RearRightInner => "rear_right_inner",
        /// The front.
        Front => "front",
        /// The middle, such as the middle part of an exhaust.
        Middle => "middle",
        /// The rear.
        Rear => "rear",
        /// The left side.
        Left => "left",
        /// The right side.
        Right => "right",
        /// The spare wheel.
        Spare => "spare",
    }
}

impl Position {
    /// Whether work that is done here is done there too: at the front is at the front left and at the front right.
    pub fn covers(self, other: Self) -> bool {
        let is_part = match self {
            Self::Front => matches!(other, Self::FrontLeft | Self::FrontRight),
            Self::Rear => {
                matches!(other, Self::RearLeft | Self::RearRight | Self::RearLeftInner | Self::RearRightInner)
            }
            Self::Left => matches!(other, Self::FrontLeft | Self::RearLeft | Self::RearLeftInner),
            Self::Right => matches!(other, Self::FrontRight | Self::RearRight | Self::RearRightInner),
            Self::FrontLeft
            | Self::FrontRight
            | Self::RearLeft
            | Self::RearRight
            | Self::RearLeftInner
            | Self::RearRightInner
            | Self::Middle
            | Self::Spare => false,
        };
        is_part || self == other
    }

    /// What it is called.
    pub const fn name(self, language: Language) -> &'static str {
        let (dutch, english) = match self {
            Self::FrontLeft => ("linksvoor", "front left"),
            Self::FrontRight => ("rechtsvoor", "front right"),
            Self::RearLeft => ("linksachter", "rear left"),
            Self::RearRight => ("rechtsachter", "rear right"),
            Self::RearLeftInner => ("linksachter, binnenste wiel", "rear left, inner wheel"),
            Self::RearRightInner => ("rechtsachter, binnenste wiel", "rear right, inner wheel"),
            Self::Front => ("voor", "front"),
            Self::Middle => ("midden", "middle"),
            Self::Rear => ("achter", "rear"),
            Self::Left => ("links", "left"),
            Self::Right => ("rechts", "right"),
            Self::Spare => ("reservewiel", "spare wheel"),
        };
        match language {
            Language::Dutch => dutch,
            Language::English => english,
        }
    }
}

/// A text in the languages of the screens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
}

impl Texts {
    /// The text in one language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Dutch => &self.nl,
            Language::English => &self.en,
        }
    }

    /// The name of what has this key, for who may not see amounts (rule EC6): if the name says one in either language, the
    /// key takes its place, written for people.
    #[must_use]
    pub fn without_amounts(self, key: &str) -> Self {
        if ![&self.nl, &self.en].into_iter().any(|name| names_amount(name)) {
            return self;
        }
        let mut letters = key.chars().map(|letter| if letter == '_' { ' ' } else { letter });
        let name: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
        Self { nl: name.clone(), en: name }
    }
}

/// What a task usually costs, where nothing better is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceToGoBy {
    /// A low price, in cents.
    pub low_cents: i64,
    /// The usual price, in cents.
    pub usual_cents: i64,
    /// A high price, in cents.
    pub high_cents: i64,
    /// The currency, by its code of ISO 4217.
    pub currency: String,
    /// Whether VAT is in the amounts.
    pub vat_included: bool,
    /// What the price is for; none when it is for the whole task.
    #[serde(default)]
    pub covers: Option<Texts>,
    /// The year of whose prices they are.
    pub year: i64,
    /// Where they come from.
    pub source: String,
}

/// One kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceTask {
    key: String,
    /// What it belongs to.
    pub category: TaskCategory,
    /// What it is called.
    pub names: Texts,
    /// Why it is done, for the owner of a car.
    pub explanation: Texts,
    /// What a car must run on for the task to make sense; none when it makes sense for every car.
    pub fuels: Option<Vec<Fuel>>,
    /// Whether it is done at one or more positions, such as the front left wheel.
    pub positions: bool,
    includes: Vec<String>,
    /// How long it usually takes, in minutes.
    pub minutes: i64,
    /// What it usually costs.
    pub price: PriceToGoBy,
    /// Its code in the Vehicle Maintenance Reporting Standards, where one is known.
    #[serde(default)]
    pub vmrs: Option<String>,
}

static CATALOGUE: LazyLock<Vec<ServiceTask>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/service_tasks.json")).unwrap_or_default());

/// Every task, in the order of the catalogue.
pub fn catalogue() -> &'static [ServiceTask] {
    &CATALOGUE
}

/// The key of a task of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskKey(&'static str);

impl TaskKey {
    /// Where its work is done, without what the task says itself: work on the front axle is done `left`, and that is the same
    /// as `front_left`; its whole is `front`, or no position at all. A position that contradicts the task stays as it is.
    pub fn place(self, position: Option<Position>) -> Option<Position> {
        use Position::{Front, FrontLeft, FrontRight, Left, Rear, RearLeft, RearRight, Right};
        let (whole, left, right) = if self.as_str().ends_with("_front") {
            (Front, FrontLeft, FrontRight)
        } else if self.as_str().ends_with("_rear") {
            (Rear, RearLeft, RearRight)
        } else {
            return position;
        };
        match position {
            Some(position) if position == whole => None,
            Some(position) if position == left => Some(Left),
            Some(position) if position == right => Some(Right),
            other => other,
        }
    }

    /// The periodic inspection.
    pub const APK: Self = Self("apk_inspection");
    /// The repair that a recall asks for.
    pub const RECALL: Self = Self("recall_repair");

    /// The key with this text; none when the catalogue has no such task.
    ///
    /// ```
    /// use domain::service_task::TaskKey;
    /// assert_eq!(TaskKey::find("oil_and_filter").unwrap().as_str(), "oil_and_filter");
    /// assert_eq!(TaskKey::find("oil"), None);
    /// ```
    pub fn find(key: &str) -> Option<Self> {
        catalogue().iter().find(|task| task.key == key).map(ServiceTask::key)
    }

    /// Its text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The task.
    pub fn task(self) -> Option<&'static ServiceTask> {
        catalogue().iter().find(|task| task.key == self.0)
    }

    /// Whether the task makes sense for a car that runs on `fuel` (rule MS4). A car of which that is not known, or which
    /// runs on something else, may need any task.
    pub fn fits(self, fuel: Option<Fuel>) -> bool {
        Fuel::is_served(fuel, self.task().and_then(|task| task.fuels.as_deref()))
    }

    /// How much a visit to the garage is for this task, of several that are due at once: a service of the whole car before anything
    /// else, and then what usually costs the most. The first in this order is named.
    pub fn weight(self) -> impl Ord {
        let task = self.task();
        let is_service = task.is_some_and(|task| task.category == TaskCategory::Service);
        let cents = task.map_or(0, |task| task.price.usual_cents);
        std::cmp::Reverse((is_service, cents, std::cmp::Reverse(self)))
    }

    /// Whether whoever does this task has done the other one: it is the same, or is included.
    pub fn does(self, other: Self) -> bool {
        self == other || self.includes(other)
    }

    /// Whether whoever does this task does the other one too: a large service includes the oil.
    pub fn includes(self, other: Self) -> bool {
        self.task().is_some_and(|task| task.includes.iter().any(|key| key == other.0))
    }
}

impl ServiceTask {
    /// Its key.
    pub fn key(&'static self) -> TaskKey {
        TaskKey(&self.key)
    }

    /// The tasks that are done with it.
    pub fn includes(&'static self) -> impl Iterator<Item = TaskKey> {
        self.includes.iter().filter_map(|key| TaskKey::find(key))
    }
}

/// Where the figures of the platform come from: as its data says it, and in Dutch.
const SOURCES: &[(&str, &str)] = &[
    ("our estimate", "onze schatting"),
    ("usually free of charge; our estimate", "meestal kosteloos; onze schatting"),
    ("free of charge by law", "volgens de wet kosteloos"),
    (
        "public articles of Dutch garages and consumer organisations, 2022 to 2026",
        "artikelen van Nederlandse garages en consumentenorganisaties, 2022 tot en met 2026",
    ),
    (
        "consumer organisation, 2024; the authority's fee comes on top",
        "consumentenorganisatie, 2024; het tarief van de overheid komt daar nog bij",
    ),
    (
        "60,000 to 120,000 km or 5 to 6 years in public articles, 2022 to 2026; the manufacturer's figure for the engine goes before it",
        "60.000 tot 120.000 km of 5 tot 6 jaar volgens artikelen, 2022 tot en met 2026; wat de fabrikant voor de motor opgeeft gaat voor",
    ),
    (
        "60,000 to 120,000 km or 5 to 6 years in public articles, 2022 to 2026",
        "60.000 tot 120.000 km of 5 tot 6 jaar volgens artikelen, 2022 tot en met 2026",
    ),
    (
        "30,000 to 60,000 km in public articles, 2022 to 2026",
        "30.000 tot 60.000 km volgens artikelen, 2022 tot en met 2026",
    ),
    (
        "2 years or 30,000 km in public articles, 2022 to 2026",
        "2 jaar of 30.000 km volgens artikelen, 2022 tot en met 2026",
    ),
    ("commonly stated by manufacturers; no single source", "gangbare opgave van fabrikanten; niet één bron"),
    (
        "range of 10,000 to 30,000 km and a year in public articles, 2022 to 2026",
        "10.000 tot 30.000 km en een jaar volgens artikelen, 2022 tot en met 2026",
    ),
    (
        "about 40,000 km (consumer organisation); the years are our estimate",
        "ongeveer 40.000 km (consumentenorganisatie); de jaren zijn onze schatting",
    ),
    ("about 60,000 km in public articles, 2022 to 2026", "ongeveer 60.000 km volgens artikelen, 2022 tot en met 2026"),
    (
        "about 100,000 km in public articles, 2022 to 2026",
        "ongeveer 100.000 km volgens artikelen, 2022 tot en met 2026",
    ),
    ("half of the normal interval", "de helft van het gewone interval"),
    (
        "Regeling voertuigen, art. 5.2.27: at least 1.6 mm; advice of consumer organisations and tyre makers: replace from 2.5 to 3 mm",
        "Regeling voertuigen, art. 5.2.27: minstens 1,6 mm; advies van consumentenorganisaties en bandenmakers: vervangen vanaf 2,5 tot 3 mm",
    ),
    (
        "commonly stated by manufacturers: replace at 2 to 3 mm",
        "gangbare opgave van fabrikanten: vervangen bij 2 tot 3 mm",
    ),
    (
        "commonly stated by makers of testers: replace from 3 %",
        "gangbare opgave van makers van testers: vervangen vanaf 3 %",
    ),
    (
        "commonly stated by makers of batteries: half charged at about 12.2 V",
        "gangbare opgave van accufabrikanten: halfvol bij ongeveer 12,2 V",
    ),
    ("common warranty limit of manufacturers: 70 %", "gangbare garantiegrens van fabrikanten: 70 %"),
];

/// A source in a language. One that a garage wrote down itself is told as it is.
pub fn source_in(source: &str, language: Language) -> &str {
    let known = SOURCES.iter().find(|(english, _)| *english == source && language == Language::Dutch);
    known.map_or(source, |(_, dutch)| dutch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ms1_the_catalogue_is_whole() {
        assert!(catalogue().len() >= 30, "the file cannot be read");
        let keys: BTreeSet<_> = catalogue().iter().map(ServiceTask::key).collect();
        assert_eq!(keys.len(), catalogue().len());
        for task in catalogue() {
            let key = task.key();
            assert!(key.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{key:?}");
            assert!((2..=40).contains(&key.as_str().len()), "{key:?}");
            assert_eq!((TaskKey::find(key.as_str()), key.task()), (Some(key), Some(task)));
            assert_eq!(task.includes().count(), task.includes.len(), "{key:?} includes what is not there");
            assert!(!key.includes(key), "{key:?}");
            for text in [&task.names.nl, &task.names.en, &task.explanation.nl, &task.explanation.en] {
                assert_eq!(text.trim(), text, "{key:?}");
                assert!(!text.is_empty(), "{key:?}");
            }
            let price = &task.price;
            assert!(0 <= price.low_cents && price.low_cents <= price.usual_cents, "{key:?}");
            assert!(price.usual_cents <= price.high_cents, "{key:?}");
            assert!(crate::value::Currency::parse(&price.currency).is_ok(), "{key:?}");
            assert!((2020..=2030).contains(&price.year) && !price.source.is_empty(), "{key:?}");
            assert!((5..=600).contains(&task.minutes), "{key:?}");
            // A price of work at one or more places says for how much of it it is.
            assert!(!task.positions || price.covers.is_some(), "{key:?}");
        }
        assert!(keys.contains(&TaskKey::APK) && keys.contains(&TaskKey::RECALL));
    }

    #[test]
    fn ms1_a_task_that_is_included_in_another_includes_nothing_that_the_other_lacks() {
        for task in catalogue() {
            for inner in task.includes() {
                for innermost in inner.task().unwrap().includes() {
                    assert!(task.key().includes(innermost), "{:?} {innermost:?}", task.key());
                }
            }
        }
    }

    #[test]
    fn rc1_each_position_has_a_name_of_its_own_in_both_languages() {
        for language in [Language::Dutch, Language::English] {
            let names: BTreeSet<_> = Position::ALL.iter().map(|position| position.name(language)).collect();
            assert_eq!(names.len(), Position::ALL.len(), "{language:?}");
        }
        assert_eq!(Position::RearLeft.name(Language::Dutch), "linksachter");
        assert_eq!((Position::from_code("front left"), Position::from_code("voor_links")), (None, None));
    }

    #[test]
    fn ms4_a_task_fits_only_what_a_car_runs_on() {
        let spark_plugs = TaskKey::find("spark_plugs").unwrap();
        assert!(spark_plugs.fits(Some(Fuel::Petrol)) && spark_plugs.fits(Some(Fuel::HybridPetrol)));
        assert!(!spark_plugs.fits(Some(Fuel::Electric)) && !spark_plugs.fits(Some(Fuel::Diesel)));
        // Nothing can be said of a car whose fuel is not known.
        assert!(spark_plugs.fits(None) && spark_plugs.fits(Some(Fuel::Other)));
        assert!(TaskKey::find("brake_fluid").unwrap().fits(Some(Fuel::Electric)));
        assert!(TaskKey::APK.fits(Some(Fuel::Hydrogen)));
    }

    #[test]
    fn every_source_of_the_platform_has_its_dutch() {
        let of_items = |list: &crate::check_template::CheckList| -> Vec<String> {
            let items = list.groups.iter().flat_map(|group| &group.items);
            items.filter_map(|item| item.measure.as_ref()?.source.clone()).collect()
        };
        let prices = catalogue().iter().map(|task| task.price.source.clone());
        let schedules = crate::maintenance_schedule::platform().iter().filter_map(|schedule| schedule.source.clone());
        let limits = crate::check_template::platform().iter().flat_map(of_items);
        let sources: std::collections::BTreeSet<String> = prices.chain(schedules).chain(limits).collect();
        assert!(sources.len() > 10);
        for source in &sources {
            assert_ne!(source_in(source, Language::Dutch), source, "it has no Dutch in `SOURCES`");
            assert_eq!(source_in(source, Language::English), source);
        }
        assert_eq!(source_in("Handboek", Language::Dutch), "Handboek");
    }
}
