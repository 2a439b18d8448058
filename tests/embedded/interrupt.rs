//! Ctrl-C twice: the run is left where it stands, and says so.

use std::time::Duration;

use esdr::sandbox::Personality;

use crate::{
    scenarios::sets::leader,
    support::{
        esdr::Esdr,
        pair::{Pair, Site::A},
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
