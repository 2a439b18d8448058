//! What `esdr bidi status` says of two sites that both write.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    bidi::{LOGS, set_up},
    emergency::codes,
};
use crate::support::{
    esdr::Esdr,
    http,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

fn look(esdr: &Esdr, exit: i32) -> Value {
    esdr.args(["bidi", "status", "logs"]).json().run().status(exit).result()
}

fn logs(status: &Value) -> &Value {
    let [logs] = status["bidi"].as_array().expect("a list").as_slice() else {
        panic!("one alias: {status}")
    };
    logs
}

/// The direction into a site.
fn into(status: &Value, site: Site) -> &Value {
    let directions = logs(status)["directions"].as_array().expect("a list");
    directions.iter().find(|direction| direction["to"] == site.name()).expect("each site copies")
}

pub fn a_bidi_alias_that_was_set_up_is_whole_and_a_look_changes_nothing(pair: &mut Pair) {
    let esdr = set_up(pair);
    for (site, ids) in [(A, ["1", "2"]), (B, ["3", "4"])] {
        for id in ids {
            pair.ok("PUT", site, &format!("/logs/_doc/{id}?refresh=true"), json!({"n": 1}));
        }
    }
    let longer = json!({"index.soft_deletes.retention_lease.period": "72h"});
    pair.ok("PUT", A, "/logs-clustera/_settings", longer);
    let is_drained =
        |status: &Value| Site::BOTH.iter().all(|site| into(status, *site)["lag_ops"] == 0);
    until_true(60, "both copies have everything", || is_drained(&look(&esdr, 0)));
    let before = Snapshot::of(pair, &esdr);
    let status = look(&esdr, 0);
    before.assert_unchanged(pair, &esdr);

    assert_eq!(codes(&status), Vec::<&str>::new(), "{status}");
    let logs = logs(&status);
    assert_eq!((&logs["name"], &logs["whole"]), (&json!("logs"), &json!(true)), "{status}");
    assert_eq!(logs["recursion"]["answer"], "none", "{status}");
    let hours =
        [A, B].map(|site| into(&status, site)["history_ms"].as_u64().map(|ms| ms / 3_600_000));
    assert_eq!(hours, [Some(12), Some(72)], "as long as the site that writes keeps it: {status}");
    for (at, (site, own, copy)) in
        [(A, "logs-clustera", "logs-clusterb"), (B, "logs-clusterb", "logs-clustera")]
            .into_iter()
            .enumerate()
    {
        let told = &logs["sites"][at];
        assert_eq!(told["cluster"], site.name());
        assert_eq!(told["alias"], "one_write_index", "{told}");
        assert_eq!(told["write_index"], own, "{told}");
        assert_eq!((&told["own"], &told["copies"]), (&json!([own]), &json!([copy])), "{told}");
        let direction = into(&status, site);
        assert_eq!(direction["following"], 1, "{direction}");
        assert_eq!((&direction["stopped"], &direction["new"]), (&json!(0), &json!(0)));
        assert_eq!(direction["evidence"], "measured", "{direction}");
        assert!(direction["last_contact_ms"].is_u64(), "{direction}");
    }
    let screen = esdr.args(["bidi", "status", "logs"]).run().status(0).stdout;
    let first = screen.lines().next().expect("a line");
    assert_eq!(
        first,
        "logs is whole: both sites write, both read everything, nothing is followed back."
    );
    // Beside it there is no set: none is defined, and its indices belong to no other.
    let all = esdr.args(["status"]).json().run().status(0).result();
    assert_eq!(
        (&all["sets"], all["bidi"].as_array().map(Vec::len)),
        (&json!([]), Some(1)),
        "{all}"
    );
}

pub fn a_bidi_name_that_the_file_does_not_define_is_told_with_the_nearest(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    let output = esdr.args(["bidi", "status", "log"]).run().status(2);
    assert!(output.stderr.contains("there is no bidi \"log\"; did you mean \"logs\"?"));
    // Before it is set up, that is one thing and not many.
    let status = look(&esdr, 5);
    assert_eq!(codes(&status), ["nothing_replicated"], "{status}");
    assert_eq!(status["problems"][0]["hint"], "esdr bidi setup logs", "{status}");
}

pub fn what_a_bidi_alias_lacks_is_told_and_setting_it_up_again_mends_it(pair: &mut Pair) {
    let esdr = set_up(pair);
    drop(look(&esdr, 0));
    remove_alias(pair, A, "logs-clustera");
    let status = look(&esdr, 5);
    assert!(codes(&status).contains(&"alias_missing"), "{status}");
    assert!(codes(&status).contains(&"no_write_index"), "{status}");
    assert_eq!(logs(&status)["sites"][0]["write_index"], Value::Null, "{status}");
    assert_eq!(logs(&status)["sites"][0]["whole"], false, "{status}");
    // A server that copies aliases takes it off the copy too, sooner or later.
    if pair.is_6_8() {
        assert_eq!(logs(&status)["sites"][1]["whole"], true, "{status}");
    }
    mend(&esdr);

    pair.ok("POST", B, "/logs-clustera/_ccr/pause_follow", ());
    let status = look(&esdr, 5);
    assert_eq!(codes(&status), ["paused"], "{status}");
    assert_eq!(into(&status, B)["stopped"], 1, "{status}");
    assert_eq!(into(&status, B)["following"], 0, "{status}");
    assert_eq!(into(&status, A)["following"], 1, "{status}");
    mend(&esdr);

    for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow"] {
        pair.ok("POST", B, &format!("/logs-clustera/{call}"), ());
    }
    pair.ok("DELETE", B, "/logs-clustera", ());
    let status = look(&esdr, 5);
    assert_eq!(codes(&status), ["uncovered"], "{status}");
    assert_eq!(into(&status, B)["new"], 1, "{status}");
    mend(&esdr);
}

/// Every problem names the one command that puts it right.
fn mend(esdr: &Esdr) {
    drop(esdr.args(["bidi", "setup", "logs", "--yes"]).json().run().status(0));
    let status = look(esdr, 0);
    assert_eq!(logs(&status)["whole"], true, "{status}");
}

fn remove_alias(pair: &Pair, site: Site, index: &str) {
    let remove = json!({"actions": [{"remove": {"index": index, "alias": "logs"}}]});
    pair.ok("POST", site, "/_aliases", remove);
}

pub fn a_bidi_copy_that_would_be_copied_back_is_shown(pair: &mut Pair) {
    let esdr = set_up(pair);
    let body = json!({
        "remote_cluster": "clusterB",
        "leader_index_patterns": ["logs-clustera*"],
        "follow_index_pattern": "{{leader_index}}-again",
    });
    pair.ok("PUT", A, "/_ccr/auto_follow/again", body);
    let status = look(&esdr, 5);
    assert_eq!(codes(&status), ["recursion"], "{status}");
    let chain = logs(&status)["recursion"]["chains"][0].as_str().expect("a chain").to_owned();
    assert!(chain.contains("logs-clustera-again on clusterA, by the pattern \"again\""), "{chain}");
}

pub fn a_bidi_site_that_is_silent_is_told_soon_and_no_lag_is_made_up(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = set_up(pair);
    drop(look(&esdr, 0));
    pair.freeze(A);
    let status = look(&esdr, 5);
    assert_eq!(codes(&status).first(), Some(&"unreachable"), "{status}");
    let [a, b] = [0, 1].map(|at| &logs(&status)["sites"][at]);
    assert_eq!((&a["alias"], &a["own"]), (&json!("unknown"), &Value::Null), "{status}");
    assert_eq!(
        (&b["alias"], &b["write_index"]),
        (&json!("one_write_index"), &json!("logs-clusterb"))
    );
    for site in Site::BOTH {
        let direction = into(&status, site);
        assert_eq!(direction["lag_ops"], Value::Null, "{direction}");
        assert_ne!(direction["evidence"], "measured", "{direction}");
        assert_eq!(direction["new"], Value::Null, "{direction}");
    }
    assert_eq!(into(&status, B)["following"], 1, "{status}");
    assert_eq!(into(&status, A)["following"], Value::Null, "{status}");

    pair.thaw(A);
    until_true(60, "it answers again", || {
        http::send("GET", &pair.url(A), "/", (), Duration::from_secs(2)).is_ok()
    });
    until_true(90, "both directions go on by themselves", || {
        let status = esdr.args(["bidi", "status", "logs"]).json().run();
        status.code == 0 && logs(&status.result())["whole"] == true
    });
}
