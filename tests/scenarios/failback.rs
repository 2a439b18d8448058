//! Home again: one command, and the sets end as they began.

use serde_json::{Value, json};

use super::{
    diverged::{diverge, salvaged},
    emergency::{codes, forced, planned},
    sets::{
        IDS, INDICES, Turnstile, aliases, follows, hook_runs, leader, protect, running_patterns,
        state_index, takes_writes, write,
    },
};
use crate::support::{
    esdr::{Esdr, Invocation},
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

pub const MOVED: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
hooks = { after_promote = ["./after.sh"] }
"#;

const ONE: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-1"]
"#;

fn failback(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failback", "--yes"]).json()
}

pub fn a_set_that_was_failed_over_goes_home_and_ends_as_it_began(pair: &mut Pair) {
    let esdr = protect(pair);
    let wanted = aliases(pair, A, "orders-*");
    let at_home = failback(&esdr).run().status(0).result();
    assert_eq!(at_home["run"], Value::Null, "it is at home: {at_home}");
    drop(planned(&esdr).run().status(0));
    for (index, _) in INDICES {
        write(pair, B, index, "while-away");
    }
    let result = failback(&esdr).run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    assert!(result["switch_ms"].is_u64(), "{result}");
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(!takes_writes(pair, B, index), "{index} is not written to on B");
        assert!(follows(pair, B, index), "{index} is protected again");
        assert_eq!(pair.get(A, &format!("/{index}/_doc/while-away")).0, 200, "{index}");
    }
    assert_eq!(aliases(pair, A, "orders-*"), wanted);
    assert_eq!(running_patterns(pair, B), ["orders"]);
    assert_eq!(running_patterns(pair, A), [""; 0]);
    assert_eq!(hook_runs(&esdr, "after"), 2, "there and back");

    let again = failback(&esdr).run().status(0);
    assert_eq!(again.lines().len(), 1, "{}", again.stdout);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");
    drop(planned(&esdr).run().status(0));
    assert!(takes_writes(pair, B, "orders-1"), "and away once more");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn what_only_a_silent_leader_had_is_salvaged_and_home_leads_again(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let orphans: Vec<_> = INDICES.iter().map(|(index, _)| (*index, diverge(pair, index))).collect();
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    for (index, _) in INDICES {
        let changed_too = json!({"changed": "on B"});
        pair.ok("PUT", B, &format!("/{index}/_doc/1"), changed_too);
        write(pair, B, index, "while-away");
    }
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);

    let output = failback(&esdr).run().status(0);
    let files = output.events().into_iter().filter(|event| event["detail"]["what"] == "salvage");
    for (event, (index, orphans)) in files.zip(&orphans) {
        assert_eq!(event["indices"], json!([index]), "{event}");
        assert_eq!(event["detail"]["ops"], 24, "20 new, 3 changes, 1 delete: {event}");
        assert_eq!(event["detail"]["documents"], 22, "one overwritten, one deleted: {event}");
        assert_eq!(&salvaged(&esdr, index), orphans, "{index}");
    }
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected again");
        for id in ["1", "2", "3", "while-away"] {
            assert_eq!(pair.get(A, &format!("/{index}/_doc/{id}")).0, 200, "{index}/{id}");
        }
        let document = pair.ok("GET", A, &format!("/{index}/_doc/1"), ());
        assert_eq!(document["_source"]["changed"], "on B", "B's history is the one that counts");
    }
    assert_eq!(pair.violations(), [""; 0]);
    drop(failback(&esdr).run().status(0));
}

/// Carries out a command; its hook after the promote moves the writer.
pub fn moving_the_writer<const N: usize>(
    esdr: &Esdr,
    writer: &Writer,
    url: &str,
    command: [&str; N],
) {
    let after = Turnstile::at(esdr, "after");
    let running = esdr.args(command).json().limit_s(300).spawn();
    after.until_reached();
    writer.redirect(url, "orders-1");
    after.open();
    drop(running.wait().status(0));
    after.shut();
}

pub fn a_writer_goes_away_and_comes_home_with_nothing_lost(pair: &mut Pair) {
    leader(pair, "orders-1", 3);
    leader(pair, "orders-2", 1);
    let esdr = Esdr::on(pair).toml(MOVED);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let load = Load { deletes_of_ten: 1, ..Load::default() };
    let writer = Writer::with(&pair.url(A), "orders-1", load);
    writer.until_acked_more(200);
    let away = ["failover", "--to", "clusterB", "--yes"];
    moving_the_writer(&esdr, &writer, &pair.url(B), away);
    writer.until_acked_more(200);
    moving_the_writer(&esdr, &writer, &pair.url(A), ["failback", "--yes"]);
    writer.until_acked_more(200);
    let ledger = writer.stop();
    ledger.assert_all_on(&pair.url(A), "orders-1");
    assert!(follows(pair, B, "orders-1"), "protected again");
    let again = failback(&esdr).run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn what_a_client_goes_on_writing_to_the_former_leader_is_kept_or_refused(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let writer = Writer::start(&pair.url(A), "orders-1");
    writer.until_acked_more(300);
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    writer.until_acked_more(300);
    // It never stops: A is fenced, closed, followed over, and leads again in the end.
    drop(failback(&esdr).run().status(0));
    writer.until_acked_more(50);
    let ledger = writer.stop();
    let missing = ledger.missing_but(&pair.url(A), "orders-1", &salvaged(&esdr, "orders-1"));
    assert_eq!(missing, [""; 0], "acknowledged, and neither on A nor in a file");
    assert!(ledger.refused_with(403) > 0, "refused meanwhile: {:?}", ledger.refused());
    assert_eq!(pair.violations(), [""; 0]);
}

const SHOP: &str = r#"
[sets.shop]
home = "clusterA"
standby = "clusterB"
indices = ["kibana_sample_data_*"]
follower = "{{leader_index}}2"
"#;

/// An index that can be replicated, on either side.
fn create(pair: &Pair, site: Site, name: &str, shards: u32) {
    let settings = json!({
        "index.number_of_shards": shards,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true
    });
    pair.ok("PUT", site, &format!("/{name}"), json!({ "settings": settings }));
}

pub fn other_names_born_and_rolled_over_on_the_standby_go_home_under_their_own(pair: &mut Pair) {
    let (shop, logs) = ("kibana_sample_data_ecommerce", "kibana_sample_data_logs-000001");
    create(pair, A, shop, 5);
    create(pair, A, logs, 1);
    let filtered = json!({"index": shop, "alias": "cheap", "filter": {"term": {"price": 1}}});
    let written = json!({"index": logs, "alias": "logs", "is_write_index": true});
    let actions = json!({"actions": [{"add": filtered}, {"add": written}]});
    pair.ok("POST", A, "/_aliases", actions);
    for number in 0..20 {
        write(pair, A, shop, &format!("order-{number}"));
    }
    let esdr = Esdr::on(pair).toml(SHOP);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    drop(planned(&esdr).run().status(0));
    create(pair, B, "kibana_sample_data_born2", 2);
    write(pair, B, "kibana_sample_data_born2", "there");
    let settings = json!({"settings": {"index.soft_deletes.enabled": true}});
    pair.ok("POST", B, "/logs/_rollover/kibana_sample_data_logs-0000022", settings);
    write(pair, B, "logs", "rolled");

    drop(failback(&esdr).run().status(0));
    for (index, id) in [
        (shop, "order-7"),
        ("kibana_sample_data_born", "there"),
        ("kibana_sample_data_logs-000002", "rolled"),
    ] {
        assert_eq!(pair.get(A, &format!("/{index}/_doc/{id}")).0, 200, "{index}");
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, &format!("{index}2")), "{index} is protected");
    }
    let at_home = aliases(pair, A, "kibana_sample_data_*");
    assert_eq!(at_home[shop]["aliases"]["cheap"]["filter"], json!({"term": {"price": 1}}));
    assert_eq!(
        at_home["kibana_sample_data_logs-000002"]["aliases"]["logs"]["is_write_index"],
        true
    );
    assert_eq!(at_home[logs]["aliases"]["logs"]["is_write_index"], false);
    write(pair, A, "logs", "at-home");
    assert_eq!(pair.get(A, "/kibana_sample_data_logs-000002/_doc/at-home").0, 200);
    let again = failback(&esdr).run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn without_a_record_nobody_is_overwritten_until_a_side_is_named(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    write(pair, B, "orders-2", "while-away");
    for site in [A, B] {
        pair.ok("DELETE", site, &format!("/{}", state_index(pair, site)), ());
    }
    esdr.forget_state();

    for command in [["failback", "--yes"], ["reprotect", "--yes"]] {
        let before = Snapshot::of(pair, &esdr);
        let output = esdr.args(command).json().run().status(3);
        let result = output.result();
        assert_eq!(codes(&result), ["no_record"], "{result}");
        let said = result["problems"][0]["detail"].as_str().unwrap();
        let both = "orders-2: clusterA 3 operations, refuses writes; \
                    clusterB 4 operations, takes writes";
        assert!(said.contains(both), "{said}");
        before.assert_unchanged(pair, &esdr);
    }
    let named = ["failback", "--discard", "clusterA", "--yes"];
    drop(esdr.args(named).json().run().status(0));
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected again");
        assert_eq!(salvaged(&esdr, index).len(), IDS.len(), "{index} was salvaged whole");
    }
    assert_eq!(pair.get(A, "/orders-2/_doc/while-away").0, 200);
    drop(failback(&esdr).run().status(0));
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn an_index_deleted_on_the_standby_waits_for_a_choice(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    pair.ok("DELETE", B, "/orders-2", ());
    let before = Snapshot::of(pair, &esdr);
    let result = failback(&esdr).run().status(3).result();
    assert_eq!(codes(&result), ["deleted"], "{result}");
    let problem = &result["problems"][0];
    assert_eq!(
        problem["detail"],
        "orders-2 is no more on clusterB, which leads; clusterA still has it, 3 operations"
    );
    before.assert_unchanged(pair, &esdr);

    let chosen = failback(&esdr).arg("--resolve").arg("orders-2=delete");
    drop(chosen.run().status(0));
    assert_eq!(pair.get(A, "/orders-2").0, 404, "it is gone on both sides");
    for index in ["orders-1", "orders-3"] {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected again");
    }
    let again = failback(&esdr).run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
    assert_eq!(pair.violations(), [""; 0]);
}

/// While the copies that bore an alias are followed over, nobody bears it: a server that makes
/// indices by itself would make one of that name, and acknowledge what no set has.
pub fn what_is_written_through_an_alias_of_the_former_leader_makes_no_index(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let writer = Writer::start(&pair.url(A), "orders");
    writer.until_acked_more(100);
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    writer.until_acked_more(100);
    drop(esdr.args(["reprotect", "--yes"]).json().run().status(0));
    let refused = writer.refused();
    until_true(60, "it is refused", || writer.refused() > refused + 100);
    assert_eq!(pair.get(A, "/orders/_settings").1["orders"], Value::Null, "no index of that name");
    assert_eq!(pair.get(A, "/esdr-shield-orders").0, 404, "nothing of esdr's is left");
    drop(failback(&esdr).run().status(0));
    writer.until_acked_more(50);
    let ledger = writer.stop();
    let missing = ledger.missing_but(&pair.url(A), "orders-3", &salvaged(&esdr, "orders-3"));
    assert_eq!(missing, [""; 0], "acknowledged, and neither on A nor in a file");
    for site in [A, B] {
        assert_eq!(pair.get(site, "/esdr-shield-orders").0, 404, "nothing is left on {site}");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn what_was_salvaged_is_written_to_the_leader_where_that_is_chosen(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let orphans = diverge(pair, "orders-2");
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.ok("PUT", B, "/orders-2/_doc/1", json!({"changed": "on B"}));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);

    let output = failback(&esdr).arg("--resolve").arg("orders-2=apply").run().status(0);
    let events = output.events();
    let applied = events.iter().find(|event| event["detail"]["what"] == "applied").unwrap();
    let counts = json!({"what": "applied", "written": 21, "already": 0, "conflicts": 1});
    assert_eq!(applied["detail"], counts, "20 new ones and the one that only A changed");
    for (id, (_, content)) in &orphans {
        let document = pair.ok("GET", A, &format!("/orders-2/_doc/{id}"), ());
        let wanted = if id == "1" { &json!({"changed": "on B"}) } else { content };
        assert_eq!(&document["_source"], wanted, "{id}");
    }
    assert_eq!(&salvaged(&esdr, "orders-2"), &orphans, "and all of it is in the file");
    drop(failback(&esdr).run().status(0));
    assert_eq!(pair.violations(), [""; 0]);
}

/// A failover warns of it, and the way home is refused before anything on it is changed.
pub fn where_the_former_leader_cannot_read_from_the_new_one_nothing_is_begun(pair: &mut Pair) {
    leader(pair, "orders-1", 1);
    let esdr = Esdr::on(pair).toml(ONE);
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    let seeds = format!("remote = {{ seeds = [{:?}] }}\n", pair.seed(B).unwrap_or_default());
    assert!(text.contains(&seeds), "{text}");
    esdr.write("esdr.toml", &text.replace(&seeds, ""));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let plan = esdr.args(["failover", "--to", "clusterB", "--dry-run"]).run().status(5);
    assert!(plan.stdout.contains("[no_reverse_remote]"), "{}", plan.stdout);
    drop(planned(&esdr).run().status(0));

    let before = Snapshot::of(pair, &esdr);
    let result = failback(&esdr).run().status(3).result();
    assert_eq!(codes(&result), ["no_remote"], "{result}");
    before.assert_unchanged(pair, &esdr);
    assert!(takes_writes(pair, B, "orders-1"));
}

/// Only where it is typed, and for this run.
pub fn without_salvage_what_only_the_former_leader_had_is_let_go(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let orphans = diverge(pair, "orders-2");
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    drop(failback(&esdr).arg("--no-salvage").run().status(0));
    assert!(!esdr.path("esdr-salvage").exists());
    let gone = orphans.keys().filter(|id| id.starts_with("late"));
    for id in gone {
        assert_eq!(pair.get(A, &format!("/orders-2/_doc/{id}")).0, 404, "{id}");
    }
    assert!(follows(pair, B, "orders-2"), "and home leads again");
    let seen = pair.violations();
    assert!(seen[0].starts_with("follow over of orders-2"), "{seen:?}");
}
