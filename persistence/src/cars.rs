//! Looking up what belongs to many cars at once, with a statement for each table and not for each car.

use crate::{
    scope::Found,
    sql_types::{Id, Key},
};
use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Array,
};
use domain::passport::Passport;

/// Cars that were found in scope, by the ids of their passports and vehicles.
#[derive(Clone, Debug, Default)]
pub struct Cars {
    pub(crate) passports: Vec<Key>,
    pub(crate) vehicles: Vec<Key>,
}

impl Cars {
    /// The cars of these passports.
    pub fn of<'f>(found: impl IntoIterator<Item = &'f Found<Passport>>) -> Self {
        let ids = found.into_iter().map(|passport| (Key::from(passport.id), Key::from(passport.vehicle.id)));
        let (passports, vehicles) = ids.unzip();
        Self { passports, vehicles }
    }

    /// Vehicles alone, whichever passports they have.
    pub(crate) fn of_vehicles(vehicles: impl IntoIterator<Item = Key>) -> Self {
        Self { passports: vec![], vehicles: vehicles.into_iter().collect() }
    }
}

/// A query that PostgreSQL runs for each of many cars, by a look-up for each as `load_each!` does it. It refers to a car's
/// ids as `wanted.passport` and `wanted.vehicle`.
pub(crate) struct OfEach<'c, Q> {
    pub(crate) cars: &'c Cars,
    pub(crate) query: Q,
}

impl<Q: Query> Query for OfEach<'_, Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for OfEach<'_, Q> {}

impl<Q> QueryId for OfEach<'_, Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for OfEach<'_, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT found.* FROM unnest(");
        out.push_bind_param::<Array<Id>, _>(&self.cars.passports)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Id>, _>(&self.cars.vehicles)?;
        out.push_sql(") AS wanted (passport, vehicle) CROSS JOIN LATERAL (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" OFFSET 0) AS found");
        Ok(())
    }
}

/// Loads the rows of a query that have the passport, or the vehicle, of one of many cars in a column.
macro_rules! load_of_cars {
    ($tx:expr, $query:expr, $($column:ident)::+ = passport in $cars:expr) => {
        $crate::cars::load_of_cars!(@ $tx, $query, $($column)::+, "wanted.passport", passports, $cars)
    };
    ($tx:expr, $query:expr, $($column:ident)::+ = vehicle in $cars:expr) => {
        $crate::cars::load_of_cars!(@ $tx, $query, $($column)::+, "wanted.vehicle", vehicles, $cars)
    };
    (@ $tx:expr, $query:expr, $($column:ident)::+, $wanted:literal, $keys:ident, $cars:expr) => {{
        let cars: &$crate::cars::Cars = $cars;
        match &mut *$tx.conn {
            $crate::connection::AnyConnection::Postgres(connection) => {
                let wanted = diesel::dsl::sql::<diesel::dsl::SqlTypeOf<$($column)::+>>($wanted);
                let query = $query.filter($($column)::+.eq(wanted));
                $crate::cars::OfEach { cars, query }.load(connection)?
            }
            $crate::connection::AnyConnection::Sqlite(connection) => {
                $query.filter($($column)::+.eq_any(cars.$keys.iter().copied())).load(connection)?
            }
        }
    }};
}

pub(crate) use load_of_cars;
