//! One step of a plan in words.

use serde_json::Value;

use super::{steps_fence, steps_home};
use crate::report::bidi::joined::{join, retain};
use crate::{
    plan::{PlannedStep, Switch, action::Action},
    playbook::{Goal, PatternState, Role as Side, Step, Verb},
    report::text::{count, counted, cut, indices, safe},
};

/// What becomes of how many indices: the words of the last line, and the number.
pub(crate) fn moved(switch: &Switch) -> (&'static str, usize) {
    let of = |wanted: fn(&Step) -> bool| {
        let mut names: Vec<_> = switch
            .steps
            .iter()
            .filter(|step| wanted(&step.step))
            .flat_map(|step| &step.actions)
            .filter_map(Action::index)
            .collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    };
    if switch.dropped() > 0 && switch.actions().all(|it| matches!(it, Action::Drop { .. })) {
        return ("to drop", switch.dropped());
    }
    let promote = of(|step| step.verb() == Verb::Promote);
    let seed = of(|step| step.verb() == Verb::Seed);
    let unfence = of(|step| step.verb() == Verb::Unfence);
    let has = |wanted: fn(&Step) -> bool| switch.steps.iter().any(|step| wanted(&step.step));
    if has(|step| step.verb() == Verb::Carry) {
        ("to carry back", of(|step| step.verb() == Verb::Carry))
    } else if has(|step| step.verb() == Verb::Promote) {
        ("to promote", promote)
    } else if has(|step| step.verb() == Verb::Unfence) {
        ("to unfence", unfence)
    } else if has(|step| step.verb() == Verb::Echo) {
        ("to change", of(|_| true))
    } else if has(|step| step.verb() == Verb::Remove) {
        ("to remove", of(|_| true))
    } else if has(|step| step.verb() == Verb::Release) {
        ("to release", of(|_| true))
    } else if has(|step| step.verb() == Verb::Seed) {
        ("to follow", seed)
    } else if has(|step| step.verb() == Verb::Fence) {
        ("to fence", of(|step| step.verb() == Verb::Fence))
    } else {
        ("to change", of(|_| true))
    }
}

/// Whether a step has a line on the screen: it has something to do, or it is a gate
/// before one that has.
pub(crate) fn is_shown(switch: &Switch, at: usize) -> bool {
    let step = &switch.steps[at];
    if is_conditional(switch, step) {
        return true;
    }
    if !step.step.is_gate() {
        return !step.actions.is_empty();
    }
    if step.step.verb() == Verb::Require {
        return false;
    }
    let is_goal = |step: &&PlannedStep| {
        let is_aside = step.step.verb() == Verb::DropCopies && step.actions.is_empty();
        !step.step.is_gate() && !is_aside
    };
    let guarded = switch.steps[at + 1..].iter().find(is_goal);
    let guarded = guarded.or_else(|| switch.steps[..at].iter().rfind(|step| !step.step.is_gate()));
    guarded.is_some_and(|step| !step.actions.is_empty())
}

/// What a leader that does not answer is to get the moment that it does.
pub(crate) fn is_conditional(switch: &Switch, step: &PlannedStep) -> bool {
    let fences = matches!(step.step.verb(), Verb::Fence | Verb::Drain);
    fences && step.actions.is_empty() && !switch.waived.is_empty()
}

/// Where it happens.
pub(crate) fn place(switch: &Switch, step: &PlannedStep) -> String {
    match (step.step.verb(), step.step.on) {
        (Verb::Hook | Verb::Manual, _) => "here".to_owned(),
        (Verb::Remote | Verb::Record | Verb::DropCopies, _) => clusters(step),
        (_, Some(Side::Source)) => switch.source.clone(),
        (_, Some(Side::Target)) => switch.target.clone(),
        (_, None) => "both".to_owned(),
    }
}

fn clusters(step: &PlannedStep) -> String {
    let mut names: Vec<&str> = step.actions.iter().filter_map(Action::cluster).collect();
    names.dedup();
    if names.len() == 1 { names[0].to_owned() } else { "both".to_owned() }
}

/// What happens, in one sentence without its full stop.
pub(crate) fn what(switch: &Switch, step: &PlannedStep) -> String {
    let actions = &step.actions;
    let many = indices(actions.len());
    match &step.step.goal {
        Goal::Record => record(actions),
        Goal::Hook { .. } => programs(actions),
        Goal::Fence if is_conditional(switch, step) => {
            "the moment it answers, as long as this run lasts".to_owned()
        }
        Goal::Drain { .. } if is_conditional(switch, step) => {
            "then what is not yet promoted is drained first".to_owned()
        }
        Goal::Fence => steps_fence::fence(actions),
        Goal::Unfence => steps_fence::unfence(actions),
        Goal::Pattern { state } => patterns(actions, *state),
        Goal::Drain { max_lag_ops } => drain(switch, actions.len(), *max_lag_ops),
        Goal::Carry => steps_home::carry(switch, actions),
        Goal::Verify { what } => {
            let names: Vec<String> = what.iter().map(ToString::to_string).collect();
            format!("gate: {}", names.join(", ").replace('_', " "))
        }
        Goal::Require { what } => {
            let names: Vec<String> = what.iter().map(ToString::to_string).collect();
            format!("gate: {}", names.join(", ").replace('_', " "))
        }
        Goal::Promote { batch } => promote(actions, *batch),
        Goal::Alias => aliases(actions),
        Goal::Canary => match actions.first().and_then(Action::index) {
            Some(index) => format!("one document written, read, removed in {}", cut(index, 40)),
            None => "one document written, read, removed".to_owned(),
        },
        Goal::Seed if step.step.on == Some(Side::Source) => seed(&switch.target, actions),
        Goal::Resume | Goal::Seed => seed(&switch.source, actions),
        Goal::Remote { .. } => {
            let alias = |action: &Action| match action {
                Action::Remote { cluster, alias, .. } => Some(format!("\"{alias}\" on {cluster}")),
                _ => None,
            };
            let made: Vec<String> = actions.iter().filter_map(alias).collect();
            format!("remote connection {}", made.join(" and "))
        }
        Goal::Manual { name, say } => {
            format!("waits for a person, or --confirm {name}: {}", safe(say))
        }
        Goal::Salvage => steps_home::salvage(actions),
        Goal::DropCopies => steps_home::dropped(actions),
        Goal::Discard => discard(actions),
        Goal::Index => format!("{}, with the alias", made(actions)),
        Goal::Span => aliases(actions),
        Goal::Unspan => format!("{many}: the alias is taken off"),
        Goal::Echo => "one document written here, read on the other side, removed".to_owned(),
        Goal::Join => join(switch, actions),
        Goal::Retain => retain(actions),
        Goal::Remove => {
            format!("{} removed; what {} writes stays", copies(switch, actions), switch.source)
        }
        Goal::Release => {
            format!("{} made regular and left as of now", copies(switch, actions))
        }
    }
}

fn made(actions: &[Action]) -> String {
    let names = actions.iter().filter_map(Action::index).map(|name| cut(name, 40));
    let names: Vec<String> = names.collect();
    format!("{} {} made", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

/// The target's copies that a step is about, each counted once whatever the number of its calls.
fn copies(switch: &Switch, actions: &[Action]) -> String {
    let is_there = |action: &&Action| action.cluster() == Some(switch.target.as_str());
    let mut names: Vec<&str> = actions.iter().filter(is_there).filter_map(Action::index).collect();
    names.dedup();
    counted(names.len(), "copy is", "copies are")
}

fn discard(actions: &[Action]) -> String {
    let closed = actions.iter().filter(|action| matches!(action, Action::Close { .. })).count();
    let closed = format!("the old copies of {} are closed, to be followed over", indices(closed));
    let shield = actions.iter().find_map(|action| match action {
        Action::Shield { aliases, .. } => Some(counted(aliases.len(), "alias", "aliases")),
        _ => None,
    });
    shield.map_or_else(
        || closed.clone(),
        |aliases| format!("{closed}; {aliases} borne meanwhile by an index that refuses writes"),
    )
}

fn record(actions: &[Action]) -> String {
    let made = |action: &Action| match action {
        Action::Record { cluster, exists: false, .. } => Some(cluster.clone()),
        _ => None,
    };
    let made: Vec<String> = actions.iter().filter_map(made).collect();
    let kept = "members, aliases, parameters kept";
    if made.is_empty() {
        kept.to_owned()
    } else {
        format!("{kept}; esdr's state index is made on {}", made.join(" and "))
    }
}

fn programs(actions: &[Action]) -> String {
    let program = |action: &Action| match action {
        Action::Hook { command, .. } => Some(safe(&command.join(" "))),
        _ => None,
    };
    actions.iter().filter_map(program).collect::<Vec<_>>().join("; ")
}

fn patterns(actions: &[Action], state: PatternState) -> String {
    let told = |action: &Action| match action {
        Action::HoldPattern { pattern, pauses: true, .. } => {
            Some(format!("auto-follow \"{}\" paused", pattern.name))
        }
        Action::HoldPattern { pattern, pauses: false, .. } => Some(format!(
            "auto-follow \"{}\" saved and deleted: this version cannot pause",
            pattern.name
        )),
        Action::PutPattern { name, .. } => Some(format!("auto-follow \"{name}\" made")),
        Action::ResumePattern { name, .. } => Some(format!("auto-follow \"{name}\" goes on")),
        _ => None,
    };
    let told: Vec<String> = actions.iter().filter_map(told).collect();
    if told.is_empty() { format!("auto-follow {state}") } else { told.join("; ") }
}

fn drain(switch: &Switch, number: usize, max_lag_ops: u64) -> String {
    let shards: u32 = switch.members.iter().map(|member| member.shards).sum();
    if max_lag_ops > 0 {
        return format!(
            "{} at most {} operations behind, under the fence",
            indices(number),
            count(max_lag_ops)
        );
    }
    let shards = counted(shards as usize, "shard", "shards");
    format!("proof: {shards} at lag 0, read last on {}", switch.target)
}

fn promote(actions: &[Action], batch: usize) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let freed = steps_fence::freed(actions);
    for action in actions.iter().filter(|action| action.index().is_some()) {
        if !words.contains(&action.word()) {
            words.push(action.word());
        }
        names.extend(action.index());
    }
    names.sort_unstable();
    names.dedup();
    let batches = names.len().div_ceil(batch.max(1));
    let flow = if batches > 1 { format!(" in {} batches", count(batches)) } else { String::new() };
    let moved = (!names.is_empty())
        .then(|| format!("{}{flow}: {}", indices(names.len()), words.join(", ")));
    moved.into_iter().chain(freed).collect::<Vec<_>>().join("; ")
}

fn seed(leader: &str, actions: &[Action]) -> String {
    let number =
        |wanted: fn(&Action) -> bool| actions.iter().filter(|action| wanted(action)).count();
    let follow = number(|action| matches!(action, Action::Follow { .. }));
    let resume = number(|action| matches!(action, Action::Resume { .. }));
    let mut told = Vec::new();
    if follow > 0 {
        let verb = if follow == 1 { "follows" } else { "follow" };
        told.push(format!("{} {verb} {leader}'s, copied whole first", indices(follow)));
    }
    let delete = number(|action| matches!(action, Action::Delete { .. }));
    if delete > 0 {
        let verb = if delete == 1 { "is" } else { "are" };
        told.push(format!("{} {verb} deleted here too", indices(delete)));
    }
    told.extend(steps_fence::placeholders(actions));
    if resume > 0 {
        let verb = if resume == 1 { "goes" } else { "go" };
        told.push(format!("{} {verb} on following", indices(resume)));
    }
    if told.is_empty() { indices(actions.len()) } else { told.join("; ") }
}

fn aliases(actions: &[Action]) -> String {
    let adds: Vec<&Value> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Alias { actions, .. } => Some(actions),
            _ => None,
        })
        .flatten()
        .map(|change| &change["add"])
        .filter(|add| add.is_object())
        .collect();
    let writes = |add: &&&Value| add["is_write_index"] == Value::Bool(true);
    let told = |add: &&Value| {
        let text = |field: &str| add[field].as_str().unwrap_or_default().to_owned();
        format!("{} -> {}", cut(&text("alias"), 30), cut(&text("index"), 30))
    };
    let write: Vec<String> = adds.iter().filter(writes).map(told).collect();
    let rest = adds.len() - write.len();
    let mut parts = Vec::new();
    if !write.is_empty() {
        parts.push(format!(
            "write alias {}",
            write.iter().take(2).cloned().collect::<Vec<_>>().join(", ")
        ));
    }
    if rest > 0 {
        parts.push(counted(rest, "alias", "aliases"));
    }
    if parts.is_empty() {
        return "the index that bore the aliases meanwhile goes".to_owned();
    }
    format!("{}, in one call", parts.join(" and "))
}
