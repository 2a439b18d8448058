//! Whether there is room for the copies that are still to be made, on either side.

use std::collections::BTreeSet;

use crate::{
    bytes,
    model::{
        capacity::{Capacity, Claim, Incoming, Shortage, Watermark},
        problem::Problem,
        world::View,
    },
    playbook::Requirement,
};

use crate::plan::{
    action::Action,
    context::Context,
    outline::outline,
    pair::{Role, Side},
    reason::{Code, Reason},
    seen::Seen,
    subject::Subject,
};

/// What a cluster lacks for its copies, each cluster by itself. One that was not asked for its
/// room, or does not tell it, stops nothing.
pub(in crate::plan) fn lacking(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (on, room, copies) in incoming(context, seen, &[]) {
        let cluster = context.cluster(on);
        let claimed = context.measured.claims.get(cluster).copied().unwrap_or_default();
        let shortages = shortages(context, on, room, &copies);
        let set = &context.scope.set.name;
        // Those are as good as made.
        let others = if claimed == Claim::default() { "" } else { ", after those of other sets," };
        let copies = match copies.len() {
            1 => format!("1 copy of {set}{others} needs"),
            many => format!("{many} copies of {set}{others} need"),
        };
        reasons.extend(shortages.iter().map(|it| reason(context, on, &copies, room, *it)));
    }
    reasons
}

/// Why there is no room for safety copies of these former copies, beside the copies that are to be
/// made in any case; `None` where there is, or nobody knows.
pub(in crate::plan) fn short_beside(
    context: &Context<'_>,
    seen: &Seen<'_>,
    kept: &[&str],
) -> Option<String> {
    let all = incoming(context, seen, kept).into_iter();
    let mut short = all.flat_map(|(on, room, copies)| shortages(context, on, room, &copies));
    short.next().map(|short| match short {
        Shortage::Disk { needed_bytes, spare_bytes } => {
            let [needed, spare] = [needed_bytes, spare_bytes].map(bytes::format);
            format!("with the new copies they need {needed} of disk, and it can take {spare}")
        }
        Shortage::Shards { needed, open, limit } => format!(
            "with the new copies they need {needed} open shards, and it may have {limit} and has {open}"
        ),
    })
}

fn shortages(
    context: &Context<'_>,
    on: Role,
    room: &Capacity,
    copies: &[Incoming],
) -> Vec<Shortage> {
    let cluster = context.cluster(on);
    let open_shards = context.scope.world.view(cluster).map_or(0, View::open_shards);
    let claimed = context.measured.claims.get(cluster).copied().unwrap_or_default();
    room.shortages(copies, open_shards, claimed)
}

/// What a set's copies take of each cluster's room for good, with safety copies of the former
/// copies in `kept`: it is not there for the sets that come after it in the same plan.
pub(crate) fn claims(context: &Context<'_>, kept: &[&str]) -> Vec<(String, Claim)> {
    let all = incoming(context, &context.see(), kept).into_iter();
    all.map(|(on, _, copies)| (context.cluster(on).to_owned(), Claim::of(&copies))).collect()
}

/// The copies that are still to be made, for each cluster whose room was seen. Of the former
/// copies in `kept` a safety copy stays, by links to the same files.
fn incoming<'a>(
    context: &Context<'a>,
    seen: &Seen<'_>,
    kept: &[&str],
) -> Vec<(Role, &'a Capacity, Vec<Incoming>)> {
    let on_one = |(on, subjects): (Role, Vec<&Subject<'_>>)| {
        let room = context.scope.world.capacities.get(context.cluster(on))?.as_ref().ok()?;
        let nodes = room.disks.len();
        // What is copied is what leads now: to either side, for the way home copies it first.
        let copies = |subject: &&Subject<'_>| -> Vec<Incoming> {
            let old = subject.index(on);
            let Some(copy) = subject.source.and_then(|it| Incoming::of(it, old, nodes)) else {
                return Vec::new();
            };
            match old.filter(|old| on == Role::Target && kept.contains(&old.name.as_str())) {
                Some(old) => copy.beside(old).to_vec(),
                None => vec![copy],
            }
        };
        Some((on, room, subjects.iter().flat_map(copies).collect()))
    };
    copied(context, seen).into_iter().filter_map(on_one).collect()
}

/// Clusters that copies are to be made on and that did not tell their room.
pub(in crate::plan) fn unseen(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Problem> {
    if !context.playbook().requires(Requirement::Room) {
        return Vec::new();
    }
    let told = copied(context, seen).into_iter().filter_map(|(on, _)| {
        let cluster = context.cluster(on);
        let why = context.scope.world.capacities.get(cluster)?.as_ref().err()?;
        let detail = format!("room on {cluster} could not be seen: {why}");
        let hint = format!("look by yourself whether {cluster} has disk and shards for the copies");
        Some(Problem::new(Code::RoomUnseen, cluster, detail, hint).warning())
    });
    told.collect()
}

/// What is still to be copied to each side. Never past an index's unfollow: from there on there
/// is only forward. Nor once an old copy was let go and is closed: the run that closed it had
/// seen room for all, and its re-run ends where it would have, whatever it has filled itself.
fn copied<'s, 'a>(context: &Context<'_>, seen: &'s Seen<'a>) -> Vec<(Role, Vec<&'s Subject<'a>>)> {
    let is_past = context.is_switch() && seen.is_past(Role::Target);
    if is_past || [Role::Target, Role::Source].into_iter().any(|on| has_let_go(seen, on)) {
        return Vec::new();
    }
    let dues = outline(context, seen);
    let follows: BTreeSet<(&str, &str)> = dues
        .iter()
        .flat_map(|due| &due.actions)
        .filter_map(|action| match action {
            Action::Follow { cluster, index, .. } | Action::Renew { cluster, index, .. } => {
                Some((cluster.as_str(), index.as_str()))
            }
            _ => None,
        })
        .collect();
    let is_due = |subject: &Subject<'_>, on: Role| {
        follows.contains(&(context.cluster(on), subject.name(on)))
    };
    [Role::Target, Role::Source]
        .into_iter()
        .map(|on| (on, seen.subjects.iter().filter(|it| is_due(it, on)).collect::<Vec<_>>()))
        .filter(|(_, subjects)| !subjects.is_empty())
        .collect()
}

/// Whether an old copy on a side is closed, to be followed over.
fn has_let_go(seen: &Seen<'_>, on: Role) -> bool {
    let is_closed = |side| matches!(side, Side::Regular { open: false, .. });
    seen.subjects.iter().any(|it| it.pair.is_disposable(on) && is_closed(it.pair.side(on)))
}

/// A shortage, for people.
fn reason(
    context: &Context<'_>,
    on: Role,
    copies: &str,
    room: &Capacity,
    short: Shortage,
) -> Reason {
    let (cluster, leader) = (context.cluster(on), context.scope.source);
    let (detail, hint) = match short {
        Shortage::Disk { needed_bytes, spare_bytes } => {
            let [needed, spare, free] =
                [needed_bytes, spare_bytes, room.available_bytes()].map(bytes::format);
            let mark = |which: &str, mark: Option<Watermark>| {
                mark.map_or_else(String::new, |mark| format!(", {which} watermark {mark}"))
            };
            let (low, high) = (mark("low", room.low), mark("high", room.high));
            (
                format!(
                    "{copies} {needed} of disk on {cluster}, which can take {spare}: {free} free{low}{high}"
                ),
                format!(
                    "free disk on {cluster}, add a data node, or have fewer replicas on {leader}"
                ),
            )
        }
        Shortage::Shards { needed, open, limit } => (
            format!(
                "{copies} {needed} open shards on {cluster}, which may have {limit} and has {open}"
            ),
            format!("raise cluster.max_shards_per_node on {cluster}, or add a data node"),
        ),
    };
    Reason::new(Code::NoRoom, cluster, detail).hint(format!("{hint}; then the same command"))
}
