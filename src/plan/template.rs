//! The half of a fence that is about names to be born: a template of the highest rank, by which
//! what is made under the set's patterns refuses writes from its birth.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    es::requests::{RANK, RANK_LEFT_OUT, fence_template},
    model::{
        index_pattern::wildcard_matches,
        lineage,
        membership::{Scope, own_taken_by},
        names,
        placeholder::{blocked_from_birth, fence_templates, placeholders},
        problem::{Code, Problem},
        template::Template,
    },
    playbook::{Step, Verb},
};

use super::{
    action::Action,
    context::Context,
    pair::{Blocks, Pair, Role, Side},
    seen::Seen,
    setwide,
};

/// One template that the fence is to have.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    name: String,
    is_legacy: bool,
    body: Value,
}

impl Context<'_> {
    /// What is left to do until new names of the set are born blocked on the side in a role.
    /// `at`: the step that asks for it; where a later one has made that side the leader it is
    /// settled.
    pub(super) fn fence_names(
        &self,
        at: usize,
        on: Role,
        seen: &Seen<'_>,
        pairs: &[Pair],
    ) -> Vec<Action> {
        let promoted = self.settling_promote(at) == Some(on);
        let is_regular = |pair: &Pair| matches!(pair.side(on), Side::Regular { .. });
        let mut subjects = seen.subjects.iter().zip(pairs);
        let is_left = subjects.any(|(subject, pair)| {
            is_regular(pair) && !(promoted && subject.pair.is_unfollowed(on))
        });
        if self.is_part(seen) || !is_left {
            return Vec::new();
        }
        let scope = self.scope_with(on);
        let Ok(wanted) = wanted(scope, seen, on) else { return Vec::new() };
        let put = |it: Wanted| Action::Template {
            cluster: scope.source.to_owned(),
            name: it.name,
            is_legacy: it.is_legacy,
            body: Some(it.body),
        };
        wanted.into_iter().filter(|it| !stands(scope, it)).map(put).collect()
    }

    /// What is left to do until new names of the set are born as ever on the side in a role:
    /// what clients have left there goes, and the templates. `at`: the step that asks for it, for
    /// an earlier one may still be about to put them.
    pub(super) fn free_names(&self, at: usize, on: Role, seen: &Seen<'_>) -> Vec<Action> {
        if self.is_part(seen) {
            return Vec::new();
        }
        let scope = self.scope_with(on);
        let mut actions = self.drop_placeholders(on);
        let mut names: BTreeSet<(String, bool)> =
            fence_templates(scope.world, &scope.set.name, scope.source)
                .map(|template| (template.name.clone(), template.is_legacy))
                .collect();
        let fences = |step: &Step| step.is(Verb::Fence, on);
        if let Some(fence) = self.playbook().steps[..at].iter().position(fences) {
            let observed: Vec<Pair> = seen.subjects.iter().map(|subject| subject.pair).collect();
            let put = self.fence_names(fence, on, seen, &observed).into_iter();
            names.extend(put.filter_map(|action| match action {
                Action::Template { name, is_legacy, .. } => Some((name, is_legacy)),
                _ => None,
            }));
        }
        actions.extend(names.into_iter().map(|(name, is_legacy)| Action::Template {
            cluster: scope.source.to_owned(),
            name,
            is_legacy,
            body: None,
        }));
        actions
    }

    /// What clients have left on the side in a role goes: it stands in the way of followers, and
    /// holds nothing.
    pub(super) fn drop_placeholders(&self, on: Role) -> Vec<Action> {
        let scope = self.scope_with(on);
        placeholders(scope.world, &scope.set.name, scope.source)
            .into_iter()
            .map(|(cluster, index)| Action::Placeholder { cluster, index })
            .collect()
    }

    /// Writers are let into what the fence's template has blocked from birth and an alias needs,
    /// though nothing follows it: a rollover has made it. `lifted`: what is unfenced as a member.
    pub(super) fn free_newborn(&self, on: Role, lifted: &[Action]) -> Vec<Action> {
        let scope = self.scope_with(on);
        let is_lifted = |index: &String| lifted.iter().any(|it| it.index() == Some(index));
        let born = blocked_from_birth(scope.world, &scope.set.name, scope.source);
        let unfence = |index| Action::Unfence {
            cluster: scope.source.to_owned(),
            index,
            keeps: Blocks::default(),
            is_managed: false,
        };
        born.into_iter().filter(|index| !is_lifted(index)).map(unfence).collect()
    }

    /// Why the fence on the side in a role is about existing indices only, where it is.
    pub(super) fn partial_fence(&self, on: Role, seen: &Seen<'_>) -> Option<Problem> {
        let scope = self.scope_with(on);
        let why = wanted(scope, seen, on).err()?;
        Some(partial(&scope.set.name, scope.source, &why))
    }

    /// What is the set's as a whole falls due with its last index.
    fn is_part(&self, seen: &Seen<'_>) -> bool {
        seen.is_part || (!self.is_switch() && !self.scope.only.is_empty())
    }

    /// The set as it is where the side in a role gives up.
    fn scope_with(&self, on: Role) -> Scope<'_> {
        match on {
            Role::Source => self.scope,
            Role::Target => self.scope.turned(),
        }
    }
}

/// A fence that does not reach names to be born.
pub(crate) fn partial(set: &str, cluster: &str, why: &str) -> Problem {
    Problem::new(
        Code::FencePartial,
        set,
        format!("new names of {set} are not fenced on {cluster}: {why}"),
        format!(
            "keep writers from making indices of {set} on {cluster}; esdr fence {cluster} --set \
             {set} tells which were made all the same"
        ),
    )
    .warning()
}

/// The templates that a fence on `scope.source` needs, or why there are none.
fn wanted(scope: Scope<'_>, seen: &Seen<'_>, on: Role) -> Result<Vec<Wanted>, String> {
    let Some(view) = scope.world.view(scope.source) else {
        return Ok(Vec::new());
    };
    let (included, excluded) = patterns(scope, &seen.names(on));
    if included.is_empty() {
        // Nothing is born into what is no pattern.
        return Ok(Vec::new());
    }
    let Some(templates) = &view.templates else {
        return Err("its templates cannot be read by this user".to_owned());
    };
    let is_legacy = !view.version.has_composable_templates();
    let name = names::fence_template(&scope.set.name);
    let body = fence_template(&included, RANK, true, is_legacy);
    let mut wanted = vec![Wanted { name: name.clone(), is_legacy, body }];
    if is_legacy && !excluded.is_empty() {
        let body = fence_template(&excluded, RANK_LEFT_OUT, false, true);
        wanted.push(Wanted { name: format!("{name}.but"), is_legacy, body });
    } else {
        for (number, pattern) in excluded.iter().enumerate() {
            let body = beside(templates, pattern)?;
            wanted.push(Wanted { name: format!("{name}.but{number}"), is_legacy, body });
        }
    }
    let is_foreign =
        |template: &&Template| !template.is_own && wanted.iter().any(|it| is_of(template, it));
    match templates.iter().find(is_foreign) {
        Some(foreign) => Err(format!("a template named {} is there and not esdr's", foreign.name)),
        None => Ok(wanted),
    }
}

fn is_of(template: &Template, wanted: &Wanted) -> bool {
    template.name == wanted.name && template.is_legacy == wanted.is_legacy
}

/// Whether it stands there as it is to be: the server shows settings in its own way.
fn stands(scope: Scope<'_>, wanted: &Wanted) -> bool {
    let same = |template: &&Template| {
        template.is_own
            && is_of(template, wanted)
            && ["index_patterns", "order", "priority"]
                .iter()
                .all(|key| template.body.get(key) == wanted.body.get(key))
    };
    let templates = scope.world.view(scope.source).and_then(|view| view.templates.as_ref());
    templates.into_iter().flatten().any(|template| same(&template))
}

/// The set's patterns by the names on `scope.source`, and those that it leaves out; of a set that
/// is what is followed, the patterns by which it grows.
fn patterns(scope: Scope<'_>, names: &[&str]) -> (Vec<String>, Vec<String>) {
    let is_home = scope.set.home.as_deref().is_none_or(|home| home == scope.source);
    let named = |pattern: &str| {
        if is_home { pattern.to_owned() } else { scope.set.follower_name(pattern) }
    };
    let mut included: Vec<String> = Vec::new();
    let mut excluded: Vec<String> = Vec::new();
    for pattern in &scope.set.indices {
        match pattern.strip_prefix('-') {
            Some(left_out) => excluded.push(named(left_out)),
            None => included.push(named(pattern)),
        }
    }
    if scope.set.indices.is_empty() {
        let saved = lineage::newest(&scope.world.lineage, &scope.set.name)
            .filter(|entry| entry.source == scope.source)
            .into_iter()
            .flat_map(|entry| &entry.patterns)
            .filter(|(on, _)| on == scope.target)
            .map(|(_, pattern)| pattern);
        for pattern in setwide::patterns_of(scope, names).into_iter().chain(saved) {
            included.extend(pattern.leader_patterns.iter().cloned());
            excluded.extend(pattern.exclusions.iter().cloned());
        }
    }
    if included.iter().any(|pattern| wildcard_matches(pattern, ".x")) {
        excluded.push(".*".to_owned());
    }
    let all: Vec<&String> = included.iter().collect();
    excluded.extend(own_taken_by(&all));
    for list in [&mut included, &mut excluded] {
        list.sort();
        list.dedup();
    }
    (included, excluded)
}

/// A composable template for names that are left out: a copy of the one that counts for them now.
fn beside(templates: &[Template], pattern: &str) -> Result<Value, String> {
    let meets = |template: &&Template| {
        let mut patterns = template.patterns.iter();
        !template.is_own
            && patterns.any(|it| wildcard_matches(it, pattern) || wildcard_matches(pattern, it))
    };
    let composable = templates.iter().filter(|it| !it.is_legacy).filter(meets);
    let Some(winner) = composable.max_by_key(|template| template.rank) else {
        if templates.iter().filter(|it| it.is_legacy).any(|it| meets(&it)) {
            return Err(format!(
                "names under {pattern} are left out of the set, and legacy templates count for them"
            ));
        }
        let mut body = fence_template(&[pattern.to_owned()], RANK_LEFT_OUT, false, false);
        body["template"] = json!({});
        return Ok(body);
    };
    let mut body = winner.body.clone();
    let own = fence_template(&[pattern.to_owned()], RANK_LEFT_OUT, false, false);
    for key in ["index_patterns", "priority", "version"] {
        body[key] = own[key].clone();
    }
    Ok(body)
}
