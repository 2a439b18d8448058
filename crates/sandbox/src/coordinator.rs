//! The coordinator that acts on auto-follow patterns.

use serde_json::{Value, json};

use super::{
    cluster::{Life, Pattern},
    flat::{Flat, flatten},
    follow::Birth,
    follow_parameters,
    site::Site,
    wildcard,
    world::{Reach, World},
};

impl Pattern {
    /// Whether a leader index of this name is to be followed.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| wildcard::matches(pattern, name))
            && !self.exclusions.iter().any(|pattern| wildcard::matches(pattern, name))
    }

    /// The name of the follower of a leader index.
    fn follower_of(&self, leader: &str) -> String {
        let template = self.renamed.as_deref().unwrap_or("{{leader_index}}");
        template.replace("{{leader_index}}", leader)
    }
}

/// For how many steps a new follower looks paused, between its copy and its tasks' start.
const STARTING: u32 = 4;

/// What the coordinator finds to do for one pattern.
struct Find {
    pattern: String,
    leader: String,
    leader_uuid: String,
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
        for (name, pattern) in cluster.patterns.iter().filter(|(_, pattern)| pattern.is_active) {
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
                    leader: leader.name.clone(),
                    leader_uuid: leader.uuid.clone(),
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
        let Find { pattern: name, leader, leader_uuid, rivals } = find;
        let key = format!("{name}:{leader}");
        if !rivals.is_empty() {
            let list = rivals.join(", ");
            let reason = format!(
                "index to follow [{leader}] for pattern [{name}] matches with other patterns [{list}]"
            );
            return self.note_failure(site, key, json!({"type": "exception", "reason": reason}));
        }
        let Some(pattern) = self.at(site).patterns.get(&name).cloned() else {
            return;
        };
        let follower = pattern.follower_of(&leader);
        let already = self.at(site).indices.values().any(|index| {
            index.following.as_ref().is_some_and(|following| following.leader_uuid == leader_uuid)
        });
        if already {
            return self.note_followed(site, &name, leader_uuid);
        }
        let mut settings = Flat::new();
        if pattern.settings.is_object() {
            flatten("", &pattern.settings, &mut settings);
        }
        let birth = Birth {
            name: follower,
            remote: pattern.remote.clone(),
            leader: leader.clone(),
            parameters: follow_parameters::complete(&pattern.parameters),
            settings,
            starting: STARTING,
        };
        match self.follow(site, birth) {
            Ok(true) => {}
            Ok(false) => {
                self.at_mut(site).auto_follow.followed += 1;
                self.at_mut(site).auto_follow.errors.retain(|(other, _, _)| *other != key);
                self.note_followed(site, &name, leader_uuid);
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
