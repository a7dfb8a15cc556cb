//! Check templates (*checklijsten*): what a mechanic looks at (rule VC1).
//!
//! A template has groups of items. An item is judged by a choice, or by a measurement that has a unit, a plausible range,
//! and limits from which the result is "attention" or "urgent". The platform ships some, in the file
//! `domain/data/check_templates.json`; the limits say where they come from.

use crate::{
    amount_text::names_amount,
    coded_enum,
    ids::{CheckTemplateId, GarageId},
    passport::Fuel,
    service_task::{Position, TaskKey, Texts},
    value::{Language, ValueError, decimal},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::LazyLock};

/// The most groups of a template.
pub const MAX_GROUPS: usize = 30;
/// The most items of a template.
pub const MAX_ITEMS: usize = 200;
/// The most positions of an item.
pub const MAX_POSITIONS: usize = 12;
/// The most characters of a key.
pub const MAX_KEY: usize = 40;
/// The most characters of a measured value, and of a limit.
pub const MAX_VALUE: usize = 12;
/// The most decimals of a measured value, and of a limit: no limit of the law or of an advice has more, in any unit.
pub const MAX_DECIMALS: u32 = 2;
/// The most templates of a garage.
pub const MAX_TEMPLATES: usize = 100;

coded_enum! {
    /// Whose a template is. For each key, the garage's goes before the platform's (rule VC1).
    pub enum TemplateLevel {
        /// It is the garage's.
        Garage => "garage",
        /// It is the platform's.
        Platform => "platform",
    }
}

coded_enum! {
    /// The unit of a measurement.
    pub enum MeasureUnit {
        /// Millimetres.
        Millimetre => "mm",
        /// Bar, above the pressure of the air.
        Bar => "bar",
        /// Volts.
        Volt => "volt",
        /// Per cent.
        Percent => "percent",
        /// Degrees Celsius.
        Celsius => "celsius",
    }
}

impl MeasureUnit {
    /// How it is written behind a number.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Millimetre => "mm",
            Self::Bar => "bar",
            Self::Volt => "V",
            Self::Percent => "%",
            Self::Celsius => "°C",
        }
    }

    /// A value in this unit as people write it: with a decimal comma in Dutch.
    pub fn written(self, value: Decimal, language: Language) -> String {
        let number = match language {
            Language::Dutch => value.normalize().to_string().replace('.', ","),
            Language::English => value.normalize().to_string(),
        };
        format!("{number} {}", self.symbol())
    }
}

coded_enum! {
    /// What a limit asks of a value.
    pub enum LimitKind {
        /// The limit or more.
        AtLeast => "at_least",
        /// The limit or less.
        AtMost => "at_most",
        /// More than the limit.
        MoreThan => "more_than",
        /// Less than the limit.
        LessThan => "less_than",
    }
}

coded_enum! {
    /// In which direction a measured value is worse.
    pub enum WorseWhen {
        /// The lower, the worse, as for the tread of a tyre.
        Lower => "lower",
        /// The higher, the worse, as for water in the brake fluid.
        Higher => "higher",
    }
}

coded_enum! {
    /// The result of an item (rule VC3).
    pub enum FindingResult {
        /// It is good.
        Good => "good",
        /// It is to be done before long.
        Attention => "attention",
        /// It is to be done now.
        Urgent => "urgent",
        /// It was not looked at.
        NotChecked => "not_checked",
    }
}

/// How a measurement is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Measure {
    /// The unit.
    pub unit: MeasureUnit,
    /// The lowest plausible value.
    pub min: Decimal,
    /// The highest plausible value.
    pub max: Decimal,
    /// From this value on it needs attention; none when only the urgent limit matters.
    pub attention: Option<Decimal>,
    /// From this value on it is urgent.
    pub urgent: Option<Decimal>,
    /// Whether low or high values are worse.
    pub worse: WorseWhen,
    /// Where the limits come from: a law, or an advice.
    pub source: Option<String>,
}

impl Measure {
    /// Parses a value: what was measured, or a limit, so that each limit is a value that can be measured. It has digits with
    /// a point, and at most two decimals.
    ///
    /// ```
    /// use domain::check_template::Measure;
    /// assert!(Measure::value("1.6").is_ok() && Measure::value("1.60").is_ok());
    /// assert!(Measure::value("1,6").is_err() && Measure::value("1.600").is_err() && Measure::value("NaN").is_err());
    /// ```
    pub fn value(input: &str) -> Result<Decimal, ValueError> {
        decimal(input, MAX_VALUE, MAX_DECIMALS)
    }

    /// What a measured value suggests (rule VC3): "urgent" beyond the urgent limit, "attention" beyond the other. The law's
    /// limit itself is still allowed; that of an advice is not good any more.
    pub fn suggest(&self, value: Decimal) -> FindingResult {
        let is_beyond = |limit: Option<Decimal>, with: bool| {
            limit.is_some_and(|limit| match self.worse {
                WorseWhen::Lower => value < limit || (with && value == limit),
                WorseWhen::Higher => value > limit || (with && value == limit),
            })
        };
        if is_beyond(self.urgent, false) {
            FindingResult::Urgent
        } else if is_beyond(self.attention, true) || is_beyond(self.urgent, true) {
            FindingResult::Attention
        } else {
            FindingResult::Good
        }
    }

    /// The limit because of which a value is not good (rule VC3): what it should have been. None for a good one.
    pub fn limit(&self, value: Decimal) -> Option<(LimitKind, Decimal)> {
        let (still, better) = match self.worse {
            WorseWhen::Lower => (LimitKind::AtLeast, LimitKind::MoreThan),
            WorseWhen::Higher => (LimitKind::AtMost, LimitKind::LessThan),
        };
        match self.suggest(value) {
            FindingResult::Urgent => self.urgent.map(|limit| (still, limit)),
            FindingResult::Attention => self.attention.or(self.urgent).map(|limit| (better, limit)),
            FindingResult::Good | FindingResult::NotChecked => None,
        }
    }

    /// Whether a value is physically plausible (rule VC3).
    pub fn is_plausible(&self, value: Decimal) -> bool {
        self.min <= value && value <= self.max
    }

    fn is_sound(&self) -> bool {
        let limits = || [self.attention, self.urgent].into_iter().flatten();
        let mut values = limits().chain([self.min, self.max]);
        let is_measurable = values.all(|value| value.normalize().scale() <= MAX_DECIMALS);
        let is_ordered = match (self.attention, self.urgent, self.worse) {
            (Some(attention), Some(urgent), WorseWhen::Lower) => urgent <= attention,
            (Some(attention), Some(urgent), WorseWhen::Higher) => urgent >= attention,
            (None, _, _) | (_, None, _) => true,
        };
        self.min < self.max && limits().all(|limit| self.is_plausible(limit)) && is_ordered && is_measurable
    }
}

/// One thing that a mechanic looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateItem {
    /// Its key, unique within the template.
    pub key: String,
    /// What it is called.
    pub names: Texts,
    /// The key of the task that it leads to, if it is not good.
    pub task: Option<String>,
    /// Where on the car it is looked at; empty for one place only.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// What a car must run on for the item to make sense; none for every car.
    pub fuels: Option<Vec<Fuel>>,
    /// Whether a check cannot be completed without its result.
    pub demanded: bool,
    /// How it is measured; none when it is judged by a choice.
    #[serde(default)]
    pub measure: Option<Measure>,
}

impl TemplateItem {
    /// Whether it makes sense for a car that runs on `fuel`. If it names no fuels, the task to which it leads decides, so that
    /// a check of an electric car never leads to spark plugs (rule MS4).
    pub fn fits(&self, fuel: Option<Fuel>) -> bool {
        Fuel::is_served(fuel, self.fuels.as_deref()) && self.task().is_none_or(|task| task.fits(fuel))
    }

    /// Whether the task to which it leads makes sense for each of the fuels that it names.
    fn leads_to_what_fits(&self) -> bool {
        let fuels = self.fuels.iter().flatten();
        self.task().is_none_or(|task| fuels.into_iter().all(|fuel| task.fits(Some(*fuel))))
    }

    /// The task that it leads to.
    pub fn task(&self) -> Option<TaskKey> {
        self.task.as_deref().and_then(TaskKey::find)
    }

    /// The places at which it is looked at: its positions, or the one that has no name.
    pub fn places(&self) -> impl Iterator<Item = Option<&str>> {
        let whole = self.positions.is_empty().then_some(None);
        whole.into_iter().chain(self.positions.iter().map(|position| Some(position.code())))
    }
}

/// Some items under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateGroup {
    /// Its key, unique within the template.
    pub key: String,
    /// What it is called.
    pub names: Texts,
    /// Its items.
    pub items: Vec<TemplateItem>,
}

/// What a mechanic looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckList {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub names: Texts,
    /// Its groups.
    pub groups: Vec<TemplateGroup>,
}

coded_enum! {
    /// Why a template is refused (rule VC1).
    pub enum TemplateRefusal {
        /// It has no item, or too many items, groups or positions.
        Size => "template_size",
        /// A key is not made of small letters, digits and underscores, or stands twice.
        Key => "template_key",
        /// An item names a task that the catalogue does not have.
        UnknownTask => "template_unknown_task",
        /// Rule MS4: an item is for cars on a fuel for which its task makes no sense.
        TaskNotForFuel => "template_task_not_for_fuel",
        /// The range or the limits of a measurement contradict one another.
        Limits => "template_limits",
        /// The garage has a template with this key already.
        KeyTaken => "template_key_taken",
        /// The garage has as many templates as a garage can have.
        TooMany => "template_too_many",
    }
}

/// A garage's own template. It takes the place of the platform's template with the same key, for this garage (rule VC1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckTemplate {
    /// Its id.
    pub id: CheckTemplateId,
    /// Whose it is.
    pub garage_id: GarageId,
    /// What a mechanic looks at.
    pub list: CheckList,
    /// Raised by one with each change.
    pub version: i64,
}

impl CheckTemplate {
    /// A new template of a garage, beside those with these keys.
    pub fn create(
        id: CheckTemplateId,
        garage_id: GarageId,
        list: CheckList,
        keys: &[String],
    ) -> Result<Self, TemplateRefusal> {
        list.check()?;
        if keys.contains(&list.key) {
            return Err(TemplateRefusal::KeyTaken);
        }
        if keys.len() >= MAX_TEMPLATES {
            Err(TemplateRefusal::TooMany)
        } else {
            Ok(Self { id, garage_id, list, version: 1 })
        }
    }

    /// The template with another list. Its key stays, since checks are begun by it.
    pub fn revise(self, names: Texts, groups: Vec<TemplateGroup>) -> Result<Self, TemplateRefusal> {
        let list = CheckList { key: self.list.key, names, groups };
        list.check()?;
        Ok(Self { list, ..self })
    }
}

/// The list by which a check with this key is made: the garage's own, else the platform's (rule VC1).
pub fn choose(own: Option<CheckList>, key: &str) -> Option<CheckList> {
    own.or_else(|| platform().iter().find(|list| list.key == key).cloned())
}

impl CheckList {
    /// All items, in their order.
    pub fn items(&self) -> impl Iterator<Item = &TemplateItem> {
        self.groups.iter().flat_map(|group| &group.items)
    }

    /// The item with this key.
    pub fn find(&self, key: &str) -> Option<&TemplateItem> {
        self.items().find(|item| item.key == key)
    }

    /// The list for who may not see amounts (rule EC6): a name that says one gives way to its key, and the source of a limit
    /// that does so is left out.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        self.names = self.names.without_amounts(&self.key);
        for group in &mut self.groups {
            group.names = group.names.clone().without_amounts(&group.key);
            for item in &mut group.items {
                item.names = item.names.clone().without_amounts(&item.key);
                if let Some(measure) = &mut item.measure {
                    measure.source = measure.source.take().filter(|source| !names_amount(source));
                }
            }
        }
        self
    }

    /// Checks a template that is to be stored.
    pub fn check(&self) -> Result<(), TemplateRefusal> {
        let count = self.items().count();
        let is_small = |item: &TemplateItem| item.positions.len() <= MAX_POSITIONS;
        if count == 0 || count > MAX_ITEMS || self.groups.len() > MAX_GROUPS || !self.items().all(is_small) {
            return Err(TemplateRefusal::Size);
        }
        let groups: Vec<_> = self.groups.iter().map(|group| group.key.as_str()).collect();
        let items: Vec<_> = self.items().map(|item| item.key.as_str()).collect();
        let positions =
            self.items().map(|item| item.positions.iter().map(|position| position.code()).collect::<Vec<_>>());
        let is_key_list = |keys: &Vec<&str>| keys.iter().all(|key| is_key(key)) && is_distinct(keys);
        if !is_key(&self.key)
            || ![groups, items].iter().all(is_key_list)
            || !positions.into_iter().all(|keys| is_key_list(&keys))
        {
            return Err(TemplateRefusal::Key);
        }
        if self.items().any(|item| item.task.is_some() && item.task().is_none()) {
            return Err(TemplateRefusal::UnknownTask);
        }
        if !self.items().all(TemplateItem::leads_to_what_fits) {
            return Err(TemplateRefusal::TaskNotForFuel);
        }
        let is_sound = |item: &TemplateItem| item.measure.as_ref().is_none_or(Measure::is_sound);
        if self.items().all(is_sound) { Ok(()) } else { Err(TemplateRefusal::Limits) }
    }
}

/// Whether a text can be a key: small letters, digits and underscores.
pub fn is_key(key: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(is_plain)
}

fn is_distinct(keys: &[&str]) -> bool {
    keys.iter().collect::<BTreeSet<_>>().len() == keys.len()
}

static PLATFORM: LazyLock<Vec<CheckList>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/check_templates.json")).unwrap_or_default());

/// The templates that the platform ships.
pub fn platform() -> &'static [CheckList] {
    &PLATFORM
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn vc1_the_platforms_templates_are_sound() {
        let [template, holiday] = platform() else { panic!("the file cannot be read") };
        assert_eq!((template.check(), holiday.check()), (Ok(()), Ok(())));
        assert!(template.items().count() >= 20 && holiday.items().count() >= 10);
        assert!(holiday.items().all(|item| template.find(&item.key) == Some(item)));
        assert!(template.find("tread_depth").is_some() && template.find("nothing").is_none());
        for item in template.items() {
            let source =
                item.measure.as_ref().map(|measure| measure.source.as_ref().is_some_and(|text| !text.is_empty()));
            assert_ne!(source, Some(false), "{}", item.key);
            // Every car that an item fits can get the task that it leads to.
            for fuel in Fuel::ALL.iter().filter(|fuel| item.fits(Some(**fuel))) {
                assert!(item.task().is_none_or(|task| task.fits(Some(*fuel))), "{} {fuel:?}", item.key);
            }
        }
        // What is low is filled up: that is neither a diagnosis nor an oil change.
        let leads_to = |key: &str| template.find(key).unwrap().task().map(TaskKey::as_str);
        assert_eq!(leads_to("tyre_pressure"), Some("tyre_pressure"));
        assert_eq!((leads_to("oil_level"), leads_to("coolant_level")), (Some("oil_top_up"), Some("coolant_top_up")));
        assert_eq!(template.find("tread_depth").unwrap().places().count(), 4);
        assert_eq!(template.find("windscreen").unwrap().places().collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn vc3_the_limit_that_a_value_has_passed() {
        let tread = platform()[0].find("tread_depth").unwrap().measure.clone().unwrap();
        let limit =
            |measure: &Measure, value: &str| measure.limit(decimal(value)).map(|(kind, at)| (kind, at.to_string()));
        assert_eq!(limit(&tread, "1.5"), Some((LimitKind::AtLeast, "1.6".into())));
        assert_eq!(limit(&tread, "1.6"), Some((LimitKind::MoreThan, "3".into())));
        assert_eq!((limit(&tread, "3"), limit(&tread, "3.1")), (Some((LimitKind::MoreThan, "3".into())), None));
        let water = platform()[0].find("brake_fluid_water").unwrap().measure.clone().unwrap();
        assert_eq!(limit(&water, "3.5"), Some((LimitKind::AtMost, "3".into())));
        assert_eq!(limit(&water, "2"), Some((LimitKind::LessThan, "2".into())));
        let only_urgent = Measure { attention: None, ..tread };
        assert_eq!(limit(&only_urgent, "1.6"), Some((LimitKind::MoreThan, "1.6".into())));
    }

    #[test]
    fn vc1_a_template_that_contradicts_itself_is_refused() {
        let refused = |change: fn(&mut CheckList)| {
            let mut template = platform()[0].clone();
            change(&mut template);
            template.check()
        };
        assert_eq!(refused(|template| template.groups.clear()), Err(TemplateRefusal::Size));
        assert_eq!(refused(|t| t.groups[0].items[0].positions = vec![Position::Front; 13]), Err(TemplateRefusal::Size));
        assert_eq!(refused(|t| t.key = "Own list".into()), Err(TemplateRefusal::Key));
        assert_eq!(refused(|t| t.groups[0].items[0].key = "Tread depth".into()), Err(TemplateRefusal::Key));
        assert_eq!(refused(|t| t.groups[0].items[1].key = "tread_depth".into()), Err(TemplateRefusal::Key));
        assert_eq!(refused(|t| t.groups[0].items[0].positions.push(Position::FrontLeft)), Err(TemplateRefusal::Key));
        let unknown = Err(TemplateRefusal::UnknownTask);
        assert_eq!(refused(|t| t.groups[0].items[0].task = Some("new_tyres".into())), unknown);
        let measure = |change: fn(&mut Measure)| {
            let mut template = platform()[0].clone();
            change(template.groups[0].items[0].measure.as_mut().unwrap());
            template.check()
        };
        assert_eq!(measure(|m| m.urgent = Some(Decimal::from(4))), Err(TemplateRefusal::Limits));
        assert_eq!(measure(|m| m.worse = WorseWhen::Higher), Err(TemplateRefusal::Limits));
        assert_eq!(measure(|m| m.max = Decimal::ONE), Err(TemplateRefusal::Limits));
        assert_eq!(measure(|m| m.attention = None), Ok(()));
        // Nobody can measure more decimals than a finding has.
        assert_eq!(measure(|m| m.urgent = Some(Decimal::new(1_605, 3))), Err(TemplateRefusal::Limits));
        assert_eq!(measure(|m| m.urgent = Some(Decimal::new(1_600, 3))), Ok(()));
    }

    #[test]
    fn ec6_who_may_not_see_amounts_reads_no_name_that_says_one() {
        let mut own = platform()[0].clone();
        own.names = Texts { nl: "APK actie € 4321".into(), en: "Inspection".into() };
        own.groups[0].names.en = "Tyres from 400 bucks".into();
        own.groups[0].items[0].names.nl = "Profiel (nieuw 4321 euro)".into();
        own.groups[0].items[0].measure.as_mut().unwrap().source = Some("Folder: 4321 euro".into());
        let other = own.groups[0].items[1].clone();
        let seen = own.clone().without_amounts();
        let both = |name: &str| Texts { nl: name.into(), en: name.into() };
        assert_eq!(seen.names, both("Autostatus"));
        assert_eq!(seen.groups[0].names, Texts::without_amounts(own.groups[0].names.clone(), &own.groups[0].key));
        assert!(!seen.groups[0].names.en.contains("400") && !seen.groups[0].names.en.is_empty());
        assert_eq!(seen.groups[0].items[0].names, both("Tread depth"));
        assert_eq!(seen.groups[0].items[0].measure.as_ref().unwrap().source, None);
        assert_eq!(seen.groups[0].items[1], other);
        // What the platform ships names no amount.
        assert_eq!(platform()[0].clone().without_amounts(), platform()[0]);
    }

    #[test]
    fn vc1_a_garages_template_takes_the_place_of_the_platforms() {
        let names = Texts { nl: "Eigen".into(), en: "Own".into() };
        let own = CheckList { names: names.clone(), ..platform()[0].clone() };
        assert_eq!(choose(Some(own.clone()), "autostatus").unwrap().names, names);
        assert_eq!(choose(None, "autostatus").as_ref(), platform().first());
        assert_eq!(choose(None, "nothing"), None);
        let (id, garage) = (CheckTemplateId(uuid::Uuid::nil()), GarageId(uuid::Uuid::nil()));
        let create = |keys: &[String]| CheckTemplate::create(id, garage, own.clone(), keys);
        assert_eq!(create(&["autostatus".into()]), Err(TemplateRefusal::KeyTaken));
        let many: Vec<String> = (0..MAX_TEMPLATES).map(|number| format!("k{number}")).collect();
        assert_eq!(create(&many), Err(TemplateRefusal::TooMany));
        let made = create(&["holiday".into()]).unwrap();
        assert_eq!(made.clone().revise(names.clone(), vec![]), Err(TemplateRefusal::Size));
        let groups = platform()[1].groups.clone();
        assert_eq!(made.revise(names, groups.clone()).map(|made| made.list.groups), Ok(groups));
    }

    #[test]
    fn ms4_an_item_leads_to_no_task_that_makes_no_sense_for_the_car() {
        let mut template = platform()[0].clone();
        let item = &mut template.groups[0].items[0];
        (item.task, item.fuels) = (Some("spark_plugs".into()), None);
        assert!(item.fits(Some(Fuel::Petrol)) && item.fits(None) && !item.fits(Some(Fuel::Electric)));
        assert_eq!(template.check(), Ok(()));
        template.groups[0].items[0].fuels = Some(vec![Fuel::Petrol, Fuel::Electric]);
        assert_eq!(template.check(), Err(TemplateRefusal::TaskNotForFuel));
    }

    #[test]
    fn vc3_a_measurement_suggests_a_result_by_its_limits() {
        let tread = platform()[0].find("tread_depth").unwrap().measure.as_ref().unwrap();
        for (value, result) in [
            ("8", FindingResult::Good),
            ("3.1", FindingResult::Good),
            ("3", FindingResult::Attention),
            ("1.6", FindingResult::Attention),
            ("1.59", FindingResult::Urgent),
            ("0", FindingResult::Urgent),
        ] {
            assert_eq!(tread.suggest(decimal(value)), result, "{value}");
        }
        assert!(tread.is_plausible(decimal("15")) && !tread.is_plausible(decimal("15.1")));
        assert!(!tread.is_plausible(decimal("-0.1")));
        let water = platform()[0].find("brake_fluid_water").unwrap().measure.as_ref().unwrap();
        let suggested = ["1.9", "2", "3", "3.1"].map(|value| water.suggest(decimal(value)).code());
        assert_eq!(suggested, ["good", "attention", "attention", "urgent"]);
    }
}
