//! Makes a garage and its first admin, for the command line and for the demo; and what the operator alone may do to an account.

use crate::{
    clock::new_id,
    command::record,
    problem::{Code, Problem},
    secret::{Secret, token_hash},
};
use domain::{
    Instant,
    account::{Account, AccountStatus, Employment, check_email},
    event::{Fact, Stream},
    garage::{DEFAULT_SECOND_THOUGHTS_DAYS, Garage},
    ids::AccountId,
    invitation::{Invitation, Purpose},
    value::{AccountKind, Address, Country, Currency, EmailAddress, Language, PhoneNumber, StaffRole},
};
use persistence::{self as store, Found, Tx};

/// A garage to be made.
#[derive(Clone, Debug)]
pub struct NewGarage {
    /// Its name.
    pub name: String,
    /// The e-mail at which customers and this system reach it.
    pub email: EmailAddress,
    /// The phone number for customers.
    pub phone: Option<PhoneNumber>,
    /// The language of mails to the garage.
    pub language: Language,
    /// Its country.
    pub country: Country,
    /// Its currency.
    pub currency: Currency,
    /// Its time zone.
    pub time_zone: String,
}

/// A member of staff to be added.
#[derive(Clone, Debug)]
pub struct NewColleague {
    /// The id of the account.
    pub id: AccountId,
    /// The login e-mail.
    pub email: EmailAddress,
    /// The name.
    pub name: String,
    /// The role.
    pub role: StaffRole,
    /// The hash of the password; without one, the person gets a mail with a link to choose a password.
    pub password_hash: Option<String>,
}

/// Makes a garage.
pub fn create_garage(tx: &mut Tx<'_>, new: &NewGarage, now: Instant) -> Result<Garage, Problem> {
    let address = Address { street: None, postcode: None, place: None, country: new.country };
    let garage = Garage {
        id: new_id(),
        name: new.name.clone(),
        chain: None,
        email: new.email.clone(),
        phone: new.phone.clone(),
        address,
        language: new.language,
        currency: new.currency,
        second_thoughts_days: DEFAULT_SECOND_THOUGHTS_DAYS,
        time_zone: new.time_zone.clone(),
        second_factor_required: false,
        version: 1,
    };
    store::event::create_stream(tx, Stream::Platform)?;
    store::event::create_stream(tx, Stream::Garage(garage.id))?;
    store::garage::insert(tx, &garage, now)?;
    record(tx, Stream::Garage(garage.id), None, [Fact::GarageCreated {}], now)?;
    Ok(garage)
}

/// Adds a member of staff to a garage.
pub fn add_colleague(
    tx: &mut Tx<'_>,
    secret: &Secret,
    garage: &Garage,
    new: &NewColleague,
    now: Instant,
) -> Result<Account, Problem> {
    check_email(&new.email, &[], store::account::email_in_use(tx, &new.email)?)?;
    let active = new.password_hash.is_some();
    let account = Account {
        id: new.id,
        kind: AccountKind::Staff,
        email: new.email.clone(),
        email_confirmed: active,
        name: new.name.clone(),
        language: garage.language,
        status: if active { AccountStatus::Active } else { AccountStatus::Invited },
        employment: Some(Employment { garage_id: garage.id, role: new.role }),
        password_hash: new.password_hash.clone(),
        version: 1,
    };
    store::account::insert(tx, &account, now)?;
    store::second_factor::demand_of(tx, &account)?;
    let stream = Stream::Garage(garage.id);
    record(tx, stream, None, [Fact::StaffAdded { account_id: account.id }], now)?;
    if !active {
        let invitation = Invitation::new(new_id(), Purpose::Staff(account.id), Some(garage.id), new.email.clone(), now);
        store::invitation::issue(tx, &invitation, &token_hash(&secret.invitation_token(invitation.id)), now)?;
        record(tx, stream, None, [invitation.issued()], now)?;
    }
    Ok(account)
}

/// Removes the second factor of whoever has lost it and has nobody else to ask: a last admin, a fleet, a driver, support (rule
/// A20). False when there was none.
pub fn reset_second_factor(tx: &mut Tx<'_>, email: &EmailAddress, now: Instant) -> Result<bool, Problem> {
    let (account, _) = store::account::find_by_email(tx, email)?.ok_or(Code::NotFound)?;
    let stream = account.stream();
    store::event::lock(tx, stream)?;
    if !store::second_factor::delete(tx, account.id)? {
        return Ok(false);
    }
    store::second_factor::demand_of(tx, &account)?;
    store::session::end_all(tx, account.id, None, now)?;
    record(tx, stream, None, [Fact::SecondFactorReset { account_id: account.id }], now)?;
    Ok(true)
}

/// Writes to an address again to which mail came back, or whose reader complained (rule CH3): how many reasons there were, and
/// how many objections stay, which only who made them can take back.
pub fn lift_suppressions(tx: &mut Tx<'_>, email: &EmailAddress, now: Instant) -> Result<(usize, usize), Problem> {
    let found = store::suppression::list_of_email(tx, email)?;
    let (may, stay): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.may_lift().is_ok());
    let mut lifted = vec![];
    for one in may {
        let id = one.id;
        let is_lifted = store::suppression::delete(tx, &Found::by_system(one), now)?;
        lifted.extend(is_lifted.then_some(Fact::SuppressionLifted { suppression_id: id }));
    }
    let count = lifted.len();
    if count > 0 {
        store::event::create_stream(tx, Stream::Platform)?;
        record(tx, Stream::Platform, None, lifted, now)?;
    }
    Ok((count, stay.len()))
}
