//! The words that stand as values in playbooks, each a closed list.

use serde::{Deserialize, Serialize};

use crate::toml_reader::Word;

/// Defines a closed list of words, each with its spelling in a file.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $text)] $word,)+ }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

words! {
    /// A side, by what it is when the run begins.
    Role {
        /// Leads now, and gives up the lead where the playbook promotes the other.
        Source = "source",
        /// Follows now, or is to follow, or will lead.
        Target = "target",
    }
}

impl Role {
    /// The opposite side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Source => Self::Target,
            Self::Target => Self::Source,
        }
    }
}

words! {
    /// Whether acknowledged writes may be lost.
    DataLoss {
        None = "none",
        Accepted = "accepted",
    }
}

words! {
    /// What the auto-follow pattern of the set is to do.
    PatternState {
        Running = "running",
        Off = "off",
    }
}

words! {
    /// The operator's own programs, by when they run.
    HookName {
        BeforeFence = "before_fence",
        AfterPromote = "after_promote",
        OnUndo = "on_undo",
    }
}

words! {
    /// What must be so before the run changes anything.
    Requirement {
        /// Both clusters answer, with the cluster UUIDs that are expected.
        BothAnswer = "both_answer",
        /// The source answers, with the cluster UUID that is expected; whatever the target does.
        SourceAnswers = "source_answers",
        /// The target answers, with the cluster UUID that is expected.
        TargetAnswers = "target_answers",
        /// The target does not hear a source that this machine does not reach: promoting
        /// would make two leaders.
        NoLiveLeader = "no_live_leader",
        /// Both licences allow cross-cluster replication.
        Licences = "licences",
        /// The follower's version can follow the leader's.
        Versions = "versions",
        /// Every leader index keeps soft deletes.
        SoftDeletes = "soft_deletes",
        /// The copies that are to be made find disk and shards enough where they are made.
        Room = "room",
        /// The target's followers read from the source now.
        Link = "link",
        /// The target is as it was left behind by a planned switch, and what was written on the
        /// source since can be carried to it.
        Carriable = "carriable",
        /// The drain, by the measured lag and rate, fits its time.
        DrainFits = "drain_fits",
        /// The target takes writes: a master, no red index, no full disk.
        WritableTarget = "writable_target",
        /// The name of the bi-directional alias is no index's on either side, and no other
        /// index takes writes through it.
        AliasFree = "alias_free",
        /// By the auto-follow patterns of both sides, and by what this run adds to them, no
        /// copy is followed back, and nothing is followed twice.
        NoRecursion = "no_recursion",
        /// Each copy that goes is proved to follow the source's index, and writers through the
        /// alias do not need it.
        OnlyCopies = "only_copies",
        /// Of a bi-directional alias: the target takes writes through it, into its own index,
        /// whatever the source does.
        TakesWrites = "takes_writes",
    }
}

words! {
    /// What is proved on the way.
    Check {
        /// The drain's proof holds on every shard.
        Proof = "proof",
        /// No index of the set was born behind the fence.
        NoNewcomers = "no_newcomers",
        /// Where the operator says that the source's writers are cut off: the target has
        /// heard nothing new of it for one whole poll.
        Silence = "silence",
        /// Every follower has caught up with its leader.
        Converged = "converged",
        /// Every index of the set is followed.
        Coverage = "coverage",
        /// Of a bi-directional alias: every copy has what its leader had when this was looked at;
        /// before the last direction ends, in both.
        Joined = "joined",
    }
}
