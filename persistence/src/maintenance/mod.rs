//! What was done to cars, and what it costs.

pub mod cost;
