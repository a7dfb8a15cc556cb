//! A migration that no SQL can do: what was stored before it was read as today. Names, telephone numbers and postal codes are
//! found by what people type (rule CU5), and people are sorted by the parts of their names (rule CU7). A telephone number that
//! does not exist, but can only be another one, becomes that (rule CU3), and a postal code has the form of its country where it
//! can be read (rule CU4).

use crate::{
    migrations::InRust,
    row::BATCH,
    schema::{customers, fleets, garages, reminder_offsets},
    sql_types::{Key, Moment},
};
use diesel::{
    dsl::{exists, select, sql},
    prelude::*,
};
use domain::{
    customer::CustomerKind,
    value::{Country, PersonName, PhoneNumber, name_key, postcode, search_key, search_text, sort_key},
};

/// The time, as each database says it.
const NOW_ON_POSTGRES: &str = "date_trunc('microseconds', clock_timestamp())";
const NOW_ON_SQLITE: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

/// A customer: the kind and name, its keys and parts, the e-mail, what is read anew, and the place.
type CustomerColumns = (Key, (String, String), (Keys, Parts), Option<String>, Written, Option<String>);

/// By what a customer is found and sorted.
type Keys = (String, String, String);

/// The given name, what stands before the surname, and that.
type Parts = (Option<String>, Option<String>, Option<String>);

/// A telephone number, a postal code, and the country of the address.
type Written = (Option<String>, Option<String>, String);

/// The number and the postal code as they are read today; as they are, where they cannot be read.
fn read_anew((phone, code, country): Written) -> (Option<String>, Option<String>) {
    let anew = |number: String| PhoneNumber::parse(&number).map_or(number, |number| number.as_str().to_owned());
    let country = Country::stored(&country);
    let read = |code: String| country.and_then(|country| postcode(&code, country).ok()).unwrap_or(code);
    (phone.map(anew), code.map(read))
}

/// The parts of a customer's name: those that are known, or else, of a person, as far as they can be told apart.
fn parts_of(kind: &str, name: &str, (given, prefix, surname): &Parts) -> Option<PersonName> {
    match surname {
        Some(surname) => Some(PersonName { given: given.clone(), prefix: prefix.clone(), surname: surname.clone() }),
        None if CustomerKind::from_code(kind) == Some(CustomerKind::Person) => PersonName::split(name),
        None => None,
    }
}

fn columns_of(parts: Option<PersonName>) -> Parts {
    parts.map_or((None, None, None), |parts| (parts.given, parts.prefix, Some(parts.surname)))
}

macro_rules! renew_customers {
    ($connection:ident, $now:expr) => {
        let mut after = Key(uuid::Uuid::nil());
        loop {
            let some: Vec<CustomerColumns> = customers::table
                .filter(customers::id.gt(after))
                .order(customers::id)
                .limit(BATCH)
                .select((
                    customers::id,
                    (customers::kind, customers::name),
                    (
                        (customers::name_key, customers::search_key, customers::sort_key),
                        (customers::given_name, customers::name_prefix, customers::surname),
                    ),
                    customers::email,
                    (customers::mobile, customers::postcode, customers::country),
                    customers::place,
                ))
                .load($connection)?;
            let Some((last, ..)) = some.last() else { break };
            after = *last;
            for (id, (kind, name), found_by, email, written, place) in some {
                let parts = parts_of(&kind, &name, &found_by.1);
                let sorted_by = sort_key(&name, parts.as_ref(), Country::stored(&written.2).unwrap_or(Country::NL));
                let before = (written.0.clone(), written.1.clone());
                let (mobile, code) = read_anew(written);
                let phone = mobile.as_deref().and_then(PhoneNumber::stored);
                let text = search_text(&name, email.as_deref(), phone.as_ref(), code.as_deref(), place.as_deref());
                let anew = ((name_key(&name), text, sorted_by), columns_of(parts));
                if anew != found_by {
                    let ((key, text, sorted_by), (given, prefix, surname)) = anew;
                    let found_by = (
                        customers::name_key.eq(key),
                        customers::search_key.eq(text),
                        customers::sort_key.eq(sorted_by),
                        customers::given_name.eq(given),
                        customers::name_prefix.eq(prefix),
                        customers::surname.eq(surname),
                    );
                    diesel::update(customers::table.find(id)).set(found_by).execute($connection)?;
                }
                let anew = (mobile, code);
                if anew != before {
                    let read = (
                        customers::mobile.eq(anew.0),
                        customers::postcode.eq(anew.1),
                        customers::version.eq(customers::version + 1),
                        customers::updated_at.eq(sql::<Moment>($now)),
                    );
                    diesel::update(customers::table.find(id)).set(read).execute($connection)?;
                }
            }
        }
    };
}

macro_rules! renew_garages {
    ($connection:ident, $now:expr) => {
        let columns = (garages::id, (garages::phone, garages::postcode, garages::country));
        let all: Vec<(Key, Written)> = garages::table.select(columns).load($connection)?;
        for (id, written) in all {
            let before = (written.0.clone(), written.1.clone());
            let anew = read_anew(written);
            if anew != before {
                let read = (
                    garages::phone.eq(anew.0),
                    garages::postcode.eq(anew.1),
                    garages::version.eq(garages::version + 1),
                    garages::updated_at.eq(sql::<Moment>($now)),
                );
                diesel::update(garages::table.find(id)).set(read).execute($connection)?;
            }
        }
    };
}

macro_rules! renew_keys {
    ($connection:ident) => {
        let columns = (fleets::id, fleets::name, fleets::name_key);
        let all: Vec<(Key, String, String)> = fleets::table.select(columns).load($connection)?;
        for (id, name, key) in all {
            let anew = name_key(&name);
            if anew != key {
                diesel::update(fleets::table.find(id)).set(fleets::name_key.eq(anew)).execute($connection)?;
            }
        }
        let columns = (reminder_offsets::chain_key, reminder_offsets::item);
        let all: Vec<(String, String)> = reminder_offsets::table.select(columns).load($connection)?;
        for (chain, item) in all {
            let anew = search_key(&chain);
            // Where both spellings were set, that in plain letters counts.
            let is_set: bool = select(exists(reminder_offsets::table.find((&anew, &item)))).get_result($connection)?;
            if !is_set {
                diesel::update(reminder_offsets::table.find((&chain, &item)))
                    .set(reminder_offsets::chain_key.eq(&anew))
                    .execute($connection)?;
            }
        }
    };
}

/// Writes the work out for the connections of both databases.
macro_rules! renew {
    ($connection:expr, $now:expr) => {{
        let connection = $connection;
        renew_customers!(connection, $now);
        renew_garages!(connection, $now);
        renew_keys!(connection);
        Ok(())
    }};
}

/// The migration. What is read anew stays when it is reverted: it is what was meant, and older servers find people by these keys as well.
pub(crate) const WRITTEN_VALUES: InRust = InRust {
    name: "2026-12-01-020100_written_values",
    version: "20261201020100",
    on_postgres: |connection| renew!(connection, NOW_ON_POSTGRES),
    on_sqlite: |connection| renew!(connection, NOW_ON_SQLITE),
};
