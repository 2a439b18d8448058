//! The life of a follower: pause, resume, unfollow, and what the leader is told.

use serde_json::{Value, json};

use super::{
    ask::Ask,
    follow::validated,
    follow_parameters,
    index::{Following, Index},
    lease,
    refusal::{Refusal, missing_cause},
    reply::{Handled, Reply, acknowledged, ok},
    site::Site,
    unstarted::Unstarted,
    world::{Deferred, Reach, World},
};

/// Parameters of the calls that go to the master; 6.8 knows none.
fn allow(world: &World, site: Site, ask: &Ask) -> Result<(), Refusal> {
    let known: &[&str] =
        if world.at(site).personality.is_old() { &[] } else { &["master_timeout", "timeout"] };
    ask.allow(known)
}

/// 400 for tasks that exist already; the first is the cause, the others are suppressed.
pub(super) fn already_running(uuid: &str, shards: usize) -> Refusal {
    let kind = "resource_already_exists_exception";
    let task = |at: usize| json!({"type": kind, "reason": format!("task with id {{{uuid}-{at}}} already exist")});
    let mut cause = task(0);
    if shards > 1 {
        cause["suppressed"] = (1..shards).map(task).collect();
    }
    Refusal::caused(400, cause)
}

/// `POST /{index}/_ccr/pause_follow`
pub(super) fn pause(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(0);
    let is_old = world.at(site).personality.is_old();
    let none = || Refusal::argument(format!("no shard follow tasks for [{name}]"));
    let index = world
        .at_mut(site)
        .index_mut(name)
        .map_err(|missing| if is_old { none() } else { missing })?;
    let Some(following) = &mut index.following else {
        let reason = format!("index [{name}] is not a follower index");
        return Err(if is_old { none() } else { Refusal::argument(reason) });
    };
    if following.tasks.take().is_none() {
        return Err(none());
    }
    acknowledged()
}

/// `POST /{index}/_ccr/resume_follow`
pub(super) fn resume(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let is_old = world.at(site).personality.is_old();
    let body = ask.object()?;
    let suffix = if is_old { ", parser not found" } else { "" };
    follow_parameters::check(ask, &body, &[], "cluster:admin/xpack/ccr/resume_follow", suffix)?;
    world.at(site).require_ccr()?;
    let name = ask.segment(0).to_owned();
    let index = world.at(site).index(&name)?;
    let Some(following) = index.following.clone() else {
        let reason = format!("follow index [{name}] does not have ccr metadata");
        return Err(Refusal::argument(reason));
    };
    let what = format!("index [{}:{}] metadata", following.remote, following.leader);
    let Some(target) = world.licensed_leader(site, &following.remote, &what)? else {
        return Ok(Reply::Park);
    };
    check_resumable(
        &name,
        world.at(site).index(&name)?,
        &following,
        world.at(target).index(&following.leader)?,
    )?;
    check_started(world.at(site).index(&name)?)?;
    if following.tasks.is_some() {
        let index = world.at(site).index(&name)?;
        return Err(already_running(&index.uuid, index.shards.len()));
    }
    let expired = world.lease_has_expired(site, &name, target);
    let index = world.at_mut(site).index_mut(&name)?;
    if let Some(following) = &mut index.following {
        following.parameters = follow_parameters::complete(&body);
    }
    world.start_tasks(site, &name);
    if let Some(fatal) = expired {
        world.end_tasks(site, &name, &fatal);
    }
    acknowledged()
}

/// The shards of a new copy are not started before they are restored.
fn check_started(index: &Index) -> Result<(), Refusal> {
    Unstarted::of(index).map_or(Ok(()), |why| Err(why.refusal(&index.name)))
}

fn check_resumable(
    name: &str,
    index: &Index,
    following: &Following,
    leader: &Index,
) -> Result<(), Refusal> {
    if leader.uuid != following.leader_uuid {
        return Err(Refusal::argument(format!(
            "follow index [{name}] should reference [{}] as leader index but instead reference [{}] as leader index",
            leader.uuid, following.leader_uuid
        )));
    }
    for (at, (shard, expected)) in leader.shards.iter().zip(&following.histories).enumerate() {
        if &shard.history_uuid != expected {
            return Err(Refusal::argument(format!(
                "leader shard [{name}][{at}] should reference [{expected}] as history uuid but instead \
                 reference [{}] as history uuid",
                shard.history_uuid
            )));
        }
    }
    if !index.open || !leader.open {
        return Err(Refusal::argument("leader and follow index must be open"));
    }
    Ok(())
}

/// `POST /{index}/_ccr/unfollow`: converts first, then talks to the leader about leases.
pub(super) fn unfollow(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(0).to_owned();
    let index = world.at_mut(site).index_mut(&name)?;
    let Some(following) = &index.following else {
        return Err(Refusal::argument(format!("index [{name}] is not a follower index")));
    };
    let problem = if index.open {
        Some("closed")
    } else if following.tasks.is_some() {
        Some("paused")
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(Refusal::argument(format!(
            "cannot convert the follower index [{name}] to a non-follower, because it has not been {problem}"
        )));
    }
    let uuid = index.uuid.clone();
    let following = following.clone();
    index.following = None;
    index.starting = 0;
    index.settings.remove("index.xpack.ccr.following_index");
    index.settings_version += 1;
    world.touch(site);
    let leader = (following.leader.as_str(), following.leader_uuid.as_str());
    let lease = lease::id(&world.at(site).name.clone(), (&name, &uuid), &following.remote, leader);
    world.give_up_leases(site, &following, lease)
}

/// `POST /{leader}/_ccr/forget_follower`, asked of the leader's cluster.
pub(super) fn forget(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["timeout"])?;
    let body = ask.required_object()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let fields =
        ["follower_cluster", "follower_index", "follower_index_uuid", "leader_remote_cluster"];
    let missing: Vec<String> = fields
        .iter()
        .filter(|field| text(field).is_empty())
        .map(|field| format!("{field} is missing"))
        .collect();
    validated(&missing.iter().map(String::as_str).collect::<Vec<_>>())?;
    let name = ask.segment(0).to_owned();
    let index = world.at(site).index(&name)?;
    let (uuid, shards) = (index.uuid.clone(), index.shards.len());
    let follower = (text("follower_index"), text("follower_index_uuid"));
    let id = lease::id(
        text("follower_cluster"),
        follower,
        text("leader_remote_cluster"),
        (&name, &uuid),
    );
    let removed = world.unlease(site, &name, &id);
    if removed == shards {
        return ok(json!({"_shards": {"total": shards, "successful": shards, "failed": 0}}));
    }
    let reason = json!({"type": "retention_lease_not_found_exception",
                        "reason": format!("retention lease with ID [{id}] not found")});
    let failure = json!({"shard": 0, "index": name, "status": "NOT_FOUND", "reason": reason});
    ok(json!({"_shards": {"total": shards, "successful": removed, "failed": shards - removed,
                          "failures": [failure]}}))
}

impl World {
    /// Removes a follower's leases; the conversion stands whatever comes of it.
    fn give_up_leases(&mut self, site: Site, following: &Following, lease: String) -> Handled {
        let is_old = self.at(site).personality.is_old();
        let target = match self.reach(site, &following.remote) {
            Reach::To(target) => target,
            Reach::Silent => {
                let (remote, leader) = (following.remote.clone(), following.leader.clone());
                self.deferred.push(Deferred { from: site, remote, leader, lease });
                return Ok(Reply::Never);
            }
            Reach::Unknown => {
                let text = format!("no such remote cluster: [{}]", following.remote);
                let cause = json!({"type": "no_such_remote_cluster_exception", "reason": text});
                let reason = if is_old {
                    format!("NoSuchRemoteClusterException[{text}]")
                } else {
                    format!("org.elasticsearch.transport.NoSuchRemoteClusterException: {text}")
                };
                return Err(lease_failure(&cause, &reason, &lease));
            }
            Reach::Refused => {
                let text = format!("[{}] connect_exception", following.remote);
                let cause = json!({"type": "connect_transport_exception", "reason": text});
                let reason = if is_old {
                    format!("ConnectTransportException[{text}]")
                } else {
                    format!("org.elasticsearch.transport.ConnectTransportException: {text}")
                };
                return Err(lease_failure(&cause, &reason, &lease));
            }
        };
        if self.at(target).indices.contains_key(&following.leader) {
            self.unlease(target, &following.leader, &lease);
            return acknowledged();
        }
        let leader = self.at(target);
        let cause = missing_cause(leader.personality, &following.leader);
        let action = "indices:admin/seq_no/remove_retention_lease";
        let place = format!("[{}][{}][{action}]", leader.node_name(), leader.transport_address);
        let reason = if is_old {
            format!(
                "RemoteTransportException[{place}]; nested: IndexNotFoundException[no such index];"
            )
        } else {
            format!("org.elasticsearch.transport.RemoteTransportException: {place}")
        };
        Err(lease_failure(&cause, &reason, &lease))
    }

    /// The fatal exception of a follower whose lease has run out and whose missing
    /// operations the leader need not hold any more.
    pub(super) fn lease_has_expired(&self, site: Site, name: &str, target: Site) -> Option<Value> {
        let cluster = self.at(site);
        let index = cluster.indices.get(name)?;
        let following = index.following.as_ref()?;
        let leader = self.at(target).by_uuid(&following.leader_uuid)?;
        let id = lease::id(
            &cluster.name,
            (name, &index.uuid),
            &following.remote,
            (&following.leader, &following.leader_uuid),
        );
        let is_lost = leader.shards.iter().zip(&index.shards).any(|(leader, shard)| {
            !leader.leases.iter().any(|lease| lease.id == id) && shard.checkpoint < leader.committed
        });
        is_lost.then(|| {
            json!({"type": "resource_not_found_exception",
                   "reason": "Operations are no longer available for replicating. Existing retention \
                              leases [RetentionLeases{}]; maybe increase the retention lease period \
                              setting [index.soft_deletes.retention_lease.period]?"})
        })
    }

    /// Ends the tasks of a follower for good.
    pub(super) fn end_tasks(&mut self, site: Site, name: &str, fatal: &Value) {
        let Some(index) = self.at_mut(site).indices.get_mut(name) else {
            return;
        };
        let tasks = index.following.as_mut().and_then(|following| following.tasks.as_mut());
        for task in tasks.into_iter().flatten() {
            task.fatal = Some(fatal.clone());
        }
    }
}

fn lease_failure(cause: &Value, reason: &str, lease: &str) -> Refusal {
    Refusal {
        status: 500,
        body: json!({"error": {
            "root_cause": [cause],
            "type": "exception",
            "reason": reason,
            "failed_to_remove_retention_leases": lease,
            "caused_by": cause,
        }, "status": 500}),
    }
}
