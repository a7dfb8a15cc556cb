//! What an actor's queries can reach. Every query of a tenant's data takes one, and puts it into the SQL (rule A2).

use crate::schema::{accounts, fleets};
use domain::{
    access::{Actor, Standing},
    ids::{AccountId, FleetId, GarageId, SessionId},
    value::AccountKind,
};

/// The part of the data that an actor can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What a garage has.
    Garage(GarageId),
    /// What is in a fleet, and what its account offered.
    Fleet(FleetId, AccountId),
    /// What an account drives, offered, or is offered (by the key of its e-mail).
    Driver(AccountId, String),
    /// What the account of a session can reach, looked up by the statement that reads: one round trip, and nothing once
    /// session or account have ended. The kind is the account's, which never changes.
    Session(SessionId, AccountKind),
    /// Nothing.
    Nothing,
    /// Everything: for the system's own work, never for a request.
    System,
}

impl From<&Actor> for Scope {
    fn from(actor: &Actor) -> Self {
        match &actor.standing {
            Standing::Staff(garage, _) => Self::Garage(*garage),
            Standing::Fleet(fleet, account) => Self::Fleet(*fleet, *account),
            Standing::Driver(account, email) => Self::Driver(*account, email.key()),
            Standing::Platform => Self::Nothing,
        }
    }
}

diesel::alias! {
    // The account of the session, in a statement that may read accounts for another reason.
    pub(crate) const HOLDERS: Alias<Holders> = accounts as holders;
    // The fleet of that account.
    pub(crate) const HELD_FLEETS: Alias<HeldFleets> = fleets as held_fleets;
}

/// What the account of a session holds now, as a subquery: its `garage`, its `fleet`, the `account` itself, the key of
/// its `email`. Null when the session or the account has ended. PostgreSQL runs it once a statement and looks the outer
/// rows up in the same index as if the id had been given.
macro_rules! held {
    ($session:expr, garage) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::garage_id))
    };
    ($session:expr, account) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::id).nullable())
    };
    ($session:expr, email) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::email_key))
    };
    ($session:expr, by $column:expr) => {{
        use $crate::{
            schema::{accounts, sessions},
            scope::HOLDERS,
        };
        sessions::table
            .inner_join(HOLDERS.on(HOLDERS.field(accounts::id).eq(sessions::account_id)))
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(HOLDERS.field(accounts::status).eq("active"))
            .select($column)
            .single_value()
    }};
    ($session:expr, fleet) => {{
        use $crate::{
            schema::{accounts, fleets, sessions},
            scope::{HELD_FLEETS, HOLDERS},
        };
        sessions::table
            .inner_join(HOLDERS.on(HOLDERS.field(accounts::id).eq(sessions::account_id)))
            .inner_join(HELD_FLEETS.on(HELD_FLEETS.field(fleets::account_id).eq(sessions::account_id)))
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(HOLDERS.field(accounts::status).eq("active"))
            .select(HELD_FLEETS.field(fleets::id).nullable())
            .single_value()
    }};
}

pub(crate) use held;
