//! Copies that are to be given up, and the work on those of one cluster.

use crate::{
    execute::deadline::Deadline,
    model::{
        divergence::Above,
        lineage::{Entry, Member},
        problem::Problem,
        world::{Index, View},
    },
    plan::{context::Context, subject::Lead},
    salvage::{Exported, Tally},
};

/// One copy that is to be given up, standing still behind its fence.
pub(in crate::execute) struct Copy<'a> {
    pub former: Index,
    pub lead: Lead<'a>,
    pub above: Vec<Above>,
}

impl Copy<'_> {
    pub(in crate::execute) fn is_clean(&self) -> bool {
        self.above.iter().all(|shard| shard.ops() == 0)
    }
}

/// What was found of a copy, and what was done with it.
#[derive(Default)]
pub(in crate::execute) struct Outcome {
    pub exported: Exported,
    /// Its documents are on the leader too.
    pub applied: bool,
    /// Under what name it stays.
    pub kept: Option<String>,
    /// The UUID of the index that was made from it on the leader.
    pub restored: Option<String>,
}

/// One step's work on the copies of one cluster.
pub(in crate::execute) struct Work<'w> {
    pub context: &'w Context<'w>,
    pub cluster: &'w str,
    pub view: &'w View,
    pub deadline: &'w Deadline,
    /// The switches' entries as they are written: each writing builds on the one before.
    pub entries: Vec<Entry>,
    /// What was written to leaders.
    pub tally: Option<Tally>,
    /// Safety copies were made.
    pub has_copies: bool,
    /// What is told and stops nothing.
    pub notes: Vec<Problem>,
}

impl Work<'_> {
    /// Where the copy stands in the record of its switch: the entry, and its member.
    pub(in crate::execute) fn member(&mut self, copy: &Copy<'_>) -> Option<(usize, usize)> {
        let at = self.entries.iter().position(|entry| entry.run == copy.lead.entry.run);
        let at = at.unwrap_or_else(|| {
            self.entries.push(copy.lead.entry.clone());
            self.entries.len() - 1
        });
        let is_it = |member: &Member| {
            member.source_index == copy.lead.member.source_index
                && member.target_index == copy.lead.member.target_index
        };
        Some((at, self.entries[at].members.iter().position(is_it)?))
    }
}
