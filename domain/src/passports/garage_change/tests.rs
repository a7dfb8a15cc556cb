use super::*;
use crate::{custody::Hands, ids::VehicleId, licence_plate::LicencePlate, passport::Vehicle, value::Country};
use proptest::prelude::*;
use uuid::Uuid;

const HERE: GarageId = GarageId(Uuid::from_u128(1));
const THERE: GarageId = GarageId(Uuid::from_u128(2));
const ELSEWHERE: GarageId = GarageId(Uuid::from_u128(3));
const DRIVER: AccountId = AccountId(Uuid::from_u128(4));
const STAFF: AccountId = AccountId(Uuid::from_u128(5));
const FLEET: FleetId = FleetId(Uuid::from_u128(6));
const OLD_RECORD: CustomerId = CustomerId(Uuid::from_u128(7));
const NEW_RECORD: CustomerId = CustomerId(Uuid::from_u128(8));

fn now() -> Instant {
    Instant::from_second(1_772_000_000).unwrap()
}

fn later(days: i64) -> Instant {
    now() + SignedDuration::from_hours(24 * days)
}

fn passport(fleet: Option<FleetId>) -> Passport {
    let vehicle = Vehicle {
        id: VehicleId(Uuid::from_u128(9)),
        plate: LicencePlate::parse(Country::NL, "TT601D").unwrap(),
        make: None,
        model: None,
        year: None,
        fuel: None,
        vin: Some(Vin::parse("WV2ZZZ7HZDH123456").unwrap()),
        odometer_km: None,
    };
    Passport {
        id: PassportId(Uuid::from_u128(10)),
        garage_id: HERE,
        kept_since: None,
        customer_id: Some(OLD_RECORD),
        vehicle,
        status: PassportStatus::Active,
        hands: Hands { driver: Some(DRIVER), fleet },
        version: 3,
    }
}

fn asked(garage_id: GarageId) -> NewGarageChange {
    NewGarageChange { id: GarageChangeId(Uuid::from_u128(11)), garage_id, customer_id: NEW_RECORD, by: STAFF }
}

fn request(passport: &Passport) -> GarageChange {
    GarageChange::request(asked(THERE), passport, Pending::default(), None, now()).unwrap().0
}

#[test]
fn p6_the_owner_is_asked_the_driver_or_the_fleet() {
    for (fleet_id, driver) in [(None, Some(DRIVER)), (Some(FLEET), None)] {
        let passport = passport(fleet_id);
        let (change, fact) = GarageChange::request(asked(THERE), &passport, Pending::default(), None, now()).unwrap();
        let (garage_change_id, passport_id) = (change.id, passport.id);
        assert_eq!(fact, Fact::GarageChangeRequested { garage_change_id, passport_id, driver, fleet_id });
        assert_eq!((change.garage_id, change.former_garage_id, change.plate.as_str()), (THERE, HERE, "TT-601-D"));
        assert_eq!((change.status, change.expires_at), (GarageChangeStatus::Requested, later(DAYS)));
    }
}

#[test]
fn p6_a_car_stays_while_somebody_else_can_still_get_it_or_have_it_back() {
    let request_while =
        |pending| GarageChange::request(asked(THERE), &passport(None), pending, None, now()).map(|_| ());
    let agree_while =
        |pending| request(&passport(None)).agree(passport(None), None, pending, None, now()).map(|_| ()).unwrap_err();
    let all = Pending { transfer: true, link_change: true, garage_change: true };
    let (linked, asked_for) =
        (Pending { transfer: false, ..all }, Pending { garage_change: true, ..Pending::default() });
    assert_eq!(request_while(all), Err(GarageChangeRefusal::TransferOpen));
    assert_eq!(request_while(linked), Err(GarageChangeRefusal::LinkChangeOpen));
    assert_eq!(request_while(asked_for), Err(GarageChangeRefusal::Open));
    assert_eq!(agree_while(all), GarageChangeRefusal::TransferOpen);
    assert_eq!(agree_while(linked), GarageChangeRefusal::LinkChangeOpen);
}

#[test]
fn p6_who_took_a_link_takes_no_car_to_another_garage_while_it_can_be_ended() {
    let at = now();
    let try_all = |fleet, by, now| {
        let (passport, taken) = (passport(fleet), Some(Taken { by, at }));
        let asked = GarageChange::request(asked(THERE), &passport, Pending::default(), taken, now).map(|_| ());
        let agreed = request(&passport).agree(passport, None, Pending::default(), taken, now).map(|_| ());
        assert_eq!(asked, agreed);
        agreed
    };
    assert_eq!(try_all(None, DRIVER, at), Err(GarageChangeRefusal::ActivationNotSettled));
    assert_eq!(try_all(None, DRIVER, at + Taken::REVOCABLE), Ok(()));
    assert_eq!(try_all(None, STAFF, at), Ok(()), "the car has another driver by now");
    assert_eq!(try_all(Some(FLEET), DRIVER, at), Ok(()), "the fleet decides");
}

#[test]
fn p6_there_is_an_owner_to_ask() {
    let of = |status, fleet| can_change(&Passport { status, ..passport(fleet) });
    assert!(of(PassportStatus::Active, None) && of(PassportStatus::Active, Some(FLEET)));
    assert!(of(PassportStatus::Invited, Some(FLEET)) && !of(PassportStatus::Invited, None));
    assert!(!of(PassportStatus::Archived, None));
}

#[test]
fn p6_the_last_four_signs_of_the_vin_are_right_or_not() {
    let vin = Vin::parse("WV2ZZZ7HZDH12345A").unwrap();
    for (end, knows) in [("345A", true), ("345a", true), ("345B", false), ("45A", false), ("2345A", false), ("", false)]
    {
        assert_eq!(knows_vin(Some(&vin), end), knows, "{end}");
    }
    assert!(!knows_vin(None, "345A") && !knows_vin(None, ""));
}

#[test]
fn p6_the_garage_that_asked_keeps_the_passport_and_the_hands_stay() {
    for fleet in [None, Some(FLEET)] {
        let before = passport(fleet);
        let agreed =
            request(&before).agree(before.clone(), Some(NEW_RECORD), Pending::default(), None, later(1)).unwrap();
        let after = agreed.changed.passport;
        assert_eq!((after.garage_id, after.customer_id, after.kept_since), (THERE, Some(NEW_RECORD), Some(later(1))));
        assert_eq!((after.hands, &after.vehicle, after.status), (before.hands, &before.vehicle, before.status));
        assert_eq!(agreed.changed.custody, []);
        let (garage_change_id, passport_id) = (agreed.change.id, before.id);
        // The driver of a fleet's car did not decide, and is told.
        let driver = fleet.map(|_| DRIVER);
        assert_eq!(agreed.changed.facts, [Fact::GarageChangeAgreed { garage_change_id, passport_id, driver }]);
        assert_eq!(agreed.left, Fact::PassportLeft { garage_change_id, passport_id });
        assert_eq!((agreed.change.status, agreed.change.decided_at), (GarageChangeStatus::Agreed, Some(later(1))));
    }
}

#[test]
fn p6_names_of_before_are_of_the_former_garage() {
    let before = passport(None);
    assert!(before.shows_names_of(now()));
    let after = request(&before).agree(before, None, Pending::default(), None, later(1)).unwrap().changed.passport;
    assert!(!after.shows_names_of(now()) && after.shows_names_of(later(1)) && after.shows_names_of(later(2)));
}

#[test]
fn p6_the_time_to_decide_ends() {
    let change = request(&passport(None));
    assert!(change.is_open(later(DAYS) - SignedDuration::from_secs(1)));
    assert_eq!(change.status_at(later(DAYS)), GarageChangeStatus::Expired);
    let refused = change.clone().agree(passport(None), None, Pending::default(), None, later(DAYS)).unwrap_err();
    assert_eq!(refused, GarageChangeRefusal::Expired);
    assert_eq!(change.clone().expire(now()).unwrap_err(), GarageChangeRefusal::NotOpen);
    assert_eq!(change.expire(later(DAYS)).unwrap().0.status, GarageChangeStatus::Expired);
}

#[test]
fn p6_what_is_decided_stays() {
    let ends: [fn(GarageChange) -> GarageChange; 3] = [
        |change| change.decline(now()).unwrap().0,
        |change| change.withdraw(now()).unwrap().0,
        |change| change.agree(passport(None), None, Pending::default(), None, now()).unwrap().change,
    ];
    for end in ends {
        let ended = end(request(&passport(None)));
        assert_eq!(ended.clone().decline(now()).unwrap_err(), GarageChangeRefusal::NotOpen);
        assert_eq!(ended.clone().withdraw(now()).unwrap_err(), GarageChangeRefusal::NotOpen);
        assert_eq!(ended.clone().expire(later(99)).unwrap_err(), GarageChangeRefusal::NotOpen);
        let again = ended.agree(passport(None), None, Pending::default(), None, now());
        assert_eq!(again.unwrap_err(), GarageChangeRefusal::NotOpen);
    }
}

/// What someone may try.
#[derive(Clone, Copy, Debug)]
enum Act {
    Request(usize),
    Agree,
    Decline,
    Withdraw,
    Expire,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..3_usize).prop_map(Act::Request),
        Just(Act::Agree),
        Just(Act::Decline),
        Just(Act::Withdraw),
        Just(Act::Expire),
        (0..20_i64).prop_map(Act::Wait),
    ]
}

proptest! {
    /// Whatever is tried in whatever order, a passport has one garage and at most one open request, and it only changes garage
    /// when a request that is open is agreed to.
    #[test]
    fn p6_no_sequence_leaves_two_open_requests_or_two_garages(acts in proptest::collection::vec(act(), 1..40)) {
        let (mut passport, mut changes, mut at) = (passport(None), Vec::<GarageChange>::new(), now());
        for act in acts {
            let before = passport.garage_id;
            let open = changes.iter().position(|change| change.is_open(at));
            let undecided = changes.iter().position(|change| change.status == GarageChangeStatus::Requested);
            match act {
                Act::Request(number) => {
                    let garage = [HERE, THERE, ELSEWHERE][number];
                    let pending = Pending { garage_change: open.is_some(), ..Pending::default() };
                    if garage != passport.garage_id
                        && let Ok((change, _)) = GarageChange::request(asked(garage), &passport, pending, None, at)
                    {
                        if let Some(over) = undecided {
                            changes[over] = changes[over].clone().expire(at).unwrap().0;
                        }
                        changes.push(change);
                    }
                }
                Act::Agree => {
                    if let Some(last) = changes.last().cloned()
                        && let Ok(agreed) = last.agree(passport.clone(), None, Pending::default(), None, at)
                    {
                        passport = agreed.changed.passport;
                        *changes.last_mut().unwrap() = agreed.change;
                        prop_assert_eq!(open, Some(changes.len() - 1));
                    }
                }
                Act::Decline => {
                    if let Some(last) = changes.last_mut() && let Ok((next, _)) = last.clone().decline(at) {
                        *last = next;
                    }
                }
                Act::Withdraw => {
                    if let Some(last) = changes.last_mut() && let Ok((next, _)) = last.clone().withdraw(at) {
                        *last = next;
                    }
                }
                Act::Expire => {
                    if let Some(last) = changes.last_mut() && let Ok((next, _)) = last.clone().expire(at) {
                        *last = next;
                    }
                }
                Act::Wait(days) => at += SignedDuration::from_hours(24 * days),
            }
            prop_assert!(changes.iter().filter(|change| change.status == GarageChangeStatus::Requested).count() <= 1);
            prop_assert!(passport.garage_id == before || matches!(act, Act::Agree));
            let moved = changes.iter().rev().find(|change| change.status == GarageChangeStatus::Agreed);
            prop_assert_eq!(passport.garage_id, moved.map_or(HERE, |change| change.garage_id));
        }
    }
}
