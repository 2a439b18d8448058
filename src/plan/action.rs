//! What esdr can do, one kind of API call each. A plan is a list of these, each naming
//! its cluster and its index.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use super::follower::Follower;
use super::{choice::Choice, pair::Blocks};
use crate::{
    model::world::{Alias, Pattern},
    playbook::HookName,
};

/// One change, or one reading that a change depends on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// All aliases of the set put right in one atomic call.
    Alias {
        cluster: String,
        actions: Vec<Value>,
    },
    /// A document written, read and removed through the new leader.
    Canary {
        cluster: String,
        index: String,
    },
    /// What `from` has taken since it was promoted over this index is written to it; `ops`: how
    /// many operations that were when the plan was made.
    Carry {
        cluster: String,
        index: String,
        from: String,
        from_index: String,
        ops: Option<u64>,
        has_types: bool,
    },
    /// The follower's positions, read while it is paused and written into the record.
    Checkpoints {
        cluster: String,
        index: String,
    },
    /// `takes_wait`: the server knows how to be told not to wait for other copies.
    Close {
        cluster: String,
        index: String,
        takes_wait: bool,
    },
    /// The index that a cluster writes is made; `body` as `PUT /{index}` takes it, where
    /// mappings carry a type `has_types`.
    Create {
        cluster: String,
        index: String,
        body: Value,
        has_types: bool,
    },
    /// A copy goes that the other side has no index for any more.
    Delete {
        cluster: String,
        index: String,
    },
    /// Safety copies that esdr has made of an index's former copy go.
    Drop {
        cluster: String,
        index: String,
        copies: Vec<String>,
    },
    /// A document is written through the alias on one cluster, read through it on the other,
    /// and removed. `index`: where it must arrive.
    Echo {
        cluster: String,
        reader: String,
        alias: String,
        index: String,
    },
    /// Both blocks, after the call that waits for writes under way where there is one (`waits`); a
    /// `closed` index gets the write block alone.
    Fence {
        cluster: String,
        index: String,
        waits: bool,
        #[serde(default)]
        closed: bool,
    },
    /// `over`: an old copy, closed until now, is wiped by it.
    Follow {
        cluster: String,
        index: String,
        remote: String,
        leader_index: String,
        parameters: Option<Value>,
        over: bool,
    },
    /// A leader lets go of the history that it holds for a copy elsewhere.
    Forget {
        cluster: String,
        index: String,
        follower: Follower,
    },
    /// The auto-follow pattern goes off: paused, or saved and deleted where the server
    /// cannot pause.
    HoldPattern {
        cluster: String,
        pattern: Pattern,
        pauses: bool,
    },
    /// Waits until a copy has what its leader had when the step began.
    CatchUp {
        cluster: String,
        index: String,
    },
    /// A copy whose leader's history is gone is made anew: under the name `beside`, which readers
    /// get in one call once it is whole and before the old one goes; or over the old one.
    Renew {
        cluster: String,
        index: String,
        beside: Option<String>,
        remote: String,
        leader_index: String,
        /// The old copy's aliases.
        aliases: Vec<Alias>,
        takes_wait: bool,
        /// Only where it turns out, once the copy goes on, that the history is gone.
        only_if_gone: bool,
    },
    /// An index keeps history for an absent copy for so long.
    Retain {
        cluster: String,
        index: String,
        period: String,
    },
    /// The operator's own program.
    Hook {
        name: HookName,
        command: Vec<String>,
    },
    Open {
        cluster: String,
        index: String,
    },
    Pause {
        cluster: String,
        index: String,
    },
    /// Reading both sides until they are equal under the fence.
    Prove {
        source: String,
        source_index: String,
        target: String,
        target_index: String,
    },
    /// An auto-follow pattern is made, or put back.
    PutPattern {
        cluster: String,
        name: String,
        body: Value,
    },
    /// The lineage entry is opened on this cluster; its state index is made where missing.
    Record {
        cluster: String,
        index: String,
        exists: bool,
    },
    /// A remote connection is made: flat persistent settings.
    Remote {
        cluster: String,
        alias: String,
        settings: Value,
    },
    Resume {
        cluster: String,
        index: String,
        parameters: Option<Value>,
    },
    /// A paused auto-follow pattern goes on.
    ResumePattern {
        cluster: String,
        name: String,
    },
    /// What only this copy has is written into a file; `ops`: how many operations above the
    /// promoted positions, where they can be read now; `choice`: what else is done with it;
    /// `safety`: where it has any, the whole copy is cloned under this name.
    Salvage {
        cluster: String,
        index: String,
        ops: Option<u64>,
        #[serde(default)]
        choice: Option<Choice>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        safety: Option<String>,
    },
    /// A write-blocked index bears these aliases while the copies that bore them are followed
    /// over.
    Shield {
        cluster: String,
        index: String,
        aliases: Vec<String>,
    },
    /// The copies that have operations of their own go into one snapshot.
    Snapshot {
        cluster: String,
        repository: String,
        name: String,
        indices: Vec<String>,
    },
    /// Its metadata can be changed again, as by a close; the write block stays.
    Loosen {
        cluster: String,
        index: String,
    },
    /// An index that a template of esdr's made empty and blocked for a client goes.
    Placeholder {
        cluster: String,
        index: String,
    },
    /// The template by which new names of a set are born blocked is put; without `body` it goes.
    Template {
        cluster: String,
        name: String,
        is_legacy: bool,
        body: Option<Value>,
    },
    /// `keeps`: blocks that are not esdr's. `is_managed`: what the blocks have stopped goes on.
    Unfence {
        cluster: String,
        index: String,
        #[serde(default)]
        keeps: Blocks,
        #[serde(default)]
        is_managed: bool,
    },
    Unfollow {
        cluster: String,
        index: String,
    },
}

impl Action {
    /// The cluster it acts on; none for the operator's own programs.
    pub fn cluster(&self) -> Option<&str> {
        match self {
            Self::Alias { cluster, .. }
            | Self::Canary { cluster, .. }
            | Self::Carry { cluster, .. }
            | Self::CatchUp { cluster, .. }
            | Self::Renew { cluster, .. }
            | Self::Retain { cluster, .. }
            | Self::Checkpoints { cluster, .. }
            | Self::Close { cluster, .. }
            | Self::Create { cluster, .. }
            | Self::Delete { cluster, .. }
            | Self::Drop { cluster, .. }
            | Self::Echo { cluster, .. }
            | Self::Fence { cluster, .. }
            | Self::Follow { cluster, .. }
            | Self::Forget { cluster, .. }
            | Self::HoldPattern { cluster, .. }
            | Self::Loosen { cluster, .. }
            | Self::Placeholder { cluster, .. }
            | Self::Template { cluster, .. }
            | Self::Open { cluster, .. }
            | Self::Pause { cluster, .. }
            | Self::PutPattern { cluster, .. }
            | Self::Record { cluster, .. }
            | Self::Remote { cluster, .. }
            | Self::Resume { cluster, .. }
            | Self::ResumePattern { cluster, .. }
            | Self::Salvage { cluster, .. }
            | Self::Shield { cluster, .. }
            | Self::Snapshot { cluster, .. }
            | Self::Unfence { cluster, .. }
            | Self::Unfollow { cluster, .. } => Some(cluster),
            Self::Prove { target, .. } => Some(target),
            Self::Hook { .. } => None,
        }
    }

    /// The index it acts on; none for what concerns the whole set.
    pub fn index(&self) -> Option<&str> {
        match self {
            Self::Canary { index, .. }
            | Self::Carry { index, .. }
            | Self::CatchUp { index, .. }
            | Self::Renew { index, .. }
            | Self::Retain { index, .. }
            | Self::Checkpoints { index, .. }
            | Self::Close { index, .. }
            | Self::Create { index, .. }
            | Self::Delete { index, .. }
            | Self::Drop { index, .. }
            | Self::Echo { index, .. }
            | Self::Fence { index, .. }
            | Self::Follow { index, .. }
            | Self::Forget { index, .. }
            | Self::Loosen { index, .. }
            | Self::Open { index, .. }
            | Self::Pause { index, .. }
            | Self::Resume { index, .. }
            | Self::Salvage { index, .. }
            | Self::Unfence { index, .. }
            | Self::Unfollow { index, .. } => Some(index),
            Self::Prove { target_index, .. } => Some(target_index),
            _ => None,
        }
    }

    /// One word for it, as the journal and the screens have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Alias { .. } => "aliases",
            Self::Canary { .. } => "canary",
            Self::Carry { .. } => "carry",
            Self::CatchUp { .. } => "catch up",
            Self::Renew { .. } => "renew",
            Self::Retain { .. } => "keep history",
            Self::Checkpoints { .. } => "positions",
            Self::Close { .. } => "close",
            Self::Create { .. } => "create",
            Self::Delete { .. } => "delete",
            Self::Drop { .. } => "drop",
            Self::Echo { .. } => "echo",
            Self::Fence { .. } => "fence",
            Self::Follow { .. } => "follow",
            Self::Forget { .. } => "forget",
            Self::HoldPattern { .. } => "hold pattern",
            Self::Hook { .. } => "hook",
            Self::Loosen { .. } => "loosen",
            Self::Open { .. } => "open",
            Self::Pause { .. } => "pause",
            Self::Placeholder { .. } => "drop placeholder",
            Self::Prove { .. } => "prove",
            Self::PutPattern { .. } => "put pattern",
            Self::Record { .. } => "record",
            Self::Remote { .. } => "remote",
            Self::Resume { .. } => "resume",
            Self::ResumePattern { .. } => "resume pattern",
            Self::Salvage { .. } => "salvage",
            Self::Shield { .. } => "shield",
            Self::Snapshot { .. } => "snapshot",
            Self::Template { body: Some(_), .. } => "template",
            Self::Template { body: None, .. } => "drop template",
            Self::Unfence { .. } => "unfence",
            Self::Unfollow { .. } => "unfollow",
        }
    }

    /// True where nothing on a cluster changes, except in esdr's own record.
    pub fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::CatchUp { .. }
                | Self::Checkpoints { .. }
                | Self::Prove { .. }
                | Self::Hook { .. }
                | Self::Salvage {
                    choice: None | Some(Choice::Delete | Choice::Discard),
                    safety: None,
                    ..
                }
        )
    }

    /// True for what cannot be taken back.
    pub fn is_no_return(&self) -> bool {
        matches!(
            self,
            Self::Unfollow { .. }
                | Self::Carry { .. }
                | Self::Delete { .. }
                | Self::Drop { .. }
                | Self::Follow { over: true, .. }
        )
    }

    /// What makes two actions the same one, parameters aside.
    pub fn key(&self) -> (&'static str, &str, &str) {
        let name = match self {
            Self::HoldPattern { pattern, .. } => pattern.name.as_str(),
            Self::PutPattern { name, .. }
            | Self::ResumePattern { name, .. }
            | Self::Template { name, .. } => name,
            // One name has one list of programs: the first tells them apart from others.
            Self::Hook { command, .. } => command.first().map_or("", String::as_str),
            Self::Remote { alias, .. } => alias,
            Self::Snapshot { name, .. } => name,
            Self::Placeholder { index, .. }
            | Self::Record { index, .. }
            | Self::Shield { index, .. } => index,
            _ => self.index().unwrap_or_default(),
        };
        (self.word(), self.cluster().unwrap_or_default(), name)
    }
}
