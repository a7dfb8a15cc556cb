//! What maintenance costs: learning it from the network's records, and measuring how well that works.
//!
//! Answers come from [`persistence::cost::find`], and are part of what other features show.

pub mod backtest;
pub mod command;
pub mod learning;
mod picture;
pub mod progress;
