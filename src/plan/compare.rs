//! Every index of a set, held against the record before its former leader's copy goes. Pure:
//! figures that need a look at documents are left out.

#[cfg(test)]
mod tests;

use crate::{
    model::{
        comparison::{Compared, Deleted, Diverged, Finding},
        divergence::Above,
        lag::ops_between,
        lineage::{Member, Position, Salvaged},
        membership::Names,
        world::Index,
    },
    playbook::{Role, Step, Verb},
};

use super::{
    context::Context,
    declared_leader,
    pair::Side,
    seen::Seen,
    subject::{Lead, Subject, lead, stands},
};

/// The side that led before, in the playbooks of the way home.
const FORMER: Role = Role::Target;

/// One index with what a look at its documents needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub compared: Compared,
    /// The former leader's shards, where they can be read.
    pub above: Vec<Above>,
    /// Where the leader stood when it took over.
    pub promoted: Vec<Position>,
    /// The former leader's copy is open: its documents can be searched.
    pub is_open: bool,
}

/// What is found of each index whose former leader's copy a playbook gives up; of those that
/// follow already, or lead there, nothing is left to be said. Nothing for other playbooks.
///
/// Elasticsearch numbers the operations of each shard without gaps, and a promoted copy keeps
/// those that it had: what the former leader has above the promoted checkpoint, nobody else has.
/// The checkpoint may lie below single operations that had arrived already, so it is an upper
/// bound.
pub(crate) fn compare(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Held> {
    let gives_up = |step: &Step| step.is(Verb::Salvage, FORMER);
    if !context.playbook().steps.iter().any(gives_up) {
        return Vec::new();
    }
    let mut all: Vec<Held> =
        seen.subjects.iter().filter_map(|subject| hold(context, subject)).collect();
    let complete = seen.membership.complete.iter().map(|name| context.names(name.clone()));
    all.extend(complete.map(|names| named(&names, Finding::Complete)));
    all
}

fn named(names: &Names, finding: Finding) -> Held {
    let Names { source_index, target_index } = names.clone();
    let compared =
        Compared { former_index: target_index, leader_index: source_index, run: None, finding };
    Held { compared, above: Vec::new(), promoted: Vec::new(), is_open: false }
}

fn hold(context: &Context<'_>, subject: &Subject<'_>) -> Option<Held> {
    let (former, leader) = (FORMER, FORMER.other());
    let lead = lead(context.scope, &subject.names);
    let silent = |role| unknown(format!("{} does not answer", context.cluster(role)));
    let finding = match (subject.pair.side(former), subject.pair.side(leader)) {
        (Side::Following { .. }, _) | (Side::Absent, Side::Absent | Side::Following { .. }) => {
            return None;
        }
        // It leads: by the record, or followed where no record speaks.
        _ if subject.pair.facts.leads == Some(former) => return None,
        (Side::Unreachable, _) => silent(former),
        (Side::Absent, Side::Unreachable) => silent(leader),
        (Side::Absent, Side::Regular { .. }) if lead.is_some() => Finding::Clean,
        (Side::Absent, Side::Regular { .. }) => Finding::Born,
        (Side::Regular { .. }, seen) => match (lead, subject.index(former)) {
            (Some(lead), Some(index)) => held(context, subject, lead, index),
            _ if seen == Side::Unreachable => silent(leader),
            _ => Finding::Unrelated,
        },
    };
    let mut held = named(&subject.names, finding);
    let run = lead.map(|lead| lead.entry.run.clone()).filter(|run| !run.is_empty());
    held.compared.run = run;
    if let (Some(lead), Some(index)) = (lead, subject.index(former)) {
        held.above = subject.orphans(lead, index).unwrap_or_default();
        held.promoted = lead.member.checkpoints.clone().unwrap_or_default();
        held.is_open = index.open;
    }
    Some(held)
}

fn unknown(why: String) -> Finding {
    Finding::Unknown { why }
}

/// A copy that was left behind, against the positions of the switch.
fn held(context: &Context<'_>, subject: &Subject<'_>, lead: Lead<'_>, former: &Index) -> Finding {
    if former.uuid != lead.member.source_uuid {
        return Finding::Unrelated;
    }
    let salvaged = lead.member.salvaged.as_ref();
    let above = subject.orphans(lead, former);
    if subject.pair.side(lead.leader) == Side::Absent {
        let documents = salvaged.filter(|it| stands(&it.positions, former)).map(|it| it.documents);
        let ops = above.as_deref().map(sum).or(salvaged.map(|it| it.ops));
        let switched_ms = lead.entry.at_ms;
        return Finding::Deleted(Deleted { ops, documents, switched_ms, unread: None });
    }
    let (above, documents) = match (above, salvaged) {
        (Some(above), Some(it)) if stands(&it.positions, former) => (above, Some(it.documents)),
        (Some(above), _) => (above, None),
        // Looked into before it was closed: that is on record.
        (None, Some(it)) => (by_record(it, lead.member), Some(it.documents)),
        (None, None) => return unknown(unreadable(context, lead, former)),
    };
    if sum(&above) == 0 {
        return Finding::Clean;
    }
    let with_ops = above.iter().filter(|shard| shard.ops() > 0);
    Finding::Diverged(Diverged {
        shards: with_ops.map(|shard| shard.shard).collect(),
        shard_count: former.shard_count,
        ops: sum(&above),
        leader_ops_since: leader_ops_since(subject, lead),
        documents,
        overlap: None,
        unread: None,
    })
}

fn sum(above: &[Above]) -> u64 {
    above.iter().map(Above::ops).sum()
}

fn by_record(salvaged: &Salvaged, member: &Member) -> Vec<Above> {
    let above = |then: &Position| {
        let promoted = member.shared().into_iter().flatten().find(|at| at.shard == then.shard);
        let promoted = promoted.map_or(-1, |at| at.checkpoint);
        Above { shard: then.shard, promoted, max_seq_no: then.max_seq_no }
    };
    salvaged.positions.iter().map(above).collect()
}

fn unreadable(context: &Context<'_>, lead: Lead<'_>, former: &Index) -> String {
    let cluster = context.cluster(lead.leader.other());
    if former.open {
        format!("not every shard of it can be read on {cluster}")
    } else {
        format!("it is closed on {cluster}: its positions cannot be read")
    }
}

/// What the leader has taken above the highest position that it had when it took over. By the
/// operator's word there was no such moment.
fn leader_ops_since(subject: &Subject<'_>, lead: Lead<'_>) -> Option<u64> {
    let leader = subject.index(lead.leader).filter(|index| index.is_measured())?;
    if leader.uuid != lead.member.target_uuid || lead.entry.playbook == declared_leader::PLAYBOOK {
        return None;
    }
    let promoted = lead.member.checkpoints.as_ref()?;
    let since = leader.shards.iter().map(|shard| {
        let then = promoted.iter().find(|then| then.shard == shard.number)?;
        Some(ops_between(then.highest(), shard.max_seq_no))
    });
    since.sum()
}
