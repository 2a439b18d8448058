//! The kinds of cases that hold, each of them in every case.

pub const HELD: &[&str] = &["failover/killed"];
