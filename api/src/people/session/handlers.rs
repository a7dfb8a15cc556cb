//! HTTP of signing in.

use super::{
    brake, operations,
    wire::{Login, PasswordReset, PasswordResetConfirm, Refresh, Session, Tokens},
};
use crate::{
    command::{NO_BODY, Work},
    problem::{Problem, problems},
    request::{Json, PathId, Public, Query, SignedIn},
    wire::{FollowedList, ListQuery},
};
use actix_web::{HttpResponse, delete, get, post};

/// Sign in.
///
/// Drivers, fleets and staff all sign in here; `account.kind` in the answer says which screens to show. Ten wrong passwords
/// are free, and after that one more each five minutes, for an account and the network from which it is tried. A device that
/// sends its `deviceToken` has a count of its own, and never waits for what others tried.
///
/// If the account has a second factor, the right password alone is answered with `second_factor_required`: the request is sent
/// again with a code in `secondFactor`. With `rememberDevice`, this device needs none for 30 days, as long as it sends its
/// latest `deviceToken`. Five wrong codes are free, and after that one more each five minutes.
#[utoipa::path(operation_id = "login", tag = "auth", request_body = Login,
    responses((status = 200, description = "The tokens of the new session.", body = Tokens)),
    security(()),
    extensions(("x-problems" = json!(problems![CredentialsInvalid, SecondFactorRequired, SecondFactorWrong,
        TooManyAttempts]))))]
#[post("/auth/login")]
pub(crate) async fn login(public: Public, body: Json<Login>) -> Result<HttpResponse, Problem> {
    let account = operations::check_credentials(&public.context, &body.value).await?;
    let guess = operations::count_code(&public.context, &account, &body.value).await?;
    let (context, email) = (public.context.clone(), body.value.email.0.key());
    let sign_in = move |work: &mut Work<'_, '_>| operations::sign_in(work, &account, &body.value);
    let answer = public.sign_in(&email, body.hash, operations::revive, sign_in).await?;
    if let Some(guess) = guess {
        guess.was_right(&context).await?;
    }
    Ok(answer)
}

/// Refresh the tokens of a session.
///
/// Each refresh token works once. When a used one is sent again, someone has a copy of it: the whole session ends. A
/// repeat of the same request with the same `Idempotency-Key` gets the same refresh token, from whatever network it comes,
/// until that token is used. A session lasts 180 days at most, and 30 for staff, unless the operator says otherwise.
#[utoipa::path(operation_id = "refresh", tag = "auth", request_body = Refresh,
    responses((status = 200, description = "The new tokens.", body = Tokens)),
    security(()),
    extensions(("x-problems" = json!(problems![RefreshTokenInvalid, RefreshTokenReused, SessionEnded]))))]
#[post("/auth/refresh")]
pub(crate) async fn refresh(public: Public, body: Json<Refresh>) -> Result<HttpResponse, Problem> {
    let context = public.context.clone();
    let token = body.value.refresh_token.0.clone();
    let result =
        public.sign_in(&token, body.hash, operations::revive, move |work| operations::refresh(work, &body.value)).await;
    if let Err(problem) = &result {
        operations::end_if_reused(&context, problem, &token).await?;
    }
    result
}

/// Sign out.
///
/// This session ends: its refresh token no longer works, and its access token is refused at once.
#[utoipa::path(operation_id = "logout", tag = "auth",
    responses((status = 204, description = "The session has ended.")), extensions(("x-before-enrolment" = json!(true))))]
#[post("/auth/logout")]
pub(crate) async fn logout(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().command(NO_BODY, operations::logout).await
}

/// List the account's open sessions.
///
/// The oldest session comes first. With `updatedSince`, those that ended since are told in `removed`. One that
/// ended because it was not used for too long is told some time later.
#[utoipa::path(operation_id = "listSessions", tag = "auth", params(ListQuery),
    responses((status = 200, description = "A page of open sessions.", body = FollowedList<Session>)),
    extensions(("x-before-enrolment" = json!(true))))]
#[get("/auth/sessions")]
pub(crate) async fn list_sessions(signed_in: SignedIn, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().query(move |work| operations::list_sessions(work, &query.0)).await
}

/// End one of the account's sessions.
///
/// For example after a telephone was lost. The tokens of the session are refused at once.
#[utoipa::path(operation_id = "endSession", tag = "auth",
    params(("id" = crate::wire::Id, Path, description = "The session.")),
    responses((status = 204, description = "The session has ended.")),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![NotFound]))))]
#[delete("/auth/sessions/{id}")]
pub(crate) async fn end_session(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().command(NO_BODY, move |work| operations::end_session(work, id.0.into())).await
}

/// Request a link to choose a new password.
///
/// The answer is the same, and takes the same time, whether the address has an account or not. To someone who was invited and has
/// not chosen a password yet, the link with which they choose it is mailed again.
#[utoipa::path(operation_id = "requestPasswordReset", tag = "auth", request_body = PasswordReset,
    responses((status = 202, description = "If the address has an account, a link will be mailed to it.")),
    security(()), extensions(("x-problems" = json!(problems![TooManyAttempts]))))]
#[post("/auth/password-reset")]
pub(crate) async fn request_password_reset(public: Public, body: Json<PasswordReset>) -> Result<HttpResponse, Problem> {
    brake::count_reset(&public.context).await?;
    let email = body.value.email.0.key();
    public.command(&email, body.hash, move |work| operations::request_password_reset(work, &body.value)).await
}

/// Choose a new password with a mailed link.
///
/// All sessions of the account end, and a notice is mailed to its e-mail. A second factor stays: signing in with the new
/// password needs a code as before.
#[utoipa::path(operation_id = "confirmPasswordReset", tag = "auth", request_body = PasswordResetConfirm,
    responses((status = 204, description = "The password was changed; sign in with it.")),
    security(()),
    extensions(("x-problems" = json!(problems![InvitationNotFound, InvitationUsed, InvitationRevoked,
        InvitationExpired]))))]
#[post("/auth/password-reset/confirm")]
pub(crate) async fn confirm_password_reset(
    public: Public,
    body: Json<PasswordResetConfirm>,
) -> Result<HttpResponse, Problem> {
    operations::check_reset_password(&public.context, &body.value).await?;
    let hash = public.context.app.passwords.hash(&body.value.password.0).await?;
    let token = body.value.token.0.clone();
    public.command(&token, body.hash, move |work| operations::confirm_password_reset(work, &body.value, &hash)).await
}
