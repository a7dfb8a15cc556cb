//! Changes of link: after the garage links an active passport to a fleet, or unlinks one, the side that lost the car has some
//! days for second thoughts, in which it can agree or object (rule L5).
//!
//! An objection puts the car back. Until the side that lost it has decided, or its time is over, nobody offers the car to
//! anyone. The garage can undo the change itself meanwhile, and can do nothing else with the link: otherwise it could take
//! the objection away by a second change.

use crate::{
    Instant, coded_enum,
    custody::{CustodyEntry, Hands, Holder},
    event::Fact,
    ids::{AccountId, FleetId, GarageId, LinkChangeId, PassportId},
    passport::{Changed, FleetToJoin, Passport, PassportRefusal, PassportStatus, Pending},
    value::LinkChangeKind,
};
use jiff::SignedDuration;

coded_enum! {
    /// The life of a change of link.
    pub enum LinkChangeStatus {
        /// The side that lost the car can still object.
        Open => "open",
        /// It agreed.
        Agreed => "agreed",
        /// It objected, and has the car again.
        Objected => "objected",
        /// The garage undid the change itself before that.
        Withdrawn => "withdrawn",
        /// Nobody objected in time.
        Over => "over",
    }
}

/// A change of link to which the side that lost the car can object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkChange {
    /// Its id.
    pub id: LinkChangeId,
    /// The passport that was linked or unlinked.
    pub passport_id: PassportId,
    /// The garage that did it.
    pub garage_id: GarageId,
    /// The plate, as shown to people: who lost the car keeps this record, but may see the car no longer.
    pub plate: String,
    /// Linked or unlinked.
    pub kind: LinkChangeKind,
    /// The fleet to which the car was linked, or from which it was unlinked.
    pub fleet_id: FleetId,
    /// Who drove the car then: its private owner before a link, and after an unlink.
    pub driver: AccountId,
    /// Open, agreed, objected, withdrawn or over.
    pub status: LinkChangeStatus,
    /// When the garage did it.
    pub changed_at: Instant,
    /// From when on nobody can object.
    pub ends_at: Instant,
    /// When it was decided or withdrawn, or its time was over; none while it is open.
    pub decided_at: Option<Instant>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a decision about a change of link is refused.
    pub enum LinkChangeRefusal {
        /// It was agreed or objected to, or withdrawn, before.
        NotOpen => "link_change_not_open",
        /// Its time is over.
        Over => "link_change_over",
        /// Only the side that lost the car may agree or object.
        NotFormerOwner => "only_former_owner_may_decide",
        /// The passport is archived.
        PassportArchived => "passport_archived",
        /// The car has an open offer.
        TransferOpen => "transfer_open",
        /// The car has other hands than after the change.
        HandsChanged => "link_change_hands_changed",
    }
}

/// A change of link to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewLinkChange {
    /// Its id.
    pub id: LinkChangeId,
    /// For how many days the side that loses the car can object; zero for not at all.
    pub days: i64,
}

/// What a link or unlink has done, with all that must be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relinked {
    /// The passport, in its new hands.
    pub changed: Changed,
    /// The change to which the side that lost the car can object.
    pub made: Option<LinkChange>,
    /// The change that the garage has undone by this.
    pub withdrawn: Option<LinkChange>,
}

/// What an objection has done, with all that must be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The change, objected to.
    pub change: LinkChange,
    /// The passport, in the hands of before.
    pub passport: Passport,
    /// The new entries of its history of hands.
    pub custody: Vec<CustodyEntry>,
    /// What happened.
    pub fact: Fact,
}

/// What must be known to link or unlink a passport besides the passport itself.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// What about the passport waits for somebody's decision (rules L3 and P6).
    pub pending: Pending,
    /// The last change of link to which the side that lost the car can still object.
    pub open: Option<LinkChange>,
    /// The change to be made, if one is.
    pub new: NewLinkChange,
}

/// Links a passport to a fleet (rules L1 to L3 and L5).
pub fn link(
    passport: Passport,
    fleet: impl Into<FleetToJoin>,
    circumstances: Circumstances,
    by: AccountId,
    now: Instant,
) -> Result<Relinked, PassportRefusal> {
    let (before, fleet) = (passport.clone(), fleet.into());
    let Circumstances { pending, open, new } = circumstances;
    let changed = passport.link(fleet, pending.transfer, by, now)?;
    check_garage_change(&changed, pending)?;
    let open = open.filter(|change| change.is_open(now));
    // Another fleet would get a car that the former one may still have back.
    let is_other = |change: &LinkChange| change.kind == LinkChangeKind::Unlinked && change.fleet_id != fleet.id;
    if !changed.facts.is_empty() && open.as_ref().is_some_and(is_other) {
        return Err(PassportRefusal::LinkChangeOpen);
    }
    Ok(relinked(&before, changed, (LinkChangeKind::Linked, fleet.id), open, new, now))
}

/// Unlinks a passport from its fleet (rules L1, L3 and L5).
pub fn unlink(
    passport: Passport,
    circumstances: Circumstances,
    by: AccountId,
    now: Instant,
) -> Result<Relinked, PassportRefusal> {
    let before = passport.clone();
    let Circumstances { pending, open, new } = circumstances;
    let changed = passport.unlink(pending.transfer, by, now)?;
    check_garage_change(&changed, pending)?;
    let fleet = before.hands.fleet.ok_or(PassportRefusal::NotInFleet)?;
    let open = open.filter(|change| change.is_open(now));
    Ok(relinked(&before, changed, (LinkChangeKind::Unlinked, fleet), open, new, now))
}

/// The owner whom a garage asked decides, and nobody else in their place (rule P6).
fn check_garage_change(changed: &Changed, pending: Pending) -> Result<(), PassportRefusal> {
    if pending.garage_change && !changed.facts.is_empty() {
        return Err(PassportRefusal::GarageChangeOpen);
    }
    Ok(())
}

/// Who may object to what was done. What undoes a change to which somebody could still object is no new one: the car is where it
/// was.
fn relinked(
    before: &Passport,
    changed: Changed,
    (kind, fleet_id): (LinkChangeKind, FleetId),
    open: Option<LinkChange>,
    new: NewLinkChange,
    now: Instant,
) -> Relinked {
    if changed.facts.is_empty() {
        return Relinked { changed, made: None, withdrawn: None };
    }
    let is_undone = open.as_ref().is_some_and(|open| open.kind != kind && open.fleet_id == fleet_id);
    let is_for_second_thoughts = !is_undone && before.status == PassportStatus::Active && new.days > 0;
    let made = before.hands.driver.filter(|_| is_for_second_thoughts).map(|driver| LinkChange {
        id: new.id,
        passport_id: before.id,
        garage_id: before.garage_id,
        plate: before.vehicle.plate.shown(),
        kind,
        fleet_id,
        driver,
        status: LinkChangeStatus::Open,
        changed_at: now,
        ends_at: now.checked_add(SignedDuration::from_hours(24 * new.days)).unwrap_or(Instant::MAX),
        decided_at: None,
        version: 1,
    });
    let change_id = made.as_ref().map(|made| made.id);
    let (passport_id, driver) = (before.id, before.hands.driver);
    let mut facts = vec![match kind {
        LinkChangeKind::Linked => Fact::PassportLinked { passport_id, fleet_id, driver, change_id },
        LinkChangeKind::Unlinked => Fact::PassportUnlinked { passport_id, fleet_id, driver, change_id },
    }];
    facts.extend(open.as_ref().map(|open| Fact::LinkChangeWithdrawn { change_id: open.id, passport_id }));
    let withdrawn = open.map(|open| open.decided(LinkChangeStatus::Withdrawn, now));
    Relinked { changed: Changed { facts, ..changed }, made, withdrawn }
}

impl LinkChange {
    /// The side that lost the car: its private owner by a link, the fleet by an unlink.
    pub fn former_owner(&self) -> Holder {
        match self.kind {
            LinkChangeKind::Linked => Holder::Account(self.driver),
            LinkChangeKind::Unlinked => Holder::Fleet(self.fleet_id),
        }
    }

    /// Its status at `now`. It is over as soon as its time is, even if that is not stored.
    pub fn status_at(&self, now: Instant) -> LinkChangeStatus {
        if self.status == LinkChangeStatus::Open && now >= self.ends_at { LinkChangeStatus::Over } else { self.status }
    }

    /// Whether the side that lost the car can still agree or object.
    pub fn is_open(&self, now: Instant) -> bool {
        self.status_at(now) == LinkChangeStatus::Open
    }

    /// The same as its time has made it: to be stored before another change of the passport's link is.
    #[must_use]
    pub fn lapsed(self) -> Self {
        let ends_at = self.ends_at;
        self.decided(LinkChangeStatus::Over, ends_at)
    }

    /// The side that lost the car agrees.
    pub fn agree(self, by: Holder, now: Instant) -> Result<(Self, Fact), LinkChangeRefusal> {
        self.check_open(by, now)?;
        let fact = Fact::LinkChangeAgreed { change_id: self.id, passport_id: self.passport_id };
        Ok((self.decided(LinkChangeStatus::Agreed, now), fact))
    }

    /// The side that lost the car objects, and has it again. `account` is who acts for it.
    pub fn object(
        self,
        passport: Passport,
        (by, account): (Holder, AccountId),
        transfer_open: bool,
        now: Instant,
    ) -> Result<Objection, LinkChangeRefusal> {
        self.check_open(by, now)?;
        if passport.status == PassportStatus::Archived {
            return Err(LinkChangeRefusal::PassportArchived);
        }
        let [inside, outside] = [Some(self.fleet_id), None].map(|fleet| Hands { driver: Some(self.driver), fleet });
        let (before, after) = match self.kind {
            LinkChangeKind::Linked => (outside, inside),
            LinkChangeKind::Unlinked => (inside, outside),
        };
        if passport.hands != after {
            return Err(LinkChangeRefusal::HandsChanged);
        }
        if transfer_open {
            return Err(LinkChangeRefusal::TransferOpen);
        }
        let fact = Fact::LinkChangeObjected {
            change_id: self.id,
            passport_id: passport.id,
            change: self.kind,
            fleet_id: self.fleet_id,
            driver: self.driver,
        };
        let back = passport.into_hands(before, now, Some(account), vec![]);
        let change = self.decided(LinkChangeStatus::Objected, now);
        Ok(Objection { change, passport: back.passport, custody: back.custody, fact })
    }

    fn check_open(&self, by: Holder, now: Instant) -> Result<(), LinkChangeRefusal> {
        if by != self.former_owner() {
            return Err(LinkChangeRefusal::NotFormerOwner);
        }
        match self.status_at(now) {
            LinkChangeStatus::Open => Ok(()),
            LinkChangeStatus::Over => Err(LinkChangeRefusal::Over),
            LinkChangeStatus::Agreed | LinkChangeStatus::Objected | LinkChangeStatus::Withdrawn => {
                Err(LinkChangeRefusal::NotOpen)
            }
        }
    }

    fn decided(self, status: LinkChangeStatus, at: Instant) -> Self {
        Self { status, decided_at: Some(at), ..self }
    }
}

#[cfg(test)]
mod tests;
