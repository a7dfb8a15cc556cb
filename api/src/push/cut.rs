//! Making a message fit into what push services accept.

use super::{PushError, PushMessage};

/// The message as `write` writes it from a title and a body, in at most `limit` bytes. If it does not fit, the body is
/// cut between two characters, and if even no body fits, the title too.
pub(super) fn fitted(
    message: &PushMessage,
    limit: usize,
    write: impl Fn(&str, &str) -> Vec<u8>,
) -> Result<Vec<u8>, PushError> {
    let PushMessage { title, body, .. } = message;
    let fits = |title: &str, body: &str| write(title, body).len() <= limit;
    if fits(title, body) {
        return Ok(write(title, body));
    }
    if let Some(body) = longest(body, limit, |body| fits(title, body)) {
        return Ok(write(title, &body));
    }
    match longest(title, limit, |title| fits(title, "")) {
        Some(title) => Ok(write(&title, "")),
        None => Err(PushError::permanent("the message is too long, even without its texts")),
    }
}

/// The longest beginning of `text` that fits, with an ellipsis, or nothing at all if only that fits.
fn longest(text: &str, limit: usize, fits: impl Fn(&str) -> bool) -> Option<String> {
    // No text of more bytes than the limit fits, so what is behind it need not be looked at.
    let ends: Vec<usize> = text.char_indices().map(|(index, _)| index).take_while(|index| *index <= limit).collect();
    let shortened = |end: usize| match text.get(..end).map(str::trim_end) {
        None | Some("") => String::new(),
        Some(begin) => format!("{begin}…"),
    };
    // A longer beginning never takes fewer bytes, so all that fit come before all that do not.
    let fitting = ends.partition_point(|end| fits(&shortened(*end)));
    match fitting.checked_sub(1).and_then(|last| ends.get(last)) {
        Some(end) => Some(shortened(*end)),
        None => fits("").then(String::new),
    }
}
