//! A migration that no SQL can do: the keys of e-mail addresses that were made when a domain was compared as it was typed
//! become today's, in which it stands in its ASCII form (rule A1).

use crate::{
    migrations::InRust,
    schema::{accounts, customers, transfers},
    sql_types::Key,
};
use diesel::{
    dsl::{exists, select, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::value::EmailAddress;

/// Today's keys are ASCII.
const IS_FORMER: &str = "octet_length(email_key) <> length(email_key)";
const IS_FORMER_OF_RECIPIENT: &str = "octet_length(recipient_email_key) <> length(recipient_email_key)";

fn key_of(former: &str) -> Option<String> {
    EmailAddress::stored(former).map(|email| email.key()).filter(|key| key != former)
}

/// Writes the work out for the connections of both databases.
macro_rules! renew {
    ($connection:expr) => {{
        let connection = $connection;
        let former: Vec<(Key, Option<String>)> = accounts::table
            .filter(sql::<Bool>(IS_FORMER))
            .order(accounts::created_at)
            .select((accounts::id, accounts::email_key))
            .load(connection)?;
        for (id, key) in former {
            let Some(key) = key.as_deref().and_then(key_of) else { continue };
            if select(exists(accounts::table.filter(accounts::email_key.eq(&key)))).get_result(connection)? {
                // Both are someone's login. Each is found by the address as it was typed, until one gets another e-mail.
                tracing::warn!(account = %id.0, "another account has the same mailbox, written in another way");
                continue;
            }
            diesel::update(accounts::table.find(id)).set(accounts::email_key.eq(key)).execute(connection)?;
        }
        let former: Vec<(Key, Option<String>)> = customers::table
            .filter(sql::<Bool>(IS_FORMER))
            .select((customers::id, customers::email_key))
            .load(connection)?;
        for (id, key) in former {
            let Some(key) = key.as_deref().and_then(key_of) else { continue };
            diesel::update(customers::table.find(id)).set(customers::email_key.eq(key)).execute(connection)?;
        }
        let former: Vec<(Key, String)> = transfers::table
            .filter(sql::<Bool>(IS_FORMER_OF_RECIPIENT))
            .select((transfers::id, transfers::recipient_email_key))
            .load(connection)?;
        for (id, key) in former {
            let Some(key) = key_of(&key) else { continue };
            diesel::update(transfers::table.find(id)).set(transfers::recipient_email_key.eq(key)).execute(connection)?;
        }
        Ok(())
    }};
}

/// The migration. The keys stay when it is reverted: what was typed is beside them.
pub(crate) const EMAIL_KEYS: InRust = InRust {
    name: "2026-11-29-010000_email_keys",
    version: "20261129010000",
    on_postgres: |connection| renew!(connection),
    on_sqlite: |connection| renew!(connection),
};
