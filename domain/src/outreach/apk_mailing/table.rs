//! Cells of a table that a spreadsheet opens (rule ML1).

use crate::value::is_unsafe;
use std::borrow::Cow;

/// The text of a cell that no spreadsheet takes for a formula. Where it could, an apostrophe stands before it, which
/// spreadsheets take for "this is text": before `=`, `+`, `-` and `@`, also of full width and behind spaces or what nobody sees,
/// and before a tab or line break. Quotes are put around it where the table is written.
///
/// A telephone number (`+31612345678`) gets the apostrophe too, and a negative number. This is meant: a cell that begins with
/// such a sign is calculated, and the number would be shown without its plus.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let starts = |c: char| {
        matches!(c, '\t' | '\r' | '\n' | '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
    };
    let is_passed_over = |c: &char| !starts(*c) && (c.is_whitespace() || is_unsafe(*c, false));
    match text.chars().find(|c| !is_passed_over(c)) {
        Some(first) if starts(first) => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}
