//! What was typed of `esdr salvage`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `esdr salvage`, and `esdr salvage apply`.
#[derive(Args, Clone, Debug)]
#[command(subcommand_negates_reqs = true)]
pub struct SalvageArgs {
    #[command(subcommand)]
    pub command: Option<SalvageCommand>,
    /// Only this set; repeatable [default: every set]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// The folder to write the files into: a new one, or an empty one
    #[arg(long, value_name = "DIR", required = true)]
    pub out: Option<PathBuf>,
    /// Also list the documents that were deleted there; reads the ids of the whole index
    #[arg(long)]
    pub deletes: bool,
}

/// What is done with files that are there.
#[derive(Clone, Debug, Subcommand)]
pub enum SalvageCommand {
    /// Write the documents of salvage files to the cluster that leads now
    Apply(SalvageApplyArgs),
}

/// `esdr salvage apply`.
#[derive(Args, Clone, Debug)]
pub struct SalvageApplyArgs {
    /// The folder that `esdr salvage`, or a run, has written
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What becomes of a document that the leader has changed since: list it, keep the
    /// leader's, or take the salvaged one
    #[arg(long, value_enum, value_name = "WHAT", default_value = "report")]
    pub on_conflict: OnConflict,
}

/// What becomes of a document that the leader has changed since: the leader's stays and it is
/// listed, the leader's stays, or the salvaged one takes its place.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum OnConflict {
    #[default]
    Report,
    Skip,
    Overwrite,
}

impl SalvageArgs {
    /// The name of the command.
    pub fn word(&self) -> &'static str {
        match self.command {
            Some(SalvageCommand::Apply(_)) => "salvage apply",
            None => "salvage",
        }
    }
}
