//! Requests and answers of delivery reports.

use super::MAX_BYTES;
use crate::enum_scalars;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// A message as mail servers pass it on.
pub struct RawMessage;

impl PartialSchema for RawMessage {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .max_length(Some(MAX_BYTES))
            .description(Some("A message with its headers, as mail servers pass it on (RFC 5322)."));
        RefOr::T(Schema::Object(object.build()))
    }
}

impl ToSchema for RawMessage {}

enum_scalars! {
    /// What came of a delivery report.
    ReportOutcome(domain::delivery_report::ReportOutcome), "What came of the report. Suppressed: an address is not written to any more. Known: it was not before either. Nothing_lasting: what it says is not about the address, or may pass. Not_ours: it names no mail of this server's to that address. No_report: the message is no delivery report.";
}

/// What came of a delivery report.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "outcome": "suppressed" }))]
pub struct DeliveryReportResult {
    /// What came of it.
    pub outcome: ReportOutcome,
}
