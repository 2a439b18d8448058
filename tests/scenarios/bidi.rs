//! Two sites that both write, behind one alias.

use serde_json::{Value, json};

use super::{
    harness,
    moments::{KILLED, Moment, moments},
    refused::{only, refused},
};
use crate::support::{
    esdr::{Esdr, Invocation, Loss},
    ledger::{Ledger, Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

pub const LOGS: &str = "[bidi.logs]\nclusters = [\"clusterA\", \"clusterB\"]\n";

/// What a site writes, and the other copies.
pub fn own(site: Site) -> String {
    format!("logs-{}", site.name().to_lowercase())
}

fn setup(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["bidi", "setup", "logs", "--yes"])
}

fn teardown(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["bidi", "teardown", "logs", "--confirm", "logs"])
}

/// On real servers what is born gets one shard: before 7.0 it would get five, and each costs the time
/// to make it and its copy.
pub fn spare_shards(pair: &Pair) {
    if pair.is_real() {
        let body = json!({"index_patterns": ["logs-*"], "settings": {"number_of_shards": 1}});
        for site in Site::BOTH {
            pair.ok("PUT", site, "/_template/esdr-tests", body.clone());
        }
    }
}

/// Set up on two empty clusters.
pub fn set_up(pair: &Pair) -> Esdr {
    spare_shards(pair);
    let esdr = Esdr::on(pair).toml(LOGS);
    let result = setup(&esdr).json().run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    esdr
}

/// Some documents through the alias of a site.
fn write(pair: &Pair, site: Site, ids: std::ops::RangeInclusive<u32>) {
    for id in ids {
        pair.ok("PUT", site, &format!("/logs/_doc/{site}-{id}"), json!({"n": id}));
    }
}

/// The alias as a site has it: each index that bears it, with its write flag.
pub fn spanned(pair: &Pair, site: Site) -> Vec<(String, Value)> {
    let (_, answer) = pair.get(site, "/_all/_alias?expand_wildcards=all");
    let rows = answer.as_object().expect("indices").iter();
    let mut borne: Vec<(String, Value)> = rows
        .filter_map(|(index, row)| {
            let alias = row["aliases"].get("logs")?;
            Some((index.clone(), alias["is_write_index"].clone()))
        })
        .collect();
    borne.sort_by(|one, other| one.0.cmp(&other.0));
    borne
}

#[track_caller]
fn assert_spanned(pair: &Pair) {
    for site in Site::BOTH {
        let mut wanted = vec![(own(site), json!(true)), (own(site.other()), json!(false))];
        wanted.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(spanned(pair, site), wanted, "on {site}");
        assert!(follows(pair, site), "on {site}");
    }
}

/// Whether a site follows what the other writes.
fn follows(pair: &Pair, site: Site) -> bool {
    let (_, info) = pair.get(site, &format!("/{}/_ccr/info", own(site.other())));
    info["follower_indices"][0]["status"] == "active"
}

/// The calls that a command would make, but for the record and the canary.
fn calls(run: Invocation<'_>) -> Vec<String> {
    let output = run.arg("--dry-run").json().run();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut calls = Vec::new();
    for event in output.events() {
        if event["detail"]["what"] != "requests"
            || ["record", "echo"].contains(&event["step"].as_str().unwrap())
        {
            continue;
        }
        for call in event["detail"]["requests"].as_array().expect("requests") {
            let path = text(&call["path"]);
            let path = path.split('?').next().unwrap_or_default();
            calls.push(format!("{} {} {path}", text(&call["cluster"]), text(&call["method"])));
        }
    }
    calls
}

/// Another run has nothing to do, and does nothing.
#[track_caller]
fn assert_settled<'e>(pair: &Pair, esdr: &'e Esdr, run: impl Fn() -> Invocation<'e>) {
    let before = Snapshot::of(pair, esdr);
    let result = run().json().run().status(0).result();
    assert_eq!((&result["outcome"], &result["run"]), (&json!("converged"), &Value::Null));
    before.assert_unchanged(pair, esdr);
    drop(run().arg("--dry-run").json().run().status(0));
}

/// On two empty clusters, with writers on both; and run again while they write.
pub fn a_bidi_alias_is_written_and_read_on_both_sites(pair: &mut Pair) {
    let esdr = set_up(pair);
    assert_spanned(pair);
    for site in Site::BOTH {
        assert_eq!(pair.count(site, "logs"), Some(0), "no canary is left on {site}");
    }
    let load = || Load { updates_of_ten: 0, ..Load::default() };
    let writers = Site::BOTH.map(|site| Writer::with(&pair.url(site), "logs", load()));
    for writer in &writers {
        writer.until_acked_more(500);
    }
    let again = setup(&esdr).json().run().status(0).result();
    assert_eq!((&again["outcome"], &again["run"]), (&json!("converged"), &Value::Null));
    let ledgers = writers.map(Writer::stop);
    let documents: usize = ledgers.iter().map(Ledger::documents).sum();
    for (site, ledger) in Site::BOTH.into_iter().zip(&ledgers) {
        assert!(ledger.refused().is_empty(), "{:?}", ledger.refused_last());
        until_true(60, "both sides count both", || {
            pair.count(site, "logs") == Some(documents as u64)
        });
        for reader in Site::BOTH {
            ledger.assert_all_on(&pair.url(reader), &own(site));
        }
    }
    assert_settled(pair, &esdr, || setup(&esdr));
}

/// The UUIDs of the indices of a site, by name.
fn uuids(pair: &Pair, site: Site) -> Vec<String> {
    let rows = pair.ok("GET", site, "/_cat/indices/logs-*?format=json&h=index,uuid&s=index", ());
    rows.as_array().expect("rows").iter().map(ToString::to_string).collect()
}

/// Each call of a set-up that is taken back by hand is made again, and no other.
pub fn a_bidi_call_taken_back_by_hand_is_made_again_and_no_other(pair: &mut Pair) {
    let esdr = set_up(pair);
    write(pair, A, 1..=3);
    write(pair, B, 1..=4);
    let is_old = pair.is_6_8();
    let alias = |verb: &str, site: Site, flag: Value| {
        let mut action = json!({"index": own(site), "alias": "logs"});
        if !flag.is_null() {
            action["is_write_index"] = flag;
        }
        json!({"actions": [{verb: action}]})
    };
    let check = |harm: &str, kept: [&[String]; 2], wanted: &[&str]| {
        assert_eq!(calls(setup(&esdr)), wanted, "{harm}");
        drop(setup(&esdr).json().run().status(0));
        assert_spanned(pair);
        for site in Site::BOTH {
            until_true(60, "both sides count both", || pair.count(site, "logs") == Some(7));
            let now = uuids(pair, site);
            assert!(kept[site as usize].iter().all(|index| now.contains(index)), "{harm}: {now:?}");
        }
        assert_settled(pair, &esdr, || setup(&esdr));
    };
    let (on_a, on_b) = (uuids(pair, A), uuids(pair, B));

    pair.ok("POST", A, "/_aliases", alias("remove", A, Value::Null));
    check("no alias", [&on_a, &on_b], &["clusterA POST /_aliases"]);

    pair.ok("POST", B, "/_aliases", alias("add", B, json!(false)));
    check("no write flag", [&on_a, &on_b], &["clusterB POST /_aliases"]);

    if is_old {
        // Later servers refuse it.
        pair.ok("POST", B, "/_aliases", alias("remove", A, Value::Null));
        check("no alias on the copy", [&on_a, &on_b], &["clusterB POST /_aliases"]);
    }

    pair.ok("POST", A, "/logs-clusterb/_ccr/pause_follow", ());
    let resume = ["clusterA POST /logs-clusterb/_ccr/resume_follow"];
    check("paused", [&on_a, &on_b], &resume);

    pair.ok("POST", B, "/logs-clustera/_ccr/pause_follow", ());
    pair.ok("DELETE", B, "/logs-clustera", ());
    let follow = ["clusterB PUT /logs-clustera/_ccr/follow", "clusterB POST /_aliases"];
    check("no copy", [&on_a, &on_b[1..]], &follow[..if is_old { 2 } else { 1 }]);

    let on_b = uuids(pair, B);
    let gone = json!({"persistent": {"cluster.remote.clusterA.seeds": null}});
    pair.ok("PUT", B, "/_cluster/settings", gone);
    check("no remote", [&on_a, &on_b], &["clusterB PUT /_cluster/settings"]);
}

/// Indices that exist are taken over as they are; on what was set up by hand nothing is changed,
/// only proved.
pub fn a_bidi_alias_set_up_by_hand_is_taken_over(pair: &mut Pair) {
    for site in Site::BOTH {
        harness::create_leader(pair, site, &own(site));
        pair.ok("PUT", site, &format!("/{}/_doc/old", own(site)), json!({"n": 1}));
    }
    let esdr = Esdr::on(pair).toml(LOGS);
    let wanted = ["clusterA POST /_aliases", "clusterB PUT /_cluster/settings"];
    assert_eq!(calls(setup(&esdr))[..2], wanted);
    drop(setup(&esdr).json().run().status(0));
    assert_spanned(pair);
    for site in Site::BOTH {
        assert_eq!(pair.count(site, "logs"), Some(2));
    }

    // As nobody on record had done it.
    esdr.forget_state();
    for site in Site::BOTH {
        let uuid = pair.ok("GET", site, "/", ())["cluster_uuid"].clone();
        let start: String = uuid.as_str().unwrap().chars().take(8).collect();
        pair.ok("DELETE", site, &format!("/esdr-state-{}", start.to_lowercase()), ());
    }
    assert_eq!(calls(setup(&esdr)), [""; 0]);
    drop(setup(&esdr).json().run().status(0));
    assert_settled(pair, &esdr, || setup(&esdr));
}

/// What esdr makes, it makes as it is told.
pub fn a_bidi_index_is_made_with_the_settings_and_the_mapping_of_a_file(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    esdr.write("settings.json", r#"{"index.number_of_shards": 2, "index.refresh_interval": "7s"}"#);
    esdr.write("mapping.json", r#"{"dynamic": false, "properties": {"n": {"type": "long"}}}"#);
    esdr.write("broken.json", "[1]");
    let with = |mapping: &str| {
        setup(&esdr).arg("--settings").arg("settings.json").arg("--mapping").arg(mapping)
    };
    assert_eq!(refused(pair, &esdr, with("broken.json"), 2), only("usage", ""));
    drop(with("mapping.json").json().run().status(0));
    for (site, index) in [(A, own(A)), (B, own(B)), (A, own(B))] {
        let (_, settings) = pair.get(site, &format!("/{index}/_settings?flat_settings=true"));
        let settings = &settings[&index]["settings"];
        assert_eq!(settings["index.number_of_shards"], "2", "{index} on {site}");
        let (_, mapping) = pair.get(site, &format!("/{index}/_mapping"));
        assert!(mapping.to_string().contains(r#""n":{"type":"long"}"#), "{mapping}");
    }
    let (_, settings) = pair.get(A, "/logs-clustera/_settings?flat_settings=true");
    assert_eq!(settings["logs-clustera"]["settings"]["index.refresh_interval"], "7s");
}

/// Each is refused with nothing changed.
pub fn a_bidi_name_that_is_taken_is_refused(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    let unknown = esdr.args(["bidi", "setup", "log", "--yes"]);
    assert_eq!(refused(pair, &esdr, unknown, 2), only("usage", ""));
    let upper = Esdr::on(pair).toml(&LOGS.replace("logs", "Logs"));
    let output = upper.args(["bidi", "setup", "Logs", "--yes"]).run().status(2);
    assert!(output.stderr.contains("has an upper-case L"), "{}", output.stderr);

    pair.ok("PUT", B, "/logs/_doc/1", json!({"n": 1}));
    assert_eq!(refused(pair, &esdr, setup(&esdr), 3), only("name_taken", "logs"));
    pair.ok("DELETE", B, "/logs", ());

    for flag in [json!({}), json!({"is_write_index": true})] {
        pair.ok("PUT", A, "/old", json!({"aliases": {"logs": flag}}));
        assert_eq!(refused(pair, &esdr, setup(&esdr), 3), only("write_index_elsewhere", "old"));
        pair.ok("DELETE", A, "/old", ());
    }
    // What is only read through the alias stays where it is.
    let read_only = json!({"aliases": {"logs": {"is_write_index": false}}});
    pair.ok("PUT", A, "/old", read_only);

    harness::create_leader(pair, B, "logs-clustera");
    harness::create_leader(pair, A, "logs-clustera");
    assert_eq!(refused(pair, &esdr, setup(&esdr), 3), only("unrelated", "logs-clustera"));
    pair.ok("DELETE", B, "/logs-clustera", ());

    drop(setup(&esdr).json().run().status(0));
    assert_eq!(spanned(pair, A).len(), 3);
    // Its copy is all that is left of it.
    pair.ok("DELETE", A, "/logs-clustera", ());
    let problems = refused(pair, &esdr, setup(&esdr), 3);
    assert_eq!(problems, only("orphaned", "logs-clustera"));
}

/// Patterns that would copy the copies back, in either direction, with the way told hop by hop.
pub fn a_bidi_alias_whose_copies_would_be_copied_back_is_refused(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS);
    pair.connect(B);
    let pattern = |takes: &str, name: &str| json!({"remote_cluster": "clusterA", "leader_index_patterns": [takes], "follow_index_pattern": name});
    pair.ok("PUT", B, "/_ccr/auto_follow/all", pattern("logs-*", "{{leader_index}}-copy"));
    let problems = refused(pair, &esdr, setup(&esdr), 3);
    let wanted = ["logs-clustera", "logs-clusterb"].map(|it| ("recursion".into(), it.into()));
    assert_eq!(problems, wanted);
    let complaint = setup(&esdr).run().status(3).stdout;
    let chain = "logs-clusterb on clusterB -> logs-clusterb on clusterA, by this set-up; \
                 logs-clusterb on clusterA -> logs-clusterb-copy on clusterB, by the pattern \"all\"";
    let flat = complaint.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(chain), "{complaint}");

    // One that takes what the set-up follows anyway, under the same name, is no harm.
    pair.ok("PUT", B, "/_ccr/auto_follow/all", pattern("logs-clustera*", "{{leader_index}}"));
    drop(setup(&esdr).json().run().status(0));
    assert_spanned(pair);
}

/// A cluster that does not answer is neither taken for empty nor changed.
pub fn a_bidi_alias_needs_both_clusters(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(LOGS).cut_off(pair, B, Loss::Refused);
    let codes = |run| -> Vec<String> {
        refused(pair, &esdr, run, 3).into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(codes(setup(&esdr)), ["target_unreachable", "leader_unreachable"]);
    assert_eq!(codes(teardown(&esdr)), ["target_unreachable", "leader_unreachable"]);
}

/// The retention leases that a site holds for followers of what it writes.
fn leases(pair: &Pair, site: Site) -> usize {
    let stats = pair.ok("GET", site, &format!("/{}/_stats?level=shards", own(site)), ());
    stats.to_string().matches("-following-").count()
}

/// The copies go, and only they; what is written stays, and writers notice nothing.
pub fn a_bidi_alias_is_taken_down_and_set_up_again(pair: &mut Pair) {
    let esdr = set_up(pair);
    write(pair, A, 1..=3);
    write(pair, B, 1..=4);
    let bare = esdr.args(["bidi", "teardown", "logs", "--yes"]);
    assert_eq!(refused(pair, &esdr, bare, 3), only("refused", ""));
    let of_another = esdr.args(["bidi", "teardown", "logs", "--confirm", "log"]);
    assert_eq!(refused(pair, &esdr, of_another, 3), only("refused", ""));

    for site in Site::BOTH {
        until_true(60, "history is kept for the copy", || leases(pair, site) > 0);
    }
    let writer = Writer::start(&pair.url(A), "logs");
    writer.until_acked_more(100);
    drop(teardown(&esdr).json().run().status(0));
    writer.until_acked_more(100);
    let ledger = writer.stop();
    assert!(ledger.refused().is_empty(), "{:?}", ledger.refused_last());
    ledger.assert_all_on(&pair.url(A), &own(A));
    for (site, count) in [(A, 3 + ledger.documents() as u64), (B, 4)] {
        assert_eq!(spanned(pair, site), [(own(site), json!(true))]);
        assert_eq!(pair.count(site, "logs"), Some(count));
        assert_eq!(pair.get(site, &format!("/{}", own(site.other()))).0, 404);
        assert_eq!(leases(pair, site), 0, "no history is kept for a copy that is gone");
    }
    assert_settled(pair, &esdr, || teardown(&esdr));

    drop(setup(&esdr).json().run().status(0));
    assert_spanned(pair);
    for site in Site::BOTH {
        let all = 7 + ledger.documents() as u64;
        until_true(60, "both sides count both", || pair.count(site, "logs") == Some(all));
    }
}

/// The copies stay, as indices of their own beside the alias, and no set-up goes over them.
pub fn a_bidi_alias_is_taken_down_with_its_copies_kept(pair: &mut Pair) {
    let esdr = set_up(pair);
    write(pair, A, 1..=3);
    write(pair, B, 1..=4);
    until_true(60, "both sides count both", || {
        Site::BOTH.iter().all(|site| pair.count(*site, "logs") == Some(7))
    });
    let keep = || teardown(&esdr).arg("--keep-followers");
    drop(keep().json().run().status(0));
    for (site, count, copied) in [(A, 3, 4), (B, 4, 3)] {
        assert_eq!(spanned(pair, site), [(own(site), json!(true))]);
        assert_eq!(pair.count(site, "logs"), Some(count));
        let copy = own(site.other());
        assert_eq!(pair.count(site, &copy), Some(copied));
        assert_eq!(pair.put(site, &format!("/{copy}/_doc/new"), json!({"n": 9})).0, 201);
    }
    assert_settled(pair, &esdr, keep);
    // What is regular is nobody's copy: it is neither removed nor followed over.
    assert_settled(pair, &esdr, || teardown(&esdr));
    let wanted = ["logs-clustera", "logs-clusterb"].map(|it| ("unrelated".into(), it.into()));
    assert_eq!(refused(pair, &esdr, setup(&esdr), 3), wanted);
}

/// Deleted and made again on its own side: the copy of the old one is the last of it.
pub fn a_bidi_copy_that_is_not_proved_is_not_removed(pair: &mut Pair) {
    let esdr = set_up(pair);
    write(pair, A, 1..=3);
    until_true(60, "they have arrived", || pair.count(B, "logs") == Some(3));
    pair.ok("DELETE", A, "/logs-clustera", ());
    harness::create_leader(pair, A, "logs-clustera");
    // Nor does A write through the alias any more: without the copy that bears it there, the next
    // writer would make an index of its name.
    let wanted = [("unproved_copy", "logs-clustera"), ("alias_missing", "logs")];
    let wanted = wanted.map(|(code, subject)| (code.to_owned(), subject.to_owned()));
    for more in [&[][..], &["--keep-followers"]] {
        let run = more.iter().fold(teardown(&esdr), |run, arg| run.arg(arg));
        assert_eq!(refused(pair, &esdr, run, 3), wanted);
    }
    assert_eq!(pair.count(B, "logs"), Some(3));
}

/// Where the file has no set, what is found is one; but for what belongs to an alias of both.
pub fn a_set_of_everything_found_leaves_bidi_copies_alone(pair: &mut Pair) {
    let esdr = set_up(pair);
    let failover = esdr.args(["failover", "--to", "clusterB", "--set", "default", "--yes"]);
    assert_eq!(refused(pair, &esdr, failover, 3), only("nothing_replicated", "default"));
    // Beside the alias an empty set is no error: the command is about the alias then.
    let failover = esdr.args(["failover", "--to", "clusterB", "--yes"]).json();
    let result = failover.run().status(0).result();
    assert_eq!((&result["outcome"], &result["indices"]["total"]), (&json!("converged"), &json!(2)));
    assert!(follows(pair, A) && follows(pair, B));
}

/// Killed after every line of its journal, the same command ends it, here and elsewhere by turns.
pub fn a_bidi_run_killed_after_every_event_is_ended_by_the_same_command(pair: &mut Pair) {
    // Each is two commands, killed and run again.
    let moments = moments(pair, 1, &[Moment::Before("follow", "follow")]);
    for (nth, moment) in moments.into_iter().step_by(2).enumerate() {
        pair.reset();
        let esdr = Esdr::on(pair).toml(LOGS);
        let mut ended = 0;
        let down = match moment {
            Moment::After(_) => moment,
            _ => Moment::Before("remove", "delete"),
        };
        let commands = [(setup as fn(&Esdr) -> Invocation<'_>, moment), (teardown, down)];
        for (command, moment) in commands {
            ended += usize::from(moment.kill(command(&esdr).json()).code != KILLED);
            if nth % 2 == 1 {
                esdr.forget_state();
            }
            drop(command(&esdr).json().run().status(0));
            let is_down = spanned(pair, A).len() == 1;
            if !is_down {
                assert_spanned(pair);
                write(pair, A, 1..=2);
                write(pair, B, 1..=2);
            }
            let count = if is_down { 2 } else { 4 };
            for site in Site::BOTH {
                let because = format!("killed {moment}");
                until_true(60, &because, || pair.count(site, "logs") == Some(count));
            }
            assert_settled(pair, &esdr, || command(&esdr));
        }
        if ended == 2 {
            return;
        }
    }
}
