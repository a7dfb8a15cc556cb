//! Leaving off with one click (rules CH1 and ML3): the links in mails, and what they do. Whoever has such a mail can use its
//! link without signing in; the page stands in the server's `unsubscribe_page`.

pub mod operations;
mod token;

pub use token::Unsubscribe;
