//! HTTP of the second factor.

use super::{
    operations,
    wire::{BeginSecondFactor, RecoveryCodes, RemoveSecondFactor, SecondFactor, SecondFactorCode, SecondFactorSecret},
};
use crate::{
    account,
    command::{Reply, Work},
    problem::{Code, Problem, problems},
    request::{Json, SignedIn},
};
use actix_web::{HttpResponse, get, post};

/// Read how far the account is with its second factor.
///
/// Every kind of account can have one. A garage can demand it of its staff (`secondFactorRequired`): who has none then can use
/// only the operations on their own account, sessions and second factor.
#[utoipa::path(operation_id = "getSecondFactor", tag = "account",
    responses((status = 200, description = "How far the account is.", body = SecondFactor)),
    extensions(("x-before-enrolment" = json!(true))))]
#[get("/account/second-factor")]
pub(crate) async fn get_second_factor(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().query(operations::get).await
}

/// Begin to set up a second factor.
///
/// The request needs the present password. The answer has a secret for an authenticator app (TOTP, RFC 6238); it counts once a
/// code of it was given to `POST /account/second-factor/confirm`, within an hour. To begin again replaces a secret that was
/// not confirmed.
#[utoipa::path(operation_id = "beginSecondFactor", tag = "account", request_body = BeginSecondFactor,
    responses((status = 200, description = "The secret, which is shown this once.", body = SecondFactorSecret)),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![SecondFactorActive,
        TooManyAttempts]))))]
#[post("/account/second-factor")]
pub(crate) async fn begin_second_factor(
    signed_in: SignedIn,
    body: Json<BeginSecondFactor>,
) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.before_enrolment();
    account::operations::prove(&signed_in, &body.value.current_password).await?;
    signed_in.command(body.hash, operations::begin).await
}

/// Confirm the second factor with a code.
///
/// From now on, signing in needs a code too. The answer has ten recovery codes, each of which works once in the place of a code
/// of the app. The other sessions of the account end, their devices are not known any more, and a notice is mailed to its e-mail.
#[utoipa::path(operation_id = "confirmSecondFactor", tag = "account", request_body = SecondFactorCode,
    responses((status = 200, description = "The recovery codes, which are shown this once.", body = RecoveryCodes)),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![SecondFactorActive,
        SecondFactorNotBegun, TooManyAttempts]))))]
#[post("/account/second-factor/confirm")]
pub(crate) async fn confirm_second_factor(
    signed_in: SignedIn,
    body: Json<SecondFactorCode>,
) -> Result<HttpResponse, Problem> {
    with_code(signed_in, body.hash, move |work| operations::confirm(work, &body.value.code.0)).await
}

/// Make new recovery codes.
///
/// The request needs a code. The recovery codes that there were work no more, and a notice is mailed to the account's e-mail.
#[utoipa::path(operation_id = "replaceRecoveryCodes", tag = "account", request_body = SecondFactorCode,
    responses((status = 200, description = "The recovery codes, which are shown this once.", body = RecoveryCodes)),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![SecondFactorAbsent,
        TooManyAttempts]))))]
#[post("/account/second-factor/recovery-codes")]
pub(crate) async fn replace_recovery_codes(
    signed_in: SignedIn,
    body: Json<SecondFactorCode>,
) -> Result<HttpResponse, Problem> {
    with_code(signed_in, body.hash, move |work| operations::replace_codes(work, &body.value.code.0)).await
}

/// Remove the second factor.
///
/// The request needs the present password and a code. A notice is mailed to the account's e-mail. Where the garage demands a
/// second factor, the account has to set up another one before it can do anything else: so someone moves to another telephone.
#[utoipa::path(operation_id = "removeSecondFactor", tag = "account", request_body = RemoveSecondFactor,
    responses((status = 204, description = "Signing in needs the password alone.")),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![SecondFactorAbsent,
        TooManyAttempts]))))]
#[post("/account/second-factor/remove")]
pub(crate) async fn remove_second_factor(
    signed_in: SignedIn,
    body: Json<RemoveSecondFactor>,
) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.before_enrolment();
    account::operations::prove(&signed_in, &body.value.current_password).await?;
    with_code(signed_in, body.hash, move |work| operations::remove(work, &body.value.code.0)).await
}

/// Runs a command that takes a code, which counts as a guess if it was wrong.
async fn with_code(
    signed_in: SignedIn,
    body: [u8; 32],
    work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.before_enrolment();
    let guess = operations::count_code(&signed_in).await?;
    let context = signed_in.context.clone();
    let answer = signed_in.command(body, work).await;
    let is_wrong = answer.as_ref().is_err_and(|problem| problem.code == Code::InvalidRequest);
    if !is_wrong {
        guess.was_right(&context).await?;
    }
    answer
}
