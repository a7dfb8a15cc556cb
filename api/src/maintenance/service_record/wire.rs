//! Requests and answers of service records.

use crate::{
    body, enum_scalars,
    problem::field_message,
    query,
    wire::{
        AnyOf, Currency, Day, Id, InvoiceNumber, Line, Member, Members, Moment, Name, Named, NetCents, OdometerKm,
        Position, Reader, RecordNote, TaskKey, TotalCents, decimal,
    },
};
use domain::{
    access::{Actor, Standing},
    ids::RecommendationId,
    service_record::{self, MAX_LINES, RecordReader},
    value::Language,
};
use persistence::service_record::ServiceRecordView;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ArrayBuilder, Schema},
    },
};

enum_scalars! {
    /// What a line is for.
    LineKind(service_record::LineKind), "What a line is for: labour, a part or other goods, or something else such as a fee.";
    /// Who says that the work was done.
    RecordOrigin(service_record::RecordOrigin), "Who says that the work was done. Garage: the garage did it. Declared: it was done elsewhere, and the owner, the driver or the garage says so.";
    /// What is unusual about a record.
    ServiceRecordWarning(service_record::ServiceRecordWarning), "What is unusual about a record, which is stored nevertheless. VAT rate unusual: no such rate was in force on that day. Credit: the total is negative. APK date unknown: the car was inspected, and no later expiry date of its APK is known; only the answer that adds the record says it.";
}

macro_rules! decimal_scalars {
    ($($(#[$meta:meta])* $name:ident($inner:ty), $pattern:literal, $description:literal, $example:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
                let text = reader.decimal(value)?;
                reader.check(<$inner>::parse(&text)).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object = decimal($pattern).description(Some($description)).examples([$example]);
                RefOr::T(Schema::Object(object.build()))
            }
        }

        impl ToSchema for $name {}
    )+};
}

decimal_scalars! {
    /// How much of something.
    Quantity(service_record::Quantity), "^-?[0-9]+(\\.[0-9]{1,3})?$", "How much of something, as a decimal number with at most three decimals: not zero, and at most 100000. A negative quantity makes a credit line.", "4.5";
    /// A rate of VAT.
    VatRate(service_record::VatRate), "^[0-9]+(\\.[0-9]{1,2})?$", "A rate of VAT in per cent, as a decimal number with at most two decimals, from 0 to 100.", "21";
}

body! {
    /// A line of a new record: a task, a text, or both.
    #[schema(example = json!({ "task": "oil_and_filter", "kind": "part", "quantity": "4.5", "netCents": 6_750, "vatRate": "21" }))]
    pub struct NewServiceLine check task_or_text {
        /// The key of the task that the line belongs to. Either this or `text` is given, or both.
        pub task: Option<TaskKey>,
        /// Where on the car. Without a position it is done everywhere; at `front`, at both sides of the front.
        pub position: Option<Position>,
        /// What the line says. Either this or `task` is given, or both.
        pub text: Option<Line>,
        /// What the line is for. The default is `labour`.
        pub kind: Option<LineKind>,
        /// How much of it. The default is 1.
        pub quantity: Option<Quantity>,
        /// The amount without VAT for the whole line, in hundredths of the currency. All lines have an amount, or none.
        pub net_cents: Option<NetCents>,
        /// The rate of VAT on the line. It is given together with `netCents`.
        pub vat_rate: Option<VatRate>,
    }
}

/// A line says something, and an amount comes with its VAT.
fn task_or_text(members: &mut Members<'_>) {
    if members.given("task").is_none() && members.given("text").is_none() {
        members.wrong("text", "required");
    }
    match (members.given("netCents").is_some(), members.given("vatRate").is_some()) {
        (true, false) => members.wrong("vatRate", "required"),
        (false, true) => members.wrong("netCents", "required"),
        (true, true) | (false, false) => {}
    }
}

/// The lines of a new record.
#[derive(Clone, Debug)]
pub struct NewServiceLines(pub Vec<NewServiceLine>);

impl Member for NewServiceLines {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        reader.items(value, 1, MAX_LINES).map(Self)
    }
}

impl PartialSchema for NewServiceLines {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(utoipa::openapi::Ref::from_schema_name("NewServiceLine"));
        let list = items.min_items(Some(1)).max_items(Some(MAX_LINES));
        RefOr::T(Schema::Array(list.description(Some("The lines of a record, 1 to 100.")).build()))
    }
}

impl ToSchema for NewServiceLines {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("NewServiceLine".into(), NewServiceLine::schema()));
        NewServiceLine::schemas(schemas);
    }
}

body! {
    /// What the sender says that the totals are.
    #[schema(example = json!({ "netCents": 19_250, "vatCents": 4_043, "grossCents": 23_293 }))]
    pub struct StatedTotals {
        /// Without VAT, in hundredths of the currency.
        pub net_cents: TotalCents,
        /// The VAT, in hundredths of the currency.
        pub vat_cents: TotalCents,
        /// With VAT, in hundredths of the currency.
        pub gross_cents: TotalCents,
    }
}

impl From<StatedTotals> for service_record::Totals {
    fn from(stated: StatedTotals) -> Self {
        Self { net_cents: stated.net_cents.0, vat_cents: stated.vat_cents.0, gross_cents: stated.gross_cents.0 }
    }
}

body! {
    /// A new record of what was done to a car.
    #[schema(example = json!({
        "odometerKm": 60_000,
        "mechanic": "Kees Smit",
        "lines": [
            { "task": "oil_and_filter", "kind": "labour", "quantity": "1.25", "netCents": 12_500, "vatRate": "21" },
            { "task": "oil_and_filter", "text": "5W-30", "kind": "part", "quantity": "4.5", "netCents": 6_750, "vatRate": "21" }
        ],
        "totals": { "netCents": 19_250, "vatCents": 4_043, "grossCents": 23_293 },
        "invoiceNumber": "2026-0815"
    }))]
    pub struct NewServiceRecord {
        /// The day on which the work was done. The default is today, in the garage's time zone.
        pub done_on: Option<Day>,
        /// What the odometer showed, in kilometres. It becomes a reading of the car's odometer.
        pub odometer_km: Option<OdometerKm>,
        /// Whether to record the reading although it is unlikely. Only staff can confirm. The default is false.
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
        /// Who says that the work was done. The default is `garage` for the garage's staff, and `declared` for others, who
        /// can write down nothing else.
        pub origin: Option<RecordOrigin>,
        /// Where the work was done, if it was done elsewhere. It goes with the car.
        pub place: Option<Name>,
        /// The id of the record that this one corrects.
        pub replaces_id: Option<Id>,
    }
}

query! {
    /// Which records to list.
    pub struct ServiceRecordQuery {
        /// Only work of this day and later.
        pub done_from: Option<Day>,
        /// Only work of this day and earlier.
        pub done_until: Option<Day>,
        /// Only records with which one of these tasks was done, by itself or within another, separated by commas.
        #[param(value_type = Option<Vec<TaskKey>>, style = Form, explode = false)]
        pub task: Option<AnyOf<TaskKey>>,
        /// Only records of one of these origins, separated by commas.
        #[param(value_type = Option<Vec<RecordOrigin>>, style = Form, explode = false)]
        pub origin: Option<AnyOf<RecordOrigin>>,
        /// Whether records that were corrected are listed too. The default is false.
        pub include_replaced: Option<bool>,
    }
}

/// A line of a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceLine {
    /// The key of the task; null when the line is only described.
    #[schema(max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub task: Option<&'static str>,
    /// What the task is called, in the language of the request; null when the line has no task.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub task_name: Option<&'static str>,
    /// Where on the car; null when it is not said.
    pub position: Option<Position>,
    /// What that place is called, in the language of the request; null without a position.
    #[schema(max_length = 60, pattern = "^[^\\u0000]*$")]
    pub position_name: Option<&'static str>,
    /// What the line says; null when the task says it all, or when the reader does not see it.
    pub text: Option<Line>,
    /// What the line is for.
    pub kind: LineKind,
    /// How much of it.
    pub quantity: Quantity,
    /// The amount without VAT for the whole line, in hundredths of the currency; null when there is none, or when the
    /// reader does not see it.
    pub net_cents: Option<NetCents>,
    /// The rate of VAT on the line; null together with `netCents`.
    pub vat_rate: Option<VatRate>,
}

/// The sums of a record, in hundredths of its currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceTotals {
    /// Without VAT.
    pub net_cents: TotalCents,
    /// The VAT, computed for each rate over the sum of its lines and rounded once.
    pub vat_cents: TotalCents,
    /// With VAT.
    pub gross_cents: TotalCents,
}

/// What was done to a car on one day. A record never changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "origin": "garage",
    "doneOn": "2026-03-01",
    "odometerKm": 60_000,
    "readingId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a11",
    "garage": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12", "name": "Garage De Vries" },
    "mechanic": "Kees Smit",
    "place": null,
    "lines": [{
        "task": "oil_and_filter", "taskName": "Oil and oil filter", "position": null, "positionName": null, "text": "5W-30", "kind": "part",
        "quantity": "4.5", "netCents": 6_750, "vatRate": "21"
    }],
    "amountsShown": true,
    "currency": "EUR",
    "totals": { "netCents": 6_750, "vatCents": 1_418, "grossCents": 8_168 },
    "invoiceNumber": "2026-0815",
    "note": null,
    "warnings": [],
    "replacesId": null,
    "replacedById": null,
    "closedRecommendationIds": [],
    "recordedAt": "2026-03-01T09:30:00Z",
    "recordedBy": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Kees Smit" }
}))]
pub struct ServiceRecord {
    /// The id of the record.
    pub id: Id,
    /// Who says that the work was done.
    pub origin: RecordOrigin,
    /// The day on which the work was done.
    pub done_on: Day,
    /// What the odometer showed, in kilometres; null when it is not known.
    pub odometer_km: Option<OdometerKm>,
    /// The id of the reading of the odometer that came with the record; null when none did.
    pub reading_id: Option<Id>,
    /// The garage that did the work; null for work that was done elsewhere, of which `place` says where.
    pub garage: Option<Named>,
    /// The name of whoever did the work; null when it is not known, and for a later owner.
    pub mechanic: Option<Name>,
    /// Where the work was done, if it was done elsewhere; null when it is not said.
    pub place: Option<Name>,
    /// The lines, in their order.
    #[schema(max_items = 100)]
    pub lines: Vec<ServiceLine>,
    /// Whether the reader sees what the work cost, and the number of the invoice. If not, these are null.
    pub amounts_shown: bool,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The sums of the lines; null when they have no amounts, or when the reader does not see them.
    pub totals: Option<ServiceTotals>,
    /// The number of the invoice; null when there is none, or when the reader does not see it.
    pub invoice_number: Option<InvoiceNumber>,
    /// A note for the owner; null when there is none, or when the reader does not see it.
    pub note: Option<RecordNote>,
    /// What is unusual about the record.
    #[schema(max_items = 10)]
    pub warnings: Vec<RecordWarning>,
    /// The id of the record that this one corrects; null when it is no correction.
    pub replaces_id: Option<Id>,
    /// The id of the record that corrects this one; null when none does.
    pub replaced_by_id: Option<Id>,
    /// The ids of the recommendations that were closed by this record.
    #[schema(max_items = 200)]
    pub closed_recommendation_ids: Vec<Id>,
    /// When the record was written down.
    pub recorded_at: Moment,
    /// Who wrote it down; null for everyone except the garage in whose books it is and that account itself, and when
    /// another system did.
    pub recorded_by: Option<Named>,
}

/// Something unusual about a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "code": "credit", "detail": "has a negative total: it is a credit" }))]
pub struct RecordWarning {
    /// What is unusual.
    pub code: ServiceRecordWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500, pattern = "^[^\\u0000]*$")]
    pub detail: String,
}

impl RecordWarning {
    /// The warning, in words too.
    pub fn new(code: service_record::ServiceRecordWarning, language: Language) -> Self {
        Self { code: ServiceRecordWarning(code), detail: field_message(code.code(), (None, None), language) }
    }
}

impl ServiceLine {
    fn new(line: service_record::ServiceLine, language: Language) -> Self {
        Self {
            task: line.task.map(domain::service_task::TaskKey::as_str),
            task_name: line.task.and_then(domain::service_task::TaskKey::task).map(|task| task.names.of(language)),
            position: line.position.map(Position),
            position_name: line.position.map(|position| position.name(language)),
            text: line.text.map(Line),
            kind: LineKind(line.kind),
            quantity: Quantity(line.quantity),
            net_cents: line.amount.map(|amount| NetCents(amount.net_cents)),
            vat_rate: line.amount.map(|amount| VatRate(amount.vat_rate)),
        }
    }
}

impl From<service_record::Totals> for ServiceTotals {
    fn from(totals: service_record::Totals) -> Self {
        Self {
            net_cents: TotalCents(totals.net_cents),
            vat_cents: TotalCents(totals.vat_cents),
            gross_cents: TotalCents(totals.gross_cents),
        }
    }
}

impl ServiceRecord {
    /// A record as `actor`, who is this `reader` of it, sees it (rules SR5 and EC6).
    pub fn new(
        view: ServiceRecordView,
        closed: Vec<RecommendationId>,
        actor: &Actor,
        reader: &RecordReader,
        language: Language,
    ) -> Self {
        let is_of_garage = matches!(actor.standing, Standing::Staff(garage, _) if garage == view.record.garage_id);
        let is_by_actor = view.record.by == Some(actor.account_id());
        let recorder = view.recorder.filter(|_| is_of_garage || is_by_actor);
        // What somebody declared, they know, also where others do not show them what work on the car costs.
        let is_declared_here = is_by_actor && view.record.origin == service_record::RecordOrigin::Declared;
        let amounts_shown = is_declared_here || view.record.shows_amounts(reader);
        let record = if is_declared_here { view.record } else { view.record.as_seen_by(reader) };
        Self::seen(ServiceRecordView { record, recorder, ..view }, closed, amounts_shown, language)
    }

    /// A record as whoever wrote it down sees it of a car that they have no longer (rule P16): as they wrote it down, and
    /// nothing of what others made of it.
    pub fn entered(view: ServiceRecordView, language: Language) -> Self {
        Self::seen(ServiceRecordView { replaced_by: None, ..view }, vec![], true, language)
    }

    fn seen(view: ServiceRecordView, closed: Vec<RecommendationId>, amounts_shown: bool, language: Language) -> Self {
        let record = view.record;
        let is_own_work = record.origin == service_record::RecordOrigin::Garage;
        let warning = |warning| RecordWarning::new(warning, language);
        Self {
            id: Id(record.id.0),
            origin: RecordOrigin(record.origin),
            done_on: Day(record.done_on),
            odometer_km: record.odometer_km.map(OdometerKm),
            reading_id: record.reading.map(|id| Id(id.0)),
            garage: is_own_work.then_some(Named { id: Id(record.garage_id.0), name: view.garage_name }),
            totals: record.totals().map(ServiceTotals::from),
            warnings: record.warnings(view.country).into_iter().map(warning).collect(),
            mechanic: record.mechanic.map(Name),
            place: record.place.map(Name),
            lines: record.lines.into_iter().map(|line| ServiceLine::new(line, language)).collect(),
            amounts_shown,
            currency: Currency(record.currency),
            invoice_number: record.invoice_number.map(InvoiceNumber),
            note: record.note.map(RecordNote),
            replaces_id: record.replaces.map(|id| Id(id.0)),
            replaced_by_id: view.replaced_by.map(|id| Id(id.0)),
            closed_recommendation_ids: closed.into_iter().map(|id| Id(id.0)).collect(),
            recorded_at: Moment(record.recorded_at),
            recorded_by: record.by.zip(view.recorder).map(|(id, name)| Named { id: Id(id.0), name }),
        }
    }
}
