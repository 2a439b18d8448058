//! What was typed of `esdr bidi`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::WatchArgs;

/// `esdr bidi`.
#[derive(Args, Clone, Debug)]
pub struct BidiArgs {
    #[command(subcommand)]
    pub command: BidiCommand,
}

/// What can be done with a bi-directional alias.
#[derive(Clone, Debug, Subcommand)]
pub enum BidiCommand {
    /// Both sides write, both copy what the other writes, one alias spans both; proved
    Setup(BidiSetupArgs),
    /// Who writes where, what is read, how far both directions are; changes nothing
    Status(BidiStatusArgs),
    /// The copies go, and each side reads and writes only its own
    Teardown(BidiTeardownArgs),
}

/// `esdr bidi setup`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct BidiSetupArgs {
    /// The alias, as `[bidi.NAME]` has it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Settings of the indices that are made, as JSON, beside those of the matching template
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Their mapping, as JSON
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// One index after another is written, NAME-CLUSTER-000001 first, and new ones are followed
    #[arg(long)]
    pub rollover: bool,
}

/// `esdr bidi status`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct BidiStatusArgs {
    /// The alias, as `[bidi.NAME]` has it
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub again: WatchArgs,
}

/// `esdr bidi teardown`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct BidiTeardownArgs {
    /// The alias, as `[bidi.NAME]` has it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The copies stay, as regular indices outside the alias
    #[arg(long)]
    pub keep_followers: bool,
}

impl BidiArgs {
    /// The command in words, as results have it.
    pub fn words(&self) -> &'static str {
        match self.command {
            BidiCommand::Status(_) => "bidi status",
            BidiCommand::Setup(_) => "bidi setup",
            BidiCommand::Teardown(_) => "bidi teardown",
        }
    }
}
