//! Transfers: handing a passport over to a new owner or, in a fleet, to a new driver (*overdracht*).

use crate::{
    Instant, coded_enum,
    custody::{CustodyEntry, Hands},
    event::Fact,
    ids::{AccountId, CustomerId, FleetId, GarageId, PassportId, TransferId},
    passport::{Passport, PassportStatus},
    value::{AccountKind, EmailAddress, TransferKind},
};
use jiff::SignedDuration;

/// How many days an offer stands unless set otherwise (rule T6).
pub const DEFAULT_DAYS: i64 = 14;
/// The most days an offer can stand.
pub const MAX_DAYS: i64 = 60;

coded_enum! {
    /// The life of an offer (rule T6).
    pub enum TransferStatus {
        /// Waiting for the recipient.
        Offered => "offered",
        /// The recipient took it.
        Accepted => "accepted",
        /// The recipient did not want it.
        Declined => "declined",
        /// Who offered took it back.
        Withdrawn => "withdrawn",
        /// Nobody took it in time.
        Expired => "expired",
    }
}

/// An offer to hand a passport over, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The passport that is offered.
    pub passport_id: PassportId,
    /// The garage that keeps the passport.
    pub garage_id: GarageId,
    /// The plate, as shown: who offered keeps the record of the act without the car's data (rule T10).
    pub plate: String,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// The account that offered.
    pub offered_by: AccountId,
    /// The fleet on whose behalf, if the car was in one.
    pub fleet_id: Option<FleetId>,
    /// To whom.
    pub recipient_email: EmailAddress,
    /// Where it is in its life.
    pub status: TransferStatus,
    /// When it was offered.
    pub offered_at: Instant,
    /// From when it can no longer be accepted.
    pub expires_at: Instant,
    /// When it found its end.
    pub decided_at: Option<Instant>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a transfer is refused.
    pub enum TransferRefusal {
        /// Rule T1: only an active passport can be offered.
        PassportNotActive => "passport_not_active",
        /// Rule T2.
        OnlyFleetManagerMayTransfer => "only_fleet_manager_may_transfer",
        /// Rule T3.
        OnlyOwnerMayTransfer => "only_owner_may_transfer",
        /// Rule T4: outside a fleet there is only a new owner.
        NewDriverOnlyInFleet => "new_driver_only_in_fleet",
        /// Rule T4: the recipient is the owner, or the driver, already.
        RecipientAlreadyHolds => "recipient_already_holds_role",
        /// Rule T4: the recipient is the fleet itself.
        RecipientIsFleet => "recipient_is_fleet",
        /// Rule T4: that e-mail signs in as a garage's staff or a fleet, which can drive no car.
        RecipientNotDriver => "recipient_not_driver",
        /// Rule T5: another offer is open.
        Open => "transfer_open",
        /// Rule T6: it was accepted, declined or withdrawn already.
        NotOpen => "transfer_not_open",
        /// Rule T6: its time is over.
        Expired => "transfer_expired",
        /// Rule T6: only who offered may withdraw it or send it again.
        NotOfferer => "only_offerer_may_withdraw",
        /// Rule T6: only the recipient may accept or decline.
        NotRecipient => "only_recipient_may_decide",
    }
}

/// Who wants to offer a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offerer {
    /// A fleet's account.
    Fleet(AccountId, FleetId),
    /// A driver's account.
    Driver(AccountId),
    /// Anyone else: the garage, support.
    Other,
}

/// Whom an offer may not go to (rule T4).
#[derive(Clone, Copy, Debug, Default)]
pub struct Holders<'a> {
    /// The e-mail of the account that drives the car.
    pub driver: Option<&'a EmailAddress>,
    /// The e-mail of the fleet's account.
    pub fleet: Option<&'a EmailAddress>,
    /// What the account with the recipient's e-mail is for, if there is one.
    pub recipient: Option<AccountKind>,
}

/// Who may offer a passport (rules T1 to T3).
pub fn may_offer(passport: &Passport, offerer: Offerer) -> Result<(), TransferRefusal> {
    match (passport.hands.fleet, offerer) {
        (Some(fleet), Offerer::Fleet(_, own)) if fleet == own => {}
        (Some(_), _) => return Err(TransferRefusal::OnlyFleetManagerMayTransfer),
        (None, Offerer::Driver(account)) if passport.hands.driver == Some(account) => {}
        (None, _) => return Err(TransferRefusal::OnlyOwnerMayTransfer),
    }
    if passport.status == PassportStatus::Active { Ok(()) } else { Err(TransferRefusal::PassportNotActive) }
}

/// An offer, as asked for.
#[derive(Clone, Debug)]
pub struct NewTransfer {
    /// Its id.
    pub id: TransferId,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// To whom.
    pub recipient_email: EmailAddress,
    /// How many days it stands.
    pub days: i64,
}

/// What an acceptance leaves behind (rules T7 and T8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The offer, accepted.
    pub transfer: Transfer,
    /// The passport, in its new hands.
    pub passport: Passport,
    /// What its history of hands grows by.
    pub custody: Vec<CustodyEntry>,
    /// What happened.
    pub fact: Fact,
}

impl Transfer {
    /// Offers a passport (rules T1 to T5).
    pub fn offer(
        new: NewTransfer,
        passport: &Passport,
        offerer: Offerer,
        holders: Holders<'_>,
        transfer_open: bool,
        now: Instant,
    ) -> Result<(Self, Fact), TransferRefusal> {
        may_offer(passport, offerer)?;
        let offered_by = match offerer {
            Offerer::Fleet(account, _) | Offerer::Driver(account) => account,
            Offerer::Other => return Err(TransferRefusal::OnlyOwnerMayTransfer),
        };
        let fleet_id = passport.hands.fleet;
        if new.kind == TransferKind::NewDriver && fleet_id.is_none() {
            return Err(TransferRefusal::NewDriverOnlyInFleet);
        }
        if holders.fleet == Some(&new.recipient_email) {
            return Err(TransferRefusal::RecipientIsFleet);
        }
        if holders.recipient.is_some_and(|kind| kind != AccountKind::Driver) {
            return Err(TransferRefusal::RecipientNotDriver);
        }
        // In a fleet the driver may become the owner; who holds the very role that is offered may not.
        let holds_role = new.kind == TransferKind::NewDriver || fleet_id.is_none();
        if holds_role && holders.driver == Some(&new.recipient_email) {
            return Err(TransferRefusal::RecipientAlreadyHolds);
        }
        if transfer_open {
            return Err(TransferRefusal::Open);
        }
        let fact = Fact::TransferOffered { transfer_id: new.id, passport_id: passport.id, transfer_kind: new.kind };
        let transfer = Self {
            id: new.id,
            passport_id: passport.id,
            garage_id: passport.garage_id,
            plate: passport.vehicle.plate.shown(),
            kind: new.kind,
            offered_by,
            fleet_id,
            recipient_email: new.recipient_email,
            status: TransferStatus::Offered,
            offered_at: now,
            expires_at: after_days(now, new.days),
            decided_at: None,
            version: 1,
        };
        Ok((transfer, fact))
    }

    /// Whether it can still be accepted.
    pub fn is_open(&self, now: Instant) -> bool {
        self.check_open(now).is_ok()
    }

    /// Its status at `now`: an offer whose time is over is expired, also before that was written down.
    pub fn status_at(&self, now: Instant) -> TransferStatus {
        if self.status == TransferStatus::Offered && now >= self.expires_at {
            TransferStatus::Expired
        } else {
            self.status
        }
    }

    fn check_open(&self, now: Instant) -> Result<(), TransferRefusal> {
        match self.status_at(now) {
            TransferStatus::Offered => Ok(()),
            TransferStatus::Expired => Err(TransferRefusal::Expired),
            TransferStatus::Accepted | TransferStatus::Declined | TransferStatus::Withdrawn => {
                Err(TransferRefusal::NotOpen)
            }
        }
    }

    fn decided(self, status: TransferStatus, now: Instant) -> Self {
        Self { status, decided_at: Some(now), ..self }
    }

    /// The recipient takes the car (rules T6 to T9). `customer` is the garage's record of the recipient: what is the
    /// former driver's own stays behind with their record.
    pub fn accept(
        self,
        passport: Passport,
        recipient: (AccountId, &EmailAddress),
        customer: CustomerId,
        now: Instant,
    ) -> Result<Acceptance, TransferRefusal> {
        let (account, email) = recipient;
        if *email != self.recipient_email {
            return Err(TransferRefusal::NotRecipient);
        }
        self.check_open(now)?;
        let before = passport.hands;
        let fleet = match self.kind {
            TransferKind::NewOwner => None,
            TransferKind::NewDriver => before.fleet,
        };
        let hands = Hands { driver: Some(account), fleet };
        let fact = Fact::TransferAccepted {
            transfer_id: self.id,
            passport_id: passport.id,
            transfer_kind: self.kind,
            recipient: account,
            offered_by: self.offered_by,
            former_driver: before.driver.filter(|former| *former != account),
            former_fleet: before.fleet.filter(|_| fleet.is_none()),
        };
        let changed =
            Passport { customer_id: Some(customer), ..passport }.into_hands(hands, now, Some(account), vec![]);
        Ok(Acceptance {
            transfer: self.decided(TransferStatus::Accepted, now),
            passport: changed.passport,
            custody: changed.custody,
            fact,
        })
    }

    /// The recipient does not want it (rule T6).
    pub fn decline(self, recipient: &EmailAddress, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        if *recipient != self.recipient_email {
            return Err(TransferRefusal::NotRecipient);
        }
        self.check_open(now)?;
        let fact = Fact::TransferDeclined {
            transfer_id: self.id,
            passport_id: Some(self.passport_id),
            offered_by: self.offered_by,
        };
        Ok((self.decided(TransferStatus::Declined, now), fact))
    }

    /// Who offered takes it back (rule T6).
    pub fn withdraw(self, by: AccountId, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        self.check_offerer(by)?;
        self.check_open(now)?;
        let fact = Fact::TransferWithdrawn { transfer_id: self.id, passport_id: Some(self.passport_id) };
        Ok((self.decided(TransferStatus::Withdrawn, now), fact))
    }

    /// Who offered has it mailed again; its time starts anew (rule T6).
    pub fn resend(self, by: AccountId, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        self.check_offerer(by)?;
        self.check_open(now)?;
        let stands = self.expires_at.duration_since(self.offered_at);
        let expires_at = now.checked_add(stands).unwrap_or(Instant::MAX).max(self.expires_at);
        let fact = Fact::TransferResent { transfer_id: self.id, passport_id: Some(self.passport_id) };
        Ok((Self { expires_at, ..self }, fact))
    }

    /// Writes down that its time is over (rule T6).
    pub fn expire(self, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        if self.status != TransferStatus::Offered || now < self.expires_at {
            return Err(TransferRefusal::NotOpen);
        }
        let fact = Fact::TransferExpired {
            transfer_id: self.id,
            passport_id: Some(self.passport_id),
            offered_by: self.offered_by,
        };
        Ok((self.decided(TransferStatus::Expired, now), fact))
    }

    fn check_offerer(&self, by: AccountId) -> Result<(), TransferRefusal> {
        if self.offered_by == by { Ok(()) } else { Err(TransferRefusal::NotOfferer) }
    }
}

fn after_days(now: Instant, days: i64) -> Instant {
    now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests;
