//! What the car needs, what was done, and what it will cost.

pub mod service_record;
