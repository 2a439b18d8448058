//! `PUT /{index}/_ccr/follow`: the birth of a follower.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    bootstrap::check_overrides,
    flat::{Flat, flatten},
    follow_parameters,
    index::Index,
    invariants::Lineage,
    lease,
    refusal::Refusal,
    reply::{Handled, Reply, ok},
    site::Site,
    task::Task,
    world::{Reach, World},
};

/// What a follower is to be.
pub(super) struct Birth {
    pub(super) name: String,
    pub(super) remote: String,
    pub(super) leader: String,
    pub(super) parameters: Map<String, Value>,
    pub(super) settings: Flat,
    /// How many steps pass between the copy and the start of the tasks.
    pub(super) starting: u32,
}

/// `PUT /{index}/_ccr/follow`
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let personality = world.at(site).personality;
    let mut known = vec!["wait_for_active_shards"];
    let mut fields = vec!["remote_cluster", "leader_index"];
    if !personality.is_old() {
        known.push("master_timeout");
        fields.extend(["settings", "data_stream_name"]);
    }
    ask.allow(&known)?;
    let body = ask.required_object()?;
    let parser = "indices:admin/xpack/ccr/put_follow";
    let suffix = if personality.is_old() { ", parser not found" } else { "" };
    follow_parameters::check(ask, &body, &fields, parser, suffix)?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (remote, leader) = (text("remote_cluster"), text("leader_index"));
    let problems: Vec<&str> =
        [("remote_cluster is missing", &remote), ("leader_index is missing", &leader)]
            .into_iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(problem, _)| problem)
            .collect();
    validated(&problems)?;
    let mut settings = Flat::new();
    if let Some(given) = body.get("settings") {
        flatten("", given, &mut settings);
    }
    let parameters = follow_parameters::complete(&body);
    let birth = Birth {
        name: ask.segment(0).to_owned(),
        remote,
        leader,
        parameters,
        settings,
        starting: 0,
    };
    if world.follow(site, birth)? {
        return Ok(Reply::Park);
    }
    let waited = ask.parameter("wait_for_active_shards").is_some_and(|text| text != "0");
    ok(json!({"follow_index_created": true, "follow_index_shards_acked": waited,
              "index_following_started": waited}))
}

/// 400 with all problems of a request, numbered as the server does.
pub(super) fn validated(problems: &[&str]) -> Result<(), Refusal> {
    if problems.is_empty() {
        return Ok(());
    }
    let numbered = problems.iter().zip(1..).map(|(problem, at)| format!("{at}: {problem};"));
    let reason = format!("Validation Failed: {}", numbered.collect::<Vec<_>>().concat());
    Err(Refusal::new(400, "action_request_validation_exception", reason))
}

impl World {
    /// Reaches the leader's cluster for a call that checks its licence first; `None` when
    /// it stays silent.
    pub(super) fn licensed_leader(
        &self,
        site: Site,
        remote: &str,
        what: &str,
    ) -> Result<Option<Site>, Refusal> {
        match self.reach(site, remote) {
            Reach::Silent => Ok(None),
            Reach::Unknown => Err(Refusal::new(
                404,
                "no_such_remote_cluster_exception",
                format!("no such remote cluster: [{remote}]"),
            )),
            Reach::Refused => Err(Refusal::new(
                400,
                "status_exception",
                format!(
                    "can not fetch remote {what} as the license state of the remote cluster \
                         [{remote}] could not be determined"
                ),
            )),
            Reach::To(target) if self.at(target).license.allows_ccr() => Ok(Some(target)),
            Reach::To(target) => {
                let mode = self.at(target).license.kind.to_uppercase();
                Err(Refusal::new(
                    400,
                    "status_exception",
                    format!(
                        "can not fetch remote {what} as the remote cluster [{remote}] is not \
                             licensed for [ccr]; the license mode [{mode}] on cluster [{remote}] \
                             does not enable [ccr]"
                    ),
                ))
            }
        }
    }

    /// Makes a follower. True when the leader stays silent and nothing was done.
    pub(super) fn follow(&mut self, site: Site, birth: Birth) -> Result<bool, Refusal> {
        self.at(site).require_ccr()?;
        let what = format!("index [{}:{}] metadata", birth.remote, birth.leader);
        let Some(target) = self.licensed_leader(site, &birth.remote, &what)? else {
            return Ok(true);
        };
        self.check_versions(site, target, &birth.remote)?;
        let leader = self.leader(target, &birth.leader)?.clone();
        check_overrides(&birth.settings)?;
        self.check_name(site, &birth, &leader)?;
        let had_tasks = self.at(site).indices.get(&birth.name).is_some_and(Index::is_active);
        let old_uuid = self.at(site).indices.get(&birth.name).map(|index| index.uuid.clone());
        if old_uuid.is_some() {
            self.check_discard(site, &birth.name, "follow over");
        }
        let old_term = self
            .at(site)
            .indices
            .get(&birth.name)
            .and_then(|index| index.shards.iter().map(|shard| shard.term).max())
            .unwrap_or(0);
        let uuid = old_uuid.unwrap_or_else(|| self.uuid());
        let index = self.born(site, &birth, &leader, uuid, old_term + 1);
        let (task_uuid, name) = (index.uuid.clone(), birth.name.clone());
        self.at_mut(site).indices.insert(birth.name.clone(), index);
        let lineage =
            Lineage { leader: (target, leader.uuid.clone()), follower: (site, task_uuid.clone()) };
        if !self.lineages.contains(&lineage) {
            self.lineages.push(lineage);
        }
        let id = lease::id(
            &self.at(site).name.clone(),
            (&name, &task_uuid),
            &birth.remote,
            (&leader.name, &leader.uuid),
        );
        let retain: Vec<i64> = leader.shards.iter().map(|shard| shard.committed + 1).collect();
        self.lease(target, &leader.name, &id, &retain);
        let now_ms = self.now_ms();
        self.at_mut(site).last_follow_ms = Some(now_ms);
        self.touch(site);
        if had_tasks {
            return Err(super::follower::already_running(&task_uuid, leader.shards.len()));
        }
        self.mark_dirty(site, &name);
        if birth.starting == 0 {
            self.start_tasks(site, &name);
        }
        Ok(false)
    }

    /// A follower's cluster cannot be older than its leader's: it could not read the files.
    fn check_versions(&self, site: Site, target: Site, remote: &str) -> Result<(), Refusal> {
        let (here, there) = (self.at(site).personality, self.at(target).personality);
        if !here.is_old() || there.is_old() {
            return Ok(());
        }
        let reason = format!(
            "[_ccr_{remote}:_latest_/_latest_] the snapshot was created with Elasticsearch version \
             [{}] which is higher than the version of this node [{}]",
            there.number(),
            here.number()
        );
        Err(Refusal::new(500, "snapshot_restore_exception", reason))
    }

    /// The leader index, if it can be one.
    fn leader(&self, target: Site, name: &str) -> Result<&Index, Refusal> {
        let cluster = self.at(target);
        if !cluster.indices.contains_key(name)
            && !cluster.behind(name).is_empty()
            && !cluster.personality.is_old()
        {
            let reason = format!("cannot follow [{name}], because it is a ALIAS");
            return Err(Refusal::argument(reason));
        }
        let leader = cluster.index(name)?;
        if !leader.open {
            return Err(Refusal::closed(name, &leader.uuid));
        }
        if cluster.personality.is_old() && !leader.is_set("index.soft_deletes.enabled") {
            return Err(Refusal::argument(format!(
                "leader index [{name}] does not have soft deletes enabled. soft deletes must be \
                 enabled when the index is created by setting index.soft_deletes.enabled to true"
            )));
        }
        Ok(leader)
    }

    /// Whether the follower's name is free, or taken by a closed index of the same shape.
    fn check_name(&self, site: Site, birth: &Birth, leader: &Index) -> Result<(), Refusal> {
        let prefix = format!("[_ccr_{}:_latest_/_latest_] cannot restore index", birth.remote);
        let kind = "snapshot_restore_exception";
        let name = &birth.name;
        match self.at(site).indices.get(name) {
            Some(index) if index.open => Err(Refusal::new(
                500,
                kind,
                format!(
                    "{prefix} [{name}] because an open index with same name already exists in the \
                 cluster. Either close or delete the existing index or restore the index under a \
                 different name by providing a rename pattern and replacement name"
                ),
            )),
            Some(index) if index.shards.len() != leader.shards.len() => Err(Refusal::new(
                500,
                kind,
                format!(
                    "{prefix} [{name}] with [{}] shards from a snapshot of index [{}] with [{}] shards",
                    index.shards.len(),
                    leader.name,
                    leader.shards.len()
                ),
            )),
            Some(_) => Ok(()),
            None if !self.at(site).behind(name).is_empty() => Err(Refusal::new(
                500,
                kind,
                format!(
                    "[_ccr_{}:_latest_/_latest_] cannot rename index [{}] into [{name}] because of \
                 conflict with an alias with the same name",
                    birth.remote, leader.name
                ),
            )),
            None => super::create::check_name(self.at(site), name),
        }
    }

    /// Starts one task per shard of a follower that has none.
    pub(super) fn start_tasks(&mut self, site: Site, name: &str) {
        let now_ms = self.now_ms();
        let cluster = self.at_mut(site);
        let first = cluster.allocation_id + 1;
        let Some(index) = cluster.indices.get_mut(name) else {
            return;
        };
        cluster.allocation_id += index.shards.len() as u64;
        let Some(following) = &mut index.following else {
            return;
        };
        let tasks = index
            .shards
            .iter()
            .zip(first..)
            .map(|(shard, id)| Task::new(id, shard.checkpoint, shard.max_seq_no, now_ms))
            .collect();
        following.tasks = Some(tasks);
    }
}
