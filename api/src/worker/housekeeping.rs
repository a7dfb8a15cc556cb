//! Work that is due because time has passed.

use super::{Worker, tasks::ATTEMPTS};
use crate::{
    car_status::operations::{BLOCK, refresh_car},
    command::record,
    problem::Problem,
};
use domain::{Instant, event::Stream, ids::GarageId, invitation::Purpose, removal::REMEMBERED_DAYS};
use jiff::SignedDuration;
use persistence::{self as store, Scope, StoreError, Tx, jobs::Ended};

/// For how many days a finished job is kept: long enough to see what was sent.
const JOBS_DONE_DAYS: i64 = 30;
/// For how many days a job that was given up is kept for an operator.
const JOBS_DEAD_DAYS: i64 = 90;
/// For how many days a link is kept after its end, so that someone who uses it late learns why it no longer works.
const LINKS_DAYS: i64 = 30;
/// For how many days the address is kept to which a mailing went: as long as a notification.
const MAILED_ADDRESSES_DAYS: i64 = 400;
/// How many blocks of cars that were never judged are judged in one run, so that the rest of it does not wait long.
const UNJUDGED_BLOCKS: usize = 40;
/// How long a worker has for a job. After that the job has lost its worker.
pub const LEASE: SignedDuration = SignedDuration::from_mins(10);

impl Worker {
    /// Does what time makes necessary: offers expire, and data that is no longer needed is deleted.
    pub fn keep_house(&self) -> Result<(), Problem> {
        let now = self.now();
        let reload = || self.with_store(|store| self.app.tokens.reload(store, &self.app.secret, now));
        // One that fails keeps none of the others from being done.
        let done = [
            self.expire_transfers(now),
            self.expire_garage_changes(now),
            reload(),
            self.bury(now),
            self.forget(now),
            self.judge_cars(now),
            self.remind(now),
            self.settle_mailings(now),
        ];
        done.into_iter().collect()
    }

    /// Judges the cars that were never judged, as after an upgrade, garage by garage under its lock (rule ST2). The next run
    /// goes on where this one stops.
    fn judge_cars(&self, now: Instant) -> Result<(), Problem> {
        for _ in 0..UNJUDGED_BLOCKS {
            let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::car_status::list_unjudged(tx, BLOCK)?);
            let unjudged = self.with_store(|store| store.read(list))?;
            for part in unjudged.chunk_by(|(one, _), (other, _)| one == other) {
                let judge = |tx: &mut Tx<'_>| -> Result<(), Problem> {
                    let garage: Option<GarageId> = part.first().map(|(garage, _)| *garage);
                    garage.map_or(Ok(()), |garage| store::event::lock(tx, Stream::Garage(garage)))?;
                    for (_, car) in part {
                        refresh_car(tx, *car, now)?;
                    }
                    Ok(())
                };
                self.with_store(|store| store.write(judge))?;
            }
            if i64::try_from(unjudged.len()).is_ok_and(|many| many < BLOCK) {
                break;
            }
        }
        Ok(())
    }

    /// Has jobs that lost their worker done again, and stores as dead those that no worker will finish.
    fn bury(&self, now: Instant) -> Result<(), Problem> {
        let bury = |tx: &mut Tx<'_>| -> Result<(usize, usize), Problem> {
            store::jobs::requeue_abandoned(tx, ATTEMPTS, now - LEASE, now)?;
            let abandoned = store::jobs::bury_abandoned(tx, now - LEASE, now)?;
            Ok((abandoned, store::jobs::bury_unknown(tx, now)?))
        };
        let (abandoned, unknown) = self.with_store(|store| store.write(bury))?;
        if abandoned > 0 {
            tracing::error!(abandoned, "jobs whose worker vanished were put away; see `autopaspoort jobs`");
        }
        if unknown > 0 {
            tracing::error!(unknown, "jobs of kinds that nobody here knows were put away; see `autopaspoort jobs`");
        }
        Ok(())
    }

    /// Deletes what is no longer needed, and with it the data about people. Each step is a short transaction; the next
    /// run deletes the rest.
    fn forget(&self, now: Instant) -> Result<(), Problem> {
        type Step = fn(&mut Tx<'_>, Instant) -> Result<usize, StoreError>;
        let days = |days: i64| now - SignedDuration::from_hours(24 * days);
        let steps: [(Step, Instant); 11] = [
            (|tx, before| store::jobs::delete_ended(tx, Ended::Done, before), days(JOBS_DONE_DAYS)),
            (|tx, before| store::jobs::delete_ended(tx, Ended::Dead, before), days(JOBS_DEAD_DAYS)),
            (store::idempotency::delete_older, days(1)),
            (store::throttle::delete_older, days(1)),
            (store::session::delete_stale_tokens, now),
            (store::session::delete_stale, now),
            (store::invitation::delete_ended, days(LINKS_DAYS)),
            (store::notification::delete_old, now),
            (store::apk_mailing::erase_addresses, days(MAILED_ADDRESSES_DAYS)),
            (store::calendar::delete_cancelled, now),
            (store::removal::delete_older, days(REMEMBERED_DAYS + 1)),
        ];
        for (delete, before) in steps {
            self.with_store(|store| store.write(|tx| Ok::<_, Problem>(delete(tx, before)?)))?;
        }
        Ok(())
    }

    fn expire_transfers(&self, now: Instant) -> Result<(), Problem> {
        let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::transfer::list_overdue(tx, now, 500)?);
        let overdue = self.with_store(|store| store.read(list))?;
        for transfer in overdue {
            let stream = Stream::Garage(transfer.garage_id);
            let expire = |tx: &mut Tx<'_>| -> Result<(), Problem> {
                store::event::lock(tx, stream)?;
                let Some((found, ..)) = store::transfer::find(tx, &Scope::System, transfer.id)? else {
                    return Ok(());
                };
                let recipient = store::account::find_driver_by_email(tx, &found.recipient_email)?;
                // Someone decided the offer, or had it mailed again, since it was found.
                let Ok((expired, fact)) = found.expire(recipient, now) else {
                    return Ok(());
                };
                store::transfer::update(tx, &expired, now)?;
                store::invitation::revoke(tx, Purpose::Transfer(transfer.id), now)?;
                record(tx, stream, None, [fact], now)
            };
            self.with_store(|store| store.write(expire))?;
        }
        Ok(())
    }

    fn expire_garage_changes(&self, now: Instant) -> Result<(), Problem> {
        let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::garage_change::list_overdue(tx, now, 500)?);
        let overdue = self.with_store(|store| store.read(list))?;
        for change in overdue {
            let stream = Stream::Garage(change.garage_id);
            let expire = |tx: &mut Tx<'_>| -> Result<(), Problem> {
                store::event::lock(tx, stream)?;
                let found = store::garage_change::find(tx, &Scope::System, change.id)?;
                // Someone decided since it was found.
                let Some(Ok((expired, fact))) = found.map(|(found, ..)| found.expire(now)) else {
                    return Ok(());
                };
                store::garage_change::update(tx, &expired, now)?;
                record(tx, stream, None, [fact], now)
            };
            self.with_store(|store| store.write(expire))?;
        }
        Ok(())
    }
}
