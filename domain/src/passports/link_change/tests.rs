//! Rule L5: who has second thoughts about a change of link, for how long, and what comes of them.

use super::*;
use crate::{
    custody::CustodyRole,
    fleet::tests::fleet,
    passport::tests::{DRIVER, STAFF, active, invited, now},
};
use uuid::Uuid;

const MANAGER: AccountId = AccountId(Uuid::from_u128(60));

fn circumstances(open: Option<LinkChange>) -> Circumstances {
    Circumstances {
        pending: Pending::default(),
        open,
        new: NewLinkChange { id: LinkChangeId(Uuid::from_u128(70)), days: 7 },
    }
}

fn linked() -> (Passport, LinkChange) {
    let done = link(active(None), &fleet(1), circumstances(None), STAFF, now()).unwrap();
    (done.changed.passport, done.made.unwrap())
}

fn unlinked() -> (Passport, LinkChange) {
    let done = unlink(active(Some(&fleet(1))), circumstances(None), STAFF, now()).unwrap();
    (done.changed.passport, done.made.unwrap())
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn owner() -> (Holder, AccountId) {
    (Holder::Account(DRIVER), DRIVER)
}

fn company() -> (Holder, AccountId) {
    (Holder::Fleet(fleet(1).id), MANAGER)
}

#[test]
fn l5_the_private_owner_of_a_linked_car_and_the_fleet_of_an_unlinked_one_may_object() {
    let (passport, change) = linked();
    assert_eq!((change.former_owner(), change.ends_at), (Holder::Account(DRIVER), now() + days(7)));
    assert_eq!(passport.hands.owner(), Holder::Fleet(fleet(1).id));
    let (passport, change) = unlinked();
    assert_eq!((change.former_owner(), change.ends_at), (Holder::Fleet(fleet(1).id), now() + days(7)));
    assert_eq!(passport.hands.owner(), Holder::Account(DRIVER));
}

#[test]
fn l5_the_fact_names_the_change() {
    let (driver, fleet_id, passport_id) = (Some(DRIVER), fleet(1).id, active(None).id);
    let done = link(active(None), &fleet(1), circumstances(None), STAFF, now()).unwrap();
    let change_id = done.made.map(|change| change.id);
    assert!(change_id.is_some());
    assert_eq!(done.changed.facts, [Fact::PassportLinked { passport_id, fleet_id, driver, change_id }]);
    let done = unlink(active(Some(&fleet(1))), circumstances(None), STAFF, now()).unwrap();
    assert_eq!(done.changed.facts, [Fact::PassportUnlinked { passport_id, fleet_id, driver, change_id }]);
}

#[test]
fn l5_a_passport_that_nobody_activated_and_a_garage_without_such_days_have_no_second_thoughts() {
    let company = fleet(1);
    let early = link(invited(None), &company, circumstances(None), STAFF, now()).unwrap();
    assert_eq!((early.made, early.changed.passport.fleet()), (None, Some(company.id)));
    assert_eq!(unlink(invited(Some(&company)), circumstances(None), STAFF, now()).unwrap().made, None);
    let new = NewLinkChange { days: 0, ..circumstances(None).new };
    let without = Circumstances { new, ..circumstances(None) };
    assert_eq!(link(active(None), &company, without, STAFF, now()).unwrap().made, None);
    let nothing = link(active(Some(&company)), &company, circumstances(None), STAFF, now()).unwrap();
    assert_eq!((nothing.made, nothing.changed.facts), (None, vec![]));
}

#[test]
fn l5_an_objection_puts_the_car_back() {
    let (passport, change) = linked();
    let done = change.object(passport, owner(), false, now()).unwrap();
    assert_eq!((done.change.status, done.passport.hands), (LinkChangeStatus::Objected, active(None).hands));
    let roles: Vec<_> = done.custody.iter().map(|entry| (entry.role, entry.holder, entry.changed_by)).collect();
    let by = Some(DRIVER);
    let expected = [(CustodyRole::Owner, Holder::Account(DRIVER), by), (CustodyRole::Fleet, Holder::Nobody, by)];
    assert_eq!(roles, expected);
    let (passport, change) = unlinked();
    let done = change.object(passport, company(), false, now()).unwrap();
    assert_eq!(done.passport.hands, active(Some(&fleet(1))).hands);
    assert_eq!(
        done.fact,
        Fact::LinkChangeObjected {
            change_id: done.change.id,
            passport_id: done.passport.id,
            change: LinkChangeKind::Unlinked,
            fleet_id: fleet(1).id,
            driver: DRIVER,
        }
    );
}

#[test]
fn l5_only_the_side_that_lost_the_car_decides() {
    for ((passport, change), stranger) in [(linked(), company()), (unlinked(), owner())] {
        let refused = LinkChangeRefusal::NotFormerOwner;
        assert_eq!(change.clone().agree(stranger.0, now()).unwrap_err(), refused);
        assert_eq!(change.object(passport, stranger, false, now()).unwrap_err(), refused);
    }
}

#[test]
fn l5_it_is_decided_once_and_in_time() {
    let (passport, change) = linked();
    let late = now() + days(7);
    assert_eq!((change.status_at(late), change.is_open(late)), (LinkChangeStatus::Over, false));
    assert_eq!(change.clone().agree(owner().0, late).unwrap_err(), LinkChangeRefusal::Over);
    assert_eq!(change.clone().object(passport.clone(), owner(), false, late).unwrap_err(), LinkChangeRefusal::Over);
    assert_eq!(
        (change.clone().lapsed().status, change.clone().lapsed().decided_at),
        (LinkChangeStatus::Over, Some(late))
    );
    let (agreed, fact) = change.clone().agree(owner().0, now()).unwrap();
    assert_eq!(fact, Fact::LinkChangeAgreed { change_id: change.id, passport_id: passport.id });
    let objected = change.object(passport.clone(), owner(), false, now()).unwrap().change;
    for decided in [agreed, objected] {
        assert_eq!(decided.clone().agree(owner().0, late).unwrap_err(), LinkChangeRefusal::NotOpen);
        let refused = decided.object(passport.clone(), owner(), false, now());
        assert_eq!(refused.unwrap_err(), LinkChangeRefusal::NotOpen);
    }
}

#[test]
fn l5_an_objection_is_refused_when_the_car_is_no_longer_where_the_change_left_it() {
    let (passport, change) = linked();
    let object = |passport, open| change.clone().object(passport, owner(), open, now()).unwrap_err();
    assert_eq!(object(passport.clone(), true), LinkChangeRefusal::TransferOpen);
    let hands = Hands { driver: Some(MANAGER), ..passport.hands };
    assert_eq!(object(Passport { hands, ..passport.clone() }, false), LinkChangeRefusal::HandsChanged);
    let archived = passport.archive(Pending::default(), STAFF, now()).unwrap().passport;
    assert_eq!(object(archived, false), LinkChangeRefusal::PassportArchived);
}

#[test]
fn l5_the_garage_undoes_a_change_and_nobody_objects_to_that() {
    let (passport, change) = linked();
    let undone = unlink(passport, circumstances(Some(change.clone())), STAFF, now()).unwrap();
    assert_eq!((undone.made, undone.changed.passport.hands), (None, active(None).hands));
    assert_eq!(undone.withdrawn.map(|change| change.status), Some(LinkChangeStatus::Withdrawn));
    let withdrawn = Fact::LinkChangeWithdrawn { change_id: change.id, passport_id: change.passport_id };
    assert_eq!(undone.changed.facts.last(), Some(&withdrawn));
    let (passport, change) = unlinked();
    let undone = link(passport, &fleet(1), circumstances(Some(change)), STAFF, now()).unwrap();
    assert_eq!((undone.made, undone.changed.passport.hands), (None, active(Some(&fleet(1))).hands));
}

#[test]
fn l5_a_car_that_a_fleet_may_have_back_goes_to_no_other_fleet() {
    let (passport, change) = unlinked();
    let to_other = |open| link(passport.clone(), &fleet(2), circumstances(open), STAFF, now());
    assert_eq!(to_other(Some(change.clone())).unwrap_err(), PassportRefusal::LinkChangeOpen);
    let agreed = change.clone().agree(company().0, now()).unwrap().0;
    for decided in [agreed, LinkChange { ends_at: now(), ..change }] {
        assert!(to_other(Some(decided)).unwrap().made.is_some());
    }
}
