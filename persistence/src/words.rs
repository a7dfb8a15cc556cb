//! Searching by the words that someone types.

use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Array, Bool, Text},
    sqlite::Sqlite,
};

/// The condition that each typed word is the beginning of a word in a text. The statement is the same for any number of
/// words, so it is built once, and each connection prepares it once.
#[derive(QueryId, ValidGrouping)]
pub(crate) struct EachWordBegins<T> {
    text: T,
    patterns: Patterns,
}

/// A LIKE pattern for each word.
#[derive(Debug)]
struct Patterns(Vec<String>);

/// The condition that each word of `typed` is the beginning of a word in `text`. Both are in the form of search keys.
pub(crate) fn each_word_begins<T>(text: T, typed: &str) -> EachWordBegins<T> {
    let patterns = typed.split(' ').map(|word| format!("% {word}%")).collect();
    EachWordBegins { text, patterns: Patterns(patterns) }
}

impl<T: Expression> Expression for EachWordBegins<T> {
    type SqlType = Bool;
}

impl<T: SelectableExpression<S>, S> SelectableExpression<S> for EachWordBegins<T> {}

impl<T: AppearsOnTable<S>, S> AppearsOnTable<S> for EachWordBegins<T> {}

impl<T: QueryFragment<Pg>> QueryFragment<Pg> for EachWordBegins<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(' ' || ");
        self.text.walk_ast(out.reborrow())?;
        out.push_sql(" LIKE ALL (");
        out.push_bind_param::<Array<Text>, _>(&self.patterns.0)?;
        out.push_sql("))");
        Ok(())
    }
}

/// Sent as JSON, since SQLite has no arrays.
impl ToSql<Text, Sqlite> for Patterns {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: QueryFragment<Sqlite>> QueryFragment<Sqlite> for EachWordBegins<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("NOT EXISTS (SELECT 1 FROM json_each(");
        out.push_bind_param::<Text, _>(&self.patterns)?;
        out.push_sql(") AS pattern WHERE ' ' || ");
        self.text.walk_ast(out.reborrow())?;
        out.push_sql(" NOT LIKE pattern.value)");
        Ok(())
    }
}
