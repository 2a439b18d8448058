//! Ctrl-C once: the batch at hand is finished. Twice: the run is left where it stands, and says so.

use std::time::Duration;

use esdr::sandbox::{self, Fault, Personality};
use serde_json::json;

use crate::{
    scenarios::sets::leader,
    support::{
        esdr::Esdr,
        pair::{Pair, Site::A, Site::B},
        simulated::Simulated,
        until::until,
    },
};

const SETS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders"]
hooks = { before_fence = ["./slow.sh"] }
"#;

#[test]
fn interrupted_twice_it_stops_at_once_and_the_result_says_that_a_re_run_goes_on() {
    let pair = Pair::of(Simulated::start(Personality::V8_19));
    leader(&pair, "orders", 1);
    let esdr = Esdr::on(&pair).toml(SETS);
    drop(esdr.args(["replicate", "--yes"]).run().status(0));
    esdr.script("slow.sh", "#!/bin/sh\nexec sleep 60\n");
    let failover = ["failover", "--to", "clusterB", "--yes"];
    let mut running = esdr.args(failover).json().spawn();
    running.until_prints("before_fence");
    // Two signals at once may reach a process as one.
    until(Duration::from_secs(30), "the result is printed", || {
        running.interrupt();
        running.stdout_so_far().contains("\"type\":\"result\"").then_some(())
    });
    let output = running.wait().status(130);
    assert_eq!(output.result()["outcome"], "stopped");
    assert_eq!(output.result()["problems"][0]["code"], "interrupted");
    assert_eq!(pair.post(A, "/orders/_doc", serde_json::json!({"n": 1})).0, 201, "not fenced yet");
    esdr.script("slow.sh", "#!/bin/sh\nexit 0\n");
    drop(esdr.args(failover).run().status(0));
}

/// What the screen says of the first Ctrl-C: "finish this batch and stop safely".
#[test]
fn interrupted_once_while_a_batch_opens_it_finishes_the_batch() {
    let sandbox = sandbox::Pair::new(Personality::V6_8);
    let pair = Pair::of(Simulated::of(sandbox.clone()));
    leader(&pair, "orders", 1);
    let esdr = Esdr::on(&pair).toml(&SETS.replace("./slow.sh", "true"));
    drop(esdr.args(["replicate", "--yes"]).run().status(0));
    sandbox.fault(Fault::SlowOpen { site: sandbox::Site::B, calls: 8 });
    let failover = ["failover", "--to", "clusterB", "--yes"];
    let mut running = esdr.args(failover).json().spawn();
    running.until_prints("\"open\"");
    running.interrupt();
    let output = running.wait().status(130);
    assert_eq!(output.result()["outcome"], "stopped");
    assert_eq!(output.result()["indices"], json!({"total": 1, "done": 1}));
    assert!(output.stdout.contains("\"what\":\"batch\""), "{}", output.stdout);
    assert_eq!(pair.post(B, "/orders/_doc", json!({"n": 1})).0, 201, "the batch is finished");
    drop(esdr.args(failover).run().status(0));
}
