//! After a switch: the former leader is compared, salvaged, and follows.

use serde_json::Value;

use super::{
    emergency::planned,
    sets::{INDICES, follows, protect, running_patterns, takes_writes, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

/// The former leaders follow.
fn reprotect(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["reprotect", "--yes"]).json()
}

/// A follows B, and what is written to B arrives.
#[track_caller]
fn assert_reprotected(pair: &Pair, because: &str) {
    for (index, _) in INDICES {
        assert!(follows(pair, A, index), "{index}, {because}");
        assert!(!takes_writes(pair, A, index), "{index}, {because}");
        write(pair, B, index, "afterwards");
        until_true(60, "what is written to B arrives on A", || {
            pair.get(A, &format!("/{index}/_doc/afterwards")).0 == 200
        });
    }
}

pub fn after_a_planned_failover_the_former_leader_follows_and_nothing_is_salvaged(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    let result = reprotect(&esdr).run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    assert_reprotected(pair, "after reprotect");
    assert_eq!(running_patterns(pair, A), ["orders"]);
    assert!(!esdr.path("esdr-salvage").exists(), "there was nothing to salvage");

    let again = reprotect(&esdr).run().status(0);
    assert_eq!(again.lines().len(), 1, "{}", again.stdout);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");

    let home = ["failover", "--to", "clusterA", "--yes"];
    drop(esdr.args(home).json().run().status(0));
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(!takes_writes(pair, B, index), "{index} is fenced on B");
    }
    drop(reprotect(&esdr).run().status(0));
    for (index, _) in INDICES {
        assert!(follows(pair, B, index), "{index} is protected again");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

/// One command line: the switch, and the former leader follows at once.
pub fn a_failover_goes_on_to_protect_where_that_is_asked(pair: &mut Pair) {
    let esdr = protect(pair);
    let output = planned(&esdr).arg("--reprotect").run().status(0);
    let lines = output.lines();
    let results: Vec<&Value> = lines.iter().filter(|line| line["type"] == "result").collect();
    let commands: Vec<&Value> = results.iter().map(|result| &result["command"]).collect();
    assert_eq!(commands, ["failover", "reprotect"]);
    assert_reprotected(pair, "after failover --reprotect");
    assert_eq!(pair.violations(), [""; 0]);
}

/// Each command that is printed is one that can be typed, whichever side leads.
pub fn what_is_said_of_a_follower_at_home_that_was_paused_mends_it(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    drop(reprotect(&esdr).run().status(0));
    let (index, _) = INDICES[0];
    pair.ok("POST", A, &format!("/{index}/_ccr/pause_follow"), ());
    let status = esdr.args(["status"]).json().run().status(5).result();
    let problem = &status["problems"][0];
    assert_eq!(problem["code"], "paused", "{status}");
    let command = problem["hint"].as_str().unwrap();
    assert_eq!(command, "esdr reprotect --set orders");
    let shown = esdr.args(["status"]).run().status(5).stdout;
    assert!(shown.contains(&format!("Next  {command} --dry-run ")), "{shown}");
    let words = command.split(' ').skip(1);
    drop(words.fold(esdr.args(["--yes"]), Invocation::arg).json().run().status(0));
    assert_reprotected(pair, "as it was said");
}
