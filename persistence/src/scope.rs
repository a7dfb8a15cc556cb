//! What an actor's queries can reach. Every query of a tenant's data takes one, and puts it into the SQL (rule A2).

use domain::{
    access::{Actor, Standing},
    account::AccountKind,
    ids::{AccountId, FleetId, GarageId, SessionId},
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
        match actor.standing {
            Standing::Staff(garage, _) => Self::Garage(garage),
            Standing::Fleet(fleet) => Self::Fleet(fleet, actor.account_id),
            Standing::Driver => Self::Driver(actor.account_id, actor.email.key()),
            Standing::Platform => Self::Nothing,
        }
    }
}

/// What the account of a session holds now, as a subquery: its `garage`, its `fleet`, the `account` itself, the key of
/// its `email`. Null when the session or the account has ended. PostgreSQL runs it once a statement and looks the outer
/// rows up in the same index as if the id had been given.
macro_rules! held {
    ($session:expr, garage) => {
        held!($session, by accounts::garage_id)
    };
    ($session:expr, account) => {
        held!($session, by accounts::id.nullable())
    };
    ($session:expr, email) => {
        held!($session, by accounts::email_key)
    };
    ($session:expr, by $column:expr) => {{
        use $crate::schema::{accounts, sessions};
        sessions::table
            .inner_join(accounts::table)
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(accounts::status.eq("active"))
            .select($column)
            .into_boxed::<$crate::connection::MultiBackend>()
            .single_value()
    }};
    ($session:expr, fleet) => {{
        use $crate::schema::{accounts, fleets, sessions};
        sessions::table
            .inner_join(accounts::table.inner_join(fleets::table.on(fleets::account_id.eq(accounts::id))))
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(accounts::status.eq("active"))
            .select(fleets::id.nullable())
            .into_boxed::<$crate::connection::MultiBackend>()
            .single_value()
    }};
}

pub(crate) use held;
