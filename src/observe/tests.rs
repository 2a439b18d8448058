//! Observation against what real clusters answered (6.8.23), cut to what is read.

mod answers;

use std::time::Duration;

use tokio::time::Instant;

use super::{Watched, observe, observe_cluster, observe_shards};
use crate::{
    es::{
        scripted::Scripted,
        transport::{Method, Unanswered},
    },
    model::{
        lag::{Evidence, lag},
        world::{Answer, Cluster, Refusal},
    },
};

const ROOT_A: &str = r#"{"name":"a1","cluster_name":"clusterA","cluster_uuid":"ZO2A","version":{"number":"6.8.23"},"tagline":"You Know, for Search"}"#;
const ROOT_B: &str = r#"{"name":"b1","cluster_name":"clusterB","cluster_uuid":"S_MQ","version":{"number":"6.8.23"},"tagline":"You Know, for Search"}"#;
const INFO_B: &str = r#"{"follower_indices":[{"follower_index":"m-a","remote_cluster":"dc1","leader_index":"m-a","status":"active","parameters":{"read_poll_timeout":"1m"}}]}"#;
const NONE: &str = r#"{"follower_indices":[]}"#;
const REACHED: &str =
    r#"{"took":3,"_clusters":{"total":1,"successful":1,"skipped":0},"hits":{"total":0,"hits":[]}}"#;
const TASKS_B: &str = r#"{"follow_stats":{"indices":[{"index":"m-a","shards":[
    {"shard_id":1,"leader_global_checkpoint":5,"leader_max_seq_no":5,"follower_global_checkpoint":5,"successful_read_requests":1,"failed_read_requests":0,"read_exceptions":[],"time_since_last_read_millis":1516},
    {"shard_id":0,"leader_global_checkpoint":9,"leader_max_seq_no":9,"follower_global_checkpoint":9,"successful_read_requests":1,"failed_read_requests":0,"read_exceptions":[],"time_since_last_read_millis":420}]}]}}"#;

/// `_stats` of one index with two shards, the second one's checkpoint given.
fn stats(uuid: &str, second: i64) -> String {
    let lease = r#"{"id":"clusterB/m-a/KWB4-following-dc1/m-a/pMkF","retaining_seq_no":0,"timestamp":1795250347965,"source":"ccr"}"#;
    let peer =
        r#"{"id":"peer_recovery/x","retaining_seq_no":0,"timestamp":1,"source":"peer recovery"}"#;
    let shard = |at: i64| {
        format!(
            r#"[{{"routing":{{"state":"STARTED","primary":false}},"seq_no":{{"max_seq_no":1,"local_checkpoint":1,"global_checkpoint":1}}}},
            {{"routing":{{"state":"STARTED","primary":true}},"commit":{{"user_data":{{"history_uuid":"h"}}}},"indexing":{{"index_current":2}},
            "seq_no":{{"max_seq_no":{at},"local_checkpoint":{at},"global_checkpoint":{at}}},"retention_leases":{{"leases":[{peer},{lease}]}}}}]"#
        )
    };
    let (one, two) = (shard(9), shard(second));
    format!(r#"{{"indices":{{"m-a":{{"uuid":"{uuid}","shards":{{"1":{two},"0":{one}}}}}}}}}"#)
}

/// The answers that both sides have in common, for an index of this UUID.
fn healthy(root: &str, uuid: &str, followers: &str, second: i64) -> Scripted {
    let cat = format!(
        r#"[{{"index":"m-a","uuid":"{uuid}","status":"open","health":"green","pri":"2","rep":"0","pri.store.size":"460","store.size":"460"}},
        {{"index":"old","uuid":"o","status":"close","health":null,"pri":null,"rep":null,"pri.store.size":null,"store.size":null}}]"#
    );
    let follows =
        if followers == NONE { "" } else { r#""index.xpack.ccr.following_index":"true","# };
    let settings = format!(
        r#"{{"m-a":{{"settings":{{{follows}"index.number_of_shards":"2","index.number_of_replicas":"0","index.soft_deletes.enabled":"true","index.version.created":"6082399"}}}},
            "old":{{"settings":{{"index.number_of_shards":"3","index.blocks.write":"true","index.blocks.read_only_allow_delete":"true","index.version.created":"6082399"}}}}}}"#
    );
    Scripted::new()
        .get("/$", root)
        .get("/_cluster/health", r#"{"status":"green","timed_out":false,"number_of_nodes":1}"#)
        .get("/_license", r#"{"license":{"status":"active","type":"trial","expiry_date_in_millis":1797838906650}}"#)
        .get("/_cat/indices?format=json&h=index,uuid,status,health,pri,rep,pri.store.size,store.size&bytes=b$", &cat)
        .get("/_all/_settings/", &settings)
        .get("/_stats/indexing?level=shards&filter_path", &stats(uuid, second))
        .get("/_all/_alias", r#"{"m-a":{"aliases":{"w":{"filter":{"term":{"n":1}},"is_write_index":true}}},"old":{"aliases":{}}}"#)
        .get("/_all/_ccr/info", followers)
        .on(Method::Get, "/_ccr/auto_follow", 403, r#"{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}"#)
        .get("/_recovery", "{}")
}

fn leader() -> Scripted {
    healthy(ROOT_A, "pMkF", NONE, 7)
        .get("/_cluster/settings", r#"{"persistent":{},"transient":{}}"#)
        .get("/_remote/info", "{}")
        .get("/_ccr/stats", "{}")
        .get("/_cluster/state", "{}")
}

fn follower() -> Scripted {
    healthy(ROOT_B, "KWB4", INFO_B, 5)
        .get("/_cluster/settings", r#"{"persistent":{"cluster.remote.dc1.seeds":["10.0.0.1:9300"]},"transient":{}}"#)
        .get("/_ccr/stats", TASKS_B)
        .get("/_cluster/state", r#"{"metadata":{"persistent_tasks":{"tasks":[{"task":{"xpack/ccr/shard_follow_task":{"params":{"remote_cluster":"dc1","follow_shard_index":"m-a","follow_shard_index_uuid":"KWB4","leader_shard_index":"m-a","leader_shard_index_uuid":"pMkF"}}}}]}}}"#)
}

fn watched(name: &str, alias: &str, script: Scripted) -> Watched {
    let es = script.es(name);
    Watched { name: name.into(), uuid: None, alias: alias.into(), addresses: Vec::new(), es }
}

#[tokio::test(start_paused = true)]
async fn two_healthy_sides_are_measured_and_tied_by_uuid_whatever_the_aliases_are_called() {
    let b = follower()
        .get("/dc1:esdr-probe", REACHED)
        .get("/_remote/info", r#"{"dc1":{"seeds":["10.0.0.1:9300"],"connected":true}}"#);
    let world =
        observe(&[watched("clusterA", "wrong", leader()), watched("clusterB", "b", b)]).await;
    assert_eq!(world.behind_alias("clusterB", "dc1"), Some("clusterA"));
    assert!(world.clusters.values().all(Cluster::is_ok), "{:?}", world.clusters);
    let (leader, follower) = (world.index("clusterA", "m-a"), world.index("clusterB", "m-a"));
    let lag = lag(leader, follower.unwrap());
    assert_eq!((lag.lag_ops, lag.evidence), (Some(2), Evidence::Measured));
    let leader = leader.unwrap();
    assert_eq!((leader.writing, leader.shards[0].leases.len()), (4, 1));
    assert_eq!(leader.aliases[0].is_write_index, Some(true));
    let view = world.view("clusterA").unwrap();
    let old = &view.indices["old"];
    assert_eq!(
        (old.open, old.shard_count, old.write_block, old.soft_deletes),
        (false, 3, true, false)
    );
    assert!(view.disk_full && view.patterns.is_none());
    let sight = world.sight("clusterB", "clusterA").unwrap();
    assert_eq!((sight.answer, sight.evidence.as_str()), (Answer::Yes, "reading, 0.4 s ago"));
    let sight = world.sight("clusterA", "clusterB").unwrap();
    assert_eq!(sight.answer, Answer::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_leader_delays_nothing_and_lag_0_is_only_reported() {
    let frozen = Scripted::new().silent(Method::Get, "/");
    let b = follower()
        .silent(Method::Get, "/dc1:esdr-probe")
        // As 6.8 does while a remote leader is frozen.
        .silent(Method::Get, "/_remote/info");
    let began = Instant::now();
    let world = observe(&[watched("clusterA", "dc1", frozen), watched("clusterB", "dc2", b)]).await;
    assert!(began.elapsed() <= Duration::from_millis(2100), "{:?}", began.elapsed());
    let Cluster::Unreachable { reason } = &world.clusters["clusterA"] else { panic!() };
    assert_eq!(reason, "clusterA: no answer in 2.0 s");
    assert!(world.clusters["clusterB"].is_ok());
    assert_eq!(world.behind_alias("clusterB", "dc1"), Some("clusterA"));
    let remote = &world.view("clusterB").unwrap().remotes["dc1"];
    assert_eq!((remote.connected, remote.seeds.len()), (None, 1));
    let sight = world.sight("clusterB", "clusterA").unwrap();
    assert_eq!(
        (sight.answer, sight.evidence.as_str()),
        (Answer::No, "asked it: no answer in 2.0 s")
    );
    let lag = lag(None, world.index("clusterB", "m-a").unwrap());
    assert_eq!((lag.lag_ops, lag.at_least, lag.age_ms), (None, Some(0), Some(1516)));
}

#[tokio::test(start_paused = true)]
async fn a_follower_whose_probe_hangs_after_the_rest_is_still_bounded() {
    // The alias in use is not the configured one, so it is probed last.
    let b = follower().silent(Method::Get, "/dc1:esdr-probe").silent(Method::Get, "/_remote/info");
    let gone = Scripted::new().gone(Unanswered::Connect { reason: "refused".into() });
    let began = Instant::now();
    let world = observe(&[watched("clusterA", "x", gone), watched("clusterB", "b", b)]).await;
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(matches!(&world.clusters["clusterA"], Cluster::Unreachable { .. }));
    assert_eq!(world.behind_alias("clusterB", "dc1"), None);
}

#[tokio::test(start_paused = true)]
async fn an_essential_answer_that_is_missing_makes_ill_and_keeps_the_rest() {
    let b = Scripted::new().silent(Method::Get, "/_cluster/health");
    let b = b.get("/$", ROOT_B).get("/_all/_ccr/info", INFO_B);
    let began = Instant::now();
    let Cluster::Ill { reason, view } = observe_cluster(&watched("clusterB", "b", b)).await else {
        panic!()
    };
    assert!(began.elapsed() <= Duration::from_secs(6));
    assert!(reason.contains("GET /_cluster/health: no answer in 5000 ms"), "{reason}");
    assert_eq!((view.uuid.as_str(), view.version.major), ("S_MQ", 6));
}

/// As where a stranger gives one answer of a look, or an index goes in the middle of it.
#[tokio::test(start_paused = true)]
async fn answers_of_one_look_that_contradict_each_other_make_ill() {
    let ill = async |odd: Scripted, whole: Scripted| {
        let cluster = observe_cluster(&watched("clusterB", "b", odd.or(whole))).await;
        let Cluster::Ill { reason, .. } = cluster else { panic!("{cluster:?}") };
        reason
    };
    for (path, answer, whole, expected) in [
        ("/_cat/indices", "[]", leader(), "/_stats knows m-a, /_cat/indices does not"),
        (
            "/_cat/indices",
            r#"[{"index":"m-a","uuid":"other","status":"open","health":"green"}]"#,
            leader(),
            "m-a is other by /_cat/indices, pMkF by /_stats",
        ),
        (
            "/_all/_settings",
            "{}",
            leader(),
            "/_cat/indices knows m-a, /_settings does not, nor any other",
        ),
        (
            "/_all/_ccr/info",
            NONE,
            follower(),
            "m-a follows by /_settings, and does not by /_ccr/info",
        ),
        (
            "/_all/_ccr/info",
            INFO_B,
            leader(),
            "m-a follows by /_ccr/info, and does not by /_settings",
        ),
    ] {
        assert_eq!(
            ill(Scripted::new().get(path, answer), whole).await,
            format!("its answers contradict each other: {expected}")
        );
    }
}

/// A user who may see the settings of the sets' indices only sees fewer there.
#[tokio::test(start_paused = true)]
async fn an_index_whose_settings_are_not_shown_is_no_contradiction() {
    let settings = r#"{"m-a":{"settings":{"index.number_of_shards":"2"}}}"#;
    let some = Scripted::new().get("/_all/_settings", settings).or(leader());
    let cluster = observe_cluster(&watched("clusterA", "a", some)).await;
    assert!(cluster.is_ok(), "{cluster:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_master_it_is_ill_and_says_why() {
    let body = r#"{"error":{"root_cause":[{"type":"master_not_discovered_exception","reason":null}],"type":"master_not_discovered_exception","reason":null},"status":503}"#;
    let script = Scripted::new().get("/$", ROOT_B).on(Method::Get, "/_cluster/health", 503, body);
    let cluster = observe_cluster(&watched("clusterB", "b", script)).await;
    let Cluster::Ill { reason, .. } = cluster else { panic!("{cluster:?}") };
    assert_eq!(reason, "it has no master");
}

#[tokio::test(start_paused = true)]
async fn who_refuses_is_not_dead() {
    let refusal = |script: Scripted, pin: Option<&'static str>| async move {
        let uuid = pin.map(str::to_owned);
        let watched = Watched { uuid, ..watched("c", "c", script) };
        match observe_cluster(&watched).await {
            Cluster::Refused { reason } => reason,
            other => panic!("{other:?}"),
        }
    };
    let body = r#"{"error":{"type":"security_exception","reason":"unable to authenticate user [u] for REST request [/]"},"status":401}"#;
    let login = Scripted::new().on(Method::Get, "/", 401, body);
    assert!(matches!(refusal(login, None).await, Refusal::Login { .. }));
    let tls = Scripted::new().gone(Unanswered::Tls { reason: "expired".into() });
    assert_eq!(refusal(tls, None).await, Refusal::Tls { detail: "expired".into() });
    let page = Scripted::new().get("/", "<html>It works!</html>");
    assert!(matches!(refusal(page, None).await, Refusal::NotElasticsearch { .. }));
    let other = Scripted::new().get("/", r#"{"hello":"world"}"#);
    assert!(matches!(refusal(other, None).await, Refusal::NotElasticsearch { .. }));
    let wrong = Refusal::WrongUuid { expected: "pin".into(), found: "ZO2A".into() };
    assert_eq!(refusal(Scripted::new().get("/", ROOT_A), Some("pin")).await, wrong);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_without_anything_behind_it_is_silence() {
    let page = Scripted::new().on(Method::Get, "/", 503, "<html>503</html>");
    let cluster = observe_cluster(&watched("c", "c", page)).await;
    assert!(matches!(cluster, Cluster::Unreachable { .. }), "{cluster:?}");
}

#[tokio::test(start_paused = true)]
async fn leases_tell_where_a_paused_follower_leads() {
    let paused = INFO_B.replace("active", "paused");
    let b = healthy(ROOT_B, "KWB4", &paused, 5)
        .get("/_cluster/settings", r#"{"persistent":{"cluster.remote.dc1.seeds":["h:1"]}}"#);
    let world = observe(&[watched("clusterA", "x", leader()), watched("clusterB", "b", b)]).await;
    assert_eq!(world.behind_alias("clusterB", "dc1"), Some("clusterA"));
    let following = world.index("clusterB", "m-a").unwrap().following.as_ref().unwrap();
    assert!(!following.active && following.leader_uuid.is_none() && following.tasks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn evidence_for_another_cluster_beats_the_configured_name() {
    // clusterA's name is on the alias, yet what is followed over it lies on clusterC.
    let c = leader();
    let a = healthy(ROOT_A, "other", NONE, 7).get("/_cluster/settings", "{}").get("/_stats", "{}");
    let clusters = [
        watched("clusterA", "dc1", a),
        watched("clusterB", "b", follower()),
        watched("clusterC", "c", c),
    ];
    let world = observe(&clusters).await;
    assert_eq!(world.behind_alias("clusterB", "dc1"), Some("clusterC"));
}

#[tokio::test(start_paused = true)]
async fn the_drain_loop_reads_checkpoints_alone() {
    let script = Scripted::new().get("/m-a/_stats/indexing?level=shards", &stats("u", 7));
    let readings = observe_shards(&script.es("a"), &["m-a".into()]).await.unwrap();
    let reading = &readings["m-a"];
    assert_eq!((reading.writing, reading.shards.len()), (4, 2));
    assert_eq!(reading.shards[1].global_checkpoint, 7);
}
