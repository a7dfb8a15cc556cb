//! Answers about the account's calendar.

use crate::wire::Moment;
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the account has a calendar that programs can subscribe to. Its address is not shown again.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "since": "2026-03-01T09:30:00Z" }))]
pub struct CalendarFeed {
    /// Since when the calendar has its present address; null when there is no calendar.
    pub since: Option<Moment>,
}

impl CalendarFeed {
    /// A calendar that was made at an instant, or none.
    pub fn new(made_at: Option<Instant>) -> Self {
        Self { since: made_at.map(Moment) }
    }
}

/// The address of a calendar. It is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "address": "https://autopaspoort.example/calendar/qk3yQ0yR5n2o0vJ5m0f8l6b9T4r1Zx7cVwKdEhGjLpM.ics",
    "since": "2026-03-01T09:30:00Z"
}))]
pub struct CalendarAddress {
    /// The address (iCalendar, RFC 5545) to which a calendar program subscribes. Whoever knows it can read the calendar
    /// without signing in.
    #[schema(max_length = 1000, format = "uri")]
    pub address: String,
    /// Since when the calendar has this address.
    pub since: Moment,
}
