//! The brake on guessing the codes of mailed links (rule A26). Tokens need none: they have 256 random bits, and so nobody's guesses
//! keep the holder of a link waiting.

use super::wire::LinkKey;
use crate::{
    brake::{Subject, count_or_wait},
    problem::{Code, Problem},
    request::Context,
};
use actix_web::HttpResponse;
use domain::throttle::{CODES_PER_ADDRESS, CODES_PER_NETWORK, CODES_PER_PLACE};
use persistence::Tx;

/// A guess at a code that was counted.
pub(super) struct Guess {
    subjects: Vec<Subject>,
}

impl Guess {
    /// Counts a guess at the codes of an address, whether it has any or not, before it is judged. A token is no guess.
    pub(super) async fn count(context: &Context, key: &LinkKey) -> Result<Option<Self>, Problem> {
        let LinkKey::Code(email, _) = key else { return Ok(None) };
        let secret = &context.app.secret;
        let address = email.key();
        let (address, network) = (address.as_bytes(), context.address.as_bytes());
        let subjects = vec![
            Subject::new(secret, "code place", &[address, network], CODES_PER_PLACE),
            Subject::new(secret, "code address", &[address], CODES_PER_ADDRESS),
            Subject::new(secret, "code network", &[network], CODES_PER_NETWORK),
        ];
        count_or_wait(context, subjects.clone()).await?;
        Ok(Some(Self { subjects }))
    }

    async fn give_back(self, context: &Context) -> Result<(), Problem> {
        let now = context.app.clock.now();
        let work = move |tx: &mut Tx<'_>| -> Result<(), Problem> {
            self.subjects.iter().try_for_each(|subject| subject.give_back(tx, now))
        };
        context.app.database.write(work).await
    }
}

/// A code that was right was no guess, and does not count.
pub(super) async fn settle(
    context: &Context,
    guess: Option<Guess>,
    answer: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let was_wrong = answer.as_ref().is_err_and(|problem| problem.code == Code::InvitationNotFound);
    if let Some(guess) = guess.filter(|_| !was_wrong) {
        // What was done stands, whether this is written down or not.
        drop(guess.give_back(context).await);
    }
    answer
}
