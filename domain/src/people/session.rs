//! Sessions. A session is one sign-in on one device; refresh tokens, each used once, keep it alive.

use crate::{Instant, coded_enum, value::AccountKind};
use jiff::SignedDuration;

/// How long an access token is valid.
pub const ACCESS_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// How long a session lasts when it is not used.
pub const IDLE_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 60);

/// How long a session lasts at most, whatever happens in it. Staff see the data of others, often on a shared computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// That of staff.
    pub staff: SignedDuration,
    /// That of all others.
    pub others: SignedDuration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { staff: SignedDuration::from_hours(24 * 30), others: SignedDuration::from_hours(24 * 180) }
    }
}

impl Lifetimes {
    /// How long a session of an account of this kind lasts at most.
    pub const fn of(&self, kind: AccountKind) -> SignedDuration {
        match kind {
            AccountKind::Staff => self.staff,
            AccountKind::Driver | AccountKind::Fleet | AccountKind::Platform => self.others,
        }
    }
}

/// What is known about a refresh token that someone presents.
#[derive(Clone, Copy, Debug)]
pub struct PresentedToken {
    /// When it was issued.
    pub issued_at: Instant,
    /// When it was exchanged for the next one; none if it was not.
    pub used_at: Option<Instant>,
    /// When its session began.
    pub session_began_at: Instant,
    /// Whether its session was ended.
    pub session_ended: bool,
}

coded_enum! {
    /// Why a refresh token cannot be exchanged.
    pub enum RefreshRefusal {
        /// It was exchanged before: someone has a copy, so the whole session ends.
        Reused => "refresh_token_reused",
        /// Its session has ended, or was not used for too long a time.
        Ended => "session_ended",
    }
}

/// Decides whether a refresh token may be exchanged for the next one, in a session that lasts this long at most.
pub fn refresh(token: PresentedToken, longest: SignedDuration, now: Instant) -> Result<(), RefreshRefusal> {
    if token.session_ended {
        Err(RefreshRefusal::Ended)
    } else if token.used_at.is_some() {
        Err(RefreshRefusal::Reused)
    } else if now.duration_since(token.issued_at) >= IDLE_LIFETIME
        || now.duration_since(token.session_began_at) >= longest
    {
        Err(RefreshRefusal::Ended)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a11_an_old_token_ends_the_family() {
        let issued_at = Instant::from_second(1_700_000_000).unwrap();
        let fresh = PresentedToken { issued_at, used_at: None, session_began_at: issued_at, session_ended: false };
        let refresh = |token, now| refresh(token, Lifetimes::default().others, now);
        let later = issued_at + IDLE_LIFETIME;
        assert_eq!(refresh(fresh, issued_at), Ok(()));
        let used = PresentedToken { used_at: Some(issued_at), ..fresh };
        assert_eq!(refresh(used, issued_at), Err(RefreshRefusal::Reused));
        assert_eq!(refresh(PresentedToken { session_ended: true, ..fresh }, issued_at), Err(RefreshRefusal::Ended));
        assert_eq!(refresh(fresh, later), Err(RefreshRefusal::Ended));
    }

    #[test]
    fn a11_a_session_ends_after_its_time_however_much_it_is_used() {
        let began_at = Instant::from_second(1_700_000_000).unwrap();
        let lifetimes = Lifetimes::default();
        for (kind, days) in [(AccountKind::Staff, 30), (AccountKind::Driver, 180), (AccountKind::Fleet, 180)] {
            let end = began_at + SignedDuration::from_hours(24 * days);
            let of_yesterday = PresentedToken {
                issued_at: end - SignedDuration::from_hours(24),
                used_at: None,
                session_began_at: began_at,
                session_ended: false,
            };
            let refresh = |now| refresh(of_yesterday, lifetimes.of(kind), now);
            assert_eq!(refresh(end - SignedDuration::from_secs(1)), Ok(()));
            assert_eq!(refresh(end), Err(RefreshRefusal::Ended));
        }
    }
}
