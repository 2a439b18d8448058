//! Why something may not be done. Data, with its text in one place.

use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

/// Stable codes of reasons that block a plan, and of problems.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The write alias that the file names is on no index of the set.
    AliasMissing,
    /// What the new leader took since the switch cannot be carried back.
    CannotCarry,
    /// The leading side has deleted it since, and the former leader still has it.
    Deleted,
    /// The target's disks were full: what is promoted there would take no writes.
    DiskFull,
    /// The drain, by measured lag and rate, does not fit its time.
    DrainTooLong,
    /// The follower stopped for good and cannot be resumed as it is.
    FatalFollower,
    /// Two switches of the set are on record that do not know of each other.
    ForkedRecord,
    /// The record says that this side was left behind.
    FormerLeader,
    /// A member's index is not there.
    IndexMissing,
    /// Cross-cluster replication is not licensed where it is needed.
    Licence,
    /// The leader's index is closed.
    LeaderClosed,
    /// The leader carries a write block, which a newborn follower would copy.
    LeaderFenced,
    /// This machine does not reach the leader, and the standby does.
    LeaderAlive,
    /// The leader answers and cannot be relied on.
    LeaderIll,
    /// The leader does not answer.
    LeaderUnreachable,
    /// The standby does not hear the leader.
    LinkDown,
    /// An index is called what the bi-directional alias is to be called.
    NameTaken,
    /// No remote connection leads from the standby to the leader.
    NoRemote,
    /// The repository for the snapshot that the operator wants is not there, or of no use.
    NoRepository,
    /// Copies are to be made on a cluster that has not enough disk or shards left for them.
    NoRoom,
    /// Neither followers nor a record.
    NothingReplicated,
    /// The index that is followed is gone; its copy is the only one.
    Orphaned,
    /// The line of no return is behind: there is only forward.
    PastNoReturn,
    /// An auto-follow pattern also matches indices outside the set.
    PatternTooWide,
    /// What one side copies would be copied back, or copied twice.
    Recursion,
    /// Primary shards of the follower are missing.
    RedFollower,
    /// The follower is still being copied.
    Restoring,
    /// Two configured names, one cluster.
    SameCluster,
    /// The leader's index was created without soft deletes.
    SoftDeletesOff,
    /// The cluster that is to be fenced, or let go, does not answer or is ill.
    SourceUnreachable,
    /// The record says that the standby leads.
    StandbyLeads,
    /// A later run of the set, or a fence set since, stands: what was before it is not taken back.
    Superseded,
    /// The standby does not answer or is ill.
    TargetUnreachable,
    /// The new leader took more since the switch than may be carried back.
    TooManyToCarry,
    /// A side that a step speaks of was not seen, or not whole.
    Unseen,
    /// Another switch of this set was begun and not finished.
    UnfinishedRun,
    /// It belongs to the set and nothing follows it.
    Uncovered,
    /// The copy that is to be given up still takes writes.
    Unfenced,
    /// It is not proved to be a copy of what the other side writes.
    UnprovedCopy,
    /// Regular on both sides without a record of having been one index.
    Unrelated,
    /// What only this copy has is not in files yet.
    Unsalvaged,
    /// The follower's cluster is older than the leader's.
    Versions,
    /// The leader no longer has the operations that the copy lacks.
    HistoryGone,
    /// The index that is to take the writes refuses them.
    WritesRefused,
    /// Another index takes the writes through the alias.
    WriteIndexElsewhere,
    /// Another cluster than the one that is meant stands behind a remote connection.
    WrongCluster,
    /// Another cluster answers under a configured name.
    WrongUuid,
}

impl Code {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::AliasMissing => "alias_missing",
            Self::CannotCarry => "cannot_carry",
            Self::HistoryGone => "history_gone",
            Self::WritesRefused => "writes_refused",
            Self::Deleted => "deleted",
            Self::DiskFull => "disk_full",
            Self::DrainTooLong => "drain_too_long",
            Self::FatalFollower => "fatal_follower",
            Self::ForkedRecord => "forked_record",
            Self::FormerLeader => "former_leader",
            Self::IndexMissing => "index_missing",
            Self::Licence => "licence",
            Self::LeaderClosed => "leader_closed",
            Self::LeaderFenced => "leader_fenced",
            Self::LeaderAlive => "leader_alive",
            Self::LeaderIll => "leader_ill",
            Self::LeaderUnreachable => "leader_unreachable",
            Self::LinkDown => "link_down",
            Self::NameTaken => "name_taken",
            Self::NoRemote => "no_remote",
            Self::NoRepository => "no_repository",
            Self::NoRoom => "no_room",
            Self::NothingReplicated => "nothing_replicated",
            Self::Orphaned => "orphaned",
            Self::PastNoReturn => "past_no_return",
            Self::PatternTooWide => "pattern_too_wide",
            Self::Recursion => "recursion",
            Self::RedFollower => "red_follower",
            Self::Restoring => "restoring",
            Self::SameCluster => "same_cluster",
            Self::SoftDeletesOff => "soft_deletes_off",
            Self::SourceUnreachable => "source_unreachable",
            Self::StandbyLeads => "standby_leads",
            Self::Superseded => "superseded",
            Self::TargetUnreachable => "target_unreachable",
            Self::TooManyToCarry => "too_many_to_carry",
            Self::Uncovered => "uncovered",
            Self::Unfenced => "unfenced",
            Self::UnfinishedRun => "unfinished_run",
            Self::Unseen => "unseen",
            Self::UnprovedCopy => "unproved_copy",
            Self::Unrelated => "unrelated",
            Self::Unsalvaged => "unsalvaged",
            Self::Versions => "versions",
            Self::WriteIndexElsewhere => "write_index_elsewhere",
            Self::WrongCluster => "wrong_cluster",
            Self::WrongUuid => "wrong_uuid",
        }
    }

    /// What stands in the way is that the leader does not answer, or not well.
    pub fn is_about_the_leader(self) -> bool {
        matches!(self, Self::LeaderAlive | Self::LeaderIll | Self::LeaderUnreachable)
    }

    /// What it means for the data, in one sentence.
    #[expect(clippy::too_many_lines, reason = "a table: one line a code")]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::HistoryGone => {
                "What it lacks is no longer on its leader: it can only be copied whole again."
            }
            Self::WritesRefused => "Writers who are sent there would be refused.",
            Self::AliasMissing => "Clients that write through it would not be redirected.",
            Self::CannotCarry => {
                "The former leader would not be the new one's equal: going back takes whole copies."
            }
            Self::Deleted => "Nobody but you can say whether it was meant to go.",
            Self::DiskFull => "What is promoted there would refuse every write.",
            Self::DrainTooLong => {
                "Writers would be refused for longer than the drain may take, and for nothing."
            }
            Self::FatalFollower => "Its replication stopped for good; what came later is missing.",
            Self::ForkedRecord => {
                "Which side leads cannot be said: the newest writes may be on either."
            }
            Self::FormerLeader => {
                "The record says that the other side leads; this copy was left behind at a switch."
            }
            Self::IndexMissing => "There is no index to act on under that name.",
            Self::Licence => "Without the licence nothing can be followed.",
            Self::LeaderClosed => "A closed leader's positions cannot be read.",
            Self::LeaderFenced => "A follower made now would inherit the block and stay empty.",
            Self::LeaderAlive => "Two leaders would be made.",
            Self::LeaderIll | Self::LeaderUnreachable => "It cannot be shown that nothing is lost.",
            Self::LinkDown => {
                "A drain would never end: writers would have been refused for nothing."
            }
            Self::NameTaken => {
                "Readers and writers of that name would go on with that index alone."
            }
            Self::NoRemote => "The standby has no way to read from the leader.",
            Self::NoRepository => "Nothing would stay of the former copies but the salvage files.",
            Self::NoRoom => {
                "The copies would stay unfinished, with the old ones gone; as it is, all of them stand."
            }
            Self::NothingReplicated => "No copy of this set is known on the standby.",
            Self::Orphaned => "The copy on the other side is all that is left of it.",
            Self::PastNoReturn => "The standby already leads; there is only the way forward.",
            Self::PatternTooWide => "Stopping it would stop replication of other indices too.",
            Self::Recursion => {
                "Readers of the alias would see documents more than once, and copying might never end."
            }
            Self::RedFollower => "A part of its data is not available on the standby.",
            Self::Restoring => "The copy on the standby is not whole yet.",
            Self::SameCluster => "A cluster cannot stand by for itself.",
            Self::SoftDeletesOff => "Elasticsearch cannot replicate it at all.",
            Self::SourceUnreachable => {
                "Nothing can be done there now, nor seen whether it takes writes."
            }
            Self::StandbyLeads => {
                "The newest writes are on the standby; it must not be overwritten."
            }
            Self::Superseded => "What was done since would be undone with it.",
            Self::TargetUnreachable => "Nothing can be promoted there.",
            Self::TooManyToCarry => "Writers would be refused for as long as they are carried.",
            Self::Uncovered => "It would stay behind on the former leader, without a copy.",
            Self::Unfenced => "What a writer still adds to it would be gone with it.",
            Self::Unseen => "What holds there is not known, nor whether anything is left to do.",
            Self::UnfinishedRun => "Its fence may still stand and its state is in between.",
            Self::Unrelated => {
                "Both sides have a regular index and no record says that they were ever one."
            }
            Self::UnprovedCopy | Self::Unsalvaged => {
                "What only this copy has would be gone with it."
            }
            Self::Versions => "An older server cannot read a newer server's index files.",
            Self::WriteIndexElsewhere => "Its writers would go on elsewhere without being asked.",
            Self::WrongCluster => "What is copied through it would be another cluster's.",
            Self::WrongUuid => "It is not the cluster that is meant: nothing is sent to it.",
        }
    }
}

/// One reason that blocks a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reason {
    pub code: Code,
    /// What it is about: an index, a cluster, a pattern.
    pub subject: String,
    /// What was seen, for people.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
}

impl Reason {
    /// A reason without a hint of its own.
    pub fn new(code: Code, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code, subject: subject.into(), detail: detail.into(), hint: String::new() }
    }

    /// The same as a problem, for what is told and stops nothing.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code.word(), self.subject.clone(), self.detail.clone(), self.hint.clone())
    }

    /// The same reason, saying what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
