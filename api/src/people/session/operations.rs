//! What signing in does. Passwords are hashed and verified outside transactions: that takes longer than any query.

use super::{
    brake::{self, Guess},
    wire::{Login, PasswordReset, PasswordResetConfirm, Refresh, Session, SignedInAccount, Tokens},
};
use crate::{
    clock::new_id,
    command::{Reply, Work, record},
    one_time_codes::{self, Used},
    problem::{Code, FieldProblem, Place, Problem},
    request::{Context, SignedIn},
    secret::{Secret, new_token, token_hash},
    wire::{self, AccountKind, Email, Id, ListQuery, Moment, Token, items_after},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Instant,
    account::{Account, AccountStatus},
    event::{Fact, Stream},
    ids::{AccountId, SessionId},
    invitation::{Invitation, Purpose, PurposeKind},
    job::Task,
    removal::FollowedList,
    second_factor::REMEMBERED,
    session::{ACCESS_TOKEN_LIFETIME, RefreshRefusal},
};
use persistence::{self as store, Scope, Tx, removal::ListOf};
use serde_json::{Map, Value};

/// The e-mail and password are those of an account that can sign in. Each try is counted before it is judged.
pub async fn check_credentials(context: &Context, login: &Login) -> Result<Account, Problem> {
    let (email, device) = (login.email.0.clone(), device_of(context, login));
    let found = context.app.database.read(move |tx| {
        let Some((account, _)) = store::account::find_by_email(tx, &email)? else { return Ok::<_, Problem>(None) };
        let is_known = is_known(tx, account.id, device.filter(|_| account.status == AccountStatus::Active))?;
        Ok(Some((account, is_known)))
    });
    let (account, is_known) = found.await?.map_or((None, false), |(account, is_known)| (Some(account), is_known));
    let guess = Guess::at_the_door(context, &login.email, device.filter(|_| is_known)).await?;
    let account = account.filter(|account| account.status == AccountStatus::Active);
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let matches = context.app.passwords.verify(&login.password.0, hash.as_deref()).await?;
    let account = account.filter(|_| matches).ok_or(Code::CredentialsInvalid)?;
    guess.was_right(context).await?;
    Ok(account)
}

/// The token by which a device is known again at the next sign-in: the session that it opened, with a mark of the server's.
fn device_token(secret: &Secret, session: SessionId) -> String {
    let mark = secret.mac(DEVICE, &[session.0.as_bytes()]);
    URL_SAFE_NO_PAD.encode([session.0.as_bytes().as_slice(), &mark].concat())
}

/// The session that the device opened before, if it sent a token, and that is one of this server's.
fn device_of(context: &Context, login: &Login) -> Option<SessionId> {
    let bytes = URL_SAFE_NO_PAD.decode(&login.device_token.as_ref()?.0).ok()?;
    let (session, mark) = bytes.split_at_checked(16)?;
    let session = SessionId(uuid::Uuid::from_slice(session).ok()?);
    context.app.secret.is_mac(DEVICE, &[session.0.as_bytes()], mark).then_some(session)
}

/// Whether a device that opened this session before is still known to the account.
fn is_known(tx: &mut Tx<'_>, account: AccountId, device: Option<SessionId>) -> Result<bool, Problem> {
    Ok(device.map(|device| store::session::is_known_device(tx, account, device)).transpose()?.unwrap_or_default())
}

const DEVICE: &str = "device";

/// An account, if it can sign in.
fn active(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>, Problem> {
    let found = store::account::find(tx, id)?.map(|(account, _)| account);
    Ok(found.filter(|account| account.status == AccountStatus::Active))
}

/// Counts the code of a second factor, before it is judged. Where none is needed, none is guessed at; and nobody guesses a
/// recovery code, of 80 bits.
pub async fn count_code(context: &Context, account: &Account, login: &Login) -> Result<Option<Guess>, Problem> {
    let may_be_guessed = |code: &str| !one_time_codes::may_be_recovery(code);
    if !login.second_factor.as_ref().is_some_and(|code| may_be_guessed(&code.0)) {
        return Ok(None);
    }
    let (account, device) = (account.id, device_of(context, login));
    let found = context.app.database.read(move |tx| {
        let is_active = store::second_factor::is_active(tx, account)?;
        Ok::<_, Problem>((is_active, is_known(tx, account, device)?))
    });
    match found.await? {
        (true, is_known) => Guess::at_second_factor(context, account, device.filter(|_| is_known)).await.map(Some),
        (false, _) => Ok(None),
    }
}

/// Opens a session for an account whose holder proved who they are (rules A1, A2, A12, A17, A18, A21).
pub fn sign_in(work: &mut Work<'_, '_>, account: &Account, login: &Login) -> Result<Reply, Problem> {
    // The account may have ended, or got another password, since that was proved.
    let account = active(work.tx, account.id)?
        .filter(|now| now.password_hash == account.password_hash)
        .ok_or(Code::CredentialsInvalid)?;
    let remembered_until = second_factor(work, &account, login)?;
    let (session, tokens) = new_session(work, &account)?;
    if remembered_until.is_some() {
        store::second_factor::remember(work.tx, session, remembered_until)?;
    }
    Reply::ok(&tokens)
}

/// The account's second factor, if it has one: a code, or a device that is remembered. The answer is until when the device is
/// remembered from now on.
fn second_factor(work: &mut Work<'_, '_>, account: &Account, login: &Login) -> Result<Option<Instant>, Problem> {
    if !store::second_factor::is_active(work.tx, account.id)? {
        return Ok(None);
    }
    if let Some(code) = &login.second_factor {
        use_code(work, account, &code.0)?.ok_or(Code::SecondFactorWrong)?;
        let until = work.now.checked_add(REMEMBERED).unwrap_or(Instant::MAX);
        return Ok((login.remember_device == Some(true)).then_some(until));
    }
    let known = device_of(work.context, login);
    let found = known.map(|device| store::second_factor::remembered_until(work.tx, account.id, device)).transpose()?;
    let until = found.flatten().filter(|until| *until > work.now).ok_or(Code::SecondFactorRequired)?;
    // It is remembered by its new token, so that to end the new session is to forget the device.
    if let Some(device) = known {
        store::second_factor::remember(work.tx, device, None)?;
    }
    Ok(Some(until))
}

/// Uses a code of an account's second factor; that of a recovery code is recorded. None when the code is wrong, or the account
/// has no active second factor.
pub fn use_code(work: &mut Work<'_, '_>, account: &Account, typed: &str) -> Result<Option<Used>, Problem> {
    // What is recorded takes the lock of its stream, which everyone takes before that of the second factor.
    if one_time_codes::may_be_recovery(typed) {
        store::event::lock(work.tx, account.stream())?;
    }
    let Some(stored) = store::second_factor::find_to_change(work.tx, account.id)? else { return Ok(None) };
    let secret = &work.app.secret;
    let used = one_time_codes::use_code(work.tx, secret, account.id, &stored, typed, work.now)?;
    if used == Some(Used::Recovery) {
        work.record(account.stream(), [Fact::RecoveryCodeUsed { account_id: account.id }])?;
    }
    Ok(used)
}

/// Opens a session: its first tokens.
pub fn open_session(work: &mut Work<'_, '_>, account: &Account) -> Result<Tokens, Problem> {
    Ok(new_session(work, account)?.1)
}

fn new_session(work: &mut Work<'_, '_>, account: &Account) -> Result<(SessionId, Tokens), Problem> {
    let refresh_token = new_token();
    let session = store::session::Session {
        id: new_id(),
        account_id: account.id,
        user_agent: work.context.user_agent.clone(),
        created_at: work.now,
        last_used_at: work.now,
        remembered_until: None,
    };
    store::session::insert(work.tx, &session, &token_hash(&refresh_token))?;
    Ok((session.id, tokens(work, account, session.id, refresh_token)?))
}

fn tokens(
    work: &Work<'_, '_>,
    account: &Account,
    session: SessionId,
    refresh_token: String,
) -> Result<Tokens, Problem> {
    Ok(Tokens {
        access_token: work.app.tokens.issue(account.id, account.kind, session, work.now)?,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_LIFETIME.as_secs(),
        refresh_token: Token(refresh_token),
        device_token: Token(device_token(&work.app.secret, session)),
        account: SignedInAccount {
            id: Id(account.id.0),
            kind: AccountKind(account.kind),
            name: account.name.clone(),
            email: Email(account.email.clone()),
        },
    })
}

/// Exchanges a refresh token for the next one (rule A11).
pub fn refresh(work: &mut Work<'_, '_>, body: &Refresh) -> Result<Reply, Problem> {
    let hash = token_hash(&body.refresh_token.0);
    let (session, account_id, token) = store::session::find_token(work.tx, &hash)?.ok_or(Code::RefreshTokenInvalid)?;
    let account = active(work.tx, account_id)?;
    let longest = account.as_ref().map(|account| work.app.settings.sessions.of(account.kind));
    domain::session::refresh(token, longest.unwrap_or_default(), work.now)?;
    let account = account.ok_or(RefreshRefusal::Ended)?;
    let next = new_token();
    store::session::rotate(work.tx, session, &hash, &token_hash(&next), work.now)?;
    Reply::ok(&tokens(work, &account, session, next)?)
}

/// What a kept answer with tokens is worth now. While nobody has used its refresh token, and the session goes on, it is that
/// answer, with an access token that is as good as the first one was. Else there is none: the request is handled anew. An
/// answer without tokens stays as it was.
pub fn revive(work: &mut Work<'_, '_>, kept: Reply) -> Result<Option<Reply>, Problem> {
    let mut body: Value = serde_json::from_slice(kept.body()).unwrap_or_default();
    let Some(tokens) = tokens_in(&mut body) else { return Ok(Some(kept)) };
    let hash = token_hash(tokens.get("refreshToken").and_then(Value::as_str).unwrap_or_default());
    let Some((session, account_id, token)) = store::session::find_token(work.tx, &hash)? else { return Ok(None) };
    let account = active(work.tx, account_id)?;
    let Some(account) = account else { return Ok(None) };
    if domain::session::refresh(token, work.app.settings.sessions.of(account.kind), work.now).is_err() {
        return Ok(None);
    }
    let access_token = work.app.tokens.issue(account.id, account.kind, session, work.now)?;
    tokens.insert("accessToken".into(), access_token.into());
    kept.with_body(&body).map(Some)
}

/// The tokens that an answer has, at its top or as one of its members.
fn tokens_in(body: &mut Value) -> Option<&mut Map<String, Value>> {
    let answer = body.as_object_mut()?;
    if answer.contains_key("refreshToken") {
        return Some(answer);
    }
    answer.values_mut().filter_map(Value::as_object_mut).find(|member| member.contains_key("refreshToken"))
}

/// A refused exchange changes nothing, so the session of a token that was used again is ended by a command of its own.
pub async fn end_if_reused(context: &Context, problem: &Problem, token: &str) -> Result<(), Problem> {
    if problem.code != Code::RefreshTokenReused {
        return Ok(());
    }
    let (hash, now) = (token_hash(token), context.app.clock.now());
    let work = move |tx: &mut Tx<'_>| -> Result<(), Problem> {
        if let Some((session, account_id, _)) = store::session::find_token(tx, &hash)? {
            // Its owner is told once, however often the token is sent again.
            if store::session::end(tx, account_id, session, true, now)? {
                record(tx, Stream::Platform, None, [Fact::SessionCompromised { account_id }], now)?;
            }
        }
        Ok(())
    };
    context.app.database.write(work).await
}

/// Ends the session (rule A15).
pub fn logout(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let (account, session) = (work.actor()?.account_id(), work.session()?);
    store::session::end(work.tx, account, session, false, work.now)?;
    work.app.streams.suspect(account);
    Ok(Reply::nothing())
}

/// The open sessions of the account (rules A15 and LS1).
pub fn list_sessions(work: &mut Work<'_, '_>, query: &ListQuery) -> Result<Reply, Problem> {
    let (account, current) = (work.actor()?.account_id(), work.session()?);
    let now = work.now;
    let gone = work.gone(query, &[FollowedList::Sessions], ListOf::Account(account))?;
    let request = query.request()?;
    let open = store::session::OpenAt::new(work.app.settings.sessions, now);
    let page = items_after(&gone, || store::session::list(work.tx, account, open, &request))?;
    Reply::followed_page(query, gone, page, |session| Session {
        id: Id(session.id.0),
        user_agent: session.user_agent,
        current: session.id == current,
        created_at: Moment(session.created_at),
        last_used_at: Moment(session.last_used_at),
        remembered_until: session.remembered_until.filter(|until| *until > now).map(Moment),
    })
}

/// Ends one session of the account (rule A15).
pub fn end_session(work: &mut Work<'_, '_>, session: SessionId) -> Result<Reply, Problem> {
    let account = work.actor()?.account_id();
    if store::session::end(work.tx, account, session, true, work.now)? {
        work.app.streams.suspect(account);
        Ok(Reply::nothing())
    } else {
        Err(Code::NotFound.into())
    }
}

/// Leaves the question to the worker, so that the answer says nothing of whether there is an account, nor does its time
/// (rules A12, A14 and A25).
pub fn request_password_reset(work: &mut Work<'_, '_>, body: &PasswordReset) -> Result<Reply, Problem> {
    let task = Task::PasswordReset(body.email.0.clone());
    let job = store::jobs::Job::without_cause(new_id(), task);
    store::jobs::insert(work.tx, &job, work.now, work.now)?;
    Ok(Reply::accepted())
}

/// The worker's part: a link, if the address has an account that can sign in. Else the link with which its holder chooses a
/// password for the first time, if one waits for them (rules A14 and A25).
pub fn issue_password_reset(
    tx: &mut Tx<'_>,
    secret: &crate::secret::Secret,
    email: &domain::value::EmailAddress,
    now: Instant,
) -> Result<(), Problem> {
    let Some((account, _)) =
        store::account::find_by_email(tx, email)?.filter(|(found, _)| found.status == AccountStatus::Active)
    else {
        return mail_invitation_again(tx, secret, email, now);
    };
    // Beyond that, the latest link is in the mailbox already, or will be.
    if !brake::may_mail_reset(tx, secret, account.id, now)? {
        return Ok(());
    }
    let purpose = Purpose::PasswordReset(account.id);
    let invitation = Invitation::new(new_id(), purpose, None, account.email, now);
    store::invitation::issue(tx, &invitation, &token_hash(&secret.invitation_token(invitation.id)), now)?;
    record(tx, Stream::Platform, None, [invitation.issued()], now)
}

/// Someone who never chose a password has forgotten it: the link that waits for them is mailed again, and the former one no longer
/// works, as when the garage has it mailed again. It ends when that would have ended: nobody but who invited them gives them longer
/// (rule A25).
fn mail_invitation_again(
    tx: &mut Tx<'_>,
    secret: &Secret,
    email: &domain::value::EmailAddress,
    now: Instant,
) -> Result<(), Problem> {
    let Some(found) = store::invitation::find_open_by_email(tx, email, now)? else { return Ok(()) };
    let stream = found.garage_id.map_or(Stream::Platform, Stream::Garage);
    // Who uses the link, or has it mailed again, holds this lock too.
    store::event::lock(tx, stream)?;
    let still = store::invitation::find(tx, found.id)?.filter(|link| link.check(now).is_ok());
    let Some(invitation) = still else { return Ok(()) };
    if !brake::may_mail_invitation(tx, secret, &invitation, now)? {
        return Ok(());
    }
    let again = Invitation { id: new_id(), ..invitation };
    let hash = token_hash(&secret.invitation_token(again.id));
    // Anyone may ask for this, so it ends no link that went to another address (rule P14).
    store::invitation::replace(tx, found.id, &again, &hash, now)?;
    record(tx, stream, None, [again.issued()], now)
}

/// The name of the garage that someone works for, or that their fleet is of: what an attacker would try in a password.
pub async fn garage_name(signed_in: &SignedIn) -> Result<Option<String>, Problem> {
    let session = signed_in.bearer.session_id;
    let found = signed_in.context.app.database.read(move |tx| {
        let actor = store::account::actor(tx, session)?.ok_or(Code::Unauthenticated)?;
        let fleet = actor.fleet_id().map(|fleet| store::fleet::find(tx, &Scope::System, fleet)).transpose()?.flatten();
        let garage = actor.garage_id().or_else(|| fleet.map(|(fleet, _)| fleet.garage_id));
        Ok(garage.map(|garage| store::garage::find(tx, garage)).transpose()?.flatten())
    });
    Ok(found.await?.map(|(garage, _)| garage.name))
}

/// A chosen password keeps the domain's rule, given what an attacker knows of its owner (rule A13).
pub fn check_password(password: &wire::Password, about: &[&str], pointer: &str) -> Result<(), Problem> {
    domain::password::check(&password.0, about, |password| crate::passwords::strength(password, about))
        .map_err(|error| Problem::invalid(vec![FieldProblem::from_value(Place::Body(pointer.to_owned()), error)]))
}

/// A link of this kind that works, used, and the account that it is for. The account can sign in.
pub fn account_of_link(
    tx: &mut Tx<'_>,
    token: &Token,
    kind: PurposeKind,
    now: Instant,
) -> Result<(Invitation, Account, persistence::Stamps), Problem> {
    let found = store::invitation::find_by_token(tx, &token_hash(&token.0))?;
    let invitation = found.filter(|link| link.purpose.kind() == kind).ok_or(Code::InvitationNotFound)?;
    let (Purpose::PasswordReset(account_id) | Purpose::EmailChange(account_id)) = invitation.purpose else {
        return Err(Code::InvitationNotFound.into());
    };
    let invitation = invitation.redeem(now)?;
    let (account, stamps) = store::account::find(tx, account_id)?
        .filter(|(account, _)| account.status == AccountStatus::Active)
        .ok_or(Code::InvitationNotFound)?;
    Ok((invitation, account, stamps))
}

/// Checks link and password before the work of hashing it.
pub async fn check_reset_password(context: &Context, body: &PasswordResetConfirm) -> Result<(), Problem> {
    let (token, now) = (body.token.clone(), context.app.clock.now());
    let found = context.app.database.read(move |tx| {
        let (_, account, _) = account_of_link(tx, &token, PurposeKind::PasswordReset, now)?;
        let garage = account.employment.map(|work| store::garage::find(tx, work.garage_id)).transpose()?.flatten();
        Ok((account, garage.map(|(garage, _)| garage.name)))
    });
    match found.await {
        Ok((account, garage)) => {
            let garage = garage.unwrap_or_default();
            check_password(&body.password, &[&account.name, account.email.as_str(), &garage], "/password")
        }
        // A repeat of a request that was answered already finds that answer by its key.
        Err(_) if context.idempotency_key.is_some() => check_password(&body.password, &[], "/password"),
        Err(problem) => Err(problem),
    }
}

/// A new password ends what someone who knew the old one may have begun: a change of e-mail, a reset.
pub fn revoke_links(work: &mut Work<'_, '_>, account: AccountId) -> Result<(), Problem> {
    store::invitation::revoke(work.tx, Purpose::EmailChange(account), work.now)?;
    Ok(store::invitation::revoke(work.tx, Purpose::PasswordReset(account), work.now)?)
}

/// Chooses a new password; every session ends (rule A14).
pub fn confirm_password_reset(
    work: &mut Work<'_, '_>,
    body: &PasswordResetConfirm,
    hash: &str,
) -> Result<Reply, Problem> {
    let (invitation, account, stamps) = account_of_link(work.tx, &body.token, PurposeKind::PasswordReset, work.now)?;
    store::invitation::redeem(work.tx, &invitation)?;
    let account = Account { password_hash: Some(hash.to_owned()), ..account };
    store::account::update(work.tx, &account, stamps, work.now)?;
    revoke_links(work, account.id)?;
    brake::forget(work.tx, work.context, &Email(account.email.clone()))?;
    store::session::end_all(work.tx, account.id, None, work.now)?;
    work.app.streams.suspect(account.id);
    work.record(Stream::Platform, [Fact::AccountPasswordChanged { account_id: account.id }])?;
    Ok(Reply::nothing())
}
