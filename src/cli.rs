//! What was typed. Parsing only; what it means is `config`'s and `commands`' to say.

mod bidi;
mod home;
mod line;
mod salvage;
mod watch;

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub use self::{
    bidi::{BidiArgs, BidiCommand, BidiSetupArgs, BidiStatusArgs, BidiTeardownArgs},
    home::{FailbackArgs, FormerArgs, ReprotectArgs},
    salvage::{OnConflict, SalvageApplyArgs, SalvageArgs, SalvageCommand},
    watch::WatchArgs,
};
use crate::duration;

/// Disaster recovery between Elasticsearch clusters joined by cross-cluster replication.
#[derive(Clone, Debug, Parser)]
#[command(name = "esdr", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Configuration file [default: ./esdr.toml, then the user's configuration folder]
    #[arg(
        short,
        long,
        global = true,
        env = "ESDR_CONFIG",
        value_name = "FILE",
        overrides_with = "config"
    )]
    pub config: Option<PathBuf>,
    /// Output for people, or one JSON object a line
    #[arg(short, long, global = true, value_enum, value_name = "FORM", default_value = "human")]
    pub output: Output,
    /// Answer the question after the plan with yes; never passes a manual gate
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Pass the manual gate of this name, or name the cluster that loses its copy; repeatable
    #[arg(long, global = true, value_name = "NAME")]
    pub confirm: Vec<String>,
    /// Show the plan with every request, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Limit for everything before the line of no return, such as 5m
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse)]
    pub within: Option<Duration>,
    /// Why, for the record
    #[arg(long, global = true, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who, for the record (default: user@host)
    #[arg(long, global = true, env = "ESDR_OPERATOR", value_name = "NAME")]
    pub operator: Option<String>,
    /// Take the lock of a set from this owner, as the refusal names it: its run changes nothing more
    #[arg(long, global = true, value_name = "OWNER")]
    pub break_lock: Option<String>,
    /// Say more; twice: every request
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Folder of salvage files; each run has its own in it
    #[arg(long, global = true, value_name = "DIR", default_value = "./esdr-salvage")]
    pub salvage_dir: PathBuf,
    /// Folder of the journals [default: the user's state folder]
    #[arg(
        long,
        global = true,
        env = "ESDR_STATE_DIR",
        value_name = "DIR",
        overrides_with = "state_dir"
    )]
    pub state_dir: Option<PathBuf>,
}

/// The form of the output: text for people, or one JSON object a line. (Variants without
/// a comment each keep the help short.)
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Output {
    Human,
    Json,
}

/// When colour is used; `Auto`: in a terminal, unless `NO_COLOR` is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// The commands that exist.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Who leads what, how far the other side is, what a failover now would lose
    Status(StatusArgs),
    /// Protect sets: remote connections, followers, auto-follow
    Replicate(ReplicateArgs),
    /// Make the standby the leader: planned, with nothing lost, or without the leader
    Failover(FailoverArgs),
    /// After a switch: the former leader follows, and what only it had is kept
    Reprotect(ReprotectArgs),
    /// Home again: reprotect where needed, the planned switch back, and protection as before
    Failback(FailbackArgs),
    /// Two sites that both write, behind one alias
    Bidi(BidiArgs),
    /// Compare both sides by checkpoints, counts and content
    Verify(VerifyArgs),
    /// Take back a run that has not passed its line of no return
    Undo(UndoArgs),
    /// Make a cluster refuse writes to sets; also one that is dead, as soon as it is back
    Fence(FenceArgs),
    /// Lift esdr's own write blocks from a cluster
    Unfence(FenceArgs),
    /// Save what only a former leader has to files, and write it back
    Salvage(SalvageArgs),
    /// Write the plan of a command into a file, or show one
    Plan(PlanArgs),
    /// Carry out a plan from a file, or go on with it
    Apply(ApplyArgs),
    /// Carry out the operator's own playbook
    Run(RunArgs),
    /// List, show or check playbooks
    Playbook(PlaybookArgs),
    /// Rehearse with live writers and measure what it takes
    Drill(DrillArgs),
    /// Two simulated clusters on this machine and an esdr.toml for them, until Ctrl-C
    Sandbox,
}

/// Which part of the world a command is about.
#[derive(Args, Clone, Debug, Default, Eq, PartialEq)]
pub struct Scope {
    /// Only this set; repeatable [default: every set]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// Only indices that match this pattern, by their names on the leader; repeatable
    #[arg(long = "index", value_name = "PATTERN", allow_hyphen_values = true)]
    pub indices: Vec<String>,
}

/// `esdr status`.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    pub again: WatchArgs,
    /// Only this set; repeatable
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// Every index and shard, also what is fine
    #[arg(long)]
    pub all: bool,
}

/// `esdr verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Only this set; repeatable [default: every set]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// Compare so many documents of each index, at random
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "full",
        default_value_t = SAMPLE_DOCUMENTS,
        value_parser = clap::value_parser!(u64).range(1..),
    )]
    pub sample: u64,
    /// Compare every document
    #[arg(long)]
    pub full: bool,
}

/// Documents of each index that `esdr verify` compares unless told otherwise.
const SAMPLE_DOCUMENTS: u64 = 1000;

/// `esdr replicate`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct ReplicateArgs {
    /// Only this set; repeatable [default: every set]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
}

/// `esdr failover`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct FailoverArgs {
    /// The cluster that is to lead
    #[arg(long, value_name = "CLUSTER")]
    pub to: String,
    #[command(flatten)]
    pub scope: Scope,
    /// Write, read and remove one document through each new leader
    #[arg(long)]
    pub canary: bool,
    /// Consent to lose at most so many measured operations [default: 0]
    #[arg(long, value_name = "N")]
    pub max_lag: Option<u64>,
    /// Go on with `esdr reprotect`: the former leader follows at once
    #[arg(long)]
    pub reprotect: bool,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

/// What may be given up where the leader does not answer. For one run only.
#[derive(Args, Clone, Copy, Debug, Default, Eq, PartialEq)]
#[command(next_help_heading = "Without the leader")]
pub struct ConsentArgs {
    /// Go on where the leader does not answer or is ill: what only it has stays behind
    #[arg(long)]
    pub accept_data_loss: bool,
    /// Your word that its writers are cut off, where only this machine cannot reach it
    #[arg(long)]
    pub leader_is_fenced: bool,
    /// What to do about a leader that answers again in the middle
    #[arg(long, value_enum, value_name = "WHAT", default_value = "fence")]
    pub on_return: OnReturn,
}

impl ConsentArgs {
    /// Whether the leader may be left behind.
    pub fn is_given(self) -> bool {
        self.accept_data_loss || self.leader_is_fenced
    }
}

/// What is done about a leader that answers again in the middle of a run without it: fence
/// it at once, or stop where the run is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum OnReturn {
    #[default]
    Fence,
    Stop,
}

/// `esdr undo`.
#[derive(Args, Clone, Debug)]
pub struct UndoArgs {
    /// The run [default: the unfinished one; with --max-carry the newest finished one]
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// After a finished planned failover: back without a copy, if the new leader has taken at
    /// most so many operations since
    #[arg(long, value_name = "N")]
    pub max_carry: Option<u64>,
}

/// `esdr fence` and `esdr unfence`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct FenceArgs {
    /// The cluster
    #[arg(value_name = "CLUSTER")]
    pub cluster: String,
    /// Only this set; repeatable [default: every set]
    #[arg(long = "set", value_name = "SET")]
    pub sets: Vec<String>,
    /// Wait until the cluster answers, then go on at once
    #[arg(long)]
    pub when_it_answers: bool,
    /// How long to wait for it at most
    #[arg(
        long = "for",
        value_name = "TIME",
        requires = "when_it_answers",
        default_value = "48h",
        value_parser = duration::parse,
    )]
    pub at_most: Duration,
}

/// `esdr plan`.
#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    #[command(subcommand)]
    pub command: PlanCommand,
}

/// What a plan can be made of, and `show`.
#[derive(Clone, Debug, Subcommand)]
pub enum PlanCommand {
    /// The plan of `esdr replicate`
    Replicate(Planned<ReplicateArgs>),
    /// The plan of `esdr failover`
    Failover(Planned<FailoverArgs>),
    /// The plan of `esdr reprotect`
    Reprotect(Planned<ReprotectArgs>),
    /// The plan of `esdr failback`
    Failback(Planned<FailbackArgs>),
    /// The plan of the operator's own playbook
    Run(Planned<RunArgs>),
    /// Show a plan from its file; needs no cluster
    Show {
        /// The plan
        file: PathBuf,
    },
}

/// A command whose plan goes into a file.
#[derive(Args, Clone, Debug)]
pub struct Planned<A: Args> {
    #[command(flatten)]
    pub command: A,
    /// The file to write the plan into
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `esdr apply`.
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// The plan, as `esdr plan` wrote it
    pub file: PathBuf,
}

/// `esdr run`.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct RunArgs {
    /// The playbook
    pub file: PathBuf,
    /// The cluster that the playbook calls target [default: each set's standby]
    #[arg(long, value_name = "CLUSTER")]
    pub to: Option<String>,
    #[command(flatten)]
    pub scope: Scope,
    /// Carry out the playbook's canary steps
    #[arg(long)]
    pub canary: bool,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

/// `esdr playbook`.
#[derive(Args, Clone, Debug)]
pub struct PlaybookArgs {
    #[command(subcommand)]
    pub command: PlaybookCommand,
}

/// What can be done with playbooks.
#[derive(Clone, Debug, Subcommand)]
pub enum PlaybookCommand {
    /// The built-in playbooks and what they promise
    List,
    /// The text of a built-in playbook, or of a file
    Show {
        /// Name of a built-in playbook, or a file
        playbook: String,
    },
    /// Check that the order of steps is safe
    Lint {
        /// Names of built-in playbooks, or files [default: all built-in ones]
        playbooks: Vec<String>,
    },
}

/// `esdr drill`.
#[derive(Args, Clone, Debug)]
pub struct DrillArgs {
    /// On two simulated clusters inside this process
    #[arg(long, required = true)]
    pub sandbox: bool,
    /// Only this phase; repeatable
    #[arg(long = "phase", value_name = "PHASE")]
    pub phases: Vec<String>,
}

#[cfg(test)]
mod tests;
