//! What was typed of `esdr reprotect` and `esdr failback`.

use clap::Args;

use crate::plan::choice::{self, Choice};

/// `esdr reprotect`.
#[derive(Args, Clone, Debug, Default, Eq, PartialEq)]
pub struct ReprotectArgs {
    /// Only this set; repeatable [default: every set that was switched]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    #[command(flatten)]
    pub former: FormerArgs,
}

/// `esdr failback`.
#[derive(Args, Clone, Debug, Default, Eq, PartialEq)]
pub struct FailbackArgs {
    /// Only this set; repeatable [default: every set that is not at home]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// Stop before the switch, ready for it
    #[arg(long)]
    pub prepare: bool,
    #[command(flatten)]
    pub former: FormerArgs,
    /// Write, read and remove one document through each new leader
    #[arg(long)]
    pub canary: bool,
}

/// What the operator decides about former leaders' copies.
#[derive(Args, Clone, Debug, Default, Eq, PartialEq)]
pub struct FormerArgs {
    /// Where no record says who leads: the copies on this cluster go
    #[arg(long, value_name = "CLUSTER")]
    pub discard: Option<String>,
    /// What becomes of an index: apply, keep or discard; one deleted since: delete or restore; repeatable
    #[arg(long, value_name = "INDEX=CHOICE", value_parser = choice::parse)]
    pub resolve: Vec<(String, Choice)>,
    /// Let go what only the former leader has, without a file
    #[arg(long)]
    pub no_salvage: bool,
    /// Take a snapshot of what diverged into this repository of the former leader's, instead of
    /// safety copies
    #[arg(long, value_name = "REPOSITORY")]
    pub snapshot: Option<String>,
    /// Delete the safety copies of the sets in the end, once every index is followed
    #[arg(long)]
    pub drop_safety_copies: bool,
}
