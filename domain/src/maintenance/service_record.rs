//! Service records (*werkorders*): the history of what was done to a car (rules SR1 to SR7).
//!
//! Records are only added. A correction is a new record that names the one it replaces. Amounts are whole minor units of
//! one currency, and VAT is computed as the law wants it on an invoice: for each rate over the sum of its lines, rounded
//! once, half away from zero.

mod amount;
mod sight;

pub use amount::{LineAmount, Quantity, Totals, VatRate};
pub use sight::{RecordOwner, RecordReader, Sight};

use crate::{
    Date, Instant, coded_enum,
    ids::{AccountId, GarageId, OdometerReadingId, ServiceRecordId, VehicleId},
    passport::Fuel,
    recommendation::{Advice, Happened},
    service_task::{Position, TaskKey},
    value::{Country, Currency, ValueError, line, lines},
};

/// The most lines of a record.
pub const MAX_LINES: usize = 100;
/// The most characters of the text of a line.
pub const MAX_LINE_TEXT: usize = 200;
/// The most characters of an invoice number.
pub const MAX_INVOICE_NUMBER: usize = 40;
/// The most characters of a note.
pub const MAX_NOTE: usize = 2_000;
/// The largest net amount of a line in minor units: ten million euros.
pub const MAX_CENTS: i64 = 1_000_000_000;
/// The most records that people outside the garage declare for one car within 24 hours; a history that only grows must not be
/// flooded.
pub const MAX_DECLARED_A_DAY: i64 = 50;
/// The most records of one car that are declared, by whomever.
pub const MAX_DECLARED: i64 = 2_000;

coded_enum! {
    /// What a line is for.
    pub enum LineKind {
        /// Work, by time or at a fixed price.
        Labour => "labour",
        /// A part, or other goods such as oil.
        Part => "part",
        /// Something else, such as a fee.
        Other => "other",
    }
}

coded_enum! {
    /// Who says that the work was done (rule SR4).
    pub enum RecordOrigin {
        /// The garage did it.
        Garage => "garage",
        /// It was done elsewhere: the owner, the driver or a garage says so.
        Declared => "declared",
    }
}

/// One task, part or piece of labour of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLine {
    /// The task it belongs to.
    pub task: Option<TaskKey>,
    /// Where on the car.
    pub position: Option<Position>,
    /// What it says; none when the task says it all.
    pub text: Option<String>,
    /// Labour, part, or something else.
    pub kind: LineKind,
    /// How much of it.
    pub quantity: Quantity,
    /// What it cost; none where no amounts are known.
    pub amount: Option<LineAmount>,
}

/// What was done to a car on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Its id.
    pub id: ServiceRecordId,
    /// The car.
    pub vehicle_id: VehicleId,
    /// The garage in whose books it is: which did the work, or which wrote down what was declared.
    pub garage_id: GarageId,
    /// Who says that it was done.
    pub origin: RecordOrigin,
    /// The day on which it was done.
    pub done_on: Date,
    /// The reading of the odometer that came with it.
    pub reading: Option<OdometerReadingId>,
    /// What the odometer showed, in kilometres.
    pub odometer_km: Option<i64>,
    /// Who did the work.
    pub mechanic: Option<String>,
    /// Where it was done, if it was declared.
    pub place: Option<String>,
    /// The lines, in their order.
    pub lines: Vec<ServiceLine>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The number of the garage's invoice.
    pub invoice_number: Option<String>,
    /// A note for the owner.
    pub note: Option<String>,
    /// Whose the car was; none when it was nobody's.
    pub owner: Option<RecordOwner>,
    /// The record that it replaces.
    pub replaces: Option<ServiceRecordId>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// Its place within its day.
    pub stands_at: Instant,
    /// Who wrote it down.
    pub by: Option<AccountId>,
}

coded_enum! {
    /// Why a record is refused.
    pub enum ServiceRecordRefusal {
        /// Rule SR6: the day lies in the future.
        InFuture => "service_record_in_future",
        /// Rule SR6: the day lies before the car's first admission.
        BeforeFirstAdmission => "service_record_before_first_admission",
        /// Rule SR1: the totals are not the sum of the lines.
        TotalsDiffer => "service_record_totals_differ",
        /// Rule SR1: some lines have an amount, and others have none.
        AmountsIncomplete => "service_record_amounts_incomplete",
        /// Rule SR2: the record to be replaced is another garage's, or is not there.
        ReplacesUnknown => "service_record_replaces_unknown",
        /// Rule SR2: the record was replaced before.
        AlreadyReplaced => "service_record_already_replaced",
        /// Rule SR4: what the owner or driver writes down was done elsewhere.
        DeclaredOnly => "service_record_declared_only",
        /// Rule SR4: someone else wrote down the record to be replaced.
        NotYours => "service_record_not_yours",
        /// Rule SR4: people outside the garage have declared as much for the car within 24 hours as they can.
        DeclaredTooManyToday => "service_record_declared_too_many_today",
        /// Rule SR4: as much was declared for the car as can be.
        DeclaredTooMany => "service_record_declared_too_many",
        /// Rule SR6: another record of the garage has the number of the invoice.
        InvoiceKnown => "service_record_invoice_known",
        /// Rule SR4: the same work of that day was declared already.
        Duplicate => "service_record_duplicate",
        /// Rule MS4: a task makes no sense for what the car runs on.
        TaskNotForFuel => "task_not_for_fuel",
    }
}

coded_enum! {
    /// What is unusual about a record. It is stored nevertheless.
    pub enum ServiceRecordWarning {
        /// No such rate of VAT was in force on that day.
        VatRateUnusual => "vat_rate_unusual",
        /// The total is negative: it is a credit note.
        Credit => "credit",
        /// The car was inspected for its APK, and no later expiry date is known.
        ApkDateUnknown => "apk_date_unknown",
    }
}

/// What a record must know about its car.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedCar {
    /// The first day on which it can have been on the road.
    pub admitted_on: Option<Date>,
    /// What it runs on.
    pub fuel: Option<Fuel>,
}

/// How much was declared for a car before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeclaredBefore {
    /// By people outside the garage, within 24 hours.
    pub today: i64,
    /// By whomever, ever.
    pub ever: i64,
}

/// What a correction must know about the record that it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToReplace {
    /// In whose books it is.
    pub garage_id: GarageId,
    /// Its car.
    pub vehicle_id: VehicleId,
    /// Who said that it was done.
    pub origin: RecordOrigin,
    /// Who wrote it down.
    pub by: Option<AccountId>,
    /// When the work was done.
    pub happened: Happened,
    /// Whether it was replaced before.
    pub is_replaced: bool,
}

impl ServiceRecord {
    /// When the work was done.
    pub const fn happened(&self) -> Happened {
        Happened { on: self.done_on, at: self.stands_at }
    }

    /// The record in the place of the one that it corrects, if the work was done on the same day (rule SR2).
    #[must_use]
    pub fn in_place_of(self, replaced: Option<&ToReplace>) -> Self {
        let same_day = replaced.map(|replaced| replaced.happened).filter(|happened| happened.on == self.done_on);
        Self { stands_at: same_day.map_or(self.stands_at, |happened| happened.at), ..self }
    }

    /// Checks the text of a line.
    pub fn check_line_text(input: &str) -> Result<String, ValueError> {
        line(input, MAX_LINE_TEXT)
    }

    /// Checks the number of an invoice.
    pub fn check_invoice_number(input: &str) -> Result<String, ValueError> {
        line(input, MAX_INVOICE_NUMBER)
    }

    /// Checks a note for the owner.
    pub fn check_note(input: &str) -> Result<String, ValueError> {
        lines(input, MAX_NOTE)
    }

    /// Decides whether a record may be added (rules SR1, SR2, SR6 and MS4). `stated` is what the sender says that the
    /// totals are; `replaced` is the record that it names, if it was found; `today` is the day in the garage's time zone.
    pub fn check(
        &self,
        car: &RecordedCar,
        stated: Option<&Totals>,
        replaced: Option<&ToReplace>,
        today: Date,
    ) -> Result<(), ServiceRecordRefusal> {
        if self.done_on > today {
            return Err(ServiceRecordRefusal::InFuture);
        }
        if car.admitted_on.is_some_and(|admitted_on| self.done_on < admitted_on) {
            return Err(ServiceRecordRefusal::BeforeFirstAdmission);
        }
        if self.tasks().any(|task| !task.fits(car.fuel)) {
            return Err(ServiceRecordRefusal::TaskNotForFuel);
        }
        let priced = self.lines.iter().filter(|line| line.amount.is_some()).count();
        if priced != 0 && priced != self.lines.len() {
            return Err(ServiceRecordRefusal::AmountsIncomplete);
        }
        if stated.is_some_and(|stated| self.totals().as_ref() != Some(stated)) {
            return Err(ServiceRecordRefusal::TotalsDiffer);
        }
        if self.replaces.is_some() { self.check_replaced(replaced) } else { Ok(()) }
    }

    /// Checks who says that the work was done (rule SR4): the garage's staff write down their own work and what was done
    /// elsewhere; an owner or driver only the latter, and they correct what they wrote down themselves.
    pub fn check_origin(&self, by_garage: bool, replaced: Option<&ToReplace>) -> Result<(), ServiceRecordRefusal> {
        if by_garage {
            return Ok(());
        }
        if self.origin != RecordOrigin::Declared {
            return Err(ServiceRecordRefusal::DeclaredOnly);
        }
        let is_own = |replaced: &ToReplace| replaced.by.is_some() && replaced.by == self.by;
        if replaced.is_none_or(is_own) { Ok(()) } else { Err(ServiceRecordRefusal::NotYours) }
    }

    /// Checks that not too much is declared for a car (rule SR4). What the garage itself did is never too much.
    pub fn check_declared(&self, by_garage: bool, before: DeclaredBefore) -> Result<(), ServiceRecordRefusal> {
        if self.origin != RecordOrigin::Declared {
            Ok(())
        } else if before.ever >= MAX_DECLARED {
            Err(ServiceRecordRefusal::DeclaredTooMany)
        } else if !by_garage && before.today >= MAX_DECLARED_A_DAY {
            Err(ServiceRecordRefusal::DeclaredTooManyToday)
        } else {
            Ok(())
        }
    }

    /// Checks the number of the garage's invoice (rule SR6). `known` is the record that has it already. A correction may keep
    /// the number of the record that it replaces.
    pub fn check_invoice(&self, known: Option<ServiceRecordId>) -> Result<(), ServiceRecordRefusal> {
        let is_free = known.is_none() || known == self.replaces;
        if is_free { Ok(()) } else { Err(ServiceRecordRefusal::InvoiceKnown) }
    }

    /// Whether another record says the same work of the same car (rule SR7). Who wrote it down, and when, is not part of what
    /// it says; nor is the record that it corrects.
    pub fn says_same(&self, other: &Self) -> bool {
        let of_what = |record: &Self| (record.vehicle_id, record.garage_id, record.origin, record.done_on);
        let shown = |record: &Self| (record.odometer_km, record.currency);
        (of_what(self), shown(self)) == (of_what(other), shown(other))
            && self.lines == other.lines
            && (&self.mechanic, &self.place) == (&other.mechanic, &other.place)
            && (&self.invoice_number, &self.note) == (&other.invoice_number, &other.note)
    }

    /// Checks that nobody declares the same work twice (rule SR4): with the same lines, on one day. `known` are the records of
    /// the car that count; a correction may say the same as the record that it replaces.
    pub fn check_duplicate<'k>(&self, known: impl IntoIterator<Item = &'k Self>) -> Result<(), ServiceRecordId> {
        let is_same = |other: &&Self| {
            let is_declared = [self.origin, other.origin] == [RecordOrigin::Declared; 2];
            is_declared
                && Some(other.id) != self.replaces
                && (other.done_on, &other.lines) == (self.done_on, &self.lines)
        };
        known.into_iter().find(is_same).map_or(Ok(()), |other| Err(other.id))
    }

    /// The number of the garage's own invoice. What was done elsewhere was invoiced by others.
    pub fn own_invoice(&self) -> Option<&str> {
        self.invoice_number.as_deref().filter(|_| self.origin == RecordOrigin::Garage)
    }

    /// How much of it someone sees (rules SR5 and EC6).
    pub fn sight(&self, reader: &RecordReader) -> Sight {
        match reader {
            RecordReader::Garage(garage_id) if *garage_id == self.garage_id => Sight::Whole,
            RecordReader::Owner(owner) if self.owner == Some(*owner) => Sight::Whole,
            RecordReader::DriverOf(fleet_id) if self.owner == Some(RecordOwner::Fleet(*fleet_id)) => {
                Sight::WithoutAmounts
            }
            RecordReader::Garage(_) | RecordReader::Owner(_) | RecordReader::DriverOf(_) | RecordReader::Other => {
                Sight::WorkAlone
            }
        }
    }

    /// Whether someone sees what it cost, the number of the invoice and the invoice itself (rule SR5): the garage in whose
    /// books it is, and whoever owned the car then, as long as they own it.
    pub fn shows_amounts(&self, reader: &RecordReader) -> bool {
        self.sight(reader) == Sight::Whole
    }

    /// The record as someone sees it.
    #[must_use]
    pub fn as_seen_by(self, reader: &RecordReader) -> Self {
        let sight = self.sight(reader);
        if sight == Sight::Whole {
            return self;
        }
        let text = |text: Option<String>| text.filter(|text| sight.shows_text(text));
        let seen = |line: ServiceLine| ServiceLine { amount: None, text: text(line.text), ..line };
        Self {
            mechanic: text(self.mechanic),
            lines: self.lines.into_iter().map(seen).collect(),
            invoice_number: None,
            note: text(self.note),
            ..self
        }
    }

    fn check_replaced(&self, replaced: Option<&ToReplace>) -> Result<(), ServiceRecordRefusal> {
        let is_own = |replaced: &&ToReplace| {
            let is_same = (replaced.vehicle_id, replaced.origin) == (self.vehicle_id, self.origin);
            // What someone declared is theirs, whichever garage kept the passport then (rules SR4 and P6).
            is_same && (replaced.garage_id == self.garage_id || self.origin == RecordOrigin::Declared)
        };
        let replaced = replaced.filter(is_own).ok_or(ServiceRecordRefusal::ReplacesUnknown)?;
        if replaced.is_replaced { Err(ServiceRecordRefusal::AlreadyReplaced) } else { Ok(()) }
    }

    /// The sums of its lines; none when no line has an amount.
    pub fn totals(&self) -> Option<Totals> {
        let amounts: Vec<LineAmount> = self.lines.iter().filter_map(|line| line.amount).collect();
        if amounts.is_empty() { None } else { Some(Totals::of(&amounts)) }
    }

    /// What is unusual about it.
    pub fn warnings(&self, country: Country) -> Vec<ServiceRecordWarning> {
        let rates = self.lines.iter().filter_map(|line| line.amount).map(|amount| amount.vat_rate);
        let unusual = rates.into_iter().any(|rate| !rate.is_in_force(country, self.done_on));
        let is_credit = self.totals().is_some_and(|totals| totals.gross_cents < 0);
        let warnings = [(unusual, ServiceRecordWarning::VatRateUnusual), (is_credit, ServiceRecordWarning::Credit)];
        warnings.into_iter().filter(|(is_so, _)| *is_so).map(|(_, warning)| warning).collect()
    }

    /// Whether the garage inspected the car for its APK and the new expiry date is still to come: none is known that lies
    /// after the inspection. The register brings it after some days, or the garage enters it (rule R21).
    pub fn lacks_apk_date(&self, known: Option<Date>) -> bool {
        self.origin == RecordOrigin::Garage
            && self.has_done(TaskKey::APK)
            && known.is_none_or(|expires_on| expires_on <= self.done_on)
    }

    /// The tasks of its lines, each as often as it stands there.
    pub fn tasks(&self) -> impl Iterator<Item = TaskKey> {
        self.lines.iter().filter_map(|line| line.task)
    }

    /// Whether the task was done with this record, by itself or within another (rule SR3). A credit line does no work.
    pub fn has_done(&self, task: TaskKey) -> bool {
        self.worked().filter_map(|line| line.task).any(|done| done.does(task))
    }

    /// Whether the record does work that was advised at some time (rule SR3). A line without a position does it everywhere, one
    /// at the front at both of its sides. What was done before does not do what was advised after it.
    pub fn closes(&self, advice: &Advice, advised: Happened) -> bool {
        let Some(task) = advice.task.filter(|_| advised <= self.happened()) else { return false };
        let advised = task.place(advice.position);
        self.worked().any(|line| {
            let is_task = line.task.is_some_and(|done| done.does(task));
            let is_there = |done: Position| advised.is_some_and(|advised| done.covers(advised));
            is_task && task.place(line.position).is_none_or(is_there)
        })
    }

    /// The lines of work: not those that take something back or give money back.
    fn worked(&self) -> impl Iterator<Item = &ServiceLine> {
        let gives_back = |line: &ServiceLine| line.amount.is_some_and(|amount| amount.net_cents < 0);
        self.lines.iter().filter(move |line| !line.quantity.is_negative() && !gives_back(line))
    }
}

#[cfg(test)]
mod tests;
