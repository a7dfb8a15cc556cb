//! The brake on guessing passwords (rule A12), on plates of others (rule P1) and on mails (rule A24): so many are free, and
//! after that one is free again each few minutes.
//!
//! It is a bucket of guesses that fills up with time, whatever succeeds or fails in between. Waiting is never longer than it
//! takes for one guess to come back, and whoever guesses all day has no more than what came back.

use crate::{Instant, value::AccountKind};
use jiff::SignedDuration;

/// How many guesses there are at once, and how soon another one comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many guesses can be made at once, since people mistype.
    pub at_once: i32,
    /// After this long, one more can be made.
    pub each: SignedDuration,
}

/// Guesses at one account from one network, or from one device that signed in to the account before.
pub const PER_PLACE: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(5) };
/// Guesses at one account from all networks together, except from devices that signed in to it before. It is much higher,
/// so that nobody is kept out of a new device by some guesses of others.
pub const PER_ACCOUNT: Pace = Pace { at_once: 100, each: SignedDuration::from_mins(3) };
/// Guesses from one network at all accounts together, except from devices that signed in before. A whole office, or the
/// customers of a mobile carrier, may share it.
pub const PER_NETWORK: Pace = Pace { at_once: 100, each: SignedDuration::from_secs(20) };
/// Guesses at the password of an account by someone who is signed in to it, in one session.
pub const PER_SESSION: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(5) };
/// Wrong codes of a second factor for one account, after its right password, from everywhere or from one device that signed in
/// to it before (rule A17). Nobody who does not know the password can make the owner wait.
pub const FACTOR_PER_ACCOUNT: Pace = Pace { at_once: 5, each: SignedDuration::from_mins(5) };
/// Wrong codes of a second factor by someone who is signed in, in one session.
pub const FACTOR_PER_SESSION: Pace = Pace { at_once: 5, each: SignedDuration::from_mins(5) };
/// Requests for a link to choose another password, from one network.
pub const RESETS_PER_NETWORK: Pace = Pace { at_once: 30, each: SignedDuration::from_mins(1) };
/// Mails with such a link to one account. Beyond that nothing is mailed; the latest link works as long as it would.
pub const RESETS_PER_ACCOUNT: Pace = Pace { at_once: 4, each: SignedDuration::from_mins(30) };
/// Changes of plates by one account (rule P12). Whether another plate has a passport is seen by trying it, so what is refused
/// counts too.
pub const PLATES_PER_ACCOUNT: Pace = Pace { at_once: 20, each: SignedDuration::from_mins(5) };

/// Mails with the same link to the same address (rule A24): the first, one more for who asks at once, and then one each
/// few minutes.
pub const MAILS_PER_LINK: Pace = Pace { at_once: 2, each: SignedDuration::from_mins(3) };
/// Mails with links to one address, caused by a garage's staff: a company may have many cars, all with one address.
pub const MAILS_PER_ADDRESS_BY_STAFF: Pace = Pace { at_once: 200, each: SignedDuration::from_mins(5) };
/// Mails with links to one address, caused by anyone else.
pub const MAILS_PER_ADDRESS: Pace = Pace { at_once: 10, each: SignedDuration::from_hours(2) };
/// Mails with links that one account causes (rule A24).
pub const fn mails_by(kind: AccountKind) -> Pace {
    match kind {
        // A garage that begins may make the passports of all its customers one by one.
        AccountKind::Staff => Pace { at_once: 2_000, each: SignedDuration::from_secs(20) },
        AccountKind::Fleet => Pace { at_once: 100, each: SignedDuration::from_mins(5) },
        AccountKind::Driver | AccountKind::Platform => Pace { at_once: 20, each: SignedDuration::from_mins(30) },
    }
}
/// Push messages that remind one account of what comes due (rule RM4): a fleet with many cars is told of all of them in the app and
/// in one mail, and its manager's telephone does not ring two hundred times.
pub const REMINDER_PUSHES: Pace = Pace { at_once: 5, each: SignedDuration::from_hours(2) };
/// Plates that a garage asks a passport for, one by one, and that another garage has (rule P1). People rarely meet one.
pub const TAKEN_PLATES: Pace = Pace { at_once: 30, each: SignedDuration::from_mins(10) };
/// The same among the lines of imports. A garage that joins brings ten thousands of cars at once, of which some have a
/// passport at another garage.
pub const TAKEN_PLATES_IMPORTED: Pace = Pace { at_once: 1_000, each: SignedDuration::from_mins(2) };

/// Addresses that staff of a garage write down for an account and that are in use already (rule A24). Whether somebody has an
/// account here is nobody's business.
pub const EMAILS_IN_USE: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(30) };

/// Passwords that someone chooses with one link for a prepared fleet (rule F8): whether it is the garage's is a guess too.
pub const PASSWORDS_PER_LINK: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(1) };

/// Guesses at the codes of links to one address, from one network (rule A26).
pub const CODES_PER_PLACE: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(5) };
/// Guesses at the codes of links to one address, from all networks together: many more, so that the guesses of others keep nobody
/// waiting for long.
pub const CODES_PER_ADDRESS: Pace = Pace { at_once: 100, each: SignedDuration::from_mins(3) };
/// Guesses at the codes of links to all addresses, from one network.
pub const CODES_PER_NETWORK: Pace = Pace { at_once: 100, each: SignedDuration::from_secs(20) };

/// Links that the holder of a link to activate a passport asks for at other addresses, for one passport (rules A24 and P14).
pub const LINKS_ELSEWHERE: Pace = Pace { at_once: 5, each: SignedDuration::from_hours(2) };

/// Guesses of a garage at the end of the VIN of a plate (rule P6): four signs, mostly digits.
pub const VIN_GUESSES: Pace = Pace { at_once: 10, each: SignedDuration::from_mins(30) };

/// Looks at one calendar (rule CAL1), on one server. Programs look a few times a day to every few minutes, and one account may
/// have several of them; one that looks each second has to wait.
pub const CALENDAR_LOOKS: Pace = Pace { at_once: 30, each: SignedDuration::from_secs(30) };

/// Uses of one link to leave off (rule CH1), on one server: who thinks better of it may do so a few times.
pub const UNSUBSCRIBING: Pace = Pace { at_once: 20, each: SignedDuration::from_secs(60) };

/// What is remembered of the guesses at one thing: when all of them will have come back. What has come back is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// When as many guesses can be made again as at first.
    pub full_at: Instant,
}

impl Pace {
    /// One more guess. The answer is what to remember, or the instant until which to wait.
    ///
    /// A guess is counted before the password is checked, so that many at the same moment do not all get through; one that
    /// was right is [given back](Self::give_back).
    ///
    /// What is remembered can be no further away than all guesses at once take to come back, unless the clock was set back. Then
    /// all but one count as used, and nobody waits until the clock is again where it was.
    pub fn attempt(self, before: Option<Attempts>, now: Instant) -> Result<Attempts, Instant> {
        let furthest = after(now, self.each.saturating_mul(self.at_once));
        let last_free = before_by(furthest, self.each);
        let known = before.map_or(now, |before| before.full_at.max(now));
        // Clocks of servers differ a little, which is no reason to give one more guess.
        let was_set_back = known > after(furthest, self.each);
        let full_at = after(if was_set_back { last_free } else { known }, self.each);
        // With this one, no more than those at once may be on their way back.
        let wait_until = before_by(full_at, self.each.saturating_mul(self.at_once));
        if wait_until > now { Err(wait_until) } else { Ok(Attempts { full_at }) }
    }

    /// What to remember when a guess was right after all; none when nothing is left to remember.
    pub fn give_back(self, before: Attempts, now: Instant) -> Option<Attempts> {
        let full_at = before_by(before.full_at, self.each);
        (full_at > now).then_some(Attempts { full_at })
    }
}

fn after(instant: Instant, wait: SignedDuration) -> Instant {
    instant.checked_add(wait).unwrap_or(Instant::MAX)
}

fn before_by(instant: Instant, wait: SignedDuration) -> Instant {
    instant.checked_sub(wait).unwrap_or(Instant::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        Instant::from_second(1_700_000_000 + second).unwrap()
    }

    /// Makes guesses at one moment until one has to wait: how many were made, and until when.
    fn exhaust(pace: Pace, mut attempts: Option<Attempts>, now: Instant) -> (usize, Option<Attempts>, Instant) {
        let mut made = 0;
        loop {
            match pace.attempt(attempts, now) {
                Ok(next) => attempts = Some(next),
                Err(until) => return (made, attempts, until),
            }
            made += 1;
        }
    }

    #[test]
    fn a12_some_guesses_are_free_and_one_comes_back_each_few_minutes() {
        let (made, attempts, until) = exhaust(PER_PLACE, None, at(0));
        assert_eq!((made, until), (10, at(300)));
        assert_eq!(PER_PLACE.attempt(attempts, at(299)), Err(at(300)));
        let (made, attempts, until) = exhaust(PER_PLACE, attempts, at(300));
        assert_eq!((made, until), (1, at(600)));
        // After a night, all are there again, and no more.
        assert_eq!(exhaust(PER_PLACE, attempts, at(30_000)).0, 10);
    }

    #[test]
    fn a12_a_clock_that_is_set_back_makes_nobody_wait_for_it() {
        let (_, attempts, _) = exhaust(PER_PLACE, None, at(0));
        assert_eq!(exhaust(PER_PLACE, attempts, at(-2)).0, 0, "the clock of another server");
        for before in [PER_PLACE.attempt(None, at(0)).ok(), exhaust(PER_PLACE, None, at(0)).1] {
            let back = at(-3600);
            let (made, attempts, until) = exhaust(PER_PLACE, before, back);
            assert_eq!((made, until), (1, at(-3300)));
            assert_eq!(exhaust(PER_PLACE, attempts, at(-3300)).0, 1);
        }
    }

    #[test]
    fn a12_what_was_right_is_given_back_and_no_more() {
        let (_, attempts, _) = exhaust(PER_PLACE, None, at(0));
        let left = PER_PLACE.give_back(attempts.unwrap(), at(0));
        assert_eq!(exhaust(PER_PLACE, left, at(0)).0, 1);
        let one = PER_PLACE.attempt(None, at(0)).unwrap();
        assert_eq!(PER_PLACE.give_back(one, at(0)), None);
        assert_eq!(PER_PLACE.give_back(one, at(1_000_000)), None);
    }

    #[test]
    fn a26_a_code_is_not_found_by_guessing_while_it_is_good() {
        use crate::invitation::{CODE_BYTES, CODE_LIFETIME, MAX_LINKS_BY_CODE};
        let comes_back = CODE_LIFETIME.as_secs() / CODES_PER_ADDRESS.each.as_secs();
        let guesses = i64::from(CODES_PER_ADDRESS.at_once) + comes_back;
        let codes = 1_i64 << (8 * CODE_BYTES);
        // Less than one in a hundred million for one link, and one in a hundred thousand when an address has as many as are looked at.
        assert!(guesses * MAX_LINKS_BY_CODE * 100_000 < codes && guesses * 100_000_000 < codes, "{guesses}");
    }

    proptest! {
        /// Whenever and however often someone guesses, in any time there are no more guesses than those at once and those
        /// that came back meanwhile; and nobody waits longer than it takes for one to come back.
        #[test]
        fn a12_no_more_guesses_than_came_back(steps in proptest::collection::vec((0..2_000_i64, 1..20_usize), 1..60)) {
            let (mut now, mut attempts, mut made) = (0, None, 0);
            for (wait, tries) in steps {
                now += wait;
                for _ in 0..tries {
                    match PER_PLACE.attempt(attempts, at(now)) {
                        Ok(next) => (attempts, made) = (Some(next), made + 1),
                        Err(until) => prop_assert!(until <= at(now + 300)),
                    }
                }
                prop_assert!(made <= 10 + now / 300, "{made} in {now} s");
            }
        }
    }
}
