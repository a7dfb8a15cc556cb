//! Transfers: a passport is handed over to a new owner or, in a fleet, to a new driver (*overdracht*).

use crate::{
    Instant, coded_enum,
    custody::{CustodyEntry, Hands},
    event::Fact,
    ids::{AccountId, CustomerId, FleetId, GarageId, PassportId, TransferId},
    invitation::Taken,
    passport::{Passport, PassportStatus, Pending},
    value::{EmailAddress, TransferKind},
};
use jiff::SignedDuration;

/// How many days an offer is open, unless the offerer chooses (rule T6).
pub const DEFAULT_DAYS: i64 = 14;
/// The most days that an offer can be open.
pub const MAX_DAYS: i64 = 60;

coded_enum! {
    /// The life of an offer (rule T6).
    pub enum TransferStatus {
        /// The recipient has not decided yet.
        Offered => "offered",
        /// The recipient accepted it.
        Accepted => "accepted",
        /// The recipient declined it.
        Declined => "declined",
        /// The offerer took it back.
        Withdrawn => "withdrawn",
        /// Nobody accepted it in time.
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
    /// The plate, as shown to people: the offerer keeps this record of the transfer, but no longer sees the car (rule
    /// T10).
    pub plate: String,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// The account that offered.
    pub offered_by: AccountId,
    /// The fleet in whose name it was offered, if the car was in a fleet.
    pub fleet_id: Option<FleetId>,
    /// The e-mail of the recipient.
    pub recipient_email: EmailAddress,
    /// The account that the offer belongs to since it ended: that of the recipient who decided, or that which had the
    /// address when it was withdrawn or expired. None while it is open, when it belongs to whoever has the address, and
    /// when nobody had (rule T12).
    pub recipient: Option<AccountId>,
    /// Offered, accepted, declined, withdrawn or expired.
    pub status: TransferStatus,
    /// When the offer was made.
    pub offered_at: Instant,
    /// When the offer expires: from then on it cannot be accepted.
    pub expires_at: Instant,
    /// When the offer ended; none while it is open.
    pub decided_at: Option<Instant>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a transfer is refused.
    pub enum TransferRefusal {
        /// Rule T1: only an active passport can be offered.
        PassportNotActive => "passport_not_active",
        /// Rule T2: the car is in a fleet, so only the fleet manager may offer it.
        OnlyFleetManagerMayTransfer => "only_fleet_manager_may_transfer",
        /// Rule F8: the garage still has the fleet's password.
        FleetNotHandedOver => "fleet_not_handed_over",
        /// Rule P14: the garage can still end the activation by an account with another address.
        ActivationNotSettled => "activation_not_settled",
        /// Rule T3: the car is in no fleet, so only its owner may offer it.
        OnlyOwnerMayTransfer => "only_owner_may_transfer",
        /// Rule T4: a car that is in no fleet can only get a new owner.
        NewDriverOnlyInFleet => "new_driver_only_in_fleet",
        /// Rule T4: the recipient is already the owner, or the driver.
        RecipientAlreadyHolds => "recipient_already_holds_role",
        /// Rule T4: the recipient is the fleet itself.
        RecipientIsFleet => "recipient_is_fleet",
        /// Rule T5: the car already has an open offer.
        Open => "transfer_open",
        /// Rule L5: the side that lost the car by a change of link can still object to it.
        LinkChangeOpen => "link_change_open",
        /// Rule P6: another garage has asked to keep the passport.
        GarageChangeOpen => "garage_change_open",
        /// Rule T6: the offer was already accepted, declined or withdrawn.
        NotOpen => "transfer_not_open",
        /// Rule T6: the offer has expired.
        Expired => "transfer_expired",
        /// Rule T6: only the offerer may withdraw the offer or send it again.
        NotOfferer => "only_offerer_may_withdraw",
        /// Rule T6: only the recipient may accept or decline.
        NotRecipient => "only_recipient_may_decide",
    }
}

/// Who offers a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offerer {
    /// A fleet's account.
    Fleet(AccountId, FleetId),
    /// The account of a fleet that a garage made ready, and whose manager has not chosen a password yet (rule F8).
    Prepared(FleetId),
    /// A driver's account.
    Driver(AccountId),
    /// Anyone else: staff of the garage, or support.
    Other,
}

/// What must be known to decide whether someone may be the recipient (rule T4).
#[derive(Clone, Copy, Debug, Default)]
pub struct Holders<'a> {
    /// The e-mail of the account that drives the car.
    pub driver: Option<&'a EmailAddress>,
    /// The e-mail of the fleet's account.
    pub fleet: Option<&'a EmailAddress>,
    /// How an account with another address has activated the passport, if one did.
    pub taken: Option<Taken>,
}

/// Whether `offerer` may offer the passport (rules T1 to T3).
pub fn may_offer(passport: &Passport, offerer: Offerer) -> Result<(), TransferRefusal> {
    match (passport.hands.fleet, offerer) {
        (Some(fleet), Offerer::Fleet(_, own)) if fleet == own => {}
        (Some(fleet), Offerer::Prepared(own)) if fleet == own => return Err(TransferRefusal::FleetNotHandedOver),
        (Some(_), _) => return Err(TransferRefusal::OnlyFleetManagerMayTransfer),
        (None, Offerer::Driver(account)) if passport.hands.driver == Some(account) => {}
        (None, _) => return Err(TransferRefusal::OnlyOwnerMayTransfer),
    }
    if passport.status == PassportStatus::Active { Ok(()) } else { Err(TransferRefusal::PassportNotActive) }
}

/// An offer to be made.
#[derive(Clone, Debug)]
pub struct NewTransfer {
    /// Its id.
    pub id: TransferId,
    /// What the recipient becomes.
    pub kind: TransferKind,
    /// The e-mail of the recipient.
    pub recipient_email: EmailAddress,
    /// How many days the offer is open.
    pub days: i64,
}

/// Everything that must be stored when an offer is accepted (rules T7 and T8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The offer, accepted.
    pub transfer: Transfer,
    /// The passport, in its new hands.
    pub passport: Passport,
    /// The new entries of its history of hands.
    pub custody: Vec<CustodyEntry>,
    /// What happened.
    pub fact: Fact,
}

impl Transfer {
    /// Offers a passport (rules T1 to T5 and L5).
    pub fn offer(
        new: NewTransfer,
        passport: &Passport,
        offerer: Offerer,
        holders: Holders<'_>,
        pending: Pending,
        now: Instant,
    ) -> Result<(Self, Fact), TransferRefusal> {
        may_offer(passport, offerer)?;
        // Or whoever got hold of the link could pass the car on before the garage notices.
        let is_taken = |by: AccountId| holders.taken.is_some_and(|taken| taken.by == by && taken.is_revocable(now));
        if matches!(offerer, Offerer::Driver(by) if is_taken(by)) {
            return Err(TransferRefusal::ActivationNotSettled);
        }
        let offered_by = match offerer {
            Offerer::Fleet(account, _) | Offerer::Driver(account) => account,
            Offerer::Prepared(_) | Offerer::Other => return Err(TransferRefusal::OnlyOwnerMayTransfer),
        };
        // Before the recipient is looked at: what is told of an address needs an offer that could be made.
        if pending.transfer {
            return Err(TransferRefusal::Open);
        }
        // Not to a new driver either: after a link the driver is the side that may object, and would lose the car for good.
        if pending.link_change {
            return Err(TransferRefusal::LinkChangeOpen);
        }
        if pending.garage_change {
            return Err(TransferRefusal::GarageChangeOpen);
        }
        let fleet_id = passport.hands.fleet;
        if new.kind == TransferKind::NewDriver && fleet_id.is_none() {
            return Err(TransferRefusal::NewDriverOnlyInFleet);
        }
        if holders.fleet == Some(&new.recipient_email) {
            return Err(TransferRefusal::RecipientIsFleet);
        }
        // In a fleet the driver may become the owner, but nobody is offered a role that they already have.
        let holds_role = new.kind == TransferKind::NewDriver || fleet_id.is_none();
        if holds_role && holders.driver == Some(&new.recipient_email) {
            return Err(TransferRefusal::RecipientAlreadyHolds);
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
            recipient: None,
            status: TransferStatus::Offered,
            offered_at: now,
            expires_at: after_days(now, new.days),
            decided_at: None,
            version: 1,
        };
        Ok((transfer, fact))
    }

    /// Whether the offer can still be accepted.
    pub fn is_open(&self, now: Instant) -> bool {
        self.check_open(now).is_ok()
    }

    /// Its status at `now`. An offer is expired as soon as its time is over, even if that is not stored yet.
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

    /// Whether this account, with this e-mail, is the recipient: while the offer is open, whoever has the address to
    /// which it was made; after that, the account that it belongs to (rule T12).
    pub fn is_recipient(&self, (account, email): (AccountId, &EmailAddress)) -> bool {
        match self.status {
            TransferStatus::Offered => self.recipient_email == *email,
            TransferStatus::Accepted
            | TransferStatus::Declined
            | TransferStatus::Withdrawn
            | TransferStatus::Expired => self.recipient == Some(account),
        }
    }

    /// The offer has ended. `recipient` is the account that it belongs to from now on.
    fn decided(self, status: TransferStatus, recipient: Option<AccountId>, now: Instant) -> Self {
        Self { status, recipient, decided_at: Some(now), ..self }
    }

    /// The recipient accepts the offer (rules T6 to T9). `customer` is the garage's record of the recipient; the
    /// personal data of the former driver stays with their own record.
    pub fn accept(
        self,
        passport: Passport,
        recipient: (AccountId, &EmailAddress),
        customer: CustomerId,
        now: Instant,
    ) -> Result<Acceptance, TransferRefusal> {
        self.check_recipient(recipient)?;
        self.check_open(now)?;
        let (account, _) = recipient;
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
            transfer: self.decided(TransferStatus::Accepted, Some(account), now),
            passport: changed.passport,
            custody: changed.custody,
            fact,
        })
    }

    /// The recipient declines the offer (rule T6).
    pub fn decline(self, recipient: (AccountId, &EmailAddress), now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        self.check_recipient(recipient)?;
        self.check_open(now)?;
        let fact = Fact::TransferDeclined {
            transfer_id: self.id,
            passport_id: Some(self.passport_id),
            offered_by: self.offered_by,
        };
        Ok((self.decided(TransferStatus::Declined, Some(recipient.0), now), fact))
    }

    /// The offerer withdraws the offer (rule T6). `recipient` is the driver's account that has the address now, if any.
    pub fn withdraw(
        self,
        by: AccountId,
        recipient: Option<AccountId>,
        now: Instant,
    ) -> Result<(Self, Fact), TransferRefusal> {
        self.check_offerer(by)?;
        self.check_open(now)?;
        let fact = Fact::TransferWithdrawn { transfer_id: self.id, passport_id: Some(self.passport_id) };
        Ok((self.decided(TransferStatus::Withdrawn, recipient, now), fact))
    }

    /// The offerer has the offer mailed again; its time starts again (rule T6).
    pub fn resend(self, by: AccountId, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        self.check_offerer(by)?;
        self.check_open(now)?;
        let stands = self.expires_at.duration_since(self.offered_at);
        let expires_at = now.checked_add(stands).unwrap_or(Instant::MAX).max(self.expires_at);
        let fact = Fact::TransferResent { transfer_id: self.id, passport_id: Some(self.passport_id) };
        Ok((Self { expires_at, ..self }, fact))
    }

    /// Records that the offer has expired (rule T6). `recipient` is the driver's account that has the address now, if any.
    pub fn expire(self, recipient: Option<AccountId>, now: Instant) -> Result<(Self, Fact), TransferRefusal> {
        if self.status != TransferStatus::Offered || now < self.expires_at {
            return Err(TransferRefusal::NotOpen);
        }
        let fact = Fact::TransferExpired {
            transfer_id: self.id,
            passport_id: Some(self.passport_id),
            offered_by: self.offered_by,
        };
        Ok((self.decided(TransferStatus::Expired, recipient, now), fact))
    }

    fn check_recipient(&self, who: (AccountId, &EmailAddress)) -> Result<(), TransferRefusal> {
        if self.is_recipient(who) { Ok(()) } else { Err(TransferRefusal::NotRecipient) }
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
