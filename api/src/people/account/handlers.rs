//! HTTP of the account.

use super::{
    operations,
    wire::{Account, ChangeEmail, ChangePassword, ConfirmEmail, UpdateAccount},
};
use crate::{
    problem::{Code, Problem, problems},
    request::{Json, Public, SignedIn},
    session,
    wire::IfMatch,
};
use actix_web::{HttpResponse, get, patch, post};

/// The value of a change of e-mail that each of these refusals is about.
const VALUES_OF_EMAIL: &[(Code, &str)] = &[(Code::EmailUnchanged, "/email"), (Code::FleetEmailSameAsManager, "/email")];

/// Read the account.
///
/// The account that is signed in, with its kind, its role and the garage or fleet it belongs to.
#[utoipa::path(operation_id = "getAccount", tag = "account",
    responses((status = 200, description = "The account.", body = Account, headers(("ETag")))),
    extensions(("x-before-enrolment" = json!(true))))]
#[get("/account")]
pub(crate) async fn get_account(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().query(operations::get).await
}

/// Change the account's name or language.
///
/// The body is a JSON merge patch. The request needs `If-Match`.
#[utoipa::path(operation_id = "updateAccount", tag = "account", params(IfMatch), request_body = UpdateAccount,
    responses((status = 200, description = "The changed account.", body = Account, headers(("ETag")))),
    extensions(("x-before-enrolment" = json!(true))))]
#[patch("/account")]
pub(crate) async fn update_account(signed_in: SignedIn, body: Json<UpdateAccount>) -> Result<HttpResponse, Problem> {
    signed_in.before_enrolment().command(body.hash, move |work| operations::update(work, body.value.clone())).await
}

/// Change the password.
///
/// The request needs the present password. The other sessions of the account end, and a notice is mailed to its e-mail.
#[utoipa::path(operation_id = "changePassword", tag = "account", request_body = ChangePassword,
    responses((status = 204, description = "The password was changed.")),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![TooManyAttempts]))))]
#[post("/account/password")]
pub(crate) async fn change_password(signed_in: SignedIn, body: Json<ChangePassword>) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.before_enrolment();
    if let Some(answer) = signed_in.answered(body.hash).await? {
        return Ok(answer);
    }
    let account = operations::prove(&signed_in, &body.value.current_password).await?;
    let garage = session::operations::garage_name(&signed_in).await?.unwrap_or_default();
    session::operations::check_password(
        &body.value.new_password,
        &[&account.name, account.email.as_str(), &garage],
        "/newPassword",
    )?;
    let hash = signed_in.context.app.passwords.hash(&body.value.new_password.0).await?;
    signed_in.command(body.hash, move |work| operations::change_password(work, &hash)).await
}

/// Request another login e-mail.
///
/// The request needs the present password. A link is mailed to the new address; the e-mail changes when the link is
/// used. If the address has an account already, its holder gets a notice and no link. The e-mail of a fleet's account always
/// differs from the e-mail of the manager's own account.
#[utoipa::path(operation_id = "changeEmail", tag = "account", request_body = ChangeEmail,
    responses((status = 202, description = "A link will be mailed to the new address.")),
    extensions(("x-before-enrolment" = json!(true)), ("x-problems" = json!(problems![EmailUnchanged, FleetEmailSameAsManager,
        TooManyAttempts, TooManyMails]))))]
#[post("/account/email")]
pub(crate) async fn change_email(signed_in: SignedIn, body: Json<ChangeEmail>) -> Result<HttpResponse, Problem> {
    let signed_in = signed_in.before_enrolment();
    operations::prove(&signed_in, &body.value.current_password).await?;
    let changed = signed_in.command(body.hash, move |work| operations::change_email(work, &body.value)).await;
    changed.map_err(|problem| problem.about(VALUES_OF_EMAIL))
}

/// Confirm the new login e-mail.
///
/// The body has the token that was mailed to the new address. A notice is mailed to the old address. The sessions of
/// the account stay open, except when a garage hands a prepared fleet over to its manager: then the manager chooses a
/// password in the same request, and all sessions end. A garage that gave the address to another account, which nobody has
/// used, is told to choose another one.
#[utoipa::path(operation_id = "confirmEmail", tag = "account", request_body = ConfirmEmail,
    responses((status = 204, description = "The e-mail was changed; sign in with it from now on.")),
    security(()),
    extensions(("x-problems" = json!(problems![InvitationNotFound, InvitationUsed, InvitationRevoked,
        InvitationExpired, EmailInUse, EmailUnchanged, FleetEmailSameAsManager, TooManyAttempts]))))]
#[post("/account/email/confirm")]
pub(crate) async fn confirm_email(public: Public, body: Json<ConfirmEmail>) -> Result<HttpResponse, Problem> {
    operations::check_confirmation(&public.context, &body.value).await?;
    let hash = match &body.value.password {
        Some(password) => Some(public.context.app.passwords.hash(&password.0).await?),
        None => None,
    };
    let token = body.value.token.0.clone();
    public.command(&token, body.hash, move |work| operations::confirm_email(work, &body.value, hash.as_deref())).await
}
