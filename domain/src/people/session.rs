//! Sessions. A session is one sign-in on one device; refresh tokens, each used once, keep it alive.

use crate::{Instant, coded_enum};
use jiff::SignedDuration;

/// How long an access token is valid.
pub const ACCESS_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// How long a session lasts when it is not used.
pub const IDLE_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 60);

/// What is known about a refresh token that someone presents.
#[derive(Clone, Copy, Debug)]
pub struct PresentedToken {
    /// When it was issued.
    pub issued_at: Instant,
    /// When it was exchanged for the next one; none if it was not.
    pub used_at: Option<Instant>,
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

/// Decides whether a refresh token may be exchanged for the next one.
pub fn refresh(token: PresentedToken, now: Instant) -> Result<(), RefreshRefusal> {
    if token.session_ended {
        Err(RefreshRefusal::Ended)
    } else if token.used_at.is_some() {
        Err(RefreshRefusal::Reused)
    } else if now.duration_since(token.issued_at) >= IDLE_LIFETIME {
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
        let fresh = PresentedToken { issued_at, used_at: None, session_ended: false };
        let later = issued_at + IDLE_LIFETIME;
        assert_eq!(refresh(fresh, issued_at), Ok(()));
        assert_eq!(
            refresh(PresentedToken { used_at: Some(issued_at), ..fresh }, issued_at),
            Err(RefreshRefusal::Reused)
        );
        assert_eq!(refresh(PresentedToken { session_ended: true, ..fresh }, issued_at), Err(RefreshRefusal::Ended));
        assert_eq!(refresh(fresh, later), Err(RefreshRefusal::Ended));
    }
}
