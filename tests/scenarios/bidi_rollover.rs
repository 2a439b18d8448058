//! Two sites that both write, each into one index after another, behind one alias.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    bidi::{LOGS, own, spanned},
    refused::{only, refused},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    ledger::{Ledger, Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

/// Real servers, to which each index costs a second, make fewer.
const ROLLOVERS: usize = 10;
const ROLLOVERS_REAL: usize = 4;

fn setup(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["bidi", "setup", "logs", "--yes", "--rollover"]).json()
}

/// What is rolled over to can be followed: before 7.0 only where a template says so.
fn template(pair: &Pair) {
    for site in Site::BOTH {
        let settings = json!({
            "index.number_of_shards": 1,
            "index.number_of_replicas": 0,
            "index.soft_deletes.enabled": true
        });
        let body = json!({"index_patterns": [format!("{}-0*", own(site))], "settings": settings});
        pair.ok("PUT", site, "/_template/esdr-tests", body);
    }
}

/// Set up on two empty clusters.
fn set_up(pair: &Pair) -> Esdr {
    template(pair);
    let esdr = Esdr::on(pair).toml(LOGS);
    let result = setup(&esdr).run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    esdr
}

/// The index of this number that a site writes.
fn rolled(site: Site, number: usize) -> String {
    format!("{}-{number:06}", own(site))
}

/// By hand, or as lifecycle management does.
fn roll_over(pair: &Pair, site: Site) {
    let answer = pair.ok("POST", site, "/logs/_rollover", ());
    assert_eq!(answer["rolled_over"], true, "{answer}");
}

/// What follows on a site: the follower, and what it follows.
fn followers(pair: &Pair, site: Site) -> Vec<(String, String)> {
    let (_, info) = pair.get(site, "/_all/_ccr/info");
    let rows = info["follower_indices"].as_array().cloned().unwrap_or_default();
    let name = |row: &Value, of: &str| row[of].as_str().expect("a name").to_owned();
    let mut found: Vec<(String, String)> =
        rows.iter().map(|row| (name(row, "follower_index"), name(row, "leader_index"))).collect();
    found.sort();
    found
}

/// Each index that a site wrote is followed by the other once, and nothing else is.
#[track_caller]
fn assert_followed_once(pair: &Pair, count: usize) {
    for site in Site::BOTH {
        let names = (1..=count).map(|number| rolled(site.other(), number));
        let wanted: Vec<(String, String)> = names.map(|name| (name.clone(), name)).collect();
        until_true(60, &format!("{site} follows {count}"), || followers(pair, site).len() >= count);
        assert_eq!(followers(pair, site), wanted, "on {site}");
        let rows = pair.ok("GET", site, "/_cat/indices/*logs*?format=json&h=index", ());
        assert_eq!(rows.as_array().expect("rows").len(), 2 * count, "on {site}: {rows}");
    }
}

/// The newest of a site's own takes its writes, and everything is read through the alias.
#[track_caller]
fn assert_spanned(pair: &Pair, count: usize) {
    for site in Site::BOTH {
        let flagged = |of: Site| {
            (1..=count)
                .map(move |number| (rolled(of, number), json!(of == site && number == count)))
        };
        let mut wanted: Vec<(String, Value)> = flagged(A).chain(flagged(B)).collect();
        wanted.sort_by(|one, other| one.0.cmp(&other.0));
        until_true(60, &format!("{site} reads all of it"), || {
            spanned(pair, site).len() >= 2 * count
        });
        assert_eq!(spanned(pair, site), wanted, "on {site}");
    }
}

/// What was acknowledged and is in none of the indices that a site has written, as another has
/// them.
fn missing(
    pair: &Pair,
    ledger: &Ledger,
    site: Site,
    count: usize,
    reader: Site,
) -> BTreeSet<String> {
    let missing_in = |number| {
        let missing = ledger.missing_on(&pair.url(reader), &rolled(site, number));
        let id = |line: &String| line.split(':').next().unwrap_or_default().to_owned();
        missing.iter().map(id).collect::<BTreeSet<String>>()
    };
    let each = (1..=count).map(missing_in);
    each.reduce(|all, one| &all & &one).unwrap_or_default()
}

/// Another run has nothing to do, and does nothing.
#[track_caller]
fn assert_settled(pair: &Pair, esdr: &Esdr) {
    let before = Snapshot::of(pair, esdr);
    let result = setup(esdr).run().status(0).result();
    assert_eq!((&result["outcome"], &result["run"]), (&json!("converged"), &Value::Null));
    before.assert_unchanged(pair, esdr);
}

fn status(esdr: &Esdr) -> Value {
    let output = esdr.args(["bidi", "status", "logs"]).json().run().status(0);
    output.lines()[0]["bidi"][0].clone()
}

/// Show 3. Before 7.3 a copy does not come with its alias: the next run adds it.
pub fn ten_rollovers_a_site_are_each_followed_once_and_none_is_followed_back(pair: &mut Pair) {
    let esdr = set_up(pair);
    assert_spanned(pair, 1);
    let load = || Load { updates_of_ten: 0, ..Load::default() };
    let writers = Site::BOTH.map(|site| Writer::with(&pair.url(site), "logs", load()));
    let rollovers = if pair.is_real() { ROLLOVERS_REAL } else { ROLLOVERS };
    for _ in 0..rollovers {
        for (site, writer) in Site::BOTH.into_iter().zip(&writers) {
            writer.until_acked_more(50);
            roll_over(pair, site);
        }
    }
    let count = rollovers + 1;
    assert_followed_once(pair, count);
    drop(setup(&esdr).run().status(0));
    assert_spanned(pair, count);
    for writer in &writers {
        writer.until_acked_more(50);
    }
    let ledgers = writers.map(Writer::stop);
    let documents: usize = ledgers.iter().map(Ledger::documents).sum();
    for (site, ledger) in Site::BOTH.into_iter().zip(&ledgers) {
        assert!(ledger.refused().is_empty(), "{:?}", ledger.refused_last());
        until_true(60, "both sides count both", || {
            pair.count(site, "logs") == Some(documents as u64)
        });
        for reader in Site::BOTH {
            assert_eq!(missing(pair, ledger, site, count, reader), BTreeSet::new());
        }
    }
    assert_followed_once(pair, count);
    assert_settled(pair, &esdr);
    let status = status(&esdr);
    assert_eq!(status["whole"], true, "{status}");
    for site in [0, 1] {
        assert_eq!(status["sites"][site]["own"].as_array().expect("a list").len(), count);
        assert_eq!(status["sites"][site]["copies"].as_array().expect("a list").len(), count);
    }
}

/// Its one index goes on to be read, once its writers have been moved off it as esdr says.
pub fn an_alias_with_one_index_a_site_is_rolled_over_by_hand_first(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    drop(esdr.args(["bidi", "setup", "logs", "--yes"]).json().run().status(0));
    let problems =
        refused(pair, &esdr, esdr.args(["bidi", "setup", "logs", "--yes", "--rollover"]), 3);
    assert_eq!(problems, only("not_rolled", ""));
    template(pair);
    for site in Site::BOTH {
        pair.ok("PUT", site, "/logs/_doc/old", json!({"n": 1}));
        let path = format!("/logs/_rollover/{}", rolled(site, 1));
        pair.ok("POST", site, &path, ());
        pair.ok("PUT", site, "/logs/_doc/new", json!({"n": 2}));
    }
    drop(setup(&esdr).run().status(0));
    for site in Site::BOTH {
        until_true(60, "both sides count both", || pair.count(site, "logs") == Some(4));
        let names = [own(site.other()), rolled(site.other(), 1)];
        assert_eq!(followers(pair, site), names.map(|name| (name.clone(), name)), "on {site}");
    }
    assert_settled(pair, &esdr);
    // What is rolled over is so whether it is said or not.
    let plain = esdr.args(["bidi", "setup", "logs", "--yes"]).json().run().status(0).result();
    assert_eq!(plain["run"], Value::Null, "{plain}");
}

/// What a site wrote while the other was gone is copied when that is back, and nothing goes on
/// being followed once it is taken down.
pub fn what_was_rolled_over_during_an_outage_is_copied_and_all_is_taken_down(pair: &mut Pair) {
    let esdr = set_up(pair);
    if !pair.can_harm() {
        return;
    }
    let load = Load { updates_of_ten: 0, ..Load::default() };
    let writer = Writer::with(&pair.url(B), "logs", load);
    writer.until_acked_more(50);
    pair.kill(A);
    drop(
        esdr.args(["failover", "--to", "clusterB", "--set", "logs", "--yes"])
            .json()
            .run()
            .status(0),
    );
    for _ in 0..3 {
        writer.until_acked_more(50);
        roll_over(pair, B);
    }
    pair.restart(A);
    let failback = esdr.args(["failback", "--set", "logs", "--yes"]).json().limit_s(300);
    drop(failback.run().status(0));
    let ledger = writer.stop();
    for reader in Site::BOTH {
        until_true(90, "what was acknowledged is on both sides", || {
            missing(pair, &ledger, B, 4, reader).is_empty()
        });
    }
    let wanted: Vec<String> = (1..=4).map(|number| rolled(B, number)).collect();
    let found: Vec<String> = followers(pair, A).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, wanted);
    until_true(60, "both count the same", || pair.count(A, "logs") == pair.count(B, "logs"));

    let teardown = esdr.args(["bidi", "teardown", "logs", "--confirm", "logs"]).json();
    drop(teardown.run().status(0));
    for site in Site::BOTH {
        assert_eq!(followers(pair, site), []);
        let (_, patterns) = pair.get(site, "/_ccr/auto_follow");
        assert_eq!(patterns["patterns"], json!([]), "on {site}");
        assert!(spanned(pair, site).iter().all(|(index, _)| index.starts_with(&own(site))));
    }
}

/// A pattern that would take the seventh of them back, and, before 7.0, indices that no template
/// makes such that they can be followed.
pub fn a_rollover_whose_copies_would_be_copied_back_is_refused(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    if pair.is_6_8() {
        let asked = esdr.args(["bidi", "setup", "logs", "--yes", "--rollover"]);
        assert_eq!(refused(pair, &esdr, asked, 3), only("soft_deletes", ""));
    }
    template(pair);
    pair.connect(B);
    let pattern = json!({"remote_cluster": "clusterA", "leader_index_patterns": ["logs-*-000007"]});
    pair.ok("PUT", B, "/_ccr/auto_follow/seven", pattern);
    let asked = esdr.args(["bidi", "setup", "logs", "--yes", "--rollover"]);
    let problems = refused(pair, &esdr, asked, 3);
    assert_eq!(problems, only("recursion", &rolled(B, 7)));
}
