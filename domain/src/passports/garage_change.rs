//! Changes of garage: a car's passport is kept by another garage from now on (*garagewissel*, rule P6).

use crate::{
    Instant, coded_enum,
    event::Fact,
    ids::{AccountId, CustomerId, FleetId, GarageChangeId, GarageId, PassportId},
    invitation::Taken,
    passport::{Changed, Passport, PassportStatus, Pending},
    value::{ValueError, Vin, line},
};
use jiff::SignedDuration;

/// How many days the owner has to decide about a request.
pub const DAYS: i64 = 14;
/// How many days an invitation of the owner works.
pub const INVITATION_DAYS: i64 = 14;
/// How many signs at the end of the VIN a garage names.
pub const VIN_END: usize = 4;

coded_enum! {
    /// The life of a change of garage.
    pub enum GarageChangeStatus {
        /// A garage asked for it, and the owner has not decided yet.
        Requested => "requested",
        /// The owner agreed: the garage keeps the passport.
        Agreed => "agreed",
        /// The owner declined.
        Declined => "declined",
        /// The garage that asked took it back.
        Withdrawn => "withdrawn",
        /// The owner did not decide in time.
        Expired => "expired",
    }
}

/// What a garage asked for, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GarageChange {
    /// Its id.
    pub id: GarageChangeId,
    /// The passport.
    pub passport_id: PassportId,
    /// The garage that asks.
    pub garage_id: GarageId,
    /// The garage that kept the passport when it was asked for.
    pub former_garage_id: GarageId,
    /// The plate, as shown to people: the former garage keeps this record, and no longer sees the car.
    pub plate: String,
    /// The record of the car's user at the garage that asks.
    pub customer_id: CustomerId,
    /// Who asked.
    pub requested_by: AccountId,
    /// Requested, agreed, declined, withdrawn or expired.
    pub status: GarageChangeStatus,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When it expires: from then on the owner cannot agree.
    pub expires_at: Instant,
    /// When it ended; none while it is open.
    pub decided_at: Option<Instant>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a change of garage is refused.
    pub enum GarageChangeRefusal {
        /// Rule P6: a garage has asked for it already.
        Open => "garage_change_open",
        /// Rule P6: it was decided, or withdrawn.
        NotOpen => "garage_change_not_open",
        /// Rule P6: its time is over.
        Expired => "garage_change_expired",
        /// Rule P6: the car has an open offer.
        TransferOpen => "transfer_open",
        /// Rules P6 and L5: the side that lost the car by a change of link can still object to it.
        LinkChangeOpen => "link_change_open",
        /// Rules P6 and P14: the garage can still end the activation by an account with another address.
        ActivationNotSettled => "activation_not_settled",
    }
}

/// A request to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewGarageChange {
    /// Its id.
    pub id: GarageChangeId,
    /// The garage that asks.
    pub garage_id: GarageId,
    /// Its record of the car's user.
    pub customer_id: CustomerId,
    /// Who asks.
    pub by: AccountId,
}

/// Everything that must be stored when the owner agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The request, agreed.
    pub change: GarageChange,
    /// The passport, at its new garage, with what happened there.
    pub changed: Changed,
    /// What happened at the former garage.
    pub left: Fact,
}

/// Whether someone can be asked about the passport: it is in use, and the car has an owner.
pub fn can_change(passport: &Passport) -> bool {
    match passport.status {
        PassportStatus::Active => true,
        // Nobody drives it yet; a fleet that has it decides.
        PassportStatus::Invited => passport.hands.fleet.is_some(),
        PassportStatus::Archived => false,
    }
}

/// The end of a VIN, as a garage writes it: so many letters and digits as it must have.
pub fn check_vin_end(text: &str) -> Result<String, ValueError> {
    let end = line(text, VIN_END)?;
    if end.chars().count() < VIN_END {
        return Err(ValueError::VinEnd);
    }
    if end.chars().all(|sign| sign.is_ascii_alphanumeric() && !"IOQioq".contains(sign)) {
        Ok(end)
    } else {
        Err(ValueError::VinEnd)
    }
}

/// Whether a garage that wrote `end` has seen the car's VIN. Of a car whose VIN is not known, nobody has.
pub fn knows_vin(vin: Option<&Vin>, end: &str) -> bool {
    let Some(vin) = vin else { return false };
    end.len() == VIN_END && vin.as_str().to_ascii_uppercase().ends_with(&end.to_ascii_uppercase())
}

/// Refuses while somebody else can still get the car, or have it back, who could not do so at another garage.
fn check_settled(
    passport: &Passport,
    pending: Pending,
    taken: Option<Taken>,
    now: Instant,
) -> Result<(), GarageChangeRefusal> {
    if pending.transfer {
        return Err(GarageChangeRefusal::TransferOpen);
    }
    if pending.link_change {
        return Err(GarageChangeRefusal::LinkChangeOpen);
    }
    let is_taken = |taken: Taken| Some(taken.by) == passport.hands.driver && taken.is_revocable(now);
    if passport.hands.fleet.is_none() && taken.is_some_and(is_taken) {
        return Err(GarageChangeRefusal::ActivationNotSettled);
    }
    Ok(())
}

impl GarageChange {
    /// Asks for a passport that another garage keeps, and whose owner can be asked.
    pub fn request(
        new: NewGarageChange,
        passport: &Passport,
        pending: Pending,
        taken: Option<Taken>,
        now: Instant,
    ) -> Result<(Self, Fact), GarageChangeRefusal> {
        check_settled(passport, pending, taken, now)?;
        if pending.garage_change {
            return Err(GarageChangeRefusal::Open);
        }
        let NewGarageChange { id, garage_id, customer_id, by } = new;
        let fleet_id: Option<FleetId> = passport.hands.fleet;
        let fact = Fact::GarageChangeRequested {
            garage_change_id: id,
            passport_id: passport.id,
            driver: passport.hands.driver.filter(|_| fleet_id.is_none()),
            fleet_id,
        };
        let change = Self {
            id,
            passport_id: passport.id,
            garage_id,
            former_garage_id: passport.garage_id,
            plate: passport.vehicle.plate.shown(),
            customer_id,
            requested_by: by,
            status: GarageChangeStatus::Requested,
            requested_at: now,
            expires_at: now.checked_add(SignedDuration::from_hours(24 * DAYS)).unwrap_or(Instant::MAX),
            decided_at: None,
            version: 1,
        };
        Ok((change, fact))
    }

    /// Its status at `now`: it is expired as soon as its time is over, even if that is not stored yet.
    pub fn status_at(&self, now: Instant) -> GarageChangeStatus {
        if self.status == GarageChangeStatus::Requested && now >= self.expires_at {
            GarageChangeStatus::Expired
        } else {
            self.status
        }
    }

    /// Whether the owner can still decide.
    pub fn is_open(&self, now: Instant) -> bool {
        self.check_open(now).is_ok()
    }

    fn check_open(&self, now: Instant) -> Result<(), GarageChangeRefusal> {
        match self.status_at(now) {
            GarageChangeStatus::Requested => Ok(()),
            GarageChangeStatus::Expired => Err(GarageChangeRefusal::Expired),
            GarageChangeStatus::Agreed | GarageChangeStatus::Declined | GarageChangeStatus::Withdrawn => {
                Err(GarageChangeRefusal::NotOpen)
            }
        }
    }

    fn decided(self, status: GarageChangeStatus, now: Instant) -> Self {
        Self { status, decided_at: Some(now), ..self }
    }

    /// The owner agrees: the passport is kept by the garage that asked, with that garage's record of the car's user, if it has
    /// that still. The hands stay what they were, so a car in a fleet stays in it.
    pub fn agree(
        self,
        passport: Passport,
        customer: Option<CustomerId>,
        pending: Pending,
        taken: Option<Taken>,
        now: Instant,
    ) -> Result<Agreement, GarageChangeRefusal> {
        self.check_open(now)?;
        check_settled(&passport, pending, taken, now)?;
        let (garage_change_id, passport_id) = (self.id, self.passport_id);
        let driver = passport.hands.driver.filter(|_| passport.hands.fleet.is_some());
        let agreed = Fact::GarageChangeAgreed { garage_change_id, passport_id, driver };
        let left = Fact::PassportLeft { garage_change_id, passport_id };
        let passport = Passport { garage_id: self.garage_id, kept_since: Some(now), customer_id: customer, ..passport };
        let change = self.decided(GarageChangeStatus::Agreed, now);
        Ok(Agreement { change, changed: Changed { passport, custody: vec![], facts: vec![agreed] }, left })
    }

    /// The owner declines.
    pub fn decline(self, now: Instant) -> Result<(Self, Fact), GarageChangeRefusal> {
        self.check_open(now)?;
        let fact = Fact::GarageChangeDeclined { garage_change_id: self.id, passport_id: self.passport_id };
        Ok((self.decided(GarageChangeStatus::Declined, now), fact))
    }

    /// The garage that asked takes it back.
    pub fn withdraw(self, now: Instant) -> Result<(Self, Fact), GarageChangeRefusal> {
        self.check_open(now)?;
        let fact = Fact::GarageChangeWithdrawn { garage_change_id: self.id, passport_id: self.passport_id };
        Ok((self.decided(GarageChangeStatus::Withdrawn, now), fact))
    }

    /// Records that its time is over.
    pub fn expire(self, now: Instant) -> Result<(Self, Fact), GarageChangeRefusal> {
        if self.status != GarageChangeStatus::Requested || now < self.expires_at {
            return Err(GarageChangeRefusal::NotOpen);
        }
        let fact = Fact::GarageChangeExpired { garage_change_id: self.id, passport_id: self.passport_id };
        Ok((self.decided(GarageChangeStatus::Expired, now), fact))
    }
}

#[cfg(test)]
mod tests;
