//! What the account's operations do.

use super::wire::{Account, ChangeEmail, ConfirmEmail, UpdateAccount};
use crate::{
    brake::{self, Subject, check},
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, Problem},
    request::{Context, SignedIn},
    session::{self, brake::Guess, operations::account_of_link},
    wire::Secret,
};
use actix_web::HttpResponse;
use domain::{
    account::Account as DomainAccount,
    event::{Fact, Stream},
    ids::{AccountId, GarageId},
    invitation::{Invitation, Purpose, PurposeKind},
    throttle::{EMAILS_IN_USE, PASSWORDS_PER_LINK},
    value::EmailAddress,
};
use persistence::{self as store, Stamps};

/// The account that is signed in.
pub fn own(work: &mut Work<'_, '_>) -> Result<(DomainAccount, Stamps), Problem> {
    let id = work.actor()?.account_id();
    Ok(store::account::find(work.tx, id)?.ok_or(Code::Unauthenticated)?)
}

/// The account.
pub fn get(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let fleet = work.actor()?.fleet_id();
    let (account, stamps) = own(work)?;
    Ok(Reply::ok(&Account::new(&account, stamps, fleet))?.version(account.version))
}

/// Changes name and language (rule A2).
pub fn update(work: &mut Work<'_, '_>, body: UpdateAccount) -> Result<Reply, Problem> {
    let fleet = work.actor()?.fleet_id();
    let (before, stamps) = own(work)?;
    work.require_version(before.version)?;
    let mut account = before.clone();
    body.name.apply(&mut account.name);
    body.language.apply(&mut account.language);
    if account == before {
        return Ok(Reply::ok(&Account::new(&account, stamps, fleet))?.version(account.version));
    }
    let account = store::account::update(work.tx, &account, stamps, work.now)?;
    work.record(account.stream(), [Fact::AccountChanged { account_id: account.id }])?;
    let stamps = Stamps { updated_at: work.now, ..stamps };
    Ok(Reply::ok(&Account::new(&account, stamps, fleet))?.version(account.version))
}

/// Who is signed in knows the present password; guesses are counted for the session, apart from those at the door (rule A12).
pub async fn prove(signed_in: &SignedIn, password: &Secret) -> Result<DomainAccount, Problem> {
    let (context, session) = (&signed_in.context, signed_in.bearer.session_id);
    let found = context.app.database.read(move |tx| {
        let actor = store::account::actor(tx, session)?.ok_or(Code::Unauthenticated)?;
        Ok(store::account::find(tx, actor.account_id())?.ok_or(Code::Unauthenticated)?)
    });
    let (account, _) = found.await?;
    let guess = Guess::of_session(context, session).await?;
    if !context.app.passwords.verify(&password.0, account.password_hash.as_deref()).await? {
        return Err(Problem::body("/currentPassword", "password_wrong"));
    }
    guess.was_right(context).await?;
    Ok(account)
}

/// Changes the password; the other sessions end (rules A13, A14 and A21).
pub fn change_password(work: &mut Work<'_, '_>, hash: &str) -> Result<Reply, Problem> {
    let session = work.session()?;
    let (account, stamps) = own(work)?;
    let account = DomainAccount { password_hash: Some(hash.to_owned()), ..account };
    store::account::update(work.tx, &account, stamps, work.now)?;
    session::operations::revoke_links(work, account.id)?;
    store::session::end_all(work.tx, account.id, Some(session), work.now)?;
    work.app.streams.suspect(account.id);
    // The device is known as before, but gives a code at the next sign-in (rule A21).
    store::second_factor::remember(work.tx, session, None)?;
    work.record(account.stream(), [Fact::AccountPasswordChanged { account_id: account.id }])?;
    Ok(Reply::nothing())
}

/// Mails a link to the new address (rules A1, A10, A24, F2, F3). Whether it has an account is said to the address alone, and
/// not in the answer.
pub fn change_email(work: &mut Work<'_, '_>, body: &ChangeEmail) -> Result<Reply, Problem> {
    let (account, _) = own(work)?;
    let counterparts = store::account::counterpart_emails(work.tx, &account)?;
    account.may_change_email(&body.email.0, &counterparts, false)?;
    let holder = store::account::find_confirmed(work.tx, &body.email.0)?.filter(|holder| *holder != account.id);
    let garage = match account.employment {
        Some(work) => Some(work.garage_id),
        None if account.is_prepared() => store::fleet::garage_of_account(work.tx, account.id)?,
        None => None,
    };
    let invitation =
        Invitation::new(new_id(), Purpose::EmailChange(account.id), garage, body.email.0.clone(), work.now);
    if let Some(account_id) = holder {
        work.count_mail(&invitation)?;
        // As a new link would: an older one that still worked would say that none was made.
        store::invitation::revoke(work.tx, Purpose::EmailChange(account.id), work.now)?;
        work.record(Stream::Platform, [Fact::AccountEmailRequested { account_id }])?;
    } else {
        work.invite(account.stream(), &invitation)?;
    }
    Ok(Reply::accepted())
}

/// What is counted for a garage: the addresses that its staff wrote down for an account and that are in use already.
fn email_tries(work: &Work<'_, '_>, garage: GarageId) -> Subject {
    Subject::new(&work.app.secret, "emails in use", &[garage.0.as_bytes()], EMAILS_IN_USE)
}

/// Whether an address is in use that staff write down for someone's account. A garage that asked for too many of late must
/// wait, whichever address it asks for now (rule A24).
pub fn is_email_in_use(work: &mut Work<'_, '_>, garage: GarageId, email: &EmailAddress) -> Result<bool, Problem> {
    let tries = email_tries(work, garage);
    check(work.tx, &tries, work.now)?;
    Ok(store::account::email_in_use(work.tx, email)?)
}

/// Refuses when someone else has confirmed the address since: then no link of the account that was made with it can work.
pub fn require_unclaimed(work: &mut Work<'_, '_>, email: &EmailAddress) -> Result<(), Problem> {
    let holder = store::account::find_confirmed(work.tx, email)?;
    holder.map_or(Ok(()), |_| Err(Code::EmailInUse.into()))
}

/// Counts a command that was refused since the address is in use.
pub async fn count_refused(
    signed_in: &SignedIn,
    answer: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    brake::count_refused(signed_in, answer, |problem| problem.code == Code::EmailInUse, email_tries).await
}

/// Whoever confirms an address first has it. An account that a garage made with that address, and that nobody confirmed,
/// loses it: its links die, and the garage is told to choose another (rule A4).
pub fn displace(work: &mut Work<'_, '_>, email: &EmailAddress, by: AccountId) -> Result<(), Problem> {
    let found = store::account::find_unconfirmed(work.tx, email)?.filter(|(other, _)| other.id != by);
    let Some((other, _)) = found else { return Ok(()) };
    for purpose in [Purpose::Staff(other.id), Purpose::Fleet(other.id), Purpose::PasswordReset(other.id)] {
        store::invitation::revoke(work.tx, purpose, work.now)?;
    }
    let garage = store::fleet::garage_of_account(work.tx, other.id)?;
    let stream = garage.map_or(other.stream(), Stream::Garage);
    work.record(stream, [Fact::AccountEmailLost { account_id: other.id }])
}

/// Checks link and password before the work of hashing it. Only the manager of a prepared fleet chooses one (rule F8).
pub async fn check_confirmation(context: &Context, body: &ConfirmEmail) -> Result<(), Problem> {
    let (token, now) = (body.token.clone(), context.app.clock.now());
    let about =
        match context.app.database.read(move |tx| account_of_link(tx, &token, PurposeKind::EmailChange, now)).await {
            Ok((invitation, account, _)) => {
                check_chosen(&account, body)?;
                // The garage knows the one that it has: it would still sign in. Whether it is that one is guessed at in its turn.
                if account.is_prepared() {
                    let parts = [body.token.0.as_bytes()];
                    let guess = Subject::new(&context.app.secret, "password by link", &parts, PASSWORDS_PER_LINK);
                    brake::count_or_wait(context, vec![guess]).await?;
                }
                if let Some(password) = &body.password
                    && context.app.passwords.verify(&password.0, account.password_hash.as_deref()).await?
                {
                    return Err(Problem::body("/password", "password_unchanged"));
                }
                vec![account.name, invitation.email.as_str().to_owned()]
            }
            // A repeat of a request that was answered already finds that answer by its key.
            Err(_) if context.idempotency_key.is_some() => vec![],
            Err(problem) => return Err(problem),
        };
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let check = |password| session::operations::check_password(password, &about, "/password");
    body.password.as_ref().map_or(Ok(()), check)
}

/// A password is chosen for a prepared fleet, and for no other account (rule F8).
fn check_chosen(account: &DomainAccount, body: &ConfirmEmail) -> Result<(), Problem> {
    match (account.is_prepared(), &body.password) {
        (true, None) => Err(Problem::body("/password", "required")),
        (false, Some(_)) => Err(Problem::body("/password", "unknown_property")),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// The new address has confirmed: the rules are looked at again, since time has passed (rules A1, A4, A10, F2, F3, F8 and
/// CAL1). `hash` is that of the password that the manager of a prepared fleet chooses.
pub fn confirm_email(work: &mut Work<'_, '_>, body: &ConfirmEmail, hash: Option<&str>) -> Result<Reply, Problem> {
    let (invitation, account, stamps) = account_of_link(work.tx, &body.token, PurposeKind::EmailChange, work.now)?;
    check_chosen(&account, body)?;
    let counterparts = store::account::counterpart_emails(work.tx, &account)?;
    let holder = store::account::find_confirmed(work.tx, &invitation.email)?;
    let in_use = holder.is_some_and(|holder| holder != account.id);
    let (account, invitation, fact) = account.change_email(invitation, &counterparts, in_use)?;
    store::invitation::redeem(work.tx, &invitation)?;
    displace(work, &invitation.email, account.id)?;
    // A link to reset the password that went to the old address no longer works.
    store::invitation::revoke(work.tx, Purpose::PasswordReset(account.id), work.now)?;
    let mut facts = vec![fact];
    let account = match hash {
        Some(hash) => {
            store::session::end_all(work.tx, account.id, None, work.now)?;
            work.app.streams.suspect(account.id);
            // The garage, which prepared the fleet, may know the address of its calendar (rule CAL1).
            store::calendar::delete(work.tx, account.id)?;
            facts.push(Fact::AccountPasswordChanged { account_id: account.id });
            DomainAccount { password_hash: Some(hash.to_owned()), ..account }
        }
        None => account,
    };
    store::account::update(work.tx, &account, stamps, work.now)?;
    work.record(account.stream(), facts)?;
    Ok(Reply::nothing())
}
