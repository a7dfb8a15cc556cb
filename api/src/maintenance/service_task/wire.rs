//! What is shown of service tasks.

use crate::{
    enum_scalars, query,
    wire::{AnyOf, Currency, Fuel, Money},
};
use domain::{
    service_task::{self, PriceToGoBy},
    value::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What a task belongs to.
    TaskCategory(service_task::TaskCategory), "The part of the car, or the kind of work, that a task belongs to.";
}

query! {
    /// Which tasks to list.
    pub struct ServiceTaskQuery {
        /// Only tasks of one of these categories, separated by commas.
        #[param(value_type = Option<Vec<TaskCategory>>, style = Form, explode = false)]
        pub category: Option<AnyOf<TaskCategory>>,
        /// Only tasks that make sense for a car that runs on this.
        pub fuel: Option<Fuel>,
    }
}

/// What a task usually costs, where nothing better is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "low": { "cents": 5000, "currency": "EUR" },
    "usual": { "cents": 7000, "currency": "EUR" },
    "high": { "cents": 9500, "currency": "EUR" },
    "covers": null,
    "vatIncluded": true,
    "year": 2026,
    "source": "our estimate"
}))]
pub struct TaskPrice {
    /// A low price.
    pub low: Money,
    /// The usual price.
    pub usual: Money,
    /// A high price.
    pub high: Money,
    /// What the price is for, in the language of the request, such as a set of four tyres; null when it is for the whole task.
    /// It is that price whether one place needs the work or all of these.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub covers: Option<&'static str>,
    /// Whether VAT is in the amounts.
    pub vat_included: bool,
    /// The year of whose prices they are.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i64,
    /// Where the prices come from.
    #[schema(max_length = 200, pattern = "^[^\\u0000]*$")]
    pub source: &'static str,
}

/// A kind of work that a car can need.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "key": "brake_fluid",
    "category": "brakes",
    "name": "Brake fluid",
    "explanation": "Absorbs water from the air. With too much water the brakes can fail when hot.",
    "fuels": null,
    "hasPositions": false,
    "includes": [],
    "minutes": 40,
    "price": {
        "low": { "cents": 5000, "currency": "EUR" },
        "usual": { "cents": 7000, "currency": "EUR" },
        "high": { "cents": 9500, "currency": "EUR" },
        "covers": null,
        "vatIncluded": true,
        "year": 2026,
        "source": "our estimate"
    },
    "vmrsCode": null
}))]
pub struct ServiceTask {
    /// The key of the task. Its meaning never changes.
    #[schema(max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub key: &'static str,
    /// What the task belongs to.
    pub category: TaskCategory,
    /// What the task is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
    /// Why it is done, for the owner of a car, in the language of the request.
    #[schema(max_length = 500, pattern = "^[^\\u0000]*$")]
    pub explanation: &'static str,
    /// What a car must run on for the task to make sense; null when it makes sense for every car.
    #[schema(max_items = 20)]
    pub fuels: Option<Vec<Fuel>>,
    /// Whether it is done at one or more positions, such as the front left wheel.
    pub has_positions: bool,
    /// The keys of the tasks that are done with it.
    #[schema(max_items = 50)]
    pub includes: Vec<&'static str>,
    /// How long the work usually takes, in minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i64,
    /// What it usually costs, where nothing better is known.
    pub price: TaskPrice,
    /// Its code in the Vehicle Maintenance Reporting Standards; null where none is known.
    #[schema(max_length = 20, pattern = "^[0-9-]*$")]
    pub vmrs_code: Option<&'static str>,
}

impl ServiceTask {
    /// A task of the catalogue, in one language.
    pub fn new(task: &'static service_task::ServiceTask, language: Language) -> Self {
        Self {
            key: task.key().as_str(),
            category: TaskCategory(task.category),
            name: task.names.of(language),
            explanation: task.explanation.of(language),
            fuels: task.fuels.as_ref().map(|fuels| fuels.iter().copied().map(Fuel).collect()),
            has_positions: task.positions,
            includes: task.includes().map(service_task::TaskKey::as_str).collect(),
            minutes: task.minutes,
            price: TaskPrice::new(&task.price, language),
            vmrs_code: task.vmrs.as_deref(),
        }
    }
}

impl TaskPrice {
    fn new(price: &'static PriceToGoBy, language: Language) -> Self {
        let currency = domain::value::Currency::stored(&price.currency).unwrap_or(domain::value::Currency::EUR);
        let money = |cents| Money { cents, currency: Currency(currency) };
        Self {
            low: money(price.low_cents),
            usual: money(price.usual_cents),
            high: money(price.high_cents),
            covers: price.covers.as_ref().map(|covers| covers.of(language)),
            vat_included: price.vat_included,
            year: price.year,
            source: service_task::source_in(&price.source, language),
        }
    }
}
