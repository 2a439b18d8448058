//! Of a bi-directional alias: one site is left and the other goes on alone, and later both are
//! whole again.

use std::time::Duration;

use crate::{
    duration,
    model::{
        bidi::{goes_alone, written_through},
        lag::lag,
        lineage::Entry,
        loss::LostOps,
        problem::Problem,
        world::{Cluster, Index},
    },
    playbook::{HookName, Kind},
};

use super::{
    action::Action,
    context::Context,
    pair::Role,
    reason::{Code, Reason},
    seen::Seen,
};

/// What is written down when the hooks of the way back have ended well.
const JOINED: &str = "joined";

impl<'a> Context<'a> {
    /// The entry of the site that goes on alone, where this run is about it: the one that it
    /// opened, or that it closes, by the direction towards the site that is back.
    pub(super) fn alone(&self) -> Option<&'a Entry> {
        let entry = goes_alone(&self.scope.world.lineage, self.alias_of_both()?)?;
        let (left, goes_on) = match self.kind() {
            Kind::BidiFailback => (self.scope.target, self.scope.source),
            Kind::BidiFailover => (self.scope.source, self.scope.target),
            _ => return None,
        };
        (entry.source == left && entry.target == goes_on).then_some(entry)
    }

    /// The word in the record for hooks that have ended well.
    pub(crate) fn hook_mark(&self, name: HookName) -> String {
        if self.kind() == Kind::BidiFailback { JOINED.to_owned() } else { name.to_string() }
    }

    /// What is left to do until the indices that a side writes keep their history as long as the
    /// file says.
    pub(super) fn retain(&self, on: Role) -> Vec<Action> {
        let cluster = self.cluster(on);
        let asked = self.both().and_then(|spec| Some((spec, spec.history?)));
        let (Some((spec, history)), Some(view)) = (asked, self.scope.world.view(cluster)) else {
            return Vec::new();
        };
        let held = |index: &Index| index.history_ms.map(Duration::from_millis);
        let is_short = |index: &&Index| {
            let is_own = index.following.is_none() && spec.is_written_by(cluster, &index.name);
            is_own && held(index) != Some(history)
        };
        let retain = |index: &Index| Action::Retain {
            cluster: cluster.to_owned(),
            index: index.name.clone(),
            period: duration::typed(history),
        };
        view.indices.values().filter(is_short).map(retain).collect()
    }

    /// A document through the alias of the site that goes on, into its own index.
    pub(super) fn canary_through_alias(&self, on: Role, seen: &Seen<'_>) -> Option<Action> {
        let done = seen.entry.is_some_and(|entry| entry.did("canary"));
        let cluster = self.cluster(on).to_owned();
        let index = self.written_on(&cluster)?;
        let alias = self.alias_of_both()?.to_owned();
        (!done).then(|| Action::Echo { reader: cluster.clone(), alias, index, cluster })
    }
}

/// Exactly one index takes the writes through the alias on the target, its own, and takes them.
pub(super) fn refuses_writes(context: &Context<'_>) -> Vec<Reason> {
    let target = context.scope.target;
    let (Some(spec), Some(view)) = (context.both(), context.scope.world.view(target)) else {
        return Vec::new();
    };
    let alias = &spec.name;
    let set_up = format!("esdr bidi setup {alias}");
    let Some(index) = written_through(view, alias) else {
        let detail = format!("no index takes writes through {alias} on {target}");
        return vec![Reason::new(Code::AliasMissing, alias, detail).hint(set_up)];
    };
    let own = &index.name;
    if !spec.is_written_by(target, own) {
        let detail = format!("writes through {alias} on {target} go into {own}");
        return vec![Reason::new(Code::WriteIndexElsewhere, own, detail).hint(set_up)];
    }
    let state = [
        (index.following.is_some(), "follows"),
        (!index.open, "is closed"),
        (index.write_block, "bears a write block"),
        (index.disk_full, "is read-only: the disks were full"),
        (index.open && index.health == "red", "is red"),
    ];
    let refuses = state.into_iter().filter(|(is_so, _)| *is_so);
    let reason = |(_, what): (bool, &str)| {
        let detail = format!("{own} on {target} {what}");
        Reason::new(Code::WritesRefused, own.clone(), detail)
            .hint(format!("lift what stands on {own}, then the same command"))
    };
    refuses.map(reason).collect()
}

/// What the site that is left has acknowledged and the other has not read: not lost, and not
/// readable until it is back. `None` where that is proved to be nothing.
pub(super) fn unread(context: &Context<'_>, seen: &Seen<'_>) -> Option<Problem> {
    let (source, target) = (context.scope.source, context.scope.target);
    let is_well = context.scope.world.clusters.get(source).is_some_and(Cluster::is_ok);
    let behind = |copy: &Index, leader| {
        let lag = lag(leader, copy);
        let at_most = lag.missing.filter(|_| is_well && lag.lag_ops.is_some());
        LostOps { known: lag.missing, at_most }
    };
    let copies = seen.subjects.iter().filter_map(|subject| {
        let copy = subject.target.filter(|copy| copy.following.is_some())?;
        Some(behind(copy, subject.source))
    });
    let copies: Vec<LostOps> = copies.collect();
    let ops = if copies.is_empty() { LostOps::default() } else { LostOps::sum(copies) };
    let how_many = match (ops.known, ops.at_most) {
        (_, Some(0)) => return None,
        (_, Some(ops)) => format!("{ops} operations at this moment"),
        (Some(0) | None, None) => "how many is not known".to_owned(),
        (Some(ops), None) => format!("{ops} operations or more"),
    };
    let detail = format!(
        "what {source} has acknowledged and {target} has not read yet is not readable on {target} \
         until {source} is back: {how_many}; none of it is lost"
    );
    let hint = format!("esdr failback --set {}", context.scope.set.name);
    Some(Problem::new(Code::Unread, source, detail, hint).warning())
}
