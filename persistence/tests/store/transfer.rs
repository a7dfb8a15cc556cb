//! Offers that ended before they belonged to an account (rule T12).

use crate::support::{Database, sample};
use domain::{
    event::{Fact, Stream},
    ids::AccountId,
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, TransferKind},
};
use persistence::event;

on_both!(t12_an_offer_from_before_gets_the_account_that_decided_it);

fn t12_an_offer_from_before_gets_the_account_that_decided_it(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let [offerer, decider, owner] = [(); 3].map(|()| sample::stored_account(db, AccountKind::Driver));
    let stored = |status| {
        let car = sample::store_passport(db, sample::active_passport(garage, &offerer, None));
        let decided_at = (status != TransferStatus::Offered).then(|| sample::at(1));
        // Whoever decided it has another address by now, which this one belongs to.
        let transfer = Transfer { status, decided_at, ..sample::transfer(&car, &offerer, owner.email.as_str()) };
        sample::store_transfer(db, transfer)
    };
    let append = |by: Option<AccountId>, fact: Fact| {
        db.write(|tx| {
            event::lock(tx, Stream::Garage(garage))?;
            event::append(tx, Stream::Garage(garage), sample::id(), by, fact.clone(), sample::at(1))
        });
    };
    let (accepted, declined) = (stored(TransferStatus::Accepted), stored(TransferStatus::Declined));
    let (withdrawn, open) = (stored(TransferStatus::Withdrawn), stored(TransferStatus::Offered));
    append(
        Some(decider.id),
        Fact::TransferAccepted {
            transfer_id: accepted.id,
            passport_id: accepted.passport_id,
            transfer_kind: TransferKind::NewOwner,
            recipient: decider.id,
            offered_by: offerer.id,
            former_driver: None,
            former_fleet: None,
        },
    );
    let passport_id = Some(declined.passport_id);
    append(Some(decider.id), Fact::TransferDeclined { transfer_id: declined.id, passport_id, offered_by: offerer.id });
    let (down, up) = db.migration("2026-11-29-050000_offers_of_accounts");
    db.raw().run(&format!("BEGIN; {down} {up} COMMIT")).unwrap();
    let found = |transfer: &Transfer| {
        db.read(|tx| persistence::transfer::find(tx, &persistence::Scope::System, transfer.id)).unwrap().0.recipient
    };
    let expected = [Some(decider.id), Some(decider.id), Some(owner.id), None];
    assert_eq!([&accepted, &declined, &withdrawn, &open].map(found), expected);
}
