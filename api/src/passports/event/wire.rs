//! The requests and answers about what happened with a passport.

use crate::{
    enum_scalars, query,
    wire::{AccountKind, Id, Moment},
};
use domain::event::Fact;
use persistence::event::EventView;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

enum_scalars! {
    /// What kind of thing happened.
    EventKind(domain::event::FactKind), "The kind of event: what happened.";
}

query! {
    /// Which events to list.
    pub struct EventQuery {
        /// Only events of this kind.
        pub kind: Option<EventKind>,
    }
}

/// An event: something that happened with a passport.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "number": 118,
    "kind": "passport_linked",
    "at": "2026-03-01T09:30:00Z",
    "by": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a21", "name": "Kees Smit", "kind": "staff" },
    "data": {
        "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "fleetId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14"
    }
}))]
pub struct Event {
    /// The number of the event among all events of the garage, from 1, in the order in which they happened.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub number: i64,
    /// The kind of event: what happened.
    pub kind: EventKind,
    /// When it happened.
    pub at: Moment,
    /// The account that did it; null when it was done by the system itself, for example because a time limit passed or
    /// the vehicle register answered.
    pub by: Option<EventAuthor>,
    /// The ids and values that belong to the event.
    pub data: EventData,
}

/// The account that did what an event says.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventAuthor {
    /// The id of the account.
    pub id: Id,
    /// The present name of the account.
    #[schema(max_length = 100)]
    pub name: String,
    /// The kind of account.
    pub kind: AccountKind,
}

/// The ids and values of an event, by name. What an event does not have is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EventData(BTreeMap<String, String>);

impl EventData {
    /// What the fact says besides its kind.
    fn new(fact: &Fact) -> Self {
        let json = serde_json::to_value(fact).unwrap_or_default();
        let parts = json.get("data").and_then(Value::as_object);
        let shown = |(name, value): (&String, &Value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!value.is_null()).then(|| (name.clone(), text))
        };
        Self(parts.into_iter().flatten().filter_map(shown).collect())
    }
}

impl PartialSchema for EventData {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(200));
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(Schema::Object(text.build())))
            .max_properties(Some(20))
            .description(Some(
                "The ids and values that belong to the event, by name, such as `fleetId`, `driver` or `transferId`. The names \
                 depend on the kind of event; what an event does not have is absent.",
            ));
        RefOr::T(Schema::Object(object.build()))
    }
}

impl ToSchema for EventData {}

impl Event {
    /// An event as it is shown.
    pub fn new((event, author): EventView) -> Self {
        Self {
            number: event.number,
            kind: EventKind(event.fact.kind()),
            at: Moment(event.at),
            by: author.map(|author| EventAuthor {
                id: Id(author.id.0),
                name: author.name,
                kind: AccountKind(author.kind),
            }),
            data: EventData::new(&event.fact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{FleetId, PassportId};
    use uuid::Uuid;

    #[test]
    fn data_holds_what_the_fact_has_and_no_more() {
        let passport_id = PassportId(Uuid::from_u128(1));
        let fleet_id = FleetId(Uuid::from_u128(2));
        let fact = Fact::PassportLinked { passport_id, fleet_id, driver: None, change_id: None };
        let expected = [("fleetId", Uuid::from_u128(2)), ("passportId", Uuid::from_u128(1))]
            .map(|(name, id)| (name.to_owned(), id.to_string()));
        assert_eq!(EventData::new(&fact), EventData(expected.into()));
        assert_eq!(EventData::new(&Fact::GarageChanged {}), EventData(BTreeMap::new()));
    }
}
