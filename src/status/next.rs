//! What leads on from the state that is seen, as command lines. The one place that decides it,
//! for every status and every result. What is proposed is what the planner does not refuse in
//! this very state; where only a person can decide, each choice is a command of its own.

use super::{BidiStatus, SetStatus, Situation, nowhere::Refuses};
use crate::{
    model::{
        lineage::{self, Entry, State},
        membership::Scope,
        topology::Topology,
        world::{Cluster, World},
    },
    outcome::Next,
    plan::{
        Switch, action::Action, assemble, consent::Consent, context::Context, declared_leader,
        fences, forked, request::PlanRequest,
    },
    playbook::builtin,
};

/// What may be done about one set, the safest first.
pub(crate) fn of_set(scope: Scope<'_>, topology: &Topology, set: &SetStatus) -> Vec<Next> {
    let decisions = forked::ways(scope.world, &scope.set.name);
    if !decisions.is_empty() {
        let what = "its copies go, salvaged whole; the other side leads";
        return decisions.into_iter().map(|command| next(command, what)).collect();
    }
    let mut ways = Ways { scope, topology, set, next: Vec::new() };
    ways.find();
    ways.next
}

/// Looking again is always allowed, and is what there is to do while a cluster is not seen.
pub(crate) fn watch() -> Next {
    next("esdr status --watch", "looks again every 5 s")
}

/// With everything as it should be: how the standby of the first of these sets would lead.
pub(super) fn rehearsal<'s>(mut sets: impl Iterator<Item = &'s SetStatus>) -> Option<Next> {
    let ready = sets.find(|set| set.protected)?;
    let to = ready.follower.as_ref()?;
    let command = format!("esdr failover --to {to} --set {} --dry-run", ready.name);
    Some(next(command, "the plan, nothing changed"))
}

/// What may be done about a bi-directional alias.
pub(super) fn of_bidi(world: &World, alias: &BidiStatus) -> Vec<Next> {
    let name = &alias.name;
    let mut ways = Vec::new();
    let is_seen =
        |site: &super::SiteStatus| world.clusters.get(&site.cluster).is_some_and(Cluster::is_ok);
    if alias.alone.is_some() && alias.sites.iter().all(is_seen) {
        let command = format!("esdr failback --set {name}");
        ways.push(next(command, "both sites are whole again"));
    }
    let command = format!("esdr bidi status {name}");
    ways.push(next(command, "both directions, and what is read where"));
    ways
}

/// The first that is more than a look.
pub(crate) fn first_change(next: &[Next]) -> Option<&Next> {
    next.iter().find(|next| is_change(next))
}

/// Whether a command is more than a look.
pub(crate) fn is_change(next: &Next) -> bool {
    !next.command.starts_with("esdr status") && !next.command.starts_with("esdr bidi status")
}

fn next(command: impl Into<String>, consequence: &str) -> Next {
    Next { command: command.into(), consequence: consequence.to_owned() }
}

const LOSS: Consent = Consent {
    data_loss: true,
    leader_is_fenced: false,
    on_return: crate::plan::consent::OnReturn::Fence,
};

struct Ways<'w> {
    scope: Scope<'w>,
    topology: &'w Topology,
    set: &'w SetStatus,
    next: Vec<Next>,
}

impl Ways<'_> {
    fn find(&mut self) {
        let name = self.set.name.clone();
        if self.has(Situation::SplitBrain) || self.has(Situation::Unrelated) {
            self.name_the_side();
            if !self.next.is_empty() || !self.is_seen() {
                return;
            }
        }
        if self.has(Situation::Stray) || self.has(Situation::Late) {
            self.fence_former(&name);
        }
        if let Some(entry) = lineage::unfinished(&self.scope.world.lineage, &name) {
            return self.unfinished(entry);
        }
        self.refused(&name);
        self.without_leader(&name);
        if self.set.indices.iter().any(|index| index.situation == Situation::Promoted)
            || self.has(Situation::Diverged)
        {
            self.home(&name);
        }
        if self.has(Situation::Late) {
            self.late_leads(&name);
        }
        self.protect(&name);
    }

    fn has(&self, situation: Situation) -> bool {
        self.set.indices.iter().any(|index| index.situation == situation)
    }

    fn add(&mut self, command: String, consequence: &str) {
        if !self.next.iter().any(|known| known.command == command) {
            self.next.push(next(command, consequence));
        }
    }

    fn is_seen(&self) -> bool {
        let is_ok = |name: &str| self.scope.world.clusters.get(name).is_some_and(Cluster::is_ok);
        is_ok(self.scope.source) && is_ok(self.scope.target)
    }

    /// Nobody but the operator knows which copy counts. Where the record speaks of other indices of
    /// the set, only the side that it calls the former leader can go.
    fn name_the_side(&mut self) {
        if !self.is_seen() {
            return;
        }
        let set = &self.set.name;
        for (goes, stays) in
            [(self.scope.target, self.scope.source), (self.scope.source, self.scope.target)]
        {
            if !self.may_go(stays, goes) {
                continue;
            }
            let command = format!("esdr reprotect --set {set} --discard {goes}");
            let consequence = format!("{stays} leads; what only {goes} has is salvaged first");
            self.next.push(next(command, &consequence));
        }
    }

    /// Whether a side's copies can go by the operator's word: with that word on record.
    fn may_go(&self, stays: &str, goes: &str) -> bool {
        let Some(newest) = lineage::newest(&self.scope.world.lineage, &self.set.name) else {
            return true;
        };
        let mut world = self.scope.world.clone();
        if let Some(entry) =
            declared_leader::entry(Scope { source: goes, target: stays, ..self.scope })
        {
            world.lineage.push(entry);
        }
        let scope = Scope { world: &world, ..self.scope };
        let ways = Ways { scope, topology: self.topology, set: self.set, next: Vec::new() };
        newest.target == stays && ways.allowed("reprotect", (stays, goes)).is_some()
    }

    /// What was born on the former leader leads again with the rest of the set there.
    fn late_leads(&mut self, name: &str) {
        let (leader, former) = (self.scope.source, self.scope.target);
        if self.scope.set.home.as_deref() == Some(former) {
            if self.allowed("failback", (leader, former)).is_some() {
                let command = format!("esdr failback --set {name}");
                self.add(command, "home again, where what was born there is");
            }
        } else if self.allowed("failover", (leader, former)).is_some() {
            let command = format!("esdr failover --to {former} --set {name}");
            self.add(command, "the side leads again on which it was born");
        }
    }

    fn fence_former(&mut self, name: &str) {
        let (leader, former) = (self.scope.source, self.scope.target);
        if self.allowed("fence", (former, leader)).is_some() {
            let command = format!("esdr fence {former} --set {name}");
            self.add(command, "the former leader takes no writes");
        }
    }

    /// A run that was begun and not finished: it is taken back, or gone on with.
    fn unfinished(&mut self, entry: &Entry) {
        let (source, target) = (entry.source.as_str(), entry.target.as_str());
        let moved = entry.members.iter().any(|member| member.checkpoints.is_some());
        let consent = Consent { leader_is_fenced: true, data_loss: false, ..LOSS };
        let by_word = consent;
        let consent = if entry.shows_no_unfollow() { by_word } else { Consent::default() };
        let undo = |ways: &Self, consent| {
            let ask = |request: &mut PlanRequest| {
                request.undo = true;
                request.consent = consent;
            };
            ways.allowed_with("undo", (source, target), ask).is_some()
        };
        let later = fences::later(self.scope.world, entry);
        if later.is_some_and(|it| it.state == State::Fenced)
            && self.allowed("unfence", (source, target)).is_some()
        {
            let what = "lifts the fence that was set since the run";
            self.add(format!("esdr unfence {source} --set {}", entry.set), what);
        }
        let may_go_back = !moved || entry.carries;
        if may_go_back && undo(self, consent) {
            self.add(format!("esdr undo {}", entry.run), "lets writers in again");
        } else if may_go_back && undo(self, by_word) {
            let command = format!("esdr undo {} --confirm {target}", entry.run);
            let word = format!("your word that {target} takes no writes; {source} does again");
            self.add(command, &word);
        }
        self.go_on(entry);
    }

    fn go_on(&mut self, entry: &Entry) {
        let (source, target) = (entry.source.as_str(), entry.target.as_str());
        let set = &entry.set;
        if entry.carries {
            let all = |request: &mut PlanRequest| request.max_carry_ops = Some(u64::MAX);
            if let Some(switch) = self.allowed_with("undo-carry", (source, target), all) {
                let most = carried_ops(&switch);
                let command = format!("esdr undo {} --max-carry {most}", entry.run);
                self.add(command, "goes on with the way back");
            }
            return;
        }
        let goes_home = entry.playbook == "failback";
        if goes_home && self.allowed("failback", (source, target)).is_some() {
            return self
                .add(format!("esdr failback --set {set}"), "shows what is left of it, asks");
        }
        let command = format!("esdr failover --to {target} --set {set}");
        if self.allowed("failover", (source, target)).is_some() {
            return self.add(command, "shows what is left of it, asks");
        }
        if self.allowed_with("failover-forced", (source, target), accept_loss).is_some() {
            self.add(format!("{command} --accept-data-loss"), "goes on without the leader, asks");
        }
    }

    /// Writers are refused, and no run is under way.
    fn refused(&mut self, name: &str) {
        let refuses = |what| self.set.indices.iter().any(|index| index.refuses == Some(what));
        let (leader, other) = (self.scope.source, self.scope.target);
        if refuses(Refuses::Fence) && self.allowed("unfence", (leader, other)).is_some() {
            self.add(format!("esdr unfence {leader} --set {name}"), "lets writers in again");
        }
        if !Refuses::ALL.into_iter().any(refuses) {
            return;
        }
        // The switch that made it leader opens what it closed.
        let again = self.allowed("failover", (other, leader));
        if again.is_some_and(|switch| switch.continues.is_some()) {
            self.add(format!("esdr failover --to {leader} --set {name}"), "goes on with it, asks");
        }
        if self.allowed("failover", (leader, other)).is_some() {
            let command = format!("esdr failover --to {other} --set {name} --dry-run");
            self.add(command, "how the other side would lead");
        }
    }

    /// The leader is not seen: waiting loses nothing, and going on without it is asked of a person.
    fn without_leader(&mut self, name: &str) {
        let (leader, other) = (self.scope.source, self.scope.target);
        let is_lost = self.has(Situation::LeaderLost) && self.scope.world.view(leader).is_none();
        let forced = || self.allowed_with("failover-forced", (leader, other), accept_loss);
        if is_lost && forced().is_some() {
            let command =
                format!("esdr failover --to {other} --set {name} --accept-data-loss --dry-run");
            self.add(command, "what going on without it would lose");
        }
    }

    /// The former leader follows again, or leads again.
    fn home(&mut self, name: &str) {
        let (leader, former) = (self.scope.source, self.scope.target);
        if self.allowed("reprotect", (leader, former)).is_some() {
            let command = format!("esdr reprotect --set {name}");
            self.add(command, "the former leader follows: protected again");
        }
        let is_home = self.scope.set.home.as_deref().is_none_or(|home| home == former);
        if is_home && self.allowed("failback", (leader, former)).is_some() {
            self.add(format!("esdr failback --set {name}"), "that, and home again");
        }
    }

    fn protect(&mut self, name: &str) {
        let (leader, other) = (self.scope.source, self.scope.target);
        let set = self.scope.set;
        let (home, standby) = (set.home.as_deref(), set.standby.as_deref());
        let playbook = if (home, standby) == (Some(leader), Some(other)) {
            "replicate"
        } else if (home, standby) == (Some(other), Some(leader)) && !self.has(Situation::Promoted) {
            "reprotect"
        } else {
            return;
        };
        let wants = !self.set.uncovered.is_empty() || self.has(Situation::Stalled);
        if wants && self.allowed(playbook, (leader, other)).is_some() {
            let command = format!("esdr {playbook} --set {name} --dry-run");
            self.add(command, "how it would be protected");
        }
    }

    /// What the planner makes of a playbook here, where it does not refuse and something is
    /// to be done.
    fn allowed(&self, name: &str, ends: (&str, &str)) -> Option<Switch> {
        self.allowed_with(name, ends, |_| {})
    }

    /// The same where more is asked for.
    fn allowed_with(
        &self,
        name: &str,
        (source, target): (&str, &str),
        ask: impl FnOnce(&mut PlanRequest),
    ) -> Option<Switch> {
        let mut request = PlanRequest::of(builtin::find(name)?.playbook().ok()?);
        ask(&mut request);
        let scope = Scope { source, target, ..self.scope };
        let switch = assemble::switch(&Context::of(scope, self.topology, &request));
        (switch.blocked.is_empty() && (!switch.is_empty() || switch.unclosed)).then_some(switch)
    }
}

fn accept_loss(request: &mut PlanRequest) {
    request.consent = LOSS;
}

/// How many operations it would carry; what cannot be counted is left to be looked at.
fn carried_ops(switch: &Switch) -> u64 {
    let ops = switch.actions().map(|action| match action {
        Action::Carry { ops, .. } => ops.unwrap_or_default(),
        _ => 0,
    });
    ops.sum()
}
