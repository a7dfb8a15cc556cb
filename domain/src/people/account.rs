//! Accounts: everyone who signs in has one, and all sign in in the same way.

use crate::{
    coded_enum,
    event::{Fact, Stream},
    ids::{AccountId, GarageId},
    invitation::Invitation,
    value::{AccountKind, EmailAddress, Language, StaffRole},
};

coded_enum! {
    /// The life of an account.
    pub enum AccountStatus {
        /// The account was made, but its holder has not chosen a password yet.
        Invited => "invited",
        /// The holder can sign in.
        Active => "active",
        /// The holder can no longer sign in; the e-mail is free for another account.
        Ended => "ended",
    }
}

/// Where the holder of a staff account works, and in which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Employment {
    /// The garage.
    pub garage_id: GarageId,
    /// The role.
    pub role: StaffRole,
}

/// The account of someone who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Driver, fleet, staff or platform.
    pub kind: AccountKind,
    /// Its login e-mail, which is unique on the whole platform (rule A1).
    pub email: EmailAddress,
    /// Whether the holder has shown, with a link that was mailed there, that the address is theirs. An address that nobody
    /// confirmed is held against others of its kind only (rule A4).
    pub email_confirmed: bool,
    /// The person's or fleet's name.
    pub name: String,
    /// The language of mails to the holder.
    pub language: Language,
    /// Invited, active or ended.
    pub status: AccountStatus,
    /// For a staff account, its garage and role.
    pub employment: Option<Employment>,
    /// The Argon2id hash of the password as a PHC string; none before a password was chosen.
    pub password_hash: Option<String>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why an account may not have an e-mail.
    pub enum EmailRefusal {
        /// Rule F2: a fleet and its manager's own AutoPaspoort have different e-mails.
        FleetEmailSameAsManager => "fleet_email_same_as_manager",
        /// Rules A1 and F3: another account has this e-mail.
        EmailInUse => "email_in_use",
        /// This is already the account's e-mail.
        EmailUnchanged => "email_unchanged",
    }
}

/// Decides whether an account may have an e-mail (rules A1, F2, F3).
///
/// `counterparts` are the e-mails that rule F2 excludes: for a fleet's account the manager's own, for a driver's
/// account those of the fleets that the driver manages. F2 is checked first, since of two true answers it is the more
/// helpful.
pub fn check_email(wanted: &EmailAddress, counterparts: &[EmailAddress], in_use: bool) -> Result<(), EmailRefusal> {
    if counterparts.contains(wanted) {
        Err(EmailRefusal::FleetEmailSameAsManager)
    } else if in_use {
        Err(EmailRefusal::EmailInUse)
    } else {
        Ok(())
    }
}

impl Account {
    /// Where what happens to it is recorded: with its garage, if its holder works for one.
    pub fn stream(&self) -> Stream {
        self.employment.map_or(Stream::Platform, |work| Stream::Garage(work.garage_id))
    }

    /// Whether the account may ask for another e-mail. The e-mail changes only when the new address was confirmed.
    pub fn may_change_email(
        &self,
        wanted: &EmailAddress,
        counterparts: &[EmailAddress],
        in_use: bool,
    ) -> Result<(), EmailRefusal> {
        // Whoever has the mailbox of a prepared fleet may confirm just that address (rule F8).
        if self.email.as_str() == wanted.as_str() && !self.is_prepared() {
            return Err(EmailRefusal::EmailUnchanged);
        }
        // `in_use` does not count when only the spelling differs: then it is this account that has the address.
        check_email(wanted, counterparts, in_use && self.email != *wanted)
    }

    /// Changes the e-mail, after the new address was confirmed with the link that was mailed to it. The link keeps the
    /// former address, so that it can be informed.
    pub fn change_email(
        mut self,
        mut confirmed: Invitation,
        counterparts: &[EmailAddress],
        in_use: bool,
    ) -> Result<(Self, Invitation, Fact), EmailRefusal> {
        self.may_change_email(&confirmed.email, counterparts, in_use)?;
        self.email_confirmed = true;
        // Where only the address that it has was confirmed, there is no other one to be informed.
        let former = std::mem::replace(&mut self.email, confirmed.email.clone());
        confirmed.former_email = Some(former).filter(|former| *former != confirmed.email);
        let fact = Fact::AccountEmailChanged { account_id: self.id, invitation_id: confirmed.id };
        Ok((self, confirmed, fact))
    }

    /// Activates the account, when the person with the mailed link chooses a password. The link confirms the address.
    #[must_use]
    pub fn activate(mut self, password_hash: String) -> Self {
        self.status = AccountStatus::Active;
        self.email_confirmed = true;
        self.password_hash = Some(password_hash);
        self
    }

    /// Whether a garage made the account ready, and still has its password: then whoever confirms the address chooses
    /// another one in the same step (rule F8).
    pub fn is_prepared(&self) -> bool {
        self.kind == AccountKind::Fleet && self.status == AccountStatus::Active && !self.email_confirmed
    }

    /// Ends the account for good: nobody can sign in with it, and its e-mail is free.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.status = AccountStatus::Ended;
        self.password_hash = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::InvitationId, invitation::Purpose};
    use uuid::Uuid;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn driver() -> Account {
        Account {
            id: AccountId(Uuid::from_u128(1)),
            kind: AccountKind::Driver,
            email: email("jan@jansen.example"),
            email_confirmed: true,
            name: "Jan".into(),
            language: Language::Dutch,
            status: AccountStatus::Active,
            employment: None,
            password_hash: None,
            version: 1,
        }
    }

    #[test]
    fn f2_is_told_before_a1_and_f3() {
        let fleet = email("vloot@jansen.example");
        let cases = [
            ("vloot@jansen.example", true, Err(EmailRefusal::FleetEmailSameAsManager)),
            ("VLOOT@jansen.example", false, Err(EmailRefusal::FleetEmailSameAsManager)),
            ("piet@jansen.example", true, Err(EmailRefusal::EmailInUse)),
            ("jan@jansen.example", true, Err(EmailRefusal::EmailUnchanged)),
            ("Jan@Jansen.example", true, Ok(())),
            ("piet@jansen.example", false, Ok(())),
        ];
        for (wanted, in_use, expected) in cases {
            let got = driver().may_change_email(&email(wanted), std::slice::from_ref(&fleet), in_use);
            assert_eq!(got, expected, "{wanted}");
        }
    }

    #[test]
    fn a_changed_email_tells_the_old_one() {
        let purpose = Purpose::EmailChange(driver().id);
        let (id, now) = (InvitationId(Uuid::from_u128(2)), crate::Instant::UNIX_EPOCH);
        let link = Invitation::new(id, purpose, None, email("j@jansen.example"), now);
        let (account, link, fact) = driver().change_email(link, &[], false).unwrap();
        assert_eq!(account.email, email("j@jansen.example"));
        assert_eq!(link.former_email, Some(email("jan@jansen.example")));
        assert_eq!(fact, Fact::AccountEmailChanged { account_id: account.id, invitation_id: id });
    }

    #[test]
    fn f8_a_fleet_is_prepared_until_its_address_is_confirmed() {
        let fleet = Account { kind: AccountKind::Fleet, email_confirmed: false, ..driver() };
        assert!(fleet.is_prepared());
        assert!(!Account { status: AccountStatus::Invited, ..fleet.clone() }.is_prepared(), "it has no password yet");
        assert!(!Account { kind: AccountKind::Staff, ..fleet.clone() }.is_prepared());
        assert!(!fleet.clone().activate("hash".into()).is_prepared());
        let (id, now) = (InvitationId(Uuid::from_u128(2)), crate::Instant::UNIX_EPOCH);
        let link = Invitation::new(id, Purpose::EmailChange(fleet.id), None, email("j@jansen.example"), now);
        let own = Invitation { email: fleet.email.clone(), ..link.clone() };
        let (confirmed, link_of_own, _) = fleet.clone().change_email(own, &[], false).unwrap();
        assert_eq!(
            (confirmed.is_prepared(), link_of_own.former_email),
            (false, None),
            "it can be the address that it has"
        );
        assert!(!fleet.change_email(link, &[], false).unwrap().0.is_prepared());
    }

    #[test]
    fn an_ended_account_has_no_password() {
        let account = driver().activate("hash".into()).end();
        assert_eq!((account.status, account.password_hash), (AccountStatus::Ended, None));
    }
}
