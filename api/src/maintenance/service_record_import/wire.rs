//! Requests and answers of imports of service records.

use crate::{
    body,
    licence_plate::wire::PlateInput,
    line_import::{RefusedLine, Tally, refused},
    request::Context,
    service_record::wire::{NewServiceLines, NewServiceRecord, StatedTotals},
    wire::{Currency, Day, InvoiceNumber, Members, Name, OdometerKm, RecordNote, Request},
};
use domain::{Date, licence_plate::LicencePlate};
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// What the garage did to a car on an earlier day.
    #[schema(example = json!({
        "licencePlate": { "number": "TT-601-D" },
        "doneOn": "2024-03-01",
        "odometerKm": 41_850,
        "mechanic": "Kees Smit",
        "lines": [
            { "task": "oil_and_filter", "kind": "labour", "quantity": "1.25", "netCents": 12_500, "vatRate": "21" },
            { "task": "oil_and_filter", "text": "5W-30", "kind": "part", "quantity": "4.5", "netCents": 6_750, "vatRate": "21" }
        ],
        "totals": { "netCents": 19_250, "vatCents": 4_043, "grossCents": 23_293 },
        "invoiceNumber": "2024-0107"
    }))]
    pub struct ImportedServiceRecord {
        /// The licence plate of the car, of which the garage has a passport in use.
        pub licence_plate: PlateInput,
        /// The day on which the work was done.
        pub done_on: Day,
        /// What the odometer showed, in kilometres. It becomes a reading of the car's odometer.
        pub odometer_km: Option<OdometerKm>,
        /// Whether to record the reading although it is unlikely. The default is false.
        pub confirm: Option<bool>,
        /// The name of whoever did the work.
        pub mechanic: Option<Name>,
        /// The lines, in their order.
        pub lines: NewServiceLines,
        /// The currency of the amounts. The default is the garage's currency.
        pub currency: Option<Currency>,
        /// What the totals are. If they differ from the sums of the lines by a cent, the record is refused.
        pub totals: Option<StatedTotals>,
        /// The number of the invoice. Of the garage's own work, one record has it.
        pub invoice_number: Option<InvoiceNumber>,
        /// A note for the owner.
        pub note: Option<RecordNote>,
    }
}

/// What a line says: the car, the day, and the body of the record by itself.
pub struct RecordOfPlate {
    /// The plate of the car.
    pub plate: LicencePlate,
    /// The day of the work.
    pub done_on: Date,
    /// The record, as the request to add it alone would have it.
    pub record: NewServiceRecord,
}

impl Request for RecordOfPlate {
    fn read_members(members: &mut Members<'_>) -> Option<Self> {
        let line = ImportedServiceRecord::read_members(members)?;
        Some(Self {
            plate: line.licence_plate.0,
            done_on: line.done_on.0,
            record: NewServiceRecord {
                done_on: Some(line.done_on),
                odometer_km: line.odometer_km,
                confirm: line.confirm,
                mechanic: line.mechanic,
                lines: line.lines,
                currency: line.currency,
                totals: line.totals,
                invoice_number: line.invoice_number,
                note: line.note,
                origin: None,
                place: None,
                replaces_id: None,
            },
        })
    }
}

/// The result of an import of service records.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "made": 2, "existing": 1, "refused": 1,
    "refusedLines": [{
        "line": 4,
        "problem": {
            "type": "https://api.autopaspoort.example/problems/service_record_in_future",
            "title": "That day is in the future",
            "status": 400,
            "detail": "What is written down was done today or earlier, in the garage's time zone.",
            "instance": "/v1/service-record-imports",
            "code": "service_record_in_future",
            "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"
        }
    }]
}))]
pub struct ServiceRecordImport<'a> {
    /// How many records were added.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub made: u64,
    /// How many lines were skipped because the garage already has a record that says the same.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub existing: u64,
    /// How many lines were refused.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub refused: u64,
    /// The refused lines, at most the first 1000.
    #[schema(max_items = 1_000)]
    pub refused_lines: Vec<RefusedLine<'a>>,
}

impl<'a> ServiceRecordImport<'a> {
    /// The result of an import, in the language of the request.
    pub fn new(tally: &'a Tally, context: &Context, request_id: &'a str) -> Self {
        Self {
            made: tally.made,
            existing: tally.existing,
            refused: tally.refused,
            refused_lines: refused(tally, context, "/v1/service-record-imports", request_id),
        }
    }
}
