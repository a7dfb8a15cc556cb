//! Mailed one-time links. Only the hash of a link is stored. A link expires, works once, and can be sent again (rule
//! P3).

use crate::{
    Instant, coded_enum,
    event::Fact,
    ids::{AccountId, GarageId, InvitationId, PassportId, TransferId},
    second_factor::base32,
    value::EmailAddress,
};
use jiff::SignedDuration;
use uuid::Uuid;

/// How many bytes the code has that stands in the mail beside a link: 40 bits, in eight letters and digits (rule A26).
pub const CODE_BYTES: usize = 5;
/// How long such a code is good.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 3);
/// How many characters a code has at most, with the spaces and dashes with which it may be typed.
pub const MAX_TYPED_CODE: usize = 40;
/// Among so many of the latest links to an address the one is looked for whose code was typed: an import may mail as many.
pub const MAX_LINKS_BY_CODE: i64 = 2_000;

/// A code as it stands in the mail: in two groups of four.
pub fn shown_code(bytes: [u8; CODE_BYTES]) -> String {
    let mut bare = base32(&bytes);
    bare.insert(bare.len() / 2, '-');
    bare
}

/// A code as it was typed or pasted, in capitals and without dashes, spaces and other signs; none when it can be no code. No code has a 0, 1 or 8: who types one of
/// them read a letter as a digit.
pub fn typed_code(text: &str) -> Option<String> {
    let bare = text.chars().filter(|character| character.is_alphanumeric()).map(|character| match character {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other.to_ascii_uppercase(),
    });
    let bare: String = bare.collect();
    let is_code = bare.len() == CODE_BYTES * 8 / 5
        && bare.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
    is_code.then_some(bare)
}

/// What someone can do with a mailed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Activate a passport, with a new or an existing driver account.
    Passport(PassportId),
    /// Choose the password of a fleet's account.
    Fleet(AccountId),
    /// Choose the password of a staff account.
    Staff(AccountId),
    /// Make the driver account for the recipient of an offer.
    Transfer(TransferId),
    /// Choose a new password.
    PasswordReset(AccountId),
    /// Confirm a new e-mail for an account.
    EmailChange(AccountId),
}

impl Purpose {
    /// How long a link for this purpose is valid; a link for an offer is valid as long as the offer.
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::Passport(_) | Self::Fleet(_) | Self::Staff(_) | Self::Transfer(_) => {
                SignedDuration::from_hours(24 * 14)
            }
            Self::PasswordReset(_) => SignedDuration::from_hours(1),
            Self::EmailChange(_) => SignedDuration::from_hours(24),
        }
    }

    /// What it is for, without whose it is.
    pub const fn kind(self) -> PurposeKind {
        match self {
            Self::Passport(_) => PurposeKind::Passport,
            Self::Fleet(_) => PurposeKind::Fleet,
            Self::Staff(_) => PurposeKind::Staff,
            Self::Transfer(_) => PurposeKind::Transfer,
            Self::PasswordReset(_) => PurposeKind::PasswordReset,
            Self::EmailChange(_) => PurposeKind::EmailChange,
        }
    }

    /// The id of what it is for: a passport, an account or an offer.
    pub const fn subject(self) -> Uuid {
        match self {
            Self::Passport(id) => id.0,
            Self::Transfer(id) => id.0,
            Self::Fleet(id) | Self::Staff(id) | Self::PasswordReset(id) | Self::EmailChange(id) => id.0,
        }
    }

    /// The word used in the database and in the API.
    pub const fn code(self) -> &'static str {
        self.kind().code()
    }
}

coded_enum! {
    /// What a mailed link is for, without whose it is.
    pub enum PurposeKind {
        /// To activate a passport.
        Passport => "passport",
        /// To choose the password of a fleet's account.
        Fleet => "fleet",
        /// To choose the password of a staff account.
        Staff => "staff",
        /// To make the driver account that an offer is addressed to.
        Transfer => "transfer",
        /// To choose a new password.
        PasswordReset => "password_reset",
        /// To confirm a new e-mail.
        EmailChange => "email_change",
    }
}

/// A mailed one-time link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id; the token is computed from it with the server's secret.
    pub id: InvitationId,
    /// What it is for.
    pub purpose: Purpose,
    /// The garage in whose name it was mailed, if any.
    pub garage_id: Option<GarageId>,
    /// The address to which it was mailed: whoever has the link can read that mailbox.
    pub email: EmailAddress,
    /// When it expires: from then on it is refused.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
    /// When it was revoked, because a newer link replaced it or there is no longer anything to use it for.
    pub revoked_at: Option<Instant>,
    /// After a confirmed change of e-mail: the former address, which is informed of the change.
    pub former_email: Option<EmailAddress>,
    /// The account that activated a passport with it, when that has another address than the link went to (rule P14).
    pub taken_by: Option<AccountId>,
    /// Of a link that its holder asked for at another address: the one to which the garage had it mailed at first (rule P14).
    pub first_email: Option<EmailAddress>,
}

coded_enum! {
    /// What became of the mail with a link (rule CH4).
    pub enum DeliveryStatus {
        /// It waits to be sent, or to be tried again.
        Queued => "queued",
        /// The mail server took it.
        Sent => "sent",
        /// It did not go out, or it came back.
        Failed => "failed",
        /// Nobody can tell whether it went out.
        Unknown => "unknown",
    }
}

coded_enum! {
    /// Why the mail with a link has not arrived, or not yet (rule CH4).
    pub enum DeliveryReason {
        /// The mail server does not take it for now; it is tried again.
        Delayed => "delayed",
        /// The mail server knows no such mailbox.
        NoMailbox => "no_mailbox",
        /// It came back.
        Bounced => "bounced",
        /// The address must not be written to, since earlier mail came back.
        Suppressed => "suppressed",
        /// The mail server refused it.
        Refused => "refused",
        /// No mail server took it in two days.
        GivenUp => "given_up",
        /// The connection broke off while it was sent, each time.
        Unclear => "unclear",
    }
}

/// What became of the mail with a link, as far as it is known (rule CH4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What became of it.
    pub status: DeliveryStatus,
    /// Since when that is known; none of links of before it was written down.
    pub at: Option<Instant>,
    /// Why it has not arrived; none when nothing is wrong, or nothing is known.
    pub reason: Option<DeliveryReason>,
}

impl Delivery {
    /// It was sent.
    pub const fn sent(now: Instant) -> Self {
        Self { status: DeliveryStatus::Sent, at: Some(now), reason: None }
    }

    /// It has not arrived, or nobody knows, for this reason.
    pub const fn hindered(reason: DeliveryReason, now: Instant) -> Self {
        let status = match reason {
            DeliveryReason::Delayed => DeliveryStatus::Queued,
            DeliveryReason::Unclear => DeliveryStatus::Unknown,
            DeliveryReason::NoMailbox
            | DeliveryReason::Bounced
            | DeliveryReason::Suppressed
            | DeliveryReason::Refused
            | DeliveryReason::GivenUp => DeliveryStatus::Failed,
        };
        Self { status, at: Some(now), reason: Some(reason) }
    }
}

/// A passport that was activated by an account with another address than its link was mailed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The account.
    pub by: AccountId,
    /// When it used the link.
    pub at: Instant,
}

impl Taken {
    /// How long the garage can end such an activation (rule P14).
    pub const REVOCABLE: SignedDuration = SignedDuration::from_hours(24 * 7);

    /// Whether the garage can still end it.
    pub fn is_revocable(self, now: Instant) -> bool {
        now.duration_since(self.at) < Self::REVOCABLE
    }
}

coded_enum! {
    /// Why a link is refused.
    pub enum InvitationRefusal {
        /// It was already used.
        Used => "invitation_used",
        /// A newer link replaced it, or there is no longer anything to use it for.
        Revoked => "invitation_revoked",
        /// Its time is over.
        Expired => "invitation_expired",
        /// It is for the address to which it was mailed, and for no other (rule P14).
        Bound => "invitation_bound",
    }
}

impl Invitation {
    /// The fact that the link was made and must be mailed.
    pub fn issued(&self) -> Fact {
        let passport_id = self.passport();
        Fact::InvitationIssued { invitation_id: self.id, purpose: self.purpose.code().to_owned(), passport_id }
    }

    /// The fact that the link is about to expire, of which its recipient must be reminded.
    pub fn expiring(&self) -> Fact {
        let passport_id = self.passport();
        Fact::InvitationExpiring { invitation_id: self.id, purpose: self.purpose.code().to_owned(), passport_id }
    }

    /// The passport that it activates.
    const fn passport(&self) -> Option<PassportId> {
        match self.purpose {
            Purpose::Passport(id) => Some(id),
            Purpose::Fleet(_)
            | Purpose::Staff(_)
            | Purpose::Transfer(_)
            | Purpose::PasswordReset(_)
            | Purpose::EmailChange(_) => None,
        }
    }

    /// A new link, valid as long as its purpose allows.
    pub fn new(
        id: InvitationId,
        purpose: Purpose,
        garage_id: Option<GarageId>,
        email: EmailAddress,
        now: Instant,
    ) -> Self {
        let expires_at = now.checked_add(purpose.lifetime()).unwrap_or(Instant::MAX);
        Self {
            id,
            purpose,
            garage_id,
            email,
            expires_at,
            used_at: None,
            revoked_at: None,
            former_email: None,
            taken_by: None,
            first_email: None,
        }
    }

    /// The address to which the garage had it mailed, also when its holder asked for it at another one (rule P14).
    pub fn addressed_to(&self) -> &EmailAddress {
        self.first_email.as_ref().unwrap_or(&self.email)
    }

    /// Whether an account with this e-mail that uses it has another address than the garage had it mailed to (rule P14).
    pub fn is_taken_by(&self, email: &EmailAddress) -> bool {
        matches!(self.purpose, Purpose::Passport(_)) && email != self.addressed_to()
    }

    /// The same link to activate a passport for another address of its holder, who confirms that address by using it (rule P14).
    /// It ends when this one does. The others are for the address to which they were mailed: that of an account that was made for
    /// it, or of the recipient of an offer.
    pub fn elsewhere(&self, id: InvitationId, email: EmailAddress, now: Instant) -> Result<Self, InvitationRefusal> {
        self.check(now)?;
        match self.purpose {
            Purpose::Passport(_) => {
                let first_email = Some(self.addressed_to().clone());
                Ok(Self { id, email, first_email, ..self.clone() })
            }
            Purpose::Fleet(_)
            | Purpose::Staff(_)
            | Purpose::Transfer(_)
            | Purpose::PasswordReset(_)
            | Purpose::EmailChange(_) => Err(InvitationRefusal::Bound),
        }
    }

    /// Checks that it can still be used.
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

    /// Uses the link, which works only once.
    pub fn redeem(mut self, now: Instant) -> Result<Self, InvitationRefusal> {
        self.check(now)?;
        self.used_at = Some(now);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn p14_a_link_to_activate_can_be_had_at_another_address() {
        let now = Instant::from_second(1_700_000_000).unwrap();
        let email = |text: &str| EmailAddress::parse(text).unwrap();
        let link = |purpose, id| {
            Invitation::new(InvitationId(Uuid::from_u128(id)), purpose, None, email("desk@garage.example"), now)
        };
        let first = link(Purpose::Passport(PassportId(Uuid::from_u128(1))), 2);
        let other = first.elsewhere(InvitationId(Uuid::from_u128(3)), email("jan@own.example"), now).unwrap();
        assert_eq!(
            (&other.email, other.purpose, other.expires_at),
            (&email("jan@own.example"), first.purpose, first.expires_at)
        );
        assert_eq!(other.addressed_to(), &first.email);
        // And on from there: the garage had it mailed to the first address still.
        let third = other.elsewhere(InvitationId(Uuid::from_u128(4)), email("jan@third.example"), now).unwrap();
        assert_eq!(third.addressed_to(), &first.email);
        assert!(third.is_taken_by(&email("jan@third.example")) && first.is_taken_by(&email("jan@own.example")));
        assert!(!third.is_taken_by(&email("Desk@garage.example")) && !first.is_taken_by(&first.email));
        let late = now + first.purpose.lifetime();
        assert_eq!(first.elsewhere(third.id, third.email, late), Err(InvitationRefusal::Expired));
        let account = AccountId(Uuid::from_u128(5));
        let bound = [
            Purpose::Fleet(account),
            Purpose::Staff(account),
            Purpose::PasswordReset(account),
            Purpose::EmailChange(account),
            Purpose::Transfer(TransferId(Uuid::from_u128(6))),
        ];
        for purpose in bound {
            let made = link(purpose, 7).elsewhere(InvitationId(Uuid::from_u128(8)), email("jan@own.example"), now);
            assert_eq!(made, Err(InvitationRefusal::Bound));
            assert!(!link(purpose, 7).is_taken_by(&email("jan@own.example")));
        }
    }

    #[test]
    fn a26_a_code_is_read_however_it_is_typed() {
        let shown = shown_code([0x5A; CODE_BYTES]);
        assert_eq!(shown.len(), 9);
        let bare = shown.replace('-', "");
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            shown.replace('-', "–"),
            format!("\u{a0}{bare}\t"),
        ] {
            assert_eq!(typed_code(&typed), Some(bare.clone()), "{typed}");
            assert!(typed.len() <= MAX_TYPED_CODE);
        }
        assert_eq!(typed_code("0123-4567").as_deref(), Some("OI234567"), "letters that look like digits");
        for nothing in ["", "ABCD-EFG", "ABCD-EFGH-I", "ABCD-EFG9", "ABCD-EFGé"] {
            assert_eq!(typed_code(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn ch4_what_hinders_a_mail_says_what_became_of_it() {
        let now = Instant::from_second(1_700_000_000).unwrap();
        for reason in DeliveryReason::ALL {
            let expected = match reason.code() {
                "delayed" => DeliveryStatus::Queued,
                "unclear" => DeliveryStatus::Unknown,
                _ => DeliveryStatus::Failed,
            };
            let delivery = Delivery::hindered(*reason, now);
            assert_eq!((delivery.status, delivery.reason, delivery.at), (expected, Some(*reason), Some(now)));
        }
        assert_eq!(Delivery::sent(now).reason, None);
    }
}
