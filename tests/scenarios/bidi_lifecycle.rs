//! Lifecycle management on both sites of a bi-directional alias: it rolls over what is written,
//! on its own side, and lets the copy of it be once that is whole.

use serde_json::{Value, json};

use super::{
    bidi::{LOGS, own},
    sets::{follows, is_regular},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

const DOCUMENTS: u64 = 20;

fn setup(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["bidi", "setup", "logs", "--yes", "--rollover"]).json()
}

fn rolled(site: Site, number: usize) -> String {
    format!("{}-{number:06}", own(site))
}

/// The same policy on both sites, for what each of them writes.
fn manage(pair: &Pair) {
    for site in Site::BOTH {
        let rollover = json!({"rollover": {"max_docs": DOCUMENTS}});
        let policy = json!({"policy": {"phases": {"hot": {"actions": rollover}}}});
        pair.ok("PUT", site, "/_ilm/policy/esdr-tests", policy);
        let often = json!({"persistent": {"indices.lifecycle.poll_interval": "1s"}});
        pair.ok("PUT", site, "/_cluster/settings", often);
        let settings = json!({
            "index.number_of_replicas": 0,
            "index.soft_deletes.enabled": true,
            "index.lifecycle.name": "esdr-tests",
            "index.lifecycle.rollover_alias": "logs"
        });
        let body = json!({"index_patterns": [format!("{}-0*", own(site))], "settings": settings});
        pair.ok("PUT", site, "/_template/esdr-tests", body);
    }
}

/// That an index was rolled over reaches its copy with the next read, for which a leader at rest
/// lets a follower wait a minute by default. On real servers the copy is told to wait a second, as
/// an operator can; on the simulated pair nothing waits for it.
///
/// A reader whose leader was gone tries again as seldom.
pub fn read_often(pair: &Pair, copy: &str) {
    if pair.is_real() {
        pair.ok("POST", B, &format!("/{copy}/_ccr/pause_follow"), ());
        let parameters = json!({"read_poll_timeout": "1s"});
        pair.ok("POST", B, &format!("/{copy}/_ccr/resume_follow"), parameters);
    }
}

/// What lifecycle management does, by hand where the pair keeps policies without carrying them
/// out.
fn roll_over(pair: &Pair) {
    if !pair.is_real() {
        let first = rolled(A, 1);
        pair.ok("POST", A, "/logs/_rollover", ());
        let complete = json!({"index.lifecycle.indexing_complete": true});
        pair.ok("PUT", A, &format!("/{first}/_settings"), complete.clone());
        until_true(30, "the copy is whole", || pair.count(B, &first) == Some(DOCUMENTS));
        for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
            pair.ok("POST", B, &format!("/{first}/{call}"), ());
        }
        pair.ok("PUT", B, &format!("/{first}/_settings"), complete);
    }
    until_true(120, "the copy of what was rolled over is let go", || {
        pair.get(A, &format!("/{}", rolled(A, 2))).0 == 200 && is_regular(pair, B, &rolled(A, 1))
    });
    until_true(30, "it is open again", || pair.count(B, &rolled(A, 1)) == Some(DOCUMENTS));
}

/// Everything that a site has of it.
fn indices(pair: &Pair, site: Site) -> Vec<String> {
    let rows = pair.ok("GET", site, "/_cat/indices/*logs*?format=json&h=index&s=index", ());
    let name = |row: &Value| row["index"].as_str().expect("a name").to_owned();
    rows.as_array().expect("rows").iter().map(name).collect()
}

pub fn lifecycle_management_rolls_over_its_own_side_and_lets_the_copy_be(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    manage(pair);
    let esdr = Esdr::on(pair).toml(LOGS);
    drop(setup(&esdr).run().status(0));
    read_often(pair, &rolled(A, 1));
    for n in 0..DOCUMENTS {
        pair.ok("PUT", A, &format!("/logs/_doc/{n}"), json!({"n": n}));
    }
    roll_over(pair);
    pair.ok("PUT", A, "/logs/_doc/after", json!({"n": DOCUMENTS}));
    until_true(60, "the next one is followed", || follows(pair, B, &rolled(A, 2)));

    drop(setup(&esdr).run().status(0));
    for site in Site::BOTH {
        until_true(60, "both sides count both", || pair.count(site, "logs") == Some(DOCUMENTS + 1));
        assert_eq!(indices(pair, site), [rolled(A, 1), rolled(A, 2), rolled(B, 1)], "on {site}");
    }
    let status = esdr.args(["bidi", "status", "logs"]).json().run().status(0);
    assert_eq!(status.lines()[0]["bidi"][0]["whole"], true, "{}", status.stdout);
    let before = Snapshot::of(pair, &esdr);
    let again = esdr.args(["bidi", "setup", "logs", "--yes"]);
    for again in [again, esdr.args(["failback", "--set", "logs", "--yes"])] {
        let result = again.json().run().status(0).result();
        assert_eq!(result["run"], Value::Null, "{result}");
    }
    before.assert_unchanged(pair, &esdr);
}
