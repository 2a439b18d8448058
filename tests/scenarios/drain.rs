//! Drains that do not end, and what is refused so that none is begun in vain.

use serde_json::Value;

use super::sets::{
    Turnstile, assert_nothing_left, follows, hook_runs, is_regular, journalled, leader,
    logging_hook, running_patterns, takes_writes, write,
};
use crate::support::{
    esdr::{Esdr, Output, Running},
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
auto_follow = true
hooks = { before_fence = ["./before.sh"], on_undo = ["./undone.sh"] }
"#;

const FAILOVER: &str = include_str!("../../playbooks/failover.toml");

/// Two indices, one written to, and a run that stops before the fence.
fn protect(pair: &Pair) -> (Esdr, Turnstile, Writer) {
    leader(pair, "orders-1", 2);
    leader(pair, "orders-2", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    let before = Turnstile::at(&esdr, "before");
    logging_hook(&esdr, "undone");
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let writer = Writer::start(&pair.url(A), "orders-1");
    writer.until_acked_more(200);
    (esdr, before, writer)
}

/// How the link between the clusters is lost.
type Loss = fn(&mut Pair);

/// The link is lost after esdr has judged it and before the fence, with writes that have
/// not crossed it: the drain behind that fence cannot end.
fn lose_before_fence(pair: &mut Pair, lose: Loss, before: &Turnstile, writer: &Writer) {
    before.until_reached();
    lose(pair);
    writer.until_acked_more(500);
    before.open();
}

fn assert_taken_back(pair: &mut Pair, esdr: &Esdr, output: &Output, writer: Writer) {
    let result = output.result();
    assert_eq!(result["outcome"], "undone", "{result}");
    assert!(result["writers_refused_ms"].is_u64(), "{result}");
    writer.until_acked_more(200);
    assert!(takes_writes(pair, A, "orders-2"), "the idle index too");
    assert_eq!(running_patterns(pair, B), ["orders"]);
    assert_eq!(hook_runs(esdr, "undone"), 1);
    let undo = esdr.args(["undo", "--yes"]).json().run().status(0);
    assert_eq!(undo.result()["run"], Value::Null, "the switch is closed");

    pair.mend_link(B);
    for name in ["orders-1", "orders-2"] {
        assert!(follows(pair, B, name), "{name}");
    }
    until_true(90, "the standby reads from the leader again", || {
        let output = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run();
        assert!(output.code == 0 || output.code == 3, "{}", output.stdout);
        output.code == 0
    });
    let ledger = writer.stop();
    assert!(ledger.refused_with(403) > 0, "writers were refused meanwhile");
    ledger.assert_all_on(&pair.url(B), "orders-1");
    assert_nothing_left(esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn a_drain_that_cannot_end_is_undone_and_the_writers_go_on(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let (esdr, before, writer) = protect(pair);
    let own = FAILOVER.replace("within = \"2m\"", "within = \"3s\"");
    assert_ne!(own, FAILOVER);
    esdr.write("own.toml", &own);
    let running = esdr.args(["run", "own.toml", "--to", "clusterB", "--yes"]).json().spawn();
    lose_before_fence(pair, |pair| pair.freeze_link(B), &before, &writer);
    let output = running.wait().status(3);
    assert_taken_back(pair, &esdr, &output, writer);
}

/// On real servers the link is cut: over one that is frozen each look costs them two seconds.
pub fn interrupted_in_the_drain_it_is_undone(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let (esdr, before, writer) = protect(pair);
    let running = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().spawn();
    let lose: Loss =
        if pair.is_real() { |pair| pair.cut_link(B) } else { |pair| pair.freeze_link(B) };
    lose_before_fence(pair, lose, &before, &writer);
    until_journalled(&esdr, &running, |event| event["kind"] == "waiting");
    running.interrupt();
    let output = running.wait().status(130);
    assert_taken_back(pair, &esdr, &output, writer);
}

fn until_journalled(esdr: &Esdr, running: &Running<'_>, wanted: fn(&Value) -> bool) {
    until_true(60, "the run comes so far", || {
        let found = journalled(esdr).iter().any(wanted);
        assert!(found || !running.stdout_so_far().contains("\"outcome\""), "it has ended");
        found
    });
}

/// Cut off, or connected and deaf: no writer is refused for a drain that cannot end.
pub fn a_standby_cut_off_is_refused_before_anything_is_fenced(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let harms: [fn(&mut Pair); 2] = [|pair| pair.cut_link(B), |pair| pair.freeze_link(B)];
    for harm in harms {
        pair.reset();
        let (esdr, before, writer) = protect(pair);
        before.open();
        harm(pair);
        let output = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(3);
        let result = output.result();
        assert_eq!(result["outcome"], "refused");
        assert_eq!(result["problems"][0]["code"], "link_down", "{result}");
        let undo = esdr.args(["undo", "--yes"]).json().run().status(0);
        assert_eq!(undo.result()["run"], Value::Null, "nothing was begun");
        writer.until_acked_more(100);
        assert_eq!(writer.stop().refused_with(403), 0, "no writer was refused");
        assert_eq!(running_patterns(pair, B), ["orders"]);
    }
}

/// What is promoted stays promoted, the rest waits for the same command.
pub fn interrupted_between_batches_it_stops_and_goes_on(pair: &mut Pair) {
    let names: Vec<String> = (1..=20).map(|n| format!("orders-{n:02}")).collect();
    for name in &names {
        leader(pair, name, 1);
        write(pair, A, name, "first");
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    Turnstile::at(&esdr, "before").open();
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let own = FAILOVER.replace("batch = 50", "batch = 1");
    assert_ne!(own, FAILOVER);
    esdr.write("own.toml", &own);
    let again = ["run", "own.toml", "--to", "clusterB", "--yes"];
    let running = esdr.args(again).json().spawn();
    until_journalled(&esdr, &running, |event| event["detail"]["what"] == "batch");
    running.interrupt();
    let output = running.wait().status(130);
    let result = output.result();
    assert_eq!(result["outcome"], "stopped", "{result}");
    let promoted = names.iter().filter(|name| is_regular(pair, B, name)).count();
    assert!((1..20).contains(&promoted), "{promoted} are promoted");
    assert_eq!(result["indices"]["done"], promoted, "{result}");
    for name in &names {
        assert!(!takes_writes(pair, A, name), "{name} stays fenced");
    }
    drop(esdr.args(again).json().run().status(0));
    for name in &names {
        assert!(takes_writes(pair, B, name), "{name}");
        assert_eq!(pair.get(B, &format!("/{name}/_doc/first")).0, 200, "{name}");
    }
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// Between a fence and what comes of it no other command may change the set.
pub fn an_unfinished_run_refuses_every_command_but_its_own_and_undo(pair: &mut Pair) {
    leader(pair, "orders-1", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    logging_hook(&esdr, "before");
    logging_hook(&esdr, "undone");
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let nothing = esdr.args(["undo", "--yes"]).json().run().status(0);
    assert_eq!(nothing.lines().len(), 1, "{}", nothing.stdout);
    assert_eq!(nothing.result()["run"], Value::Null, "nothing is unfinished");

    let fenced = (2..100).find(|lines| {
        let dying = esdr.args(["failover", "--to", "clusterB", "--yes"]).json();
        drop(dying.env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run().status(137));
        !takes_writes(pair, A, "orders-1")
    });
    assert!(fenced.is_some());
    for other in [vec!["replicate"], vec!["failover", "--to", "clusterA"]] {
        let mut invocation = esdr.args(["--yes"]).json();
        for word in &other {
            invocation = invocation.arg(word);
        }
        let result = invocation.run().status(3).result();
        assert_eq!(result["problems"][0]["code"], "unfinished_run", "{result}");
    }
    drop(esdr.args(["undo", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, A, "orders-1"));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert_eq!(pair.violations(), [""; 0]);
}
