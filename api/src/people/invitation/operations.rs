//! What mailed links do.

use super::wire::{
    AcceptInvitation, InvitationAccepted, InvitationElsewhere, InvitationOffer, InvitationPreview, InvitationPurpose,
    LinkKey,
};
use crate::{
    account,
    brake::{self, Subject},
    clock::new_id,
    command::{Reply, Work, mail_subjects},
    problem::{Code, Problem, Wording},
    request::Context,
    secret::{Secret, token_hash},
    session::{operations::open_session, wire::Tokens},
    transfer::wire::TransferKind,
    wire::{Email, Id, Moment},
};
use domain::{
    access::Actor,
    account::{Account, AccountStatus},
    event::{Fact, Stream},
    ids::{AccountId, GarageId, PassportId, TransferId},
    invitation::{CODE_LIFETIME, Invitation, InvitationRefusal, MAX_LINKS_BY_CODE, Purpose, typed_code},
    throttle::LINKS_ELSEWHERE,
    value::{AccountKind, Language},
};
use persistence::{self as store, Scope, Tx};

/// The link that someone knows by its token, or by code and address (rule A26).
fn find_link(
    tx: &mut Tx<'_>,
    secret: &Secret,
    key: &LinkKey,
    now: domain::Instant,
) -> Result<Option<Invitation>, Problem> {
    match key {
        LinkKey::Token(token) => Ok(store::invitation::find_by_token(tx, &token_hash(&token.0))?),
        LinkKey::Code(email, typed) => {
            let Some(bare) = typed_code(typed) else { return Ok(None) };
            let since = now.checked_sub(CODE_LIFETIME).unwrap_or(domain::Instant::MIN);
            let latest = store::invitation::list_by_email(tx, email, since, MAX_LINKS_BY_CODE)?;
            Ok(latest.into_iter().find(|link| secret.is_invitation_code(link.id, &bare)))
        }
    }
}

/// The link that someone knows, while it works.
fn open_link(tx: &mut Tx<'_>, secret: &Secret, key: &LinkKey, now: domain::Instant) -> Result<Invitation, Problem> {
    let invitation = find_link(tx, secret, key, now)?.ok_or_else(|| key.unknown())?;
    match (invitation.check(now), invitation.purpose) {
        // The link of an offer that was decided about was not replaced: there is nothing left to decide.
        (Err(InvitationRefusal::Used | InvitationRefusal::Revoked), Purpose::Transfer(id))
            if !is_open(tx, id, now)? =>
        {
            Err(Code::TransferNotOpen.into())
        }
        (checked, _) => Ok(checked.map(|()| invitation)?),
    }
}

/// Whether an offer can still be decided about.
fn is_open(tx: &mut Tx<'_>, id: TransferId, now: domain::Instant) -> Result<bool, Problem> {
    let found = store::transfer::find(tx, &Scope::System, id)?;
    Ok(found.is_some_and(|(transfer, ..)| transfer.is_open(now)))
}

/// What a link is for (rules A26 and P3). Whoever has it reads the mailbox to which it went, and sees what the mail says.
pub fn preview(work: &mut Work<'_, '_>, key: &LinkKey) -> Result<Reply, Problem> {
    let secret = &work.app.secret;
    let invitation = open_link(work.tx, secret, key, work.now)?;
    let garage = invitation.garage_id.map(|garage| store::garage::find(work.tx, garage)).transpose()?.flatten();
    let about = about_link(work.tx, invitation.purpose)?;
    let account = store::account::find_by_email(work.tx, &invitation.email)?.map(|(account, _)| account);
    let account = account.filter(|account| account.status == AccountStatus::Active && account.email_confirmed);
    let needs_password = match invitation.purpose {
        Purpose::Passport(_) | Purpose::Transfer(_) => account.is_none(),
        Purpose::Fleet(_) | Purpose::Staff(_) | Purpose::PasswordReset(_) => true,
        // The account of a prepared fleet is handed over by it.
        Purpose::EmailChange(_) => about.fleet_name.is_some(),
    };
    Reply::ok(&InvitationPreview {
        purpose: InvitationPurpose(invitation.purpose.kind()),
        email: Email(invitation.email),
        garage_name: garage.map(|(garage, _)| garage.name),
        licence_plate: about.licence_plate,
        fleet_name: about.fleet_name,
        offer: about.offer,
        account_is_driver: account.as_ref().is_some_and(|account| account.kind == AccountKind::Driver),
        account_exists: account.is_some(),
        needs_password,
        expires_at: Moment(invitation.expires_at),
    })
}

/// What the mail with a link says of the car, the fleet and the offer.
#[derive(Default)]
struct AboutLink {
    licence_plate: Option<String>,
    fleet_name: Option<String>,
    offer: Option<InvitationOffer>,
}

fn about_link(tx: &mut Tx<'_>, purpose: Purpose) -> Result<AboutLink, Problem> {
    match purpose {
        Purpose::Passport(id) => {
            let found = store::passport::find(tx, &Scope::System, id)?;
            let licence_plate = found.map(|(passport, _)| passport.vehicle.plate.shown());
            Ok(AboutLink { licence_plate, ..AboutLink::default() })
        }
        Purpose::Transfer(id) => {
            let Some((transfer, ..)) = store::transfer::find(tx, &Scope::System, id)? else {
                return Ok(AboutLink::default());
            };
            let fleet = match transfer.fleet_id {
                Some(fleet) => store::fleet::find(tx, &Scope::System, fleet)?,
                None => None,
            };
            let offered_by = store::account::find(tx, transfer.offered_by)?.map(|(account, _)| account.name);
            let (transfer_id, kind) = (Id(transfer.id.0), TransferKind(transfer.kind));
            Ok(AboutLink {
                licence_plate: Some(transfer.plate),
                fleet_name: fleet.map(|(fleet, _)| fleet.name),
                offer: Some(InvitationOffer { transfer_id, kind, offered_by }),
            })
        }
        Purpose::Fleet(id) | Purpose::EmailChange(id) => {
            let is_given = |account: &Account| matches!(purpose, Purpose::Fleet(_)) || account.is_prepared();
            let account = store::account::find(tx, id)?.map(|(account, _)| account).filter(is_given);
            Ok(AboutLink { fleet_name: account.map(|account| account.name), ..AboutLink::default() })
        }
        Purpose::Staff(_) | Purpose::PasswordReset(_) => Ok(AboutLink::default()),
    }
}

/// What an attacker would try in a password of this account: its e-mail, the name, and the garage that invited.
pub async fn about(context: &Context, key: &LinkKey, body: &AcceptInvitation) -> Result<Vec<String>, Problem> {
    let (key, app, now) = (key.clone(), context.app.clone(), context.app.clock.now());
    let found = context.app.database.read(move |tx| {
        let invitation = find_link(tx, &app.secret, &key, now)?;
        let garage = invitation.as_ref().and_then(|invitation| invitation.garage_id);
        let garage = garage.map(|garage| store::garage::find(tx, garage)).transpose()?.flatten();
        Ok((invitation, garage))
    });
    // What is wrong with the link itself is told by the command.
    let (invitation, garage) = found.await?;
    let email = invitation.map(|invitation| invitation.email.as_str().to_owned());
    let names = garage.map(|(garage, _)| garage.name).into_iter().chain(body.name.as_ref().map(|name| name.0.clone()));
    Ok(email.into_iter().chain(names).collect())
}

/// Uses a link (rules A1, A13, A26, P2, P3, P14, F4, GA3, T6).
pub fn accept(
    work: &mut Work<'_, '_>,
    key: &LinkKey,
    body: &AcceptInvitation,
    hash: Option<&str>,
) -> Result<Reply, Problem> {
    let secret = &work.app.secret;
    let invitation = open_link(work.tx, secret, key, work.now)?;
    if let Some(garage) = invitation.garage_id {
        work.lock(garage)?;
    }
    // Once more, now that nothing changes any more: it may have been replaced while this waited for the lock.
    let invitation = open_link(work.tx, secret, key, work.now)?.redeem(work.now)?;
    let invitation = Invitation { taken_by: taker(work, &invitation), ..invitation };
    store::invitation::redeem(work.tx, &invitation)?;
    let accepted = match invitation.purpose {
        Purpose::Passport(passport) => activate_passport(work, &invitation, passport, body, hash)?,
        Purpose::Transfer(transfer) => join_for_transfer(work, &invitation, transfer, body, hash)?,
        Purpose::Fleet(account) | Purpose::Staff(account) => activate_account(work, &invitation, account, body, hash)?,
        Purpose::PasswordReset(_) | Purpose::EmailChange(_) => return Err(Code::InvitationNotFound.into()),
    };
    Reply::ok(&accepted)
}

/// The account that uses a link to activate a passport, when its address is not the one to which the link went (rule P14).
fn taker(work: &Work<'_, '_>, invitation: &Invitation) -> Option<AccountId> {
    let actor = work.actor_if_any().and_then(Actor::driver);
    actor.filter(|(_, email)| invitation.is_taken_by(email)).map(|(account, _)| account)
}

/// Mails a link to activate a passport to another address of its holder, who has no account that can have a car: their address is
/// that of a garage or a fleet (rules A24, A26 and P14). Whether the other address has an account is not said.
pub fn send_elsewhere(work: &mut Work<'_, '_>, key: &LinkKey, body: &InvitationElsewhere) -> Result<Reply, Problem> {
    let secret = &work.app.secret;
    let invitation = open_link(work.tx, secret, key, work.now)?;
    if let Some(garage) = invitation.garage_id {
        work.lock(garage)?;
    }
    // Once more, now that nothing changes any more.
    let invitation = open_link(work.tx, secret, key, work.now)?;
    let elsewhere = invitation.elsewhere(new_id(), body.other_email.0.clone(), work.now)?;
    let (purpose, email) = (elsewhere.purpose, &elsewhere.email);
    let [link, address] = mail_subjects(secret, purpose.code(), purpose.subject(), email, false);
    let of_link = Subject::new(secret, "links elsewhere", &[purpose.subject().as_bytes()], LINKS_ELSEWHERE);
    brake::require_for(work.tx, &[link, address, of_link], Code::TooManyMails, work.now)?;
    let hash = token_hash(&secret.invitation_token(elsewhere.id));
    store::invitation::issue_elsewhere(work.tx, &elsewhere, &hash, work.now)?;
    work.record(stream(elsewhere.garage_id), [elsewhere.issued()])?;
    Ok(Reply::accepted())
}

fn stream(garage: Option<GarageId>) -> Stream {
    garage.map_or(Stream::Platform, Stream::Garage)
}

/// The refusal of an account that can have no car. Whoever activates a passport is told how to go on (rule P14).
fn no_driver(invitation: &Invitation, code: Code) -> Problem {
    let problem = Problem::new(code);
    if matches!(invitation.purpose, Purpose::Passport(_)) { problem.worded(Wording::DriverNeeded) } else { problem }
}

/// The driver account that uses the link: the one that is signed in, or a new one of the link's e-mail.
fn driver(
    work: &mut Work<'_, '_>,
    invitation: &Invitation,
    body: &AcceptInvitation,
    hash: Option<&str>,
    known: (String, Language),
) -> Result<(AccountId, Option<Tokens>), Problem> {
    if let Some(actor) = work.actor_if_any() {
        let (account, _) = actor.driver().ok_or_else(|| no_driver(invitation, Code::WrongAccountKind))?;
        return Ok((account, None));
    }
    // An address that nobody confirmed does not keep its owner out (rule A4).
    let known_account = store::account::find_by_email(work.tx, &invitation.email)?;
    if let Some((account, _)) = known_account.filter(|(account, _)| account.email_confirmed) {
        let own = account.kind == AccountKind::Driver;
        return Err(if own { Code::SignInFirst.into() } else { no_driver(invitation, Code::EmailInUse) });
    }
    let hash = hash.ok_or_else(|| Problem::body("/password", "required"))?;
    let account = Account {
        id: new_id(),
        kind: AccountKind::Driver,
        email: invitation.email.clone(),
        email_confirmed: true,
        name: body.name.as_ref().map_or(known.0, |name| name.0.clone()),
        language: body.language.map_or(known.1, |language| language.0),
        status: AccountStatus::Active,
        employment: None,
        password_hash: Some(hash.to_owned()),
        version: 1,
    };
    store::account::insert(work.tx, &account, work.now)?;
    account::operations::displace(work, &account.email, account.id)?;
    let tokens = become_actor(work, &account)?;
    work.record(stream(invitation.garage_id), [Fact::AccountActivated { account_id: account.id }])?;
    Ok((account.id, Some(tokens)))
}

/// Who just chose a password is signed in, and acts from here on.
fn become_actor(work: &mut Work<'_, '_>, account: &Account) -> Result<Tokens, Problem> {
    let tokens = open_session(work, account)?;
    work.act_as(account.id);
    Ok(tokens)
}

/// A driver activates a passport (rule P3).
fn activate_passport(
    work: &mut Work<'_, '_>,
    invitation: &Invitation,
    id: PassportId,
    body: &AcceptInvitation,
    hash: Option<&str>,
) -> Result<InvitationAccepted, Problem> {
    let (passport, stamps) = store::passport::find(work.tx, &Scope::System, id)?.ok_or(Code::InvitationNotFound)?;
    passport.may_invite()?;
    let scope = Scope::Garage(passport.garage_id);
    let customer =
        passport.customer_id.map(|customer| store::customer::find(work.tx, &scope, customer)).transpose()?.flatten();
    let known = customer.map_or((invitation.email.as_str().to_owned(), Language::Dutch), |(customer, _)| {
        (customer.name, customer.language)
    });
    let (account, tokens) = driver(work, invitation, body, hash, known)?;
    let mut changed = passport.into_inner().activate(account, work.now)?;
    // Nobody else uses what is left: who asked for a link at another address has one more.
    store::invitation::revoke(work.tx, invitation.purpose, work.now)?;
    // Who has just made an account has that of the link, which may have been asked for at another address (rule P14).
    let newcomer = tokens.as_ref().filter(|_| invitation.is_taken_by(&invitation.email)).map(|_| account);
    if let Some(driver) = newcomer {
        store::invitation::note_taken(work.tx, invitation.id, driver)?;
    }
    if let Some(driver) = invitation.taken_by.or(newcomer) {
        changed.facts.push(Fact::PassportTaken { passport_id: id, driver });
    }
    store::passport::update(work.tx, &changed.passport, stamps, work.now)?;
    store::custody::append(work.tx, &changed.custody)?;
    work.record(Stream::Garage(changed.passport.garage_id), changed.facts)?;
    Ok(InvitationAccepted { passport_id: Some(Id(id.0)), transfer_id: None, tokens })
}

/// Someone new gets the driver account that an offer is addressed to; the offer waits for their decision (rule T6).
fn join_for_transfer(
    work: &mut Work<'_, '_>,
    invitation: &Invitation,
    id: TransferId,
    body: &AcceptInvitation,
    hash: Option<&str>,
) -> Result<InvitationAccepted, Problem> {
    if let Some(account) = work.actor_if_any().map(Actor::account_id) {
        let found = store::account::find(work.tx, account)?;
        if found.is_none_or(|(account, _)| account.email != invitation.email) {
            return Err(Code::NotForThisAccount.into());
        }
    }
    let name = invitation.email.as_str().split('@').next().unwrap_or_default().to_owned();
    let (_, tokens) = driver(work, invitation, body, hash, (name, Language::Dutch))?;
    Ok(InvitationAccepted { passport_id: None, transfer_id: Some(Id(id.0)), tokens })
}

/// A fleet manager or colleague chooses the password of the account that was made for them (rule F4).
fn activate_account(
    work: &mut Work<'_, '_>,
    invitation: &Invitation,
    id: AccountId,
    body: &AcceptInvitation,
    hash: Option<&str>,
) -> Result<InvitationAccepted, Problem> {
    if work.actor_if_any().is_some() {
        return Err(Code::WrongAccountKind.into());
    }
    let (mut account, stamps) = store::account::find(work.tx, id)?
        .filter(|(account, _)| account.status == AccountStatus::Invited && account.email == invitation.email)
        .ok_or(Code::InvitationNotFound)?;
    let hash = hash.ok_or_else(|| Problem::body("/password", "required"))?;
    if let Some(name) = &body.name {
        account.name.clone_from(&name.0);
    }
    if let Some(language) = body.language {
        account.language = language.0;
    }
    let account = store::account::update(work.tx, &account.activate(hash.to_owned()), stamps, work.now)?;
    let tokens = become_actor(work, &account)?;
    work.record(stream(invitation.garage_id), [Fact::AccountActivated { account_id: account.id }])?;
    Ok(InvitationAccepted { passport_id: None, transfer_id: None, tokens: Some(tokens) })
}
