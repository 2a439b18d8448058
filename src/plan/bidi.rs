//! What a bi-directional alias asks of one direction, and what stands against it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    duration,
    es::requests::{LEASE_PERIOD, remove_alias_action},
    model::{
        bidi::{BidiSpec, borne, written_through},
        membership::Names,
        topology::{ClusterSpec, LEADER_INDEX},
        world::{Alias, Index, View},
    },
};

use super::{
    action::Action,
    pair::{Pair, Role, Side},
    planner::Context,
    protection,
    reason::{Code, Reason},
    recursion::{Fault, Hop, Maker, Rule, Site, faults},
    seen::Seen,
    setwide,
    subject::Subject,
};

/// What the indices that are written are made with, beside what the server's templates say.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Definition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mappings: Option<Map<String, Value>>,
}

impl Definition {
    /// Whether there is nothing but the templates.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl<'a> Context<'a> {
    /// The bi-directional alias that this set is one direction of.
    pub fn alias_of_both(&self) -> Option<&'a str> {
        self.scope.set.bidi.as_deref()
    }

    /// The index that the source is to write, where it is not there yet.
    pub(super) fn unmade(&self) -> Vec<Names> {
        if self.alias_of_both().is_none() || !self.playbook.makes_indices() {
            return Vec::new();
        }
        let world = self.scope.world;
        let is_missing = |name: &&String| world.index(self.scope.source, name).is_none();
        let names = self.scope.set.indices.iter().filter(is_missing);
        names.map(|name| self.names(name.clone())).collect()
    }

    /// The call that makes an index on a side, with the alias from its first moment on: a write
    /// through it in between would make an index of its name.
    pub(super) fn create(&self, cluster: String, index: String) -> Action {
        let version = self.scope.world.view(&cluster).map(|view| view.version).unwrap_or_default();
        let Definition { settings, mappings } = self.options.definition.clone();
        let mut settings = settings.unwrap_or_default();
        // Off by default on 6.8, and always on from 8.0.
        if !version.at_least(8, 0) {
            settings.insert("index.soft_deletes.enabled".to_owned(), json!(true));
        }
        let history =
            self.alias_of_both().and_then(|alias| self.topology.bidi(alias).ok()?.history);
        if let Some(history) = history {
            settings.insert(LEASE_PERIOD.to_owned(), json!(duration::typed(history)));
        }
        let mut body = Map::new();
        if !settings.is_empty() {
            body.insert("settings".to_owned(), Value::Object(settings));
        }
        if let Some(mappings) = mappings {
            body.insert("mappings".to_owned(), Value::Object(mappings));
        }
        if let Some(alias) = self.alias_of_both() {
            body.insert("aliases".to_owned(), json!({alias: {"is_write_index": true}}));
        }
        let body = Value::Object(body);
        Action::Create { cluster, index, body, has_types: version.has_types() }
    }

    /// What is left to do until the alias spans a side: with the write flag on what leads there,
    /// and without it on a copy, where the server does not see to that by itself.
    pub(super) fn span(&self, on: Role, seen: &Seen<'_>, pairs: &[Pair]) -> Option<Action> {
        let alias = self.alias_of_both()?;
        let cluster = self.cluster(on);
        let copies = self.scope.world.view(cluster)?.version.copies_aliases();
        let mut actions = Vec::new();
        for (subject, pair) in seen.subjects.iter().zip(pairs) {
            let index = subject.index(on);
            let flag = match pair.side(on) {
                Side::Following { .. } if copies || is_second(seen, subject, on, alias) => continue,
                Side::Following { .. } => false,
                // One that is still to be made bears it from the start.
                Side::Regular { .. } if on == Role::Source && index.is_some() => true,
                _ => continue,
            };
            let held = index.and_then(|index| borne(index, alias));
            if held.and_then(|held| held.is_write_index) != Some(flag) {
                let alias = Alias {
                    name: alias.to_owned(),
                    is_write_index: Some(flag),
                    ..held.cloned().unwrap_or_default()
                };
                actions.push(json!({"add": setwide::addition(subject.name(on), alias)}));
            }
        }
        (!actions.is_empty()).then(|| Action::Alias { cluster: cluster.to_owned(), actions })
    }

    /// What is left to do until what was a copy on a side bears the alias no more.
    pub(super) fn unspan(&self, on: Role, seen: &Seen<'_>, pairs: &[Pair]) -> Option<Action> {
        let alias = self.alias_of_both()?;
        let is_left = |(subject, pair): &(&Subject<'_>, &Pair)| {
            let bears = subject.index(on).is_some_and(|index| borne(index, alias).is_some());
            bears && matches!(pair.side(on), Side::Regular { .. })
        };
        let left = seen.subjects.iter().zip(pairs).filter(is_left);
        let actions: Vec<Value> =
            left.map(|(subject, _)| remove_alias_action(subject.name(on), alias)).collect();
        let cluster = self.cluster(on).to_owned();
        (!actions.is_empty()).then_some(Action::Alias { cluster, actions })
    }

    /// The proof that what is written through the alias on a side is read through it on the
    /// other: due until it is on record for these very indices.
    pub(super) fn echo(&self, on: Role, seen: &Seen<'_>) -> Option<Action> {
        if protection::is_echoed(self, seen) { None } else { self.echo_again(on) }
    }

    /// The same, whatever is on record: what is changed now is proved again.
    pub(super) fn echo_again(&self, on: Role) -> Option<Action> {
        Some(Action::Echo {
            cluster: self.cluster(on).to_owned(),
            reader: self.cluster(on.other()).to_owned(),
            alias: self.alias_of_both()?.to_owned(),
            index: self.scope.set.indices.first()?.clone(),
        })
    }
}

/// A second copy of an index that is borne by the alias already: both would be counted.
fn is_second(seen: &Seen<'_>, subject: &Subject<'_>, on: Role, alias: &str) -> bool {
    let is_other = |other: &&Subject<'_>| {
        other.name(on) != subject.name(on) && other.name(on.other()) == subject.name(on.other())
    };
    let mut others = seen.subjects.iter().filter(is_other);
    others.any(|other| other.index(on).is_some_and(|index| borne(index, alias).is_some()))
}

/// The bi-directional alias itself, where the playbook is carried out for one.
fn spec<'a>(context: &Context<'a>) -> Option<&'a BidiSpec> {
    context.topology.bidi(context.alias_of_both()?).ok()
}

fn views<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a str, &'a View)> {
    let scope = context.scope;
    [scope.source, scope.target]
        .into_iter()
        .filter_map(move |name| Some((name, scope.world.view(name)?)))
}

/// Nothing else answers to the alias's name: no index is called so, and none but the cluster's
/// own takes writes through it.
pub(super) fn alias_taken(context: &Context<'_>) -> Vec<Reason> {
    let Some(spec) = spec(context) else {
        return Vec::new();
    };
    let alias = &spec.name;
    let mut reasons = Vec::new();
    // Each side is judged with the direction that it writes.
    let source = context.scope.source;
    for (cluster, view) in views(context).filter(|(cluster, _)| *cluster == source) {
        let own = spec.write_index(cluster);
        if view.indices.contains_key(alias) {
            let detail = format!("an index on {cluster} is called {alias} itself");
            let hint = format!(
                "stop its writers; make {own} with its settings and mappings; reindex {alias} into \
                 {own} and compare the counts; delete {alias}; then the same command"
            );
            reasons.push(Reason::new(Code::NameTaken, alias.clone(), detail).hint(hint));
            continue;
        }
        let other = written_through(view, alias).filter(|index| index.name != own);
        if let Some(other) = other {
            let name = &other.name;
            let detail = format!("writes through {alias} on {cluster} go into {name}");
            let hint = format!(
                "reindex {name} into {own} and take {alias} off it; or leave it to be read only: \
                 is_write_index false for {name}; then the same command"
            );
            reasons.push(Reason::new(Code::WriteIndexElsewhere, name.clone(), detail).hint(hint));
        }
    }
    reasons
}

/// What would be followed back, or twice, by the patterns of both sides and what this run adds.
pub(super) fn recursion(context: &Context<'_>) -> Vec<Reason> {
    let Some(spec) = spec(context) else {
        return Vec::new();
    };
    let sites = [(Site::First, 0), (Site::Second, 1)];
    let mut rules = Vec::new();
    let mut born = Vec::new();
    for (site, at) in sites {
        let (cluster, other) = (&spec.clusters[at], &spec.clusters[1 - at]);
        let Some(view) = context.scope.world.view(cluster) else {
            return Vec::new();
        };
        let own = spec.write_index(cluster);
        rules.push(Rule {
            on: site.other(),
            maker: Maker::Run,
            takes: vec![own.clone()],
            exclusions: Vec::new(),
            follower: LEADER_INDEX.to_owned(),
        });
        let Some(patterns) = &view.patterns else {
            let detail = format!("the auto-follow patterns of {cluster} may not be read");
            let hint = "give this user the cluster privilege manage_ccr there";
            return vec![Reason::new(Code::Recursion, cluster.clone(), detail).hint(hint)];
        };
        let other_alias = context.topology.cluster(other).map(ClusterSpec::remote_alias);
        for pattern in patterns {
            let leads_to = context.scope.world.behind_alias(cluster, &pattern.remote);
            // One whose connection is gone goes on as soon as that is made again.
            let may = leads_to.is_none() && other_alias.as_ref() == Ok(&pattern.remote);
            if leads_to == Some(other) || may {
                let follower = pattern.body["follow_index_pattern"].as_str();
                rules.push(Rule {
                    on: site,
                    maker: Maker::Pattern(pattern.name.clone()),
                    takes: pattern.leader_patterns.clone(),
                    exclusions: pattern.exclusions.clone(),
                    follower: follower.unwrap_or(LEADER_INDEX).to_owned(),
                });
            }
        }
        let kin = format!("{}-", spec.name);
        let is_kin = |index: &&Index| index.following.is_none() && index.name.starts_with(&kin);
        born.push((site, own.clone()));
        let kin = view.indices.values().filter(is_kin).filter(|index| index.name != own);
        born.extend(kin.map(|index| (site, index.name.clone())));
    }
    let name = |site: Site| match site {
        Site::First => spec.clusters[0].as_str(),
        Site::Second => spec.clusters[1].as_str(),
    };
    faults(&rules, &born).iter().map(|fault| told(fault, spec, &name)).collect()
}

fn told<'s>(fault: &Fault, spec: &BidiSpec, name: &impl Fn(Site) -> &'s str) -> Reason {
    let hop = |hop: &Hop| {
        let by = match &hop.maker {
            Maker::Run => "by this set-up".to_owned(),
            Maker::Pattern(pattern) => format!("by the pattern \"{pattern}\""),
        };
        let (from, to) = (name(hop.from), name(hop.from.other()));
        format!("{} on {from} -> {} on {to}, {by}", hop.leader, hop.follower)
    };
    let chain = |hops: &[Hop]| hops.iter().map(hop).collect::<Vec<_>>().join("; ");
    let (subject, detail) = match fault {
        Fault::FollowedBack { chain: hops } => {
            let origin = hops.first().map_or_else(String::new, |hop| hop.leader.clone());
            (origin.clone(), format!("a copy of {origin} would be copied back: {}", chain(hops)))
        }
        Fault::FollowedTwice { hops } => {
            let origin = hops.first().map_or_else(String::new, |hop| hop.leader.clone());
            (origin.clone(), format!("{origin} would be copied twice: {}", chain(hops)))
        }
        Fault::Ambiguous { on, name: index, patterns } => {
            let patterns = patterns.join("\" and \"");
            let on = name(*on);
            (
                index.clone(),
                format!("{index} matches the patterns \"{patterns}\" on {on}: neither follows it"),
            )
        }
        Fault::Endless => {
            (spec.name.clone(), "there are more names than can be followed through".to_owned())
        }
    };
    let [one, other] = spec.clusters.each_ref().map(|cluster| spec.write_index(cluster));
    Reason::new(Code::Recursion, subject, detail)
        .hint(format!("keep {one} and {other} out of what the auto-follow patterns take"))
}

/// Copies that are not proved to be what the other side writes, or that writers here need.
pub(super) fn unproved_copies(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let Some(spec) = spec(context) else {
        return Vec::new();
    };
    let (source, target) = (context.scope.source, context.scope.target);
    let own = spec.write_index(target);
    let mut reasons = Vec::new();
    for subject in seen.subjects.iter() {
        let Some(copy) = subject.target.filter(|copy| copy.following.is_some()) else {
            continue;
        };
        let name = &copy.name;
        if !is_proved(context, subject) {
            let leader = &subject.names.source_index;
            let detail = format!("{name} on {target} is not proved to follow {leader} on {source}");
            let hint = format!("esdr bidi setup {}, which lets it follow again", spec.name);
            reasons.push(Reason::new(Code::UnprovedCopy, name.clone(), detail).hint(hint));
        }
        let view = context.scope.world.view(target);
        let writes = view.and_then(|view| written_through(view, &spec.name));
        let needs = borne(copy, &spec.name).is_some();
        if needs && writes.is_none_or(|index| index.name != own) {
            let alias = &spec.name;
            let detail = format!("writes through {alias} on {target} do not go into {own}");
            let hint = format!("esdr bidi setup {alias}");
            reasons.push(Reason::new(Code::AliasMissing, alias.clone(), detail).hint(hint));
        }
    }
    reasons
}

/// That a copy follows the very index that the source writes: by what its task says, by the
/// lease that it holds there, or by the record.
pub(super) fn is_proved(context: &Context<'_>, subject: &Subject<'_>) -> bool {
    let (Some(leader), Some(copy)) = (subject.source, subject.target) else {
        return false;
    };
    let Some(following) = copy.following.as_ref().filter(|_| leader.following.is_none()) else {
        return false;
    };
    if following.leader_index != leader.name {
        return false;
    }
    if let Some(uuid) = &following.leader_uuid {
        return *uuid == leader.uuid;
    }
    let (from, to) = (format!("/{}/{}-", copy.name, copy.uuid), format!("/{}", leader.uuid));
    let mut leases = leader.shards.iter().flat_map(|shard| &shard.leases);
    let recorded = protection::recorded(context.scope, &copy.uuid);
    leases.any(|lease| lease.id.contains(&from) && lease.id.ends_with(&to))
        || recorded.is_some_and(|member| member.source_uuid == leader.uuid)
}
