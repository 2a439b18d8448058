//! Both clusters out of sight: the operator's network goes, or both restart; or the standby alone,
//! behind the fence. What nobody has seen is never called done, nothing left or undone, and the
//! same command ends it once they are back.

use serde_json::Value;

use super::{
    emergency::{assert_tells, planned},
    killed::assert_switched,
    moments::Moment,
    sets::{INDICES, aliases, protect, state_index, takes_writes},
};
use crate::support::{
    esdr::{Esdr, Invocation, Loss},
    faults::ClusterFault,
    pair::{
        Pair,
        Site::{self, A, B},
    },
};

/// Moments of a planned failover, each by the step and the kind of the event that begins it: behind
/// the fence, and where a side is about to lead. Real servers, whose silence is waited out at each,
/// are dark at the second alone, and the simulated pair at both. After every other line this
/// happens in process (`unseen-both` of the worlds).
const EVENTS: [Moment; 2] = [Moment::At("drain", "progress"), Moment::At("promote", "started")];

fn both(pair: &mut Pair, harm: fn(&mut Pair, Site)) {
    for site in Site::BOTH {
        harm(pair, site);
    }
}

fn unfinished_runs(esdr: &Esdr) -> usize {
    let status = esdr.args(["status"]).json().run();
    let status: Value = serde_json::from_str(status.stdout.trim()).expect("one object");
    status["runs"].as_array().expect("a list").len()
}

pub fn both_clusters_dark_in_the_middle_of_a_failover_stop_it_and_the_same_command_ends_it(
    pair: &mut Pair,
) {
    if !pair.can_harm() {
        return;
    }
    let moments = if pair.is_real() { &EVENTS[1..] } else { &EVENTS[..] };
    for &moment in moments {
        pair.reset();
        let esdr = protect(pair);
        let wanted = aliases(pair, A, "orders-*");
        let (running, _) = moment.halt(planned(&esdr));
        both(pair, Pair::freeze);
        running.go_on();
        let result = running.wait().status(4).result();
        assert_eq!(result["outcome"], "stopped", "{moment}: {result}");
        assert_eq!(result["indices"]["done"], 0, "{moment}: {result}");
        assert!(!result["problems"].as_array().unwrap().is_empty(), "{moment}: {result}");
        both(pair, Pair::thaw);
        assert_eq!(unfinished_runs(&esdr), 1, "{moment}");
        drop(planned(&esdr).run().status(0));
        assert_switched(pair, &esdr, &wanted, moment);
        assert_eq!(unfinished_runs(&esdr), 0, "{moment}");
    }
}

/// A look that is over soon costs a run nothing but the time.
pub fn both_clusters_dark_for_a_moment_are_waited_for(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    let wanted = aliases(pair, A, "orders-*");
    let moment = Moment::At("promote", "done");
    let (mut running, _) = moment.halt(planned(&esdr));
    both(pair, Pair::freeze);
    running.go_on();
    running.until_prints("could not be seen");
    both(pair, Pair::thaw);
    assert_eq!(running.wait().status(0).result()["outcome"], "converged");
    assert_switched(pair, &esdr, &wanted, moment);
}

/// The standby dies behind the fence, and the machine of the run with it: what `status` prints lets
/// the healthy leader's writers in again, typed anywhere, and ends it once the standby is back.
pub fn a_standby_that_dies_behind_the_fence_leaves_no_leader_blocked(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    drop(Moment::At("drain", "progress").kill(planned(&esdr)));
    pair.kill(B);
    esdr.forget_state();
    let is_open =
        |pair: &Pair, site| INDICES.iter().all(|(index, _)| takes_writes(pair, site, index));
    assert!(!is_open(pair, A), "it was killed behind the fence");
    let status = esdr.args(["status"]).json().run().status(5).result();
    let problems = status["problems"].as_array().unwrap();
    let nowhere = problems.iter().find(|problem| problem["code"] == "writable_nowhere");
    let undo = nowhere.expect("it is told")["hint"].as_str().unwrap();
    assert!(undo.starts_with("esdr undo "), "{undo}");
    let typed = || undo.split(' ').skip(1).fold(esdr.args([]), Invocation::arg);
    for _ in 0..2 {
        assert_tells(&typed().arg("--yes").json().run().status(6).result(), "standby_left");
        assert!(is_open(pair, A), "the leader is well");
    }
    pair.restart(B);
    drop(typed().arg("--yes").json().run().status(0));
    drop(planned(&esdr).run().status(0));
    assert!(is_open(pair, B) && !takes_writes(pair, A, INDICES[0].0), "the switch that was meant");
    assert_eq!(pair.violations(), [""; 0]);
}

/// With nothing to go by on this machine either; of one cluster, and of both.
pub fn over_clusters_that_are_not_seen_no_command_has_nothing_to_do(pair: &mut Pair) {
    let esdr = protect(pair);
    esdr.forget_state();
    drop(esdr.args(["undo", "--yes"]).json().run().status(0));
    let esdr = esdr.cut_off(pair, A, Loss::Refused);
    for command in [&["undo"][..], &["failback"], &["salvage", "--out", "saved"]] {
        assert_tells(&refused(&esdr, command), "unseen");
    }
    let esdr = esdr.cut_off(pair, B, Loss::Refused);
    for command in [&["undo"][..], &["failback"], &["salvage", "--out", "saved"]] {
        assert_tells(&refused(&esdr, command), "unseen");
    }
    let others: [&[&str]; 7] = [
        &["undo", "1120-95b8bb"],
        &["undo", "--max-carry", "5"],
        &["reprotect"],
        &["replicate"],
        &["failover", "--to", "clusterB"],
        &["fence", "clusterA"],
        &["unfence", "clusterA"],
    ];
    for command in others {
        drop(refused(&esdr, command));
    }
}

/// Both clusters answer, and the shards of what they know of the switch are gone.
pub fn a_record_that_cannot_be_read_is_not_taken_for_none(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    esdr.forget_state();
    for site in Site::BOTH {
        let index = state_index(pair, site);
        assert!(pair.fault(site, &ClusterFault::Red { index }));
    }
    for command in [&["undo"][..], &["failback"], &["salvage", "--out", "saved"]] {
        assert_tells(&refused(&esdr, command), "unseen");
    }
    let status = esdr.args(["status"]).json().run();
    for site in Site::BOTH {
        let said =
            format!("{} was not seen whole: its record of switches could not be read", site.name());
        assert!(status.stdout.contains(&said), "{}", status.stdout);
    }
}

fn refused(esdr: &Esdr, command: &[&str]) -> Value {
    let args = command.iter().fold(esdr.args([]), |args, arg| args.arg(arg));
    let result = args.arg("--yes").json().run().status(3).result();
    assert_eq!(result["outcome"], "refused", "{command:?}: {result}");
    result
}
