//! A connection beside the store's own: what someone with a database client could do.

use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_query, sql_types::Text,
};

/// A connection to either database that takes any SQL.
pub(crate) enum Raw {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Raw {
    pub(crate) fn postgres(url: &str) -> Self {
        Self::Postgres(PgConnection::establish(url).unwrap())
    }

    pub(crate) fn sqlite(path: &str) -> Self {
        let mut connection = SqliteConnection::establish(path).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON").unwrap();
        Self::Sqlite(connection)
    }

    /// Runs statements without results.
    pub(crate) fn run(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Postgres(c) => c.batch_execute(sql),
            Self::Sqlite(c) => c.batch_execute(sql),
        }
    }

    /// The rows of a query with one text column called `line`.
    pub(crate) fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = match self {
            Self::Postgres(c) => sql_query(sql).load(c).unwrap(),
            Self::Sqlite(c) => sql_query(sql).load(c).unwrap(),
        };
        rows.into_iter().map(|row| row.line).collect()
    }

    /// The one row of such a query.
    pub(crate) fn line(&mut self, sql: &str) -> String {
        let mut lines = self.lines(sql);
        assert_eq!(lines.len(), 1, "{sql}");
        lines.remove(0)
    }
}
