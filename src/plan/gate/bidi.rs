//! What stands against a bi-directional alias, or against taking it down.

use crate::{
    model::{
        bidi::{BidiSpec, borne, written_through},
        topology::{ClusterSpec, LEADER_INDEX},
        world::{Index, Pattern},
    },
    plan::{
        context::Context,
        gate::recursion::{Fault, Hop, Maker, Rule, Site, faults},
        protection,
        reason::{Code, Reason},
        seen::Seen,
        subject::Subject,
    },
};

/// So many of a cluster's indices to come are made up, and followed through.
const ROLLED_MAX: u32 = 32;

/// So many ways to a copy of a copy are told: one pattern takes many names.
const FAULTS_MAX: usize = 8;

/// Nothing else answers to the alias's name: no index is called so, and none but the cluster's
/// own takes writes through it.
pub(in crate::plan) fn alias_taken(context: &Context<'_>) -> Vec<Reason> {
    let Some(spec) = context.both() else {
        return Vec::new();
    };
    let alias = &spec.name;
    // Each side is judged with the direction that it writes.
    let cluster = context.scope.source;
    let Some(view) = context.scope.world.view(cluster) else {
        return Vec::new();
    };
    let own = context.written_on(cluster).unwrap_or_default();
    if view.indices.contains_key(alias) {
        let detail = format!("an index on {cluster} is called {alias} itself");
        let hint = format!(
            "stop its writers; make {own} with its settings and mappings; reindex {alias} into \
             {own} and compare the counts; delete {alias}; then the same command"
        );
        return vec![Reason::new(Code::NameTaken, alias.clone(), detail).hint(hint)];
    }
    let is_other = |index: &&Index| !spec.is_written_by(cluster, &index.name);
    let other = written_through(view, alias).filter(is_other);
    other
        .map(|other| {
            let name = &other.name;
            let detail = format!("writes through {alias} on {cluster} go into {name}");
            let hint = format!(
                "reindex {name} into {own} and take {alias} off it; or leave it to be read only: \
                 is_write_index false for {name}; then the same command"
            );
            Reason::new(Code::WriteIndexElsewhere, name.clone(), detail).hint(hint)
        })
        .into_iter()
        .collect()
}

/// What would be followed back, or twice, by the patterns of both sides and what this run adds.
/// Each side's own index is judged with the direction that it is written in.
pub(in crate::plan) fn recursion(context: &Context<'_>) -> Vec<Reason> {
    let Some(spec) = context.both() else {
        return Vec::new();
    };
    let source = context.scope.source;
    let mut rules = Vec::new();
    let mut born = Vec::new();
    for site in [Site::First, Site::Second] {
        let cluster = cluster(spec, site);
        if context.scope.world.view(cluster).is_none() {
            return Vec::new();
        }
        rules.push(Rule {
            on: site.other(),
            maker: Maker::Run,
            takes: vec![spec.write_index(cluster), spec.rolled_indices(cluster)],
            exclusions: Vec::new(),
            follower: LEADER_INDEX.to_owned(),
        });
        let Some(patterns) = patterns(context, spec, site) else {
            let detail = format!("the auto-follow patterns of {cluster} may not be read");
            let hint = "give this user the cluster privilege manage_ccr there";
            return vec![Reason::new(Code::Recursion, cluster, detail).hint(hint)];
        };
        rules.extend(patterns);
        if cluster == source {
            let names = names_followed(context);
            born.extend(names.existing.into_iter().chain(names.made_up).map(|name| (site, name)));
        }
    }
    let faults = faults(&rules, &born);
    faults.iter().take(FAULTS_MAX).map(|fault| told(fault, spec)).collect()
}

/// What is followed through to the end of what the source writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NamesFollowed {
    /// Indices that are there, also such as only look like the alias's.
    pub existing: Vec<String>,
    /// Those that it may come to write.
    pub made_up: Vec<String>,
}

/// The names from which the proof against copies of copies starts.
pub(crate) fn names_followed(context: &Context<'_>) -> NamesFollowed {
    let source = context.scope.source;
    let (Some(spec), Some(view)) = (context.both(), context.scope.world.view(source)) else {
        return NamesFollowed::default();
    };
    let kin = format!("{}-", spec.name);
    let is_kin = |index: &&Index| index.following.is_none() && index.name.starts_with(&kin);
    let existing = view.indices.values().filter(is_kin).map(|index| index.name.clone());
    let several = if context.rolls_over(source) { ROLLED_MAX } else { 0 };
    let rolled = (1..=several).map(|number| spec.rolled_index(source, number));
    let written = context.written_on(source).into_iter().chain(rolled);
    let mut made_up: Vec<String> =
        written.filter(|name| !view.indices.contains_key(name)).collect();
    made_up.dedup();
    NamesFollowed { existing: existing.collect(), made_up }
}

fn cluster(spec: &BidiSpec, site: Site) -> &str {
    match site {
        Site::First => &spec.clusters[0],
        Site::Second => &spec.clusters[1],
    }
}

/// The auto-follow patterns of a side that bring in what the other side has, running or paused.
/// `None` where they may not be read.
fn patterns(context: &Context<'_>, spec: &BidiSpec, site: Site) -> Option<Vec<Rule>> {
    let (on, other) = (cluster(spec, site), cluster(spec, site.other()));
    let patterns = context.scope.world.view(on)?.patterns.as_ref()?;
    let other_alias = context.topology.cluster(other).map(ClusterSpec::remote_alias);
    let brings_in = |pattern: &&Pattern| match context.scope.world.behind_alias(on, &pattern.remote)
    {
        Some(leads_to) => leads_to == other,
        // One whose connection is gone goes on as soon as that is made again.
        None => other_alias.as_ref() == Ok(&pattern.remote),
    };
    let rule = |pattern: &Pattern| Rule {
        on: site,
        maker: Maker::Pattern(pattern.name.clone()),
        takes: pattern.leader_patterns.clone(),
        exclusions: pattern.exclusions.clone(),
        follower: pattern.body["follow_index_pattern"].as_str().unwrap_or(LEADER_INDEX).to_owned(),
    };
    Some(patterns.iter().filter(brings_in).map(rule).collect())
}

fn told(fault: &Fault, spec: &BidiSpec) -> Reason {
    let name = |site| cluster(spec, site);
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
pub(in crate::plan) fn unproved_copies(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let Some(spec) = context.both() else {
        return Vec::new();
    };
    let (source, target) = (context.scope.source, context.scope.target);
    let own = context.written_on(target).unwrap_or_default();
    let mut reasons = Vec::new();
    for subject in &seen.subjects {
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
pub(in crate::plan) fn is_proved(context: &Context<'_>, subject: &Subject<'_>) -> bool {
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
