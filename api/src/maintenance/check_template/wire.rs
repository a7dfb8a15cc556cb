//! What is shown of check templates.

use crate::{enum_scalars, wire::Fuel};
use domain::{check_template, value::Language};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The unit of a measurement.
    MeasureUnit(check_template::MeasureUnit), "The unit of the measurement. mm: millimetres. bar: above the pressure of the air. volt, percent. celsius: degrees Celsius.";
    /// In which direction a value is worse.
    WorseWhen(check_template::WorseWhen), "Whether low or high values are worse.";
}

/// How an item is measured.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower",
    "source": "Regeling voertuigen, art. 5.2.27: at least 1.6 mm"
}))]
pub struct Measure {
    /// The unit.
    pub unit: MeasureUnit,
    /// The lowest plausible value, as a decimal number.
    #[schema(max_length = 20, pattern = "^-?[0-9]+(\\.[0-9]+)?$")]
    pub min: String,
    /// The highest plausible value, as a decimal number.
    #[schema(max_length = 20, pattern = "^-?[0-9]+(\\.[0-9]+)?$")]
    pub max: String,
    /// The value from which the result is "attention", as a decimal number; null when there is none.
    #[schema(max_length = 20, pattern = "^-?[0-9]+(\\.[0-9]+)?$")]
    pub attention: Option<String>,
    /// The value beyond which the result is "urgent", as a decimal number; null when there is none.
    #[schema(max_length = 20, pattern = "^-?[0-9]+(\\.[0-9]+)?$")]
    pub urgent: Option<String>,
    /// Whether low or high values are worse.
    pub worse: WorseWhen,
    /// The law or the advice from which the limits come; null when nobody says so.
    #[schema(max_length = 300, pattern = "^[^\\u0000]*$")]
    pub source: Option<&'static str>,
}

/// One thing that a mechanic looks at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "key": "tread_depth", "name": "Tread depth", "task": "tyres",
    "positions": ["front_left", "front_right", "rear_left", "rear_right"], "fuels": null, "demanded": true,
    "measure": {
        "unit": "mm", "min": "0", "max": "15", "attention": "3", "urgent": "1.6", "worse": "lower",
        "source": "Regeling voertuigen, art. 5.2.27: at least 1.6 mm"
    }
}))]
pub struct TemplateItem {
    /// The key of the item, which is unique within the template.
    #[schema(max_length = 40, pattern = "^[a-z0-9_]+$")]
    pub key: &'static str,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
    /// The key of the task to which it leads when it is not good; null when there is none.
    #[schema(max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub task: Option<&'static str>,
    /// Where on the car it is looked at; empty for one place only.
    #[schema(max_items = 12)]
    pub positions: Vec<&'static str>,
    /// What a car must run on for the item to make sense; null when it makes sense for every car.
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
#[schema(example = json!({ "key": "tyres", "name": "Tyres", "items": [] }))]
pub struct TemplateGroup {
    /// The key of the group, which is unique within the template.
    #[schema(max_length = 40, pattern = "^[a-z0-9_]+$")]
    pub key: &'static str,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
    /// The items of the group.
    #[schema(max_items = 200)]
    pub items: Vec<TemplateItem>,
}

/// What a mechanic looks at when they check a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "key": "autostatus", "name": "Car status check", "groups": [] }))]
pub struct CheckTemplate {
    /// The key of the template.
    #[schema(max_length = 40, pattern = "^[a-z0-9_]+$")]
    pub key: &'static str,
    /// What it is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
    /// Its groups, in the order in which the mechanic goes through them.
    #[schema(max_items = 30)]
    pub groups: Vec<TemplateGroup>,
}

impl CheckTemplate {
    /// A template of the platform, in one language.
    pub fn new(template: &'static check_template::CheckList, language: Language) -> Self {
        let group = |group: &'static check_template::TemplateGroup| TemplateGroup {
            key: &group.key,
            name: group.names.of(language),
            items: group.items.iter().map(|item| TemplateItem::new(item, language)).collect(),
        };
        Self {
            key: &template.key,
            name: template.names.of(language),
            groups: template.groups.iter().map(group).collect(),
        }
    }
}

impl TemplateItem {
    fn new(item: &'static check_template::TemplateItem, language: Language) -> Self {
        Self {
            key: &item.key,
            name: item.names.of(language),
            task: item.task.as_deref(),
            positions: item.positions.iter().map(String::as_str).collect(),
            fuels: item.fuels.as_ref().map(|fuels| fuels.iter().copied().map(Fuel).collect()),
            demanded: item.demanded,
            measure: item.measure.as_ref().map(Measure::new),
        }
    }
}

impl Measure {
    fn new(measure: &'static check_template::Measure) -> Self {
        Self {
            unit: MeasureUnit(measure.unit),
            min: measure.min.to_string(),
            max: measure.max.to_string(),
            attention: measure.attention.map(|limit| limit.to_string()),
            urgent: measure.urgent.map(|limit| limit.to_string()),
            worse: WorseWhen(measure.worse),
            source: measure.source.as_deref(),
        }
    }
}
