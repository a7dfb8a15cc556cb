//! The brake on guessing passwords (rule A12): what is counted for whom, before a password is checked.
//!
//! Tokens of sessions and of mailed links need no brake: they have 256 random bits, and nobody guesses one of them.

use crate::{
    brake::{Subject, count, count_or_wait},
    command::mail_subjects,
    problem::Problem,
    request::Context,
    secret::Secret,
    wire::Email,
};
use domain::{
    Instant,
    ids::{AccountId, SessionId},
    invitation::Invitation,
    throttle::{
        FACTOR_PER_ACCOUNT, FACTOR_PER_SESSION, PER_ACCOUNT, PER_NETWORK, PER_PLACE, PER_SESSION, Pace,
        RESETS_PER_ACCOUNT, RESETS_PER_NETWORK,
    },
};
use persistence::Tx;

/// A guess that was counted.
#[derive(Clone, Debug)]
pub struct Guess {
    subjects: Vec<Subject>,
}

impl Guess {
    /// Counts a guess at the password of the account with this e-mail, whether there is one or not. A device that signed in to
    /// the account before has a count of its own, and so cannot be shut out by the guesses of others.
    pub async fn at_the_door(context: &Context, email: &Email, device: Option<SessionId>) -> Result<Self, Problem> {
        let account = email.0.key();
        let subjects = match device {
            Some(device) => {
                vec![subject(context, "device", &[account.as_bytes(), device.0.as_bytes()], PER_PLACE)]
            }
            None => of_strangers(context, &account),
        };
        Self::counted(context, subjects).await
    }

    /// Counts a guess at the password of an account by someone who is signed in to it.
    pub async fn of_session(context: &Context, session: SessionId) -> Result<Self, Problem> {
        Self::counted(context, vec![subject(context, "session", &[session.0.as_bytes()], PER_SESSION)]).await
    }

    /// Counts a code of a second factor that someone gave with the right password (rule A17). A device that signed in to the
    /// account before, which has given a right code, has a count of its own.
    pub async fn at_second_factor(
        context: &Context,
        account: AccountId,
        device: Option<SessionId>,
    ) -> Result<Self, Problem> {
        let account = account.0.as_bytes();
        let subject = match device {
            Some(device) => subject(context, "factor device", &[account, device.0.as_bytes()], FACTOR_PER_ACCOUNT),
            None => subject(context, "factor account", &[account], FACTOR_PER_ACCOUNT),
        };
        Self::counted(context, vec![subject]).await
    }

    /// Counts a code of a second factor that someone gave who is signed in.
    pub async fn of_second_factor(context: &Context, session: SessionId) -> Result<Self, Problem> {
        let subject = subject(context, "factor session", &[session.0.as_bytes()], FACTOR_PER_SESSION);
        Self::counted(context, vec![subject]).await
    }

    async fn counted(context: &Context, subjects: Vec<Subject>) -> Result<Self, Problem> {
        count_or_wait(context, subjects.clone()).await?;
        Ok(Self { subjects })
    }

    /// The password was right, so this was no guess: it does not count. The wrong ones before it do, or someone with an
    /// account of their own could clear the count at will, and go on guessing at others.
    pub async fn was_right(self, context: &Context) -> Result<(), Problem> {
        let now = context.app.clock.now();
        let work = move |tx: &mut Tx<'_>| -> Result<(), Problem> {
            self.subjects.iter().try_for_each(|subject| subject.give_back(tx, now))
        };
        context.app.database.write(work).await
    }
}

fn subject(context: &Context, of: &str, parts: &[&[u8]], pace: Pace) -> Subject {
    Subject::new(&context.app.secret, of, parts, pace)
}

/// What a guess at an account counts for, by a device that nobody knows.
fn of_strangers(context: &Context, account: &str) -> Vec<Subject> {
    let (account, network) = (account.as_bytes(), context.address.as_bytes());
    vec![
        subject(context, "place", &[account, network], PER_PLACE),
        subject(context, "account", &[account], PER_ACCOUNT),
        subject(context, "network", &[network], PER_NETWORK),
    ]
}

/// Counts a request for a link to choose another password, for the network alone: were it counted for the account, anybody
/// could keep its owner from asking.
pub async fn count_reset(context: &Context) -> Result<(), Problem> {
    let network = context.address.as_bytes();
    count_or_wait(context, vec![subject(context, "reset network", &[network], RESETS_PER_NETWORK)]).await
}

/// Whether another link to choose a password may be mailed to an account; it is counted then.
pub fn may_mail_reset(tx: &mut Tx<'_>, secret: &Secret, account: AccountId, now: Instant) -> Result<bool, Problem> {
    let subject = Subject::new(secret, "reset mail", &[account.0.as_bytes()], RESETS_PER_ACCOUNT);
    Ok(count(tx, &[subject], now)?.is_none())
}

/// Whether the link with which someone chooses their first password may be mailed to them again, since they ask for a new one;
/// it is counted then: as a mail with a link to choose a password, and as each mail with a link that is mailed again (rules A24 and
/// A25).
pub fn may_mail_invitation(
    tx: &mut Tx<'_>,
    secret: &Secret,
    invitation: &Invitation,
    now: Instant,
) -> Result<bool, Problem> {
    let (purpose, email) = (invitation.purpose, &invitation.email);
    let asked = Subject::new(secret, "reset mail to address", &[email.key().as_bytes()], RESETS_PER_ACCOUNT);
    let [link, address] = mail_subjects(secret, purpose.code(), purpose.subject(), email, false);
    Ok(count(tx, &[asked, link, address], now)?.is_none())
}

/// Forgets the wrong guesses at an account, whose owner has proved by mail that it is theirs.
pub fn forget(tx: &mut Tx<'_>, context: &Context, email: &Email) -> Result<(), Problem> {
    // Not those of the network: an account of one's own would give anyone new guesses at others.
    let of_account = of_strangers(context, &email.0.key()).into_iter().take(2);
    of_account.into_iter().try_for_each(|subject| subject.forget(tx))
}
