//! The brake on guessing passwords: after a few free failures, each failure doubles the wait, up to a limit.

use crate::Instant;
use jiff::SignedDuration;

/// How quickly guesses may follow one another.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many failures cost no wait, since people mistype.
    pub free: u32,
    /// The first wait; each later one is twice as long.
    pub first_wait: SignedDuration,
    /// The longest wait.
    pub longest_wait: SignedDuration,
    /// After this long without a failure, earlier ones are forgotten.
    pub memory: SignedDuration,
}

/// The pace for one account. The longest wait is short enough that an attacker cannot keep the owner out for long.
pub const PER_ACCOUNT: Pace = Pace {
    free: 5,
    first_wait: SignedDuration::from_secs(1),
    longest_wait: SignedDuration::from_mins(5),
    memory: SignedDuration::from_hours(24),
};

/// The pace for one network address, which a whole office may share.
pub const PER_ADDRESS: Pace = Pace {
    free: 30,
    first_wait: SignedDuration::from_secs(1),
    longest_wait: SignedDuration::from_mins(15),
    memory: SignedDuration::from_hours(1),
};

/// What is remembered about the attempts on one account, or from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// The number of attempts since the last success.
    pub count: u32,
    /// When the last one was made.
    pub last_at: Instant,
}

/// Decides whether one more attempt may be made. Returns what to remember, or the instant until which to wait.
///
/// An attempt is counted before its password is checked, so that many attempts at the same moment do not all get
/// through. A success clears the count.
pub fn attempt(before: Option<Attempts>, pace: Pace, now: Instant) -> Result<Attempts, Instant> {
    let Some(before) = before.filter(|before| now < after(before.last_at, pace.memory)) else {
        return Ok(Attempts { count: 1, last_at: now });
    };
    let past_free = before.count.saturating_sub(pace.free);
    if past_free > 0 {
        let wait = pace.first_wait.saturating_mul(1_i32 << (past_free - 1).min(20)).min(pace.longest_wait);
        let until = after(before.last_at, wait);
        if now < until {
            return Err(until);
        }
    }
    Ok(Attempts { count: before.count.saturating_add(1), last_at: now })
}

fn after(instant: Instant, wait: SignedDuration) -> Instant {
    instant.checked_add(wait).unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn a12_the_free_attempts_cost_nothing_and_then_each_doubles_the_wait() {
        let mut attempts = None;
        for _ in 0..=PER_ACCOUNT.free {
            attempts = Some(attempt(attempts, PER_ACCOUNT, at(0)).unwrap());
        }
        assert_eq!(attempt(attempts, PER_ACCOUNT, at(0)), Err(at(1)));
        attempts = Some(attempt(attempts, PER_ACCOUNT, at(1)).unwrap());
        assert_eq!(attempt(attempts, PER_ACCOUNT, at(2)), Err(at(3)));
        attempts = Some(attempt(attempts, PER_ACCOUNT, at(3)).unwrap());
        assert_eq!(attempt(attempts, PER_ACCOUNT, at(6)), Err(at(7)));
    }

    #[test]
    fn a12_ten_thousand_guesses_take_weeks() {
        let (mut now, mut attempts) = (at(0), None);
        for _ in 0..10_000 {
            match attempt(attempts, PER_ACCOUNT, now) {
                Ok(next) => attempts = Some(next),
                Err(until) => {
                    now = until;
                    attempts = Some(attempt(attempts, PER_ACCOUNT, now).unwrap());
                }
            }
        }
        assert!(now.duration_since(at(0)) > SignedDuration::from_hours(24 * 30));
    }

    #[test]
    fn a12_quiet_time_forgets() {
        let many = Some(Attempts { count: 500, last_at: at(0) });
        assert!(attempt(many, PER_ACCOUNT, at(299)).is_err());
        assert_eq!(attempt(many, PER_ACCOUNT, at(86_400)), Ok(Attempts { count: 1, last_at: at(86_400) }));
    }
}
