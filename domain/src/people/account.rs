//! Accounts: who signs in, through one door for everyone.

use crate::{
    coded_enum,
    event::Fact,
    ids::{AccountId, GarageId},
    invitation::Invitation,
    value::{AccountKind, EmailAddress, Language, StaffRole},
};

coded_enum! {
    /// The life of an account.
    pub enum AccountStatus {
        /// Made, but its holder has not chosen a password yet.
        Invited => "invited",
        /// Can sign in.
        Active => "active",
        /// Can no longer sign in; its e-mail is free for another account.
        Ended => "ended",
    }
}

/// The work of a staff account: for which garage, in which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Employment {
    /// The garage.
    pub garage_id: GarageId,
    /// The role.
    pub role: StaffRole,
}

/// Someone who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it is for.
    pub kind: AccountKind,
    /// Its login e-mail, on the whole platform its own (rule A1).
    pub email: EmailAddress,
    /// The person's or fleet's name.
    pub name: String,
    /// The language they are written to in.
    pub language: Language,
    /// Where it is in its life.
    pub status: AccountStatus,
    /// For a staff account, its garage and role.
    pub employment: Option<Employment>,
    /// The PHC string of the password's Argon2id hash, once there is a password.
    pub password_hash: Option<String>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why an e-mail may not become an account's.
    pub enum EmailRefusal {
        /// Rule F2: a fleet and its manager's own AutoPaspoort have different e-mails.
        FleetEmailSameAsManager => "fleet_email_same_as_manager",
        /// Rules A1 and F3: another account has it.
        EmailInUse => "email_in_use",
        /// It is this account's e-mail already.
        EmailUnchanged => "email_unchanged",
    }
}

/// Decides whether an e-mail may become an account's (rules A1, F2, F3).
///
/// `counterparts` are the e-mails on the other side of rule F2: for a fleet's account its manager's, for a driver's
/// account those of the fleets they manage. F2 is looked at first, since it is the more helpful of two true answers.
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
    /// Asks for another e-mail; it changes once the new address has confirmed.
    pub fn may_change_email(
        &self,
        wanted: &EmailAddress,
        counterparts: &[EmailAddress],
        in_use: bool,
    ) -> Result<(), EmailRefusal> {
        if self.email.as_str() == wanted.as_str() {
            return Err(EmailRefusal::EmailUnchanged);
        }
        // The same address in other letters is this account's own, so `in_use` does not hold it up.
        check_email(wanted, counterparts, in_use && self.email != *wanted)
    }

    /// The new address has confirmed, by the link that was mailed to it: it is the account's e-mail from now on. The
    /// link keeps the address before, to tell it.
    pub fn change_email(
        mut self,
        mut confirmed: Invitation,
        counterparts: &[EmailAddress],
        in_use: bool,
    ) -> Result<(Self, Invitation, Fact), EmailRefusal> {
        self.may_change_email(&confirmed.email, counterparts, in_use)?;
        confirmed.former_email = Some(std::mem::replace(&mut self.email, confirmed.email.clone()));
        let fact = Fact::AccountEmailChanged { account_id: self.id, invitation_id: confirmed.id };
        Ok((self, confirmed, fact))
    }

    /// The holder of the mailed link chose a password.
    #[must_use]
    pub fn activate(mut self, password_hash: String) -> Self {
        self.status = AccountStatus::Active;
        self.password_hash = Some(password_hash);
        self
    }

    /// Ends the account for good: it can no longer sign in, and its e-mail is free.
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
    fn an_ended_account_has_no_password() {
        let account = driver().activate("hash".into()).end();
        assert_eq!((account.status, account.password_hash), (AccountStatus::Ended, None));
    }
}
