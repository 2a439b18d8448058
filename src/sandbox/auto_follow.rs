//! Auto-follow patterns and the coordinator that acts on them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::{Cluster, Life, Pattern},
    flat::{Flat, flatten},
    follow::{Birth, validated},
    follow_parameters,
    index::Index,
    refusal::Refusal,
    reply::{Handled, Reply, acknowledged, ok},
    site::Site,
    wildcard,
    world::{Reach, World},
};

impl Pattern {
    fn matches(&self, name: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| wildcard::matches(pattern, name))
            && !self
                .exclusions
                .iter()
                .any(|pattern| wildcard::matches(pattern, name))
    }

    fn follower_of(&self, leader: &str) -> String {
        let template = self.renamed.as_deref().unwrap_or("{{leader_index}}");
        template.replace("{{leader_index}}", leader)
    }
}

fn allow(world: &World, site: Site, ask: &Ask) -> Result<(), Refusal> {
    let known: &[&str] = if world.at(site).personality.is_old() {
        &[]
    } else {
        &["master_timeout", "timeout"]
    };
    ask.allow(known)
}

fn missing(name: &str) -> Refusal {
    Refusal::new(
        404,
        "resource_not_found_exception",
        format!("auto-follow pattern [{name}] is missing"),
    )
}

/// `PUT /_ccr/auto_follow/{name}`: matches that exist already count as followed.
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let is_old = world.at(site).personality.is_old();
    let body = ask.required_object()?;
    let mut fields = vec![
        "remote_cluster",
        "leader_index_patterns",
        "follow_index_pattern",
    ];
    if !is_old {
        fields.extend(["leader_index_exclusion_patterns", "settings"]);
    }
    let suffix = if is_old { ", parser not found" } else { "" };
    follow_parameters::check(
        ask,
        &body,
        &fields,
        "put_auto_follow_pattern_request",
        suffix,
    )?;
    let (name, remote, patterns) = named(ask, &body)?;
    world.at(site).require_ccr()?;
    let Some(target) = world.licensed_leader(site, &remote, "cluster state")? else {
        return Ok(Reply::Park);
    };
    let old = world.at(site).patterns.get(&name);
    let old_patterns: Vec<String> = old.map(|old| old.patterns.clone()).unwrap_or_default();
    let mut pattern = Pattern {
        is_active: true,
        remote,
        patterns,
        exclusions: texts(body.get("leader_index_exclusion_patterns")),
        renamed: body
            .get("follow_index_pattern")
            .and_then(Value::as_str)
            .map(str::to_owned),
        settings: body.get("settings").cloned().unwrap_or(Value::Null),
        parameters: follow_parameters::given(&body),
        followed: old.map(|old| old.followed.clone()).unwrap_or_default(),
        seen_version: 0,
    };
    let leaders = world.at(target).indices.values();
    let existing: BTreeSet<String> = leaders
        .filter(|leader| pattern.matches(&leader.name))
        .filter(|leader| {
            !old_patterns
                .iter()
                .any(|old| wildcard::matches(old, &leader.name))
        })
        .map(|leader| leader.uuid.clone())
        .collect();
    pattern.followed.extend(existing);
    world.at_mut(site).patterns.insert(name, pattern);
    acknowledged()
}

/// The name, the remote and the patterns, if they are as they have to be.
fn named(ask: &Ask, body: &Map<String, Value>) -> Result<(String, String, Vec<String>), Refusal> {
    let remote = body
        .get("remote_cluster")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let patterns = texts(body.get("leader_index_patterns"));
    let name = ask.segment(2);
    let problems: Vec<&str> = [
        (remote.is_empty(), "[remote_cluster] is missing"),
        (patterns.is_empty(), "[leader_index_patterns] is missing"),
        (name.starts_with('_'), "[name] must not start with '_'"),
        (name.contains(','), "[name] must not contain a ','"),
    ]
    .into_iter()
    .filter(|(is_wrong, _)| *is_wrong)
    .map(|(_, problem)| problem)
    .collect();
    validated(&problems)?;
    Ok((name.to_owned(), remote.to_owned(), patterns))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `GET /_ccr/auto_follow[/{name}]`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let cluster = world.at(site);
    let wanted = ask.segment(2);
    if !wanted.is_empty() && !cluster.patterns.contains_key(wanted) {
        return Err(missing(wanted));
    }
    let rows: Vec<Value> = cluster
        .patterns
        .iter()
        .filter(|(name, _)| wanted.is_empty() || *name == wanted)
        .map(|(name, pattern)| json!({"name": name, "pattern": shown(cluster, pattern)}))
        .collect();
    ok(json!({"patterns": rows}))
}

fn shown(cluster: &Cluster, pattern: &Pattern) -> Value {
    let is_old = cluster.personality.is_old();
    let mut out = Map::new();
    if !is_old {
        out.insert("active".to_owned(), json!(pattern.is_active));
    }
    out.insert("remote_cluster".to_owned(), json!(pattern.remote));
    out.insert("leader_index_patterns".to_owned(), json!(pattern.patterns));
    if !is_old {
        out.insert(
            "leader_index_exclusion_patterns".to_owned(),
            json!(pattern.exclusions),
        );
    }
    if let Some(follow) = &pattern.renamed {
        out.insert("follow_index_pattern".to_owned(), json!(follow));
    }
    if !pattern.settings.is_null() {
        out.insert("settings".to_owned(), pattern.settings.clone());
    }
    out.extend(pattern.parameters.clone());
    Value::Object(out)
}

/// `DELETE /_ccr/auto_follow/{name}`: followers keep following.
pub(super) fn delete(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(2);
    world
        .at_mut(site)
        .patterns
        .remove(name)
        .ok_or_else(|| missing(name))?;
    acknowledged()
}

/// `POST /_ccr/auto_follow/{name}/pause` and `/resume` (from 7.5 on)
pub(super) fn switch(world: &mut World, site: Site, ask: &Ask, is_active: bool) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(2);
    let pattern = world
        .at_mut(site)
        .patterns
        .get_mut(name)
        .ok_or_else(|| missing(name))?;
    if is_active && !pattern.is_active {
        // What appeared meanwhile is picked up.
        pattern.seen_version = 0;
    }
    pattern.is_active = is_active;
    acknowledged()
}

/// What the coordinator finds to do for one pattern.
struct Find {
    pattern: String,
    leader: Index,
    /// Other active patterns for the same remote that match too.
    rivals: Vec<String>,
}

impl World {
    /// Follows what patterns match, where the leader's metadata has changed.
    pub(super) fn auto_follow(&mut self) {
        for site in Site::BOTH {
            let cluster = self.at(site);
            if cluster.life != Life::Up || cluster.is_ill || cluster.patterns.is_empty() {
                continue;
            }
            for find in self.finds(site) {
                self.take(site, find);
            }
        }
    }

    fn finds(&mut self, site: Site) -> Vec<Find> {
        let mut finds = Vec::new();
        let mut seen: Vec<(String, u64)> = Vec::new();
        let cluster = self.at(site);
        for (name, pattern) in cluster
            .patterns
            .iter()
            .filter(|(_, pattern)| pattern.is_active)
        {
            let Reach::To(target) = self.reach(site, &pattern.remote) else {
                continue;
            };
            let leaders = self.at(target);
            if leaders.metadata_version == pattern.seen_version || leaders.is_ill {
                continue;
            }
            seen.push((name.clone(), leaders.metadata_version));
            for leader in leaders.indices.values() {
                if !leader.open
                    || leader.red
                    || !pattern.matches(&leader.name)
                    || pattern.followed.contains(&leader.uuid)
                {
                    continue;
                }
                let rivals = cluster
                    .patterns
                    .iter()
                    .filter(|(other, rival)| {
                        *other != name
                            && rival.is_active
                            && rival.remote == pattern.remote
                            && rival.matches(&leader.name)
                    })
                    .map(|(other, _)| other.clone())
                    .collect();
                finds.push(Find {
                    pattern: name.clone(),
                    leader: leader.clone(),
                    rivals,
                });
            }
        }
        for (name, version) in seen {
            if let Some(pattern) = self.at_mut(site).patterns.get_mut(&name) {
                pattern.seen_version = version;
            }
        }
        finds
    }

    fn take(&mut self, site: Site, find: Find) {
        let Find {
            pattern: name,
            leader,
            rivals,
        } = find;
        let key = format!("{name}:{}", leader.name);
        if !rivals.is_empty() {
            let list = rivals.join(", ");
            let reason = format!(
                "index to follow [{}] for pattern [{name}] matches with other patterns [{list}]",
                leader.name
            );
            return self.note_failure(site, key, json!({"type": "exception", "reason": reason}));
        }
        let Some(pattern) = self.at(site).patterns.get(&name).cloned() else {
            return;
        };
        let follower = pattern.follower_of(&leader.name);
        let already = self.at(site).indices.values().any(|index| {
            index
                .following
                .as_ref()
                .is_some_and(|following| following.leader_uuid == leader.uuid)
        });
        if already {
            return self.note_followed(site, &name, leader.uuid);
        }
        let mut settings = Flat::new();
        if pattern.settings.is_object() {
            flatten("", &pattern.settings, &mut settings);
        }
        let birth = Birth {
            name: follower,
            remote: pattern.remote.clone(),
            leader: leader.name.clone(),
            parameters: follow_parameters::complete(&pattern.parameters),
            settings,
        };
        match self.follow(site, birth) {
            Ok(true) => {}
            Ok(false) => {
                self.at_mut(site).auto_follow.followed += 1;
                self.at_mut(site)
                    .auto_follow
                    .errors
                    .retain(|(other, _, _)| *other != key);
                self.note_followed(site, &name, leader.uuid);
            }
            Err(refusal) => self.note_failure(site, key, refusal.cause()),
        }
    }

    fn note_followed(&mut self, site: Site, pattern: &str, uuid: String) {
        if let Some(pattern) = self.at_mut(site).patterns.get_mut(pattern) {
            pattern.followed.insert(uuid);
        }
    }

    fn note_failure(&mut self, site: Site, key: String, exception: Value) {
        let now_ms = self.now_ms();
        let stats = &mut self.at_mut(site).auto_follow;
        stats.failed += 1;
        stats.errors.retain(|(other, _, _)| *other != key);
        stats.errors.push_front((key, now_ms, exception));
        stats.errors.truncate(256);
    }
}
