//! Mailed one-time links. Only a link's hash is stored; it expires, works once, and can be sent again (rule P3).

use crate::{
    Instant, coded_enum,
    event::Fact,
    ids::{AccountId, GarageId, InvitationId, PassportId, TransferId},
    value::EmailAddress,
};
use jiff::SignedDuration;

/// What a mailed link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Activate a passport, with a new or an existing driver account.
    Passport(PassportId),
    /// Choose the password of a fleet's account.
    Fleet(AccountId),
    /// Choose the password of a staff account.
    Staff(AccountId),
    /// Make the driver account that an offer is addressed to.
    Transfer(TransferId),
    /// Choose a new password.
    PasswordReset(AccountId),
    /// Confirm a new e-mail for an account.
    EmailChange(AccountId),
}

impl Purpose {
    /// How long a link for this is good, unless what it belongs to says otherwise.
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::Passport(_) | Self::Fleet(_) | Self::Staff(_) | Self::Transfer(_) => {
                SignedDuration::from_hours(24 * 14)
            }
            Self::PasswordReset(_) => SignedDuration::from_hours(1),
            Self::EmailChange(_) => SignedDuration::from_hours(24),
        }
    }

    /// The word used in the database and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Passport(_) => "passport",
            Self::Fleet(_) => "fleet",
            Self::Staff(_) => "staff",
            Self::Transfer(_) => "transfer",
            Self::PasswordReset(_) => "password_reset",
            Self::EmailChange(_) => "email_change",
        }
    }
}

/// A mailed one-time link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id, from which the server's secret makes the token.
    pub id: InvitationId,
    /// What it is for.
    pub purpose: Purpose,
    /// The garage on whose behalf it was mailed, if any.
    pub garage_id: Option<GarageId>,
    /// The address it was mailed to: who holds the link reads that mailbox.
    pub email: EmailAddress,
    /// From when it is refused.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
    /// When a later one took its place, or what it was for ended.
    pub revoked_at: Option<Instant>,
    /// For a change of e-mail that was confirmed: the address before, which is told.
    pub former_email: Option<EmailAddress>,
}

coded_enum! {
    /// Why a link is refused.
    pub enum InvitationRefusal {
        /// It worked once already.
        Used => "invitation_used",
        /// A newer link took its place, or what it was for was taken back.
        Revoked => "invitation_revoked",
        /// Its time is over.
        Expired => "invitation_expired",
    }
}

impl Invitation {
    /// What happened: the link was made, to be mailed.
    pub fn issued(&self) -> Fact {
        let passport_id = match self.purpose {
            Purpose::Passport(id) => Some(id),
            Purpose::Fleet(_)
            | Purpose::Staff(_)
            | Purpose::Transfer(_)
            | Purpose::PasswordReset(_)
            | Purpose::EmailChange(_) => None,
        };
        Fact::InvitationIssued { invitation_id: self.id, purpose: self.purpose.code().to_owned(), passport_id }
    }

    /// A new link, good for the time its purpose has.
    pub fn new(
        id: InvitationId,
        purpose: Purpose,
        garage_id: Option<GarageId>,
        email: EmailAddress,
        now: Instant,
    ) -> Self {
        let expires_at = now.checked_add(purpose.lifetime()).unwrap_or(Instant::MAX);
        Self { id, purpose, garage_id, email, expires_at, used_at: None, revoked_at: None, former_email: None }
    }

    /// Whether it can still be used.
    pub fn check(&self, now: Instant) -> Result<(), InvitationRefusal> {
        if self.used_at.is_some() {
            Err(InvitationRefusal::Used)
        } else if self.revoked_at.is_some() {
            Err(InvitationRefusal::Revoked)
        } else if now >= self.expires_at {
            Err(InvitationRefusal::Expired)
        } else {
            Ok(())
        }
    }

    /// Uses it: it works once.
    pub fn redeem(mut self, now: Instant) -> Result<Self, InvitationRefusal> {
        self.check(now)?;
        self.used_at = Some(now);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn p3_a_link_expires_and_works_once() {
        let now = Instant::from_second(1_700_000_000).unwrap();
        let purpose = Purpose::Passport(PassportId(Uuid::from_u128(1)));
        let email = EmailAddress::parse("jan@jansen.example").unwrap();
        let fresh = Invitation::new(InvitationId(Uuid::from_u128(2)), purpose, None, email, now);
        assert_eq!(fresh.check(now), Ok(()));
        assert_eq!(fresh.check(now + purpose.lifetime()), Err(InvitationRefusal::Expired));
        let used = fresh.clone().redeem(now).unwrap();
        assert_eq!(used.redeem(now), Err(InvitationRefusal::Used));
        let revoked = Invitation { revoked_at: Some(now), ..fresh };
        assert_eq!(revoked.check(now), Err(InvitationRefusal::Revoked));
    }
}
