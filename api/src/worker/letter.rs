//! The recipient of a mail, and its text; and to whom the same is told in the app.

mod reminder;

use crate::{
    clock::{local_date, zone},
    mail::Context,
    problem::Problem,
    state::App,
    unsubscribe::Unsubscribe,
};
use domain::{
    Instant,
    account::{Account, AccountStatus},
    consequence::{Mail, Recipient, ReminderList, Template, mails},
    custody::Hands,
    event::{Event, Fact, Stream},
    garage::Garage,
    ids::{AccountId, PassportId, TransferId},
    invitation::{CODE_LIFETIME, Invitation, Purpose},
    notification::{Channel, Settings, can_be_switched},
    value::{AccountKind, EmailAddress, Language, written_date},
};
use persistence::{self as store, PageRequest, Scope, Tx};

/// A mail with its address, its language and the data of its text.
pub(super) struct Addressed {
    pub(super) email: EmailAddress,
    pub(super) language: Language,
    pub(super) context: Context,
    pub(super) asked_at: Instant,
    /// The page on which the recipient leaves such mails off.
    pub(super) unsubscribe: Option<String>,
    /// The garage, when it causes the mail for a customer of it.
    pub(super) reply_to: Option<EmailAddress>,
}

/// An account that is told in the app, its language, and the data of the text.
pub(super) struct Told {
    pub(super) account: AccountId,
    pub(super) language: Language,
    pub(super) context: Context,
}

/// Finds the recipient of a mail and the data of its text. None when it must not be sent any more, when the account does
/// not want to be mailed of this kind, or when the address must not be written to (rule CH3).
pub(super) fn address(tx: &mut Tx<'_>, app: &App, mail: &Mail, event: &Event) -> Result<Option<Addressed>, Problem> {
    if !holds(tx, app, mail, event)? {
        return Ok(None);
    }
    let (garage, mut context, time_zone) = begin(tx, app, event)?;
    let Some(Reached { email, name, language, account, is_of_garage }) =
        recipient(tx, app, &mail.to, garage, &mut context, &time_zone)?
    else {
        return Ok(None);
    };
    if let Some(account) = account
        && !store::notification::settings(tx, account)?.wants(mail.template, Channel::Email)
    {
        return Ok(None);
    }
    if is_suppressed(tx, mail, event, &email)? {
        return Ok(None);
    }
    context.recipient_name = name;
    context.code = code(app, mail, event);
    if is_of_garage {
        (context.garage_phone, context.garage_email) = (None, None);
    }
    // What concerns the account itself cannot be left off (rule N3), and a garage's own address has no settings.
    context.unsubscribe = account
        .filter(|_| can_be_switched(mail.template))
        .map(|account| Unsubscribe::Kind(account, mail.template).link(&app.settings.public_url, &app.secret));
    describe(tx, app, &event.fact, mail.template, language, &mut context)?;
    describe_decision(tx, app, &event.fact, mail.template, (language, &time_zone), &mut context)?;
    if mail.template == Template::FleetDigest {
        let today = local_date(app.clock.now(), &time_zone);
        reminder::describe_digest(tx, &event.fact, language, today, &mut context)?;
    }
    if !reminder::says_something(mail.template, &context) {
        return Ok(None);
    }
    let (unsubscribe, reply_to) = (context.unsubscribe.clone(), context.garage_email.clone());
    Ok(Some(Addressed { email, language, context, asked_at: event.at, unsubscribe, reply_to }))
}

/// The mail that reminds of many cars (rule RM4): of those that the recipient has still and of which it is still true. Of one car
/// alone it is the mail about that.
pub(super) fn address_list(
    tx: &mut Tx<'_>,
    app: &App,
    list: &ReminderList,
    first: &Event,
) -> Result<Option<Addressed>, Problem> {
    let still = reminder::still_of(tx, list, first.stream, app.clock.now())?;
    let Some((mail, event)) = still.first() else { return Ok(None) };
    let Some(mut addressed) = address(tx, app, mail, event)? else { return Ok(None) };
    if still.len() > 1 {
        let now = app.clock.now();
        let lines = still.iter().map(|(_, event)| reminder::line_of(tx, &event.fact, addressed.language, now));
        addressed.context.lines = lines.collect::<Result<_, _>>()?;
        addressed.context.is_list = true;
    }
    Ok(Some(addressed))
}

/// Whether an address must not be written to with a mail of this class (rule CH3).
fn is_suppressed(tx: &mut Tx<'_>, mail: &Mail, event: &Event, email: &EmailAddress) -> Result<bool, Problem> {
    let reason = store::suppression::of_email(tx, event.stream.garage_id(), email)?.stopping(mail.template.class());
    if let Some(reason) = reason {
        metrics::counter!("mails_suppressed_total", "reason" => reason.code()).increment(1);
    }
    Ok(reason.is_some())
}

/// The accounts that are told in the app what a mail says (rules N2 and N4), as they are now, each with the data of the text.
/// One text for each language is enough, since it names nobody who reads it.
pub(super) fn tell(tx: &mut Tx<'_>, app: &App, mail: &Mail, event: &Event) -> Result<Vec<Told>, Problem> {
    if !holds(tx, app, mail, event)? {
        return Ok(vec![]);
    }
    let accounts = told(tx, mail, event, app.clock.now())?;
    let ids: Vec<AccountId> = accounts.iter().map(|(id, _)| *id).collect();
    let settings = store::notification::settings_of_all(tx, &ids)?;
    let wants = |settings: &Settings| settings.wants(mail.template, Channel::InApp);
    let mut all = vec![];
    for ((account, language), _) in accounts.into_iter().zip(&settings).filter(|(_, (_, own))| wants(own)) {
        let known = all.iter().find(|told: &&Told| told.language == language).map(|told| told.context.clone());
        let context = known.map_or_else(|| app_context(tx, app, mail, event, language), Ok)?;
        if reminder::says_something(mail.template, &context) {
            all.push(Told { account, language, context });
        }
    }
    Ok(all)
}

/// The data of a text in the app.
fn app_context(tx: &mut Tx<'_>, app: &App, mail: &Mail, event: &Event, language: Language) -> Result<Context, Problem> {
    let (_, mut context, time_zone) = begin(tx, app, event)?;
    context.in_app = true;
    if let Recipient::Invited(id) = &mail.to
        && let Some(invitation) = store::invitation::find(tx, *id)?
        && let Purpose::Transfer(transfer) = invitation.purpose
    {
        describe_transfer(tx, transfer, &mut context, true)?;
        context.expires_on = Some(local_time(invitation.expires_at, &time_zone, language));
        // In the app one decides about the offer itself: the mailed link is a secret, which is kept nowhere.
        context.link = Some(offer_page(app, transfer));
    }
    if mail.template == Template::FleetDigest {
        let today = local_date(app.clock.now(), &time_zone);
        reminder::describe_digest(tx, &event.fact, language, today, &mut context)?;
    }
    describe(tx, app, &event.fact, mail.template, language, &mut context)?;
    describe_decision(tx, app, &event.fact, mail.template, (language, &time_zone), &mut context)?;
    Ok(context)
}

/// The accounts that a mail is for, with their languages. Of a garage all its staff are told.
fn told(tx: &mut Tx<'_>, mail: &Mail, event: &Event, now: Instant) -> Result<Vec<(AccountId, Language)>, Problem> {
    /// The most members of staff that are told of something: no garage has more.
    const STAFF: usize = 200;
    let by_address = |tx: &mut Tx<'_>, email: &EmailAddress| -> Result<Option<AccountId>, Problem> {
        Ok(store::account::find_driver_by_email(tx, email)?)
    };
    let account = match &mail.to {
        Recipient::Account(_) | Recipient::Driver(_) | Recipient::FleetOf(_) | Recipient::Fleet(_) => {
            account_of(tx, &mail.to)?
        }
        Recipient::Offered(id) => match store::transfer::find(tx, &Scope::System, *id)? {
            Some((transfer, ..)) => by_address(tx, &transfer.recipient_email)?,
            None => None,
        },
        Recipient::Invited(id) => match store::invitation::find(tx, *id)? {
            Some(invitation) if invitation.waits_for_recipient(now) => by_address(tx, &invitation.email)?,
            _ => None,
        },
        Recipient::Former(id) => match store::invitation::find(tx, *id)?.map(|link| link.purpose) {
            Some(Purpose::EmailChange(account)) => Some(account),
            _ => None,
        },
        Recipient::Garage => {
            let Stream::Garage(garage) = event.stream else { return Ok(vec![]) };
            let request = PageRequest { after: None, limit: STAFF, updated_since: None };
            let staff = store::account::list_staff(tx, garage, &request)?.items.into_iter().map(|(one, _)| one);
            let active = staff.filter(|one| one.status == AccountStatus::Active);
            return Ok(active.map(|one| (one.id, one.language)).collect());
        }
    };
    let Some(account) = account else { return Ok(vec![]) };
    let found = store::account::find(tx, account)?.map(|(account, _)| account);
    let active = found.filter(|account| account.status == AccountStatus::Active);
    Ok(active.map(|account| (account.id, account.language)).into_iter().collect())
}

/// The account that a mail is for by itself, or for what it has now; none where an address counts, or a garage.
pub(super) fn account_of(tx: &mut Tx<'_>, to: &Recipient) -> Result<Option<AccountId>, Problem> {
    let fleet = match to {
        Recipient::Account(id) => return Ok(Some(*id)),
        Recipient::Driver(car) => return Ok(hands(tx, *car)?.driver),
        Recipient::FleetOf(car) => hands(tx, *car)?.fleet,
        Recipient::Fleet(id) => Some(*id),
        Recipient::Offered(_) | Recipient::Former(_) | Recipient::Garage | Recipient::Invited(_) => None,
    };
    let Some(fleet) = fleet else { return Ok(None) };
    Ok(store::fleet::find(tx, &Scope::System, fleet)?.map(|(fleet, _)| fleet.account_id))
}

/// Who has a car now.
fn hands(tx: &mut Tx<'_>, car: PassportId) -> Result<Hands, Problem> {
    let found = store::passport::find(tx, &Scope::System, car)?;
    Ok(found.map_or_else(Hands::default, |(passport, _)| passport.into_inner().hands))
}

/// The garage of an event, what a text says of it, and its time zone.
fn begin(tx: &mut Tx<'_>, app: &App, event: &Event) -> Result<(Option<Garage>, Context, String), Problem> {
    let garage = match event.stream {
        Stream::Garage(garage) => store::garage::find(tx, garage)?.map(|(garage, _)| garage),
        Stream::Platform => None,
    };
    let mut context = Context {
        car_url: event.fact.passport_id().map(|id| format!("{}/passports/{id}", app.settings.app_url)),
        ..Context::new(&app.settings.app_url)
    };
    if let Some(garage) = &garage {
        introduce(garage, &mut context);
    }
    let time_zone = garage.as_ref().map_or_else(|| "Europe/Amsterdam".to_owned(), |garage| garage.time_zone.clone());
    Ok((garage, context, time_zone))
}

/// In whose name a mail is sent, and how people reach the garage.
fn introduce(garage: &Garage, context: &mut Context) {
    context.garage_name = Some(garage.name.clone());
    context.garage_phone.clone_from(&garage.phone);
    context.garage_email = Some(garage.email.clone());
}

/// The recipient of a mail.
struct Reached {
    email: EmailAddress,
    name: Option<String>,
    language: Language,
    /// The account, when the mail goes to one for its own sake: it may not want to be mailed.
    account: Option<AccountId>,
    /// Whether it is a garage, or someone who works there: they know how to reach it.
    is_of_garage: bool,
}

/// The recipient of a mail, if it still has one.
fn recipient(
    tx: &mut Tx<'_>,
    app: &App,
    to: &Recipient,
    garage: Option<Garage>,
    context: &mut Context,
    time_zone: &str,
) -> Result<Option<Reached>, Problem> {
    let language = garage.as_ref().map_or(Language::Dutch, |garage| garage.language);
    match to {
        // The address of an account that has ended may belong to someone else by now.
        Recipient::Account(id) => of_account(tx, *id, |account| account.status != AccountStatus::Ended),
        Recipient::Garage => Ok(garage.map(|garage| Reached {
            email: garage.email,
            name: Some(garage.name),
            language: garage.language,
            account: None,
            is_of_garage: true,
        })),
        // A fleet's manager who has never signed in has no account yet to which anything can be said.
        Recipient::Driver(_) | Recipient::FleetOf(_) | Recipient::Fleet(_) => match account_of(tx, to)? {
            Some(account) => of_account(tx, account, |account| account.status == AccountStatus::Active),
            None => Ok(None),
        },
        Recipient::Offered(id) => match store::transfer::find(tx, &Scope::System, *id)? {
            Some((transfer, ..)) => known_by(tx, transfer.recipient_email, language).map(Some),
            None => Ok(None),
        },
        Recipient::Former(id) => {
            let link = store::invitation::find(tx, *id)?;
            match link.and_then(|link| Some((link.former_email?, link.purpose))) {
                Some((former, Purpose::EmailChange(account))) => {
                    let found = of_account(tx, account, |_| true)?;
                    Ok(found.map(|reached| Reached { email: former, ..reached }))
                }
                _ => Ok(None),
            }
        }
        Recipient::Invited(id) => {
            match store::invitation::find(tx, *id)?.filter(|link| link.waits_for_recipient(app.clock.now())) {
                Some(invitation) => {
                    let Known { name, language, is_of_garage } = invited(tx, app, &invitation, context, language)?;
                    context.expires_on = Some(local_time(invitation.expires_at, time_zone, language));
                    Ok(Some(Reached { email: invitation.email, name, language, account: None, is_of_garage }))
                }
                None => Ok(None),
            }
        }
    }
}

/// An account that `may` receive mail.
fn of_account(tx: &mut Tx<'_>, id: AccountId, may: impl FnOnce(&Account) -> bool) -> Result<Option<Reached>, Problem> {
    let found = store::account::find(tx, id)?.map(|(account, _)| account).filter(may);
    Ok(found.map(|account| Reached {
        email: account.email,
        name: Some(account.name),
        language: account.language,
        account: Some(account.id),
        is_of_garage: account.kind == AccountKind::Staff,
    }))
}

/// An address with the name and language of its account, if there is one.
fn known_by(tx: &mut Tx<'_>, email: EmailAddress, language: Language) -> Result<Reached, Problem> {
    let known = store::account::find_by_email(tx, &email)?.map(|(account, _)| account);
    let language = known.as_ref().map_or(language, |account| account.language);
    Ok(Reached { email, name: known.map(|account| account.name), language, account: None, is_of_garage: false })
}

/// The code that is typed where the link of an invitation does not work, while it is good (rule A26). A reminder has none: it would be
/// that of the first mail.
fn code(app: &App, mail: &Mail, event: &Event) -> Option<String> {
    let Recipient::Invited(link) = mail.to else { return None };
    let is_good = app.clock.now().duration_since(event.at) < CODE_LIFETIME;
    (is_good && mail.template.has_code()).then(|| app.secret.invitation_code(link))
}

/// The page on which an offer is decided about.
fn offer_page(app: &App, id: TransferId) -> String {
    format!("{}/transfers/{id}", app.settings.app_url)
}

/// What is known of the recipient of a link.
struct Known {
    name: Option<String>,
    language: Language,
    is_of_garage: bool,
}

/// The link of an invitation, and what is known of its recipient.
fn invited(
    tx: &mut Tx<'_>,
    app: &App,
    invitation: &Invitation,
    context: &mut Context,
    language: Language,
) -> Result<Known, Problem> {
    let known = |name, language| Known { name, language, is_of_garage: false };
    context.link = Some(if let (Purpose::Transfer(id), Some(_)) = (invitation.purpose, invitation.used_at) {
        // Whoever made an account with the link signs in to decide about the offer.
        offer_page(app, id)
    } else {
        // The token is behind the #, which browsers do not send: so no server's log ever has a token.
        format!("{}/invitation#{}", app.settings.app_url, app.secret.invitation_token(invitation.id))
    });
    match invitation.purpose {
        Purpose::Passport(id) => {
            describe_passport(tx, id, context)?;
            // Whoever has no car with this address is told how to activate with another one (rule P14).
            context.is_no_driver = confirmed(tx, &invitation.email)?.is_some_and(|one| one.kind != AccountKind::Driver);
            let passport = store::passport::find(tx, &Scope::System, id)?;
            let Some((passport, customer)) =
                passport.and_then(|(passport, _)| passport.customer_id.map(|id| (passport, id)))
            else {
                return Ok(known(None, language));
            };
            let customer = store::customer::find(tx, &Scope::Garage(passport.garage_id), customer)?;
            // At another address, which its holder may have mistyped, nobody is named.
            let named = |name| Some(name).filter(|_| invitation.first_email.is_none());
            Ok(customer.map_or(known(None, language), |(customer, _)| known(named(customer.name), customer.language)))
        }
        Purpose::Transfer(id) => {
            describe_transfer(tx, id, context, true)?;
            let account = confirmed(tx, &invitation.email)?;
            context.is_no_driver = account.as_ref().is_some_and(|account| account.kind != AccountKind::Driver);
            let language = account.as_ref().map_or(language, |account| account.language);
            Ok(known(account.map(|account| account.name), language))
        }
        Purpose::Fleet(id) | Purpose::Staff(id) | Purpose::PasswordReset(id) | Purpose::EmailChange(id) => {
            let account = store::account::find(tx, id)?;
            if let Some((account, _)) = &account {
                // Whoever is given a fleet did not ask for the mail, and knows neither it nor the garage's part in it.
                let is_given = matches!(invitation.purpose, Purpose::EmailChange(_)) && account.is_prepared();
                if is_given || matches!(invitation.purpose, Purpose::Fleet(_)) {
                    context.fleet_name = Some(account.name.clone());
                }
                if let Some(garage) = invitation.garage_id.filter(|_| is_given)
                    && let Some((garage, _)) = store::garage::find(tx, garage)?
                {
                    introduce(&garage, context);
                }
            }
            Ok(account.map_or(known(None, language), |(account, _)| Known {
                is_of_garage: account.kind == AccountKind::Staff,
                ..known(Some(account.name), account.language)
            }))
        }
    }
}

/// The account that has confirmed an e-mail.
fn confirmed(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Option<Account>, Problem> {
    let found = store::account::find_by_email(tx, email)?.map(|(account, _)| account);
    Ok(found.filter(|account| account.email_confirmed))
}

/// A moment as people of a time zone write it; in UTC when the zone is unknown.
fn local_time(at: Instant, time_zone: &str, language: Language) -> String {
    let local = at.to_zoned(zone(time_zone));
    let at = match language {
        Language::Dutch => "om",
        Language::English => "at",
    };
    format!("{} {at} {}", written_date(local.date(), language), local.strftime("%H:%M %Z"))
}

/// What the mail about a fact says of the car, the fleet and the other party.
fn describe(
    tx: &mut Tx<'_>,
    app: &App,
    fact: &Fact,
    template: Template,
    language: Language,
    context: &mut Context,
) -> Result<(), Problem> {
    if let Fact::PassportLinked { fleet_id, .. }
    | Fact::PassportUnlinked { fleet_id, .. }
    | Fact::DriverEnded { fleet_id, .. }
    | Fact::PassportArchived { fleet_id: Some(fleet_id), .. }
    | Fact::PassportUnarchived { fleet_id: Some(fleet_id), .. }
    | Fact::FleetDigestDue { fleet_id, .. }
    | Fact::LinkChangeObjected { fleet_id, .. } = fact
    {
        context.fleet_name = store::fleet::find(tx, &Scope::System, *fleet_id)?.map(|(fleet, _)| fleet.name);
    }
    let to_recipient = match template {
        Template::TransferAcceptedRecipient | Template::TransferWithdrawn => true,
        Template::TransferAcceptedOfferer
        | Template::TransferAcceptedFormerDriver
        | Template::TransferAcceptedGarage
        | Template::TransferDeclined
        | Template::TransferExpired => false,
        // The link says what it is for: see `invited`.
        Template::InvitationPassport
        | Template::InvitationFleet
        | Template::InvitationStaff
        | Template::InvitationTransfer
        | Template::ReminderInvitation
        | Template::ReminderOffer
        | Template::PasswordReset
        | Template::EmailConfirm
        | Template::FleetDigest => return Ok(()),
        Template::RecommendationAgreed | Template::RecommendationDeclined => {
            return describe_recommendation(tx, fact, language, context);
        }
        // The garage does not have the car, or not any more.
        Template::GarageChangeDeclined | Template::GarageChangeExpired | Template::PassportLeft => {
            return describe_garage_change(tx, fact, context);
        }
        Template::RecallOpened => {
            if let Fact::RecallOpened { passport_id, reference } = fact {
                context.work = Some(reference.clone());
                describe_passport(tx, *passport_id, context)?;
            }
            return Ok(());
        }
        Template::ReminderApk
        | Template::ReminderApkExpired
        | Template::ReminderMaintenance
        | Template::ReminderMaintenanceOverdue => {
            return reminder::describe(tx, fact, language, app.clock.now(), context);
        }
        Template::CustomerEmailBounced => return describe_customer(tx, app, fact, context),
        Template::PassportTaken | Template::EmailLost => return describe_account(tx, fact, context),
        Template::EmailChanged
        | Template::EmailRequested
        | Template::ActivationRevoked
        | Template::PasswordChanged
        | Template::SecondFactorActivated
        | Template::SecondFactorRemoved
        | Template::SecondFactorReset
        | Template::RecoveryCodeUsed
        | Template::RecoveryCodesReplaced
        | Template::SessionCompromised
        | Template::PassportLinked
        | Template::PassportUnlinked
        | Template::PassportUnlinkedFleet
        | Template::PassportArchived
        | Template::PassportArchivedFleet
        | Template::PassportLapsed
        | Template::GarageChangeRequested
        | Template::GarageChangeAgreed
        | Template::GarageChangeAgreedDriver
        | Template::PassportUnarchived
        | Template::PassportUnarchivedFleet
        | Template::PassportDriverEnded
        | Template::PassportDriverEndedGarage
        | Template::LinkObjected
        | Template::LinkObjectedFleet
        | Template::UnlinkObjected
        | Template::UnlinkObjectedDriver
        | Template::CheckReady => {
            return fact.passport_id().map_or(Ok(()), |id| describe_passport(tx, id, context));
        }
    };
    if let Fact::TransferAccepted { transfer_id, .. }
    | Fact::TransferWithdrawn { transfer_id, .. }
    | Fact::TransferDeclined { transfer_id, .. }
    | Fact::TransferExpired { transfer_id, .. } = fact
    {
        describe_transfer(tx, *transfer_id, context, to_recipient)?;
    }
    Ok(())
}

/// Until when the side that lost the car can object, if it still can, and to that side where (rule L5); and likewise the owner whom
/// a garage asked for the passport (rule P6).
fn describe_decision(
    tx: &mut Tx<'_>,
    app: &App,
    fact: &Fact,
    template: Template,
    (language, time_zone): (Language, &str),
    context: &mut Context,
) -> Result<(), Problem> {
    if let Fact::PassportLinked { change_id: Some(id), .. } | Fact::PassportUnlinked { change_id: Some(id), .. } = fact
        && let Some(view) = store::link_change::find(tx, &Scope::System, *id)?
        && view.change.is_open(app.clock.now())
    {
        context.expires_on = Some(local_time(view.change.ends_at, time_zone, language));
        if matches!(template, Template::PassportLinked | Template::PassportUnlinkedFleet) {
            context.link = Some(format!("{}/link-changes/{id}", app.settings.app_url));
        }
    }
    if let Fact::GarageChangeRequested { garage_change_id: id, .. } = fact
        && let Some((change, ..)) = store::garage_change::find(tx, &Scope::System, *id)?
        && change.is_open(app.clock.now())
    {
        context.expires_on = Some(local_time(change.expires_at, time_zone, language));
        context.link = Some(format!("{}/garage-changes/{id}", app.settings.app_url));
    }
    Ok(())
}

fn describe_passport(tx: &mut Tx<'_>, id: PassportId, context: &mut Context) -> Result<(), Problem> {
    if let Some((passport, _)) = store::passport::find(tx, &Scope::System, id)? {
        let vehicle = passport.into_inner().vehicle;
        let name: Vec<String> = vehicle.make.into_iter().chain(vehicle.model).collect();
        context.plate = Some(vehicle.plate.shown());
        context.vehicle = (!name.is_empty()).then(|| name.join(" "));
    }
    Ok(())
}

/// Whether who is told of a car has it still, where it matters (rule N4): the garage that keeps its passport, an account that drives
/// it, has it in its fleet or works for that garage, or the fleet in which it is.
fn has_car(tx: &mut Tx<'_>, mail: &Mail, event: &Event) -> Result<bool, Problem> {
    let Some(car) = event.fact.passport_id().filter(|_| mail.template.needs_access()) else { return Ok(true) };
    Ok(match mail.to {
        // They are looked up by the car, or are no accounts yet.
        Recipient::Driver(_)
        | Recipient::FleetOf(_)
        | Recipient::Offered(_)
        | Recipient::Former(_)
        | Recipient::Invited(_) => true,
        Recipient::Garage => {
            store::passport::garage_of(tx, &Scope::System, car)?.map(Stream::Garage) == Some(event.stream)
        }
        Recipient::Fleet(fleet) => hands(tx, car)?.fleet == Some(fleet),
        Recipient::Account(account) => reaches(tx, car, account)?,
    })
}

/// Whether an account drives a car, has it in its fleet, or works for the garage that keeps its passport.
fn reaches(tx: &mut Tx<'_>, car: PassportId, account: AccountId) -> Result<bool, Problem> {
    let Some((passport, _)) = store::passport::find(tx, &Scope::System, car)? else { return Ok(false) };
    let (garage, hands) = (passport.garage_id, passport.into_inner().hands);
    if hands.driver == Some(account) {
        return Ok(true);
    }
    let of_fleet = hands.fleet.map_or(Ok(None), |fleet| account_of(tx, &Recipient::Fleet(fleet)))?;
    let work = store::account::find(tx, account)?.and_then(|(account, _)| account.employment);
    Ok(of_fleet == Some(account) || work.is_some_and(|work| work.garage_id == garage))
}

/// Whether a message is still to be told at all: who is told has the car, and a reminder is still true (rules N4 and RM2).
fn holds(tx: &mut Tx<'_>, app: &App, mail: &Mail, event: &Event) -> Result<bool, Problem> {
    Ok(has_car(tx, mail, event)? && reminder::is_to_be_sent(tx, mail, event, app.clock.now())?)
}

/// Whether an account would be told of an event now, by a message of this kind: asked again when a push message is about to be
/// sent, since it may have waited for a morning, for a Monday or for its push service.
pub(super) fn still_tells(
    tx: &mut Tx<'_>,
    app: &App,
    event: &Event,
    kind: Template,
    account: AccountId,
) -> Result<bool, Problem> {
    for mail in mails(&event.fact).iter().filter(|mail| mail.template == kind) {
        if told(tx, mail, event, app.clock.now())?.iter().any(|(id, _)| *id == account) && holds(tx, app, mail, event)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A mail to a garage that does not keep the passport has the plate alone.
fn describe_garage_change(tx: &mut Tx<'_>, fact: &Fact, context: &mut Context) -> Result<(), Problem> {
    if let Fact::GarageChangeDeclined { garage_change_id, .. }
    | Fact::GarageChangeExpired { garage_change_id, .. }
    | Fact::PassportLeft { garage_change_id, .. } = fact
    {
        let found = store::garage_change::find(tx, &Scope::System, *garage_change_id)?;
        context.plate = found.map(|(change, ..)| change.plate);
    }
    Ok(())
}

/// The work about which the owner decided, where on the car, with the words that the customer read, and the car.
fn describe_recommendation(
    tx: &mut Tx<'_>,
    fact: &Fact,
    language: Language,
    context: &mut Context,
) -> Result<(), Problem> {
    if let Fact::RecommendationAgreed { passport_id, recommendation_id, .. }
    | Fact::RecommendationDeclined { passport_id, recommendation_id, .. } = fact
    {
        describe_passport(tx, *passport_id, context)?;
        if let Some((passport, _)) = store::passport::find(tx, &Scope::System, *passport_id)? {
            let found = store::recommendation::find(tx, passport.vehicle_id(), *recommendation_id)?;
            // What another garage wrote before has its amounts, which this one does not see (rule P6).
            context.work = found.map(|view| view.recommendation).map(|one| {
                let shows_amounts = passport.shows_names_of(one.made_at);
                let advice = if shows_amounts { one.advice } else { one.advice.without_amounts() };
                advice.described(language)
            });
        }
    }
    Ok(())
}

/// The e-mail of the account that the mail is about, and the car or the fleet.
fn describe_account(tx: &mut Tx<'_>, fact: &Fact, context: &mut Context) -> Result<(), Problem> {
    if let Fact::PassportTaken { driver: account, .. } | Fact::AccountEmailLost { account_id: account } = fact
        && let Some((account, _)) = store::account::find(tx, *account)?
    {
        context.counterpart = Some(account.email.as_str().to_owned());
        context.fleet_name = (account.kind == AccountKind::Fleet).then_some(account.name);
    }
    fact.passport_id().map_or(Ok(()), |id| describe_passport(tx, id, context))
}

/// The customer to whom mail came back, and where in the app the record is.
fn describe_customer(tx: &mut Tx<'_>, app: &App, fact: &Fact, context: &mut Context) -> Result<(), Problem> {
    let Fact::CustomerEmailBounced { customer_id } = fact else { return Ok(()) };
    context.counterpart = store::customer::name_of(tx, *customer_id)?;
    context.link = context.counterpart.is_some().then(|| format!("{}/customers/{customer_id}", app.settings.app_url));
    Ok(())
}

/// For the recipient, the other party is the offerer; for everyone else it is the recipient. Only the plate is named: a
/// mail about a car that was handed over has none of its data (rules T9 and T10).
fn describe_transfer(
    tx: &mut Tx<'_>,
    id: TransferId,
    context: &mut Context,
    to_recipient: bool,
) -> Result<(), Problem> {
    let Some((transfer, ..)) = store::transfer::find(tx, &Scope::System, id)? else {
        return Ok(());
    };
    context.counterpart = if to_recipient {
        store::account::find(tx, transfer.offered_by)?.map(|(account, _)| account.name)
    } else {
        Some(transfer.recipient_email.as_str().to_owned())
    };
    context.plate = Some(transfer.plate);
    context.transfer_kind = Some(transfer.kind);
    Ok(())
}
