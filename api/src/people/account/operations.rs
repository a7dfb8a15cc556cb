//! What the account's operations do.

use super::wire::{Account, ChangeEmail, ConfirmEmail, UpdateAccount};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, Problem},
    request::SignedIn,
    secret::token_hash,
    session::{self, brake::Guess},
    wire::Secret,
};
use domain::{
    account::{Account as DomainAccount, AccountStatus},
    event::Fact,
    invitation::{Invitation, Purpose},
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

/// Changes the password; the other sessions end (rules A13 and A14).
pub fn change_password(work: &mut Work<'_, '_>, hash: &str) -> Result<Reply, Problem> {
    let session = work.session()?;
    let (account, stamps) = own(work)?;
    let account = DomainAccount { password_hash: Some(hash.to_owned()), ..account };
    store::account::update(work.tx, &account, stamps, work.now)?;
    session::operations::revoke_links(work, account.id)?;
    store::session::end_all(work.tx, account.id, Some(session), work.now)?;
    work.record(account.stream(), [Fact::AccountPasswordChanged { account_id: account.id }])?;
    Ok(Reply::nothing())
}

/// Mails a link to the new address (rules A1, A10, F2, F3).
pub fn change_email(work: &mut Work<'_, '_>, body: &ChangeEmail) -> Result<Reply, Problem> {
    let (account, _) = own(work)?;
    let counterparts = store::account::counterpart_emails(work.tx, &account)?;
    let in_use = store::account::email_in_use(work.tx, &body.email.0)?;
    account.may_change_email(&body.email.0, &counterparts, in_use)?;
    let garage = account.employment.map(|work| work.garage_id);
    let invitation =
        Invitation::new(new_id(), Purpose::EmailChange(account.id), garage, body.email.0.clone(), work.now);
    work.invite(account.stream(), &invitation)?;
    Ok(Reply::accepted())
}

/// The new address has confirmed: the rules are looked at again, since time has passed (rules A1, A10, F2, F3).
pub fn confirm_email(work: &mut Work<'_, '_>, body: &ConfirmEmail) -> Result<Reply, Problem> {
    let invitation =
        store::invitation::find_by_token(work.tx, &token_hash(&body.token.0))?.ok_or(Code::InvitationNotFound)?;
    let Purpose::EmailChange(account_id) = invitation.purpose else {
        return Err(Code::InvitationNotFound.into());
    };
    let invitation = invitation.redeem(work.now)?;
    let (account, stamps) = store::account::find(work.tx, account_id)?
        .filter(|(account, _)| account.status == AccountStatus::Active)
        .ok_or(Code::InvitationNotFound)?;
    let counterparts = store::account::counterpart_emails(work.tx, &account)?;
    let in_use = store::account::email_in_use(work.tx, &invitation.email)?;
    let (account, invitation, fact) = account.change_email(invitation, &counterparts, in_use)?;
    store::invitation::redeem(work.tx, &invitation)?;
    // A link to reset the password that went to the old address no longer works.
    store::invitation::revoke(work.tx, Purpose::PasswordReset(account.id), work.now)?;
    store::account::update(work.tx, &account, stamps, work.now)?;
    work.record(account.stream(), [fact])?;
    Ok(Reply::nothing())
}
