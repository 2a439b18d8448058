//! The verbs of steps, with the keys that each of them takes.

use serde::{Deserialize, Serialize};

use super::{
    keys::{
        BATCH, BOTH, CHECKS, DO, GATE, HOOK, MAX_LAG_OPS, ON, REQUIREMENTS, SAY, STATE, WITHIN,
        WITHIN_30S, WITHIN_ANY,
    },
    words::words,
};
use crate::toml_reader::{Key, Word};

words! {
    /// What a step does: the value of its key `do`. Of a goal its meaning says when it holds, of
    /// a gate when it passes.
    Verb {
        Record = "record" => "who led what, with aliases, blocks and follow parameters, is written \
            down. First, before any change; of several before a promote the last one opens the \
            entry of that switch",
        Fence = "fence" => "every index refuses writes on that side, also idle ones and those born \
            meanwhile",
        Unfence = "unfence" => "no block of esdr's is left there; blocks that stood there before \
            stay",
        Drain = "drain" => "on every shard the follower has all that the fenced leader ever gave \
            out, but `max_lag_ops` operations at most",
        Carry = "carry" => "behind the source's fence: what it has taken since the target was left \
            behind is in files and on the target, looked at again, and the target leads by the \
            record. `--max-carry N` says how much that may be",
        Promote = "promote" => "every index there is regular, open and writable, and leads. `batch` \
            is how many go side by side",
        Salvage = "salvage" => "what only that side has, above the positions at which the other \
            side took over, is in files, and on record with their checksums; and the whole copy of \
            what has any stays beside as a safety copy, where the server can clone it, or is in a \
            snapshot with `--snapshot`",
        Discard = "discard" => "the old copy there is closed behind its fence, to be followed over. \
            Only where what it has of its own is in files, or a drain has proved that it has \
            nothing",
        Resume = "resume" => "followers there run: what was paused goes on with the parameters on \
            record, what was closed is opened, what had stopped for good is paused and resumed \
            once; and they have read nearly all there is. What does not follow is left as it is",
        Seed = "seed" => "every index there follows the other side's, and its tasks run. An old \
            copy is followed over only where a `discard` comes before; anything else that is there \
            is never overwritten",
        Remote = "remote" => "that side has a connection to the other; with `both` the other way \
            round too, where `esdr.toml` says how. One that is there is looked through: if another \
            cluster stands behind it, the run is refused. Where no lead moves, a connection of the \
            file's name is given the file's addresses, or its mode, in one request",
        Pattern = "pattern" => "the set's auto-follow pattern on that side is in that `state`. Only \
            patterns that match nothing outside the set are touched",
        Alias = "alias" => "on the side that leads: all aliases are there as they were on the other \
            side, write flags included; set in one call. On the side that follows: its followers \
            bear them, without write flags, so that a write through one is refused",
        Canary = "canary" => "with `--canary`: one document was written, read and removed through \
            each new leader. Without: nothing to do. Where `takes_writes` is required: always, \
            through the bi-directional alias",
        DropCopies = "drop_copies" => "with `--drop-safety-copies` (`esdr reprotect`, `esdr \
            failback`): no safety copy of the set is left on either cluster. Only what is on record \
            as made by esdr is deleted. Without: nothing to do",
        Index = "index" => "the index that this side writes is there, and bore the alias from its \
            first moment on. One that exists is taken over as it is",
        Span = "span" => "the alias is on that side's index, with the write flag where it leads and \
            without where it is a copy. On a copy a server from 7.3 on sees to that by itself",
        Unspan = "unspan" => "what was a copy on that side bears the alias no more",
        Echo = "echo" => "a document was written through the alias on that side, read through the \
            alias on the other, told by its sequence number, and removed. Proved again after every \
            change",
        Remove = "remove" => "the copies on that side are gone, and the leader keeps no history for \
            them. What does not follow is no copy, and stays",
        Release = "release" => "what followed on that side is regular and open",
        Join = "join" => "copies on that side follow again, made anew where the other side no \
            longer has what they lack, and have read what there was when the step began",
        Retain = "retain" => "the index that this side writes keeps history for an absent copy as \
            long as `history` in `esdr.toml` says; without `history`, as it is",
        Hook = "hook" => "your programs of that name have ended with 0 in this switch",
        Require = "require" => "all of `what` is so",
        Verify = "verify" => "all of `what` is proved",
        Manual = "manual" => "the run was started with `--confirm NAME`; otherwise it stops there. \
            `--yes` does not pass it. `say` is what the person is told. Put it before the fence: \
            behind it, a run that stops at the gate takes itself back",
    }
}

impl Verb {
    /// Every key that a step of this verb may have.
    pub fn keys(self) -> &'static [Key] {
        match self {
            Self::Record | Self::DropCopies => &[DO, WITHIN_30S],
            Self::Carry => &[DO, WITHIN],
            Self::Fence | Self::Salvage | Self::Resume | Self::Seed | Self::Join => {
                &[DO, ON, WITHIN]
            }
            Self::Unfence
            | Self::Discard
            | Self::Alias
            | Self::Canary
            | Self::Index
            | Self::Span
            | Self::Unspan
            | Self::Echo
            | Self::Remove
            | Self::Release
            | Self::Retain => &[DO, ON, WITHIN_30S],
            Self::Drain => &[DO, MAX_LAG_OPS, WITHIN],
            Self::Promote => &[DO, ON, BATCH, WITHIN],
            Self::Remote => &[DO, ON, BOTH, WITHIN_30S],
            Self::Pattern => &[DO, ON, STATE, WITHIN_30S],
            Self::Hook => &[DO, HOOK, WITHIN],
            Self::Require => &[DO, REQUIREMENTS, WITHIN_30S],
            Self::Verify => &[DO, CHECKS, WITHIN_30S],
            Self::Manual => &[DO, GATE, SAY, WITHIN_ANY],
        }
    }

    /// Whether its step is about one side.
    pub fn takes_side(self) -> bool {
        self.keys().iter().any(|key| key.name == ON.name)
    }

    /// Whether its step is a condition and no goal.
    pub fn is_gate(self) -> bool {
        matches!(self, Self::Require | Self::Verify | Self::Manual)
    }

    /// Whether it has a meaning for a bi-directional alias only.
    pub fn is_bidi(self) -> bool {
        matches!(
            self,
            Self::Index
                | Self::Span
                | Self::Unspan
                | Self::Echo
                | Self::Remove
                | Self::Release
                | Self::Join
                | Self::Retain
        )
    }
}
