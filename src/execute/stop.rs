//! Why a step did not reach its goal.

use crate::{
    es::error::Error,
    model::problem::Problem,
    plan::{
        due::Unseen,
        reason::{Code, Reason},
    },
    record::lock::Lost,
};

/// Why a set's run ends before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// A guard does not hold; nothing of this step was begun.
    #[error("{}", reasons.iter().map(|r| r.detail.as_str()).collect::<Vec<_>>().join("; "))]
    Blocked { reasons: Vec<Reason> },
    /// What is left to do is not what was confirmed.
    #[error("the world changed since the plan was made: {detail}")]
    Drift { detail: String },
    /// A wait reached its deadline.
    #[error("{what} did not end within {within_ms} ms")]
    Deadline { what: String, within_ms: u128, left: Vec<Left> },
    /// A cluster that is needed gives no sign any more.
    #[error("{cluster} has given no sign for {silent_ms} ms")]
    Silent { cluster: String, silent_ms: u128 },
    /// Sides that a step speaks of were not seen again in time: what holds there is not known.
    #[error("{}; what holds there is not known, and nothing more was changed", sides(unseen))]
    Unseen { unseen: Vec<Unseen> },
    /// A cluster answers and takes no write block: too much to do, or a master that does nothing.
    #[error("{cluster} answers and takes no write block: {why}")]
    NoFence { cluster: String, why: String },
    /// The leader answers again, and the operator wanted to stop then.
    #[error("{cluster} answers again")]
    Returned { cluster: String },
    /// The operator's own program failed.
    #[error("hook {name} ended with {status}")]
    Hook { name: String, status: String },
    /// The second copy of an index that was to be kept could not be made whole.
    #[error("{index} could not be copied under another name: {why}. It stands as it was")]
    Unkept { index: String, why: String },
    /// Documents that the target does not take.
    #[error("{detail}; what it said is in {folder}")]
    Uncarried { detail: String, folder: String },
    /// A file of documents, or one of the clusters that it is about.
    #[error(transparent)]
    Salvage(crate::salvage::Error),
    /// The snapshot that was asked for is of no use.
    #[error(
        "the snapshot {name} in {repository} on {cluster} is of no use: {why}. The copies stand as they were"
    )]
    Snapshot { cluster: String, repository: String, name: String, why: String },
    /// Another run has the lock of a set, or it is gone: nothing more may be changed.
    #[error("{}", lost_text(.0))]
    LockLost(Lost),
    /// A call failed in a way that repeating does not mend.
    #[error(transparent)]
    Call(#[from] Error),
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// A gate that waits for a person.
    #[error("the gate \"{name}\" waits for a person: {say}")]
    Manual { name: String, say: String },
    /// A defect, or a disk that cannot be written.
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// One index that a wait was still waiting for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Left {
    pub index: String,
    pub shard: Option<u32>,
    pub lag_ops: Option<u64>,
    pub why: String,
}

/// Sides that were not seen, each with why, for people.
fn sides(unseen: &[Unseen]) -> String {
    let side = |it: &Unseen| format!("{} could not be seen: {}", it.cluster, it.why);
    unseen.iter().map(side).collect::<Vec<_>>().join("; ")
}

fn lost_text(lost: &Lost) -> String {
    let Lost { cluster, set, by } = lost;
    let now = match by {
        Some(lock) => format!(
            "run {} of {} on {} has it now ({})",
            lock.run, lock.operator, lock.host, lock.command
        ),
        None => "it is not there any more".to_owned(),
    };
    format!(
        "the lock of {set} was lost on {cluster}: {now}. This run has changed nothing since it saw that, and took nothing back"
    )
}

impl Stop {
    /// A disk that cannot be written is a defect; a cluster may be another time.
    pub(super) fn of_salvage(error: crate::salvage::Error) -> Self {
        match error {
            crate::salvage::Error::File { .. } => Self::Unexpected(error.into()),
            error => Self::Salvage(error),
        }
    }

    /// The same as a problem with a stable code.
    pub(crate) fn problem(&self, subject: &str) -> Problem {
        let (code, hint) = match self {
            Self::Blocked { reasons } => {
                let hint = reasons.first().map(|r| r.hint.clone()).unwrap_or_default();
                (reasons.first().map_or(Code::Blocked, |r| r.code), hint)
            }
            Self::Drift { .. } => (Code::Drift, "plan again".to_owned()),
            Self::Deadline { .. } => (Code::Deadline, "esdr status".to_owned()),
            Self::Silent { .. } => (Code::LeaderUnreachable, "esdr status".to_owned()),
            Self::Unseen { .. } => (
                Code::Unseen,
                "the same command once they answer: it goes on where it stopped".to_owned(),
            ),
            Self::NoFence { .. } => (Code::LeaderIll, "esdr status".to_owned()),
            Self::Returned { .. } => (Code::LeaderReturned, "esdr status".to_owned()),
            Self::Hook { .. } => (Code::HookFailed, "mend the program and run again".to_owned()),
            Self::Unkept { .. } => (Code::Unkept, "esdr status".to_owned()),
            Self::Uncarried { .. } => (
                Code::DocumentsRefused,
                "mend what it says and run again; or esdr undo, which gives the carrying up"
                    .to_owned(),
            ),
            Self::Snapshot { cluster, repository, name, .. } => (
                Code::SnapshotFailed,
                format!(
                    "DELETE /_snapshot/{repository}/{name} on {cluster}, then the same command takes another one"
                ),
            ),
            Self::Call(_) | Self::Salvage(_) => {
                (Code::CallFailed, "run again: it goes on where it stopped".to_owned())
            }
            Self::LockLost(_) => (Code::LockLost, "esdr status".to_owned()),
            Self::Interrupted => (Code::Interrupted, "run again: it goes on".to_owned()),
            Self::Manual { name, .. } => (Code::Manual, format!("--confirm {name}")),
            Self::Unexpected(_) => (Code::Unexpected, String::new()),
        };
        let mut detail = self.to_string();
        if let Self::Deadline { left, .. } = self {
            for left in left.iter().take(12) {
                detail += &format!("; {}: {}", left.index, left.why);
            }
        }
        Problem::new(code, subject, detail, hint)
    }
}
