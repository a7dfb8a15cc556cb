//! What the operations on a second factor do.

use super::wire::{RecoveryCodes, SecondFactor, SecondFactorSecret, SecondFactorState};
use crate::{
    account::operations::own,
    command::{Reply, Work},
    one_time_codes::{self, Recovery, SECRET_BYTES},
    problem::Problem,
    request::SignedIn,
    session::{brake::Guess, operations::use_code},
    wire::Moment,
};
use domain::{
    account::Account,
    event::Fact,
    second_factor::{SecondFactor as Factor, SecondFactorRefusal, Typed, base32},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use persistence as store;

/// How far the account is, and what its garage demands (rules A16 and A19).
pub fn get(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let account = work.actor()?.account_id();
    let factor = store::second_factor::find(work.tx, account)?.map(|stored| stored.factor);
    Reply::ok(&SecondFactor {
        state: SecondFactorState(Factor::state(factor.as_ref(), work.now)),
        active_since: factor.and_then(|factor| factor.active).map(|active| Moment(active.since)),
        recovery_codes_left: store::second_factor::recovery_codes_left(work.tx, account)?,
        required: store::second_factor::is_required(work.tx, account)?,
    })
}

/// Shows a new secret, in the place of one that was not confirmed (rule A16).
pub fn begin(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let (account, _) = own(work)?;
    let stored = store::second_factor::find_to_change(work.tx, account.id)?;
    Factor::may_begin(stored.as_ref().map(|stored| &stored.factor))?;
    let plain = crate::secret::random();
    let plain = plain.get(..SECRET_BYTES).unwrap_or_default();
    let sealed = one_time_codes::seal(&work.app.secret, account.id, plain)?;
    store::second_factor::begin(work.tx, account.id, &sealed, work.now)?;
    let secret = base32(plain);
    let email = utf8_percent_encode(account.email.as_str(), NON_ALPHANUMERIC).to_string();
    let about = "issuer=AutoPaspoort&algorithm=SHA1&digits=6&period=30";
    let uri = format!("otpauth://totp/AutoPaspoort:{email}?secret={secret}&{about}");
    Reply::ok(&SecondFactorSecret { secret, uri })
}

/// Counts a code that someone gives who is signed in, before it is judged (rule A17).
pub async fn count_code(signed_in: &SignedIn) -> Result<Guess, Problem> {
    Guess::of_second_factor(&signed_in.context, signed_in.bearer.session_id).await
}

/// The lock of what is recorded, before what is to be changed is read. That of a garage keeps what it demands as it is.
fn lock(work: &mut Work<'_, '_>, account: &Account) -> Result<(), Problem> {
    Ok(store::event::lock(work.tx, account.stream())?)
}

fn wrong() -> Problem {
    Problem::body("/code", "code_wrong")
}

/// The code shows that the app has the secret: from now on it is asked for (rules A16, A18, A19, A21).
pub fn confirm(work: &mut Work<'_, '_>, code: &str) -> Result<Reply, Problem> {
    let session = work.session()?;
    let (account, _) = own(work)?;
    lock(work, &account)?;
    let stored = store::second_factor::find_to_change(work.tx, account.id)?.ok_or(SecondFactorRefusal::NotBegun)?;
    stored.factor.may_confirm(work.now)?;
    let step = match Typed::parse(code) {
        Some(Typed::App(code)) => one_time_codes::step_of(&work.app.secret, account.id, &stored, code, work.now)?,
        Some(Typed::Recovery(_)) | None => None,
    };
    store::second_factor::confirm(work.tx, account.id, step.ok_or_else(wrong)?, work.now)?;
    let recovery = Recovery::new(&work.app.secret, account.id);
    store::second_factor::replace_recovery_codes(work.tx, account.id, &recovery.hashes)?;
    store::second_factor::demand_of(work.tx, &account)?;
    store::session::end_all(work.tx, account.id, Some(session), work.now)?;
    work.app.streams.suspect(account.id);
    work.record(account.stream(), [Fact::SecondFactorActivated { account_id: account.id }])?;
    Reply::ok(&RecoveryCodes::new(recovery.shown))
}

/// A code of an active second factor, of the account that is signed in.
fn prove(work: &mut Work<'_, '_>, account: &Account, code: &str) -> Result<(), Problem> {
    if !store::second_factor::is_active(work.tx, account.id)? {
        return Err(SecondFactorRefusal::Absent.into());
    }
    use_code(work, account, code)?.map(|_| ()).ok_or_else(wrong)
}

/// Makes other recovery codes (rule A18).
pub fn replace_codes(work: &mut Work<'_, '_>, code: &str) -> Result<Reply, Problem> {
    let (account, _) = own(work)?;
    lock(work, &account)?;
    prove(work, &account, code)?;
    let recovery = Recovery::new(&work.app.secret, account.id);
    store::second_factor::replace_recovery_codes(work.tx, account.id, &recovery.hashes)?;
    work.record(account.stream(), [Fact::RecoveryCodesReplaced { account_id: account.id }])?;
    Reply::ok(&RecoveryCodes::new(recovery.shown))
}

/// Removes the second factor. Where the garage demands one, another one is set up before anything else (rules A16 and A19).
pub fn remove(work: &mut Work<'_, '_>, code: &str) -> Result<Reply, Problem> {
    let (account, _) = own(work)?;
    lock(work, &account)?;
    prove(work, &account, code)?;
    store::second_factor::delete(work.tx, account.id)?;
    store::second_factor::demand_of(work.tx, &account)?;
    work.record(account.stream(), [Fact::SecondFactorRemoved { account_id: account.id }])?;
    Ok(Reply::nothing())
}
