//! `_cluster/health`.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    index::Index,
    names::{self, Wanted},
    reply::{Handled, Reply},
    site::Site,
    world::World,
};

/// `GET /_cluster/health[/{index}]`: a missing index or a wait that is not met answers 408
/// with a normal body. Nothing is waited for here: what is not so now counts as timed out.
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "level",
        "local",
        "master_timeout",
        "timeout",
        "wait_for_status",
        "wait_for_active_shards",
        "wait_for_nodes",
        "wait_for_events",
        "wait_for_no_relocating_shards",
        "wait_for_no_initializing_shards",
        "expand_wildcards",
    ])?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    // Closed indices have no shards before 7.2 and do not count.
    let (found, is_missing) = match names::resolve(cluster, ask.segment(2), Wanted::ALL) {
        Ok(found) => (found, false),
        Err(_) => (Vec::new(), true),
    };
    let counted: Vec<&Index> = found
        .iter()
        .map(|name| &cluster.indices[name])
        .filter(|index| index.open || !is_old)
        .collect();
    let status = if is_missing || counted.iter().any(|index| index.health() == "red") {
        "red"
    } else if counted.iter().any(|index| index.health() == "yellow") {
        "yellow"
    } else {
        "green"
    };
    let rank = |status: &str| {
        ["green", "yellow", "red"].iter().position(|one| *one == status).unwrap_or(2)
    };
    let is_unmet =
        ask.parameter("wait_for_status").is_some_and(|wanted| rank(status) > rank(wanted));
    let timed_out = is_missing || is_unmet;
    let counts = counts(&counted);
    let mut out = Map::new();
    out.insert("cluster_name".to_owned(), json!(cluster.name));
    out.insert("status".to_owned(), json!(status));
    out.insert("timed_out".to_owned(), json!(timed_out));
    out.insert("number_of_nodes".to_owned(), json!(1));
    out.insert("number_of_data_nodes".to_owned(), json!(1));
    out.extend(fields(&counts, is_old));
    out.insert("delayed_unassigned_shards".to_owned(), json!(0));
    out.insert("number_of_pending_tasks".to_owned(), json!(0));
    out.insert("number_of_in_flight_fetch".to_owned(), json!(0));
    out.insert("task_max_waiting_in_queue_millis".to_owned(), json!(0));
    out.insert("active_shards_percent_as_number".to_owned(), json!(counts.percent()));
    let level = ask.parameter("level").unwrap_or("cluster");
    if level != "cluster" {
        let rows: Map<String, Value> = counted
            .iter()
            .map(|index| (index.name.clone(), row(index, is_old, level == "shards")))
            .collect();
        out.insert("indices".to_owned(), Value::Object(rows));
    }
    Ok(Reply::Json(if timed_out { 408 } else { 200 }, Value::Object(out)))
}

/// Numbers of shards.
struct Counts {
    primaries: u64,
    unassigned: u64,
    unassigned_primaries: u64,
}

impl Counts {
    /// Active shards of all, in percent; 100 when there are none.
    fn percent(&self) -> f64 {
        let all = self.primaries + self.unassigned;
        if all == 0 {
            return 100.0;
        }
        // Shard counts are far below what a double holds exactly.
        #[allow(clippy::cast_precision_loss)]
        let percent = self.primaries as f64 / all as f64 * 100.0;
        percent
    }
}

fn counts(indices: &[&Index]) -> Counts {
    let mut counts = Counts { primaries: 0, unassigned: 0, unassigned_primaries: 0 };
    for index in indices {
        let shards = index.shards.len() as u64;
        if index.health() == "red" {
            counts.unassigned += shards;
            counts.unassigned_primaries += shards;
        } else {
            counts.primaries += shards;
        }
        counts.unassigned += shards * index.replicas();
    }
    counts
}

fn fields(counts: &Counts, is_old: bool) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("active_primary_shards".to_owned(), json!(counts.primaries));
    out.insert("active_shards".to_owned(), json!(counts.primaries));
    out.insert("relocating_shards".to_owned(), json!(0));
    out.insert("initializing_shards".to_owned(), json!(0));
    out.insert("unassigned_shards".to_owned(), json!(counts.unassigned));
    if !is_old {
        out.insert("unassigned_primary_shards".to_owned(), json!(counts.unassigned_primaries));
    }
    out
}

fn row(index: &Index, is_old: bool, with_shards: bool) -> Value {
    let mut out = Map::new();
    out.insert("status".to_owned(), json!(index.health()));
    out.insert("number_of_shards".to_owned(), json!(index.shards.len()));
    out.insert("number_of_replicas".to_owned(), json!(index.replicas()));
    out.extend(fields(&counts(&[index]), is_old));
    if with_shards {
        let is_red = index.health() == "red";
        let shards: Map<String, Value> = (0..index.shards.len())
            .map(|at| {
                let mut shard = json!({"status": index.health(), "primary_active": !is_red,
                    "active_shards": u64::from(!is_red), "relocating_shards": 0, "initializing_shards": 0,
                    "unassigned_shards": index.replicas() + u64::from(is_red)});
                if !is_old {
                    shard["unassigned_primary_shards"] = json!(u64::from(is_red));
                }
                (at.to_string(), shard)
            })
            .collect();
        out.insert("shards".to_owned(), Value::Object(shards));
    }
    Value::Object(out)
}
