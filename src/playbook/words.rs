//! The words that stand as values in playbooks, each a closed list.

use serde::{Deserialize, Serialize};

use crate::toml_reader::Word;

/// Defines a closed list of words, each with its spelling in a file and its meaning in
/// docs/playbooks.md.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident = $text:literal => $meaning:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
        pub enum $name { $(#[doc = $meaning] #[serde(rename = $text)] $word,)+ }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            fn meaning(self) -> &'static str {
                match self { $(Self::$word => $meaning),+ }
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
        Source = "source" => "the side that leads when the run begins",
        Target = "target" => "the other side, which follows, or is to follow, or will lead",
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
        None = "none" => "none is lost",
        Accepted = "accepted" => "the file itself says that some may be",
    }
}

words! {
    /// What the auto-follow pattern of the set is to do.
    PatternState {
        Running = "running" => "what is born is followed; what was paused or removed is as it was",
        Off = "off" => "what is born is not followed: paused, or removed and kept in the record, \
            where the server cannot pause it",
    }
}

words! {
    /// The operator's own programs, by when they run.
    HookName {
        BeforeFence = "before_fence" => "before writers are refused: stop or redirect them. One \
            that fails stops the run while nothing is changed",
        AfterPromote = "after_promote" => "when the new leader takes writes: send the writers there",
        OnUndo = "on_undo" => "when a run was taken back: the writers may go on where they were",
    }
}

words! {
    /// What must be so before the run changes anything.
    Requirement {
        BothAnswer = "both_answer" => "both clusters answer, with the UUIDs that are expected, and \
            are not one cluster; and no leader is red of what is still to be drained",
        SourceAnswers = "source_answers" => "the source does, whatever the target does",
        TargetAnswers = "target_answers" => "the target does",
        NoLiveLeader = "no_live_leader" => "the target does not read from a source that does not \
            answer this machine, or not well: promoting would make two leaders",
        Licences = "licences" => "both licences allow CCR",
        Versions = "versions" => "the follower's version can follow the leader's",
        SoftDeletes = "soft_deletes" => "every leader index that is to be followed keeps soft \
            deletes",
        Room = "room" => "each side has disk and open shards left for the copies that are still to \
            be made there; see below",
        Link = "link" => "the target's followers read from the source now",
        Carriable = "carriable" => "the target is as a finished planned switch left it, the source \
            has every index of that switch and no more of the set's, and it has not taken more \
            operations since than `--max-carry` says",
        DrainFits = "drain_fits" => "the drain, by the measured lag and pace, fits its time",
        WritableTarget = "writable_target" => "no follower on the target is red, half copied, \
            read-only because its disks were full, or follows an index that is gone",
        AliasFree = "alias_free" => "no index bears the alias's name as its own, and no index but \
            the source's own takes writes through the alias there",
        NoRecursion = "no_recursion" => "by the auto-follow patterns of both sides, running or \
            paused, and by what is about to be followed, no copy is followed back and nothing is \
            followed twice",
        OnlyCopies = "only_copies" => "each copy that goes is proved to follow the source's index, \
            by UUID, and the target's writers through the alias do not need it",
        TakesWrites = "takes_writes" => "of a bi-directional alias: the target's own index takes \
            the writes through it, is open and bears no block",
    }
}

words! {
    /// What is proved on the way.
    Check {
        Proof = "proof" => "the drain's proof holds on every shard",
        NoNewcomers = "no_newcomers" => "no index of the set was born behind the fence; those that \
            were are followed and fenced first",
        Silence = "silence" => "with `--leader-is-fenced`: the target has heard nothing new of the \
            source for 70 s",
        Converged = "converged" => "every follower has caught up",
        Coverage = "coverage" => "every index of the set is followed",
        Joined = "joined" => "of a bi-directional alias: each copy has what its leader had when \
            this was looked at; at the end of the last direction in both. Always judged",
    }
}
