//! Requests and answers of check templates.

use crate::{
    body, enum_scalars, query,
    wire::{Fuel, Id, Ignored, Line, Many, Measurement, Moment, Name, Position, TaskKey, TemplateKey, Version},
};
use domain::{
    check_template::{self, CheckList, MAX_GROUPS, MAX_ITEMS, MAX_POSITIONS},
    service_task,
    value::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The unit of a measurement.
    MeasureUnit(check_template::MeasureUnit), "The unit of the measurement. mm: millimetres. bar: above the pressure of the air. volt, percent. celsius: degrees Celsius.";
    /// In which direction a value is worse.
    WorseWhen(check_template::WorseWhen), "Whether low or high values are worse.";
    /// Whose a template is.
    TemplateLevel(check_template::TemplateLevel), "Whose the template is. A garage's template takes the place of the platform's with the same key, for that garage.";
}

query! {
    /// Which templates to list.
    pub struct CheckTemplateQuery {
        /// Only templates of this level. With `platform` those that a template of the garage has replaced are listed too.
        pub level: Option<TemplateLevel>,
    }
}

body! {
    /// A text in the languages of the screens.
    #[derive(Serialize)]
    #[schema(example = json!({ "nl": "Profieldiepte", "en": "Tread depth" }))]
    pub struct TemplateTexts {
        /// Dutch.
        pub nl: Name,
        /// English.
        pub en: Name,
    }
}

body! {
    /// How an item is measured.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({
        "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower",
        "source": "Regeling voertuigen, art. 5.2.27: at least 1.6 mm"
    }))]
    pub struct Measure {
        /// The unit.
        pub unit: MeasureUnit,
        /// The lowest plausible value.
        pub min: Measurement,
        /// The highest plausible value.
        pub max: Measurement,
        /// The value from which the result is "attention"; null when there is none.
        pub attention: Option<Measurement>,
        /// The value beyond which the result is "urgent"; null when there is none.
        pub urgent: Option<Measurement>,
        /// Whether low or high values are worse.
        pub worse: WorseWhen,
        /// The law or the advice from which the limits come; null when nobody says so.
        pub source: Option<Line>,
    }
}

body! {
    /// One thing that a mechanic looks at.
    #[schema(example = json!({
        "key": "tread_depth", "names": { "nl": "Profieldiepte", "en": "Tread depth" }, "task": "tyres",
        "positions": ["front_left", "front_right", "rear_left", "rear_right"], "demanded": true,
        "measure": { "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower" }
    }))]
    pub struct NewTemplateItem {
        /// The key of the item, which is unique within the template.
        pub key: TemplateKey,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<String>, read_only, max_length = 200, pattern = "^[^\\u0000]*$")]
        pub name: Ignored,
        /// What it is called.
        pub names: TemplateTexts,
        /// The key of the task of the catalogue to which it leads when it is not good.
        pub task: Option<TemplateKey>,
        /// Where on the car it is looked at; the default is one place only.
        #[schema(value_type = Option<Vec<Position>>, max_items = 12)]
        pub positions: Option<Many<Position, MAX_POSITIONS>>,
        /// What a car must run on for the item to make sense. The default is everything for which its task makes sense.
        #[schema(value_type = Option<Vec<Fuel>>, max_items = 20)]
        pub fuels: Option<Many<Fuel, 20>>,
        /// Whether a check cannot be completed without its result. The default is false.
        pub demanded: Option<bool>,
        /// How it is measured. The default is that it is judged by a choice.
        pub measure: Option<Measure>,
    }
}

body! {
    /// Items under one heading.
    #[schema(example = json!({
        "key": "tyres", "names": { "nl": "Banden", "en": "Tyres" },
        "items": [{ "key": "tyre_damage", "names": { "nl": "Schade", "en": "Damage" }, "task": "tyres" }]
    }))]
    pub struct NewTemplateGroup {
        /// The key of the group, which is unique within the template.
        pub key: TemplateKey,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<String>, read_only, max_length = 200, pattern = "^[^\\u0000]*$")]
        pub name: Ignored,
        /// What it is called.
        pub names: TemplateTexts,
        /// The items of the group.
        #[schema(value_type = Vec<NewTemplateItem>, max_items = 200)]
        pub items: Many<NewTemplateItem, MAX_ITEMS>,
    }
}

body! {
    /// What a mechanic of the garage looks at.
    #[schema(example = json!({
        "key": "winter", "names": { "nl": "Wintercheck", "en": "Winter check" },
        "groups": [{
            "key": "tyres", "names": { "nl": "Banden", "en": "Tyres" },
            "items": [{ "key": "winter_tyres", "names": { "nl": "Winterbanden", "en": "Winter tyres" }, "task": "tyres" }]
        }]
    }))]
    pub struct NewCheckTemplate {
        /// The key of the template. With the key of one of the platform's, it takes that one's place for the garage.
        pub key: TemplateKey,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Id>, read_only)]
        pub id: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<TemplateLevel>, read_only)]
        pub level: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Version>, read_only)]
        pub version: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Moment>, read_only)]
        pub updated_at: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<String>, read_only, max_length = 200, pattern = "^[^\\u0000]*$")]
        pub name: Ignored,
        /// What it is called.
        pub names: TemplateTexts,
        /// Its groups, in the order in which the mechanic goes through them; 1 to 200 items in all.
        #[schema(value_type = Vec<NewTemplateGroup>, max_items = 30)]
        pub groups: Many<NewTemplateGroup, MAX_GROUPS>,
    }
}

body! {
    /// What a template says from now on. The key stays.
    #[schema(example = json!({
        "names": { "nl": "Wintercheck", "en": "Winter check" },
        "groups": [{
            "key": "tyres", "names": { "nl": "Banden", "en": "Tyres" },
            "items": [{ "key": "winter_tyres", "names": { "nl": "Winterbanden", "en": "Winter tyres" }, "task": "tyres" }]
        }]
    }))]
    pub struct CheckTemplateContent {
        /// The key that the template has, or nothing: it cannot be changed.
        pub key: Option<TemplateKey>,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Id>, read_only)]
        pub id: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<TemplateLevel>, read_only)]
        pub level: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Version>, read_only)]
        pub version: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<Moment>, read_only)]
        pub updated_at: Ignored,
        /// Not read: it is here so that a template can be sent as it was shown.
        #[schema(value_type = Option<String>, read_only, max_length = 200, pattern = "^[^\\u0000]*$")]
        pub name: Ignored,
        /// What it is called.
        pub names: TemplateTexts,
        /// Its groups, in the order in which the mechanic goes through them; 1 to 200 items in all.
        #[schema(value_type = Vec<NewTemplateGroup>, max_items = 30)]
        pub groups: Many<NewTemplateGroup, MAX_GROUPS>,
    }
}

impl From<TemplateTexts> for service_task::Texts {
    fn from(texts: TemplateTexts) -> Self {
        Self { nl: texts.nl.0, en: texts.en.0 }
    }
}

impl From<Measure> for check_template::Measure {
    fn from(measure: Measure) -> Self {
        Self {
            unit: measure.unit.0,
            min: measure.min.0,
            max: measure.max.0,
            attention: measure.attention.map(|limit| limit.0),
            urgent: measure.urgent.map(|limit| limit.0),
            worse: measure.worse.0,
            source: measure.source.map(|source| source.0),
        }
    }
}

impl From<NewTemplateItem> for check_template::TemplateItem {
    fn from(item: NewTemplateItem) -> Self {
        Self {
            key: item.key.0,
            names: item.names.into(),
            task: item.task.map(|task| task.0),
            positions: item.positions.into_iter().flat_map(|many| many.0).map(|position| position.0).collect(),
            fuels: item.fuels.map(|fuels| fuels.0.into_iter().map(|fuel| fuel.0).collect()),
            demanded: item.demanded.unwrap_or(false),
            measure: item.measure.map(Into::into),
        }
    }
}

impl From<NewTemplateGroup> for check_template::TemplateGroup {
    fn from(group: NewTemplateGroup) -> Self {
        let items = group.items.0.into_iter().map(Into::into).collect();
        Self { key: group.key.0, names: group.names.into(), items }
    }
}

impl From<NewCheckTemplate> for CheckList {
    fn from(template: NewCheckTemplate) -> Self {
        let groups = template.groups.0.into_iter().map(Into::into).collect();
        Self { key: template.key.0, names: template.names.into(), groups }
    }
}

/// One thing that a mechanic looks at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "key": "tread_depth", "name": "Tread depth", "names": { "nl": "Profieldiepte", "en": "Tread depth" }, "task": "tyres",
    "positions": ["front_left", "front_right", "rear_left", "rear_right"], "fuels": null, "demanded": true,
    "measure": {
        "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower",
        "source": "Regeling voertuigen, art. 5.2.27: at least 1.6 mm"
    }
}))]
pub struct TemplateItem {
    /// The key of the item, which is unique within the template.
    pub key: TemplateKey,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// What it is called, in both languages.
    pub names: TemplateTexts,
    /// The key of the task to which it leads when it is not good; null when there is none.
    pub task: Option<TaskKey>,
    /// Where on the car it is looked at; empty for one place only.
    #[schema(max_items = 12)]
    pub positions: Vec<Position>,
    /// What a car must run on for the item to make sense; null when it makes sense for every car that its task fits.
    #[schema(max_items = 20)]
    pub fuels: Option<Vec<Fuel>>,
    /// Whether a check cannot be completed without its result.
    pub demanded: bool,
    /// How it is measured; null when it is judged by a choice.
    pub measure: Option<Measure>,
}

/// Items under one heading.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "key": "tyres", "name": "Tyres", "names": { "nl": "Banden", "en": "Tyres" }, "items": [] }))]
pub struct TemplateGroup {
    /// The key of the group, which is unique within the template.
    pub key: TemplateKey,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// What it is called, in both languages.
    pub names: TemplateTexts,
    /// The items of the group.
    #[schema(max_items = 200)]
    pub items: Vec<TemplateItem>,
}

/// What a mechanic looks at when they check a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": null, "level": "platform", "key": "autostatus", "name": "Car status check",
    "names": { "nl": "Autostatus-check", "en": "Car status check" }, "groups": [], "version": null,
    "updatedAt": "2026-11-28T10:00:00Z"
}))]
pub struct CheckTemplate {
    /// The id of the template; null for the platform's.
    pub id: Option<Id>,
    /// Whose the template is.
    pub level: TemplateLevel,
    /// The key of the template.
    pub key: TemplateKey,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: String,
    /// What it is called, in both languages.
    pub names: TemplateTexts,
    /// Its groups, in the order in which the mechanic goes through them.
    #[schema(max_items = 30)]
    pub groups: Vec<TemplateGroup>,
    /// The version, which grows with each change; null for the platform's. `ETag` has the same number; `If-Match` takes it in
    /// quotes.
    pub version: Option<Version>,
    /// When the template last changed.
    pub updated_at: Moment,
}

impl CheckTemplate {
    /// A template of the platform, in one language.
    pub fn shipped(list: &CheckList, language: Language) -> Self {
        Self {
            id: None,
            level: TemplateLevel(check_template::TemplateLevel::Platform),
            key: TemplateKey(list.key.clone()),
            name: list.names.of(language).to_owned(),
            names: TemplateTexts::new(&list.names),
            groups: list.groups.iter().map(|group| TemplateGroup::new(group, language)).collect(),
            version: None,
            updated_at: Moment(domain::SHIPPED_AT),
        }
    }

    /// A template of a garage, which changed last then, in one language.
    pub fn own(template: &check_template::CheckTemplate, updated_at: domain::Instant, language: Language) -> Self {
        Self {
            id: Some(Id(template.id.0)),
            level: TemplateLevel(check_template::TemplateLevel::Garage),
            version: Some(Version(template.version)),
            updated_at: Moment(updated_at),
            ..Self::shipped(&template.list, language)
        }
    }
}

impl TemplateTexts {
    fn new(texts: &service_task::Texts) -> Self {
        Self { nl: Name(texts.nl.clone()), en: Name(texts.en.clone()) }
    }
}

impl TemplateGroup {
    fn new(group: &check_template::TemplateGroup, language: Language) -> Self {
        Self {
            key: TemplateKey(group.key.clone()),
            name: group.names.of(language).to_owned(),
            names: TemplateTexts::new(&group.names),
            items: group.items.iter().map(|item| TemplateItem::new(item, language)).collect(),
        }
    }
}

impl TemplateItem {
    fn new(item: &check_template::TemplateItem, language: Language) -> Self {
        Self {
            key: TemplateKey(item.key.clone()),
            name: item.names.of(language).to_owned(),
            names: TemplateTexts::new(&item.names),
            task: item.task().map(TaskKey),
            positions: item.positions.iter().copied().map(Position).collect(),
            fuels: item.fuels.as_ref().map(|fuels| fuels.iter().copied().map(Fuel).collect()),
            demanded: item.demanded,
            measure: item.measure.as_ref().map(|measure| Measure::new(measure, language)),
        }
    }
}

impl Measure {
    fn new(measure: &check_template::Measure, language: Language) -> Self {
        Self {
            unit: MeasureUnit(measure.unit),
            min: Measurement(measure.min),
            max: Measurement(measure.max),
            attention: measure.attention.map(Measurement),
            urgent: measure.urgent.map(Measurement),
            worse: WorseWhen(measure.worse),
            source: measure.source.as_ref().map(|source| Line(service_task::source_in(source, language).to_owned())),
        }
    }
}
