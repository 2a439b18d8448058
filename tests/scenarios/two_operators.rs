//! Two operators, each on a machine of their own, change one set: one run at a time does, and one
//! that was taken over changes nothing more.

use serde_json::{Value, json};

use super::{
    emergency::{codes, planned},
    moments::{LINES_MAX, Moment, is_by_event, shared_moments},
    sets::{IDS, INDICES, Turnstile, protect, takes_writes},
};
use crate::support::{
    esdr::{Esdr, Invocation, Output},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::until_true,
};

/// Whoever types it has no state of the first operator's.
fn second<'a>(esdr: &Esdr, typed: Invocation<'a>) -> Invocation<'a> {
    let folder = esdr.path("state-of-the-second");
    typed.json().env("ESDR_STATE_DIR", folder.to_str().unwrap()).env("ESDR_OPERATOR", "second")
}

/// The documents that clients were acknowledged are all on the side that takes writes, and it is
/// the only one.
fn assert_one_leader(pair: &Pair, because: &str) -> Site {
    let takes: Vec<Site> = Site::BOTH
        .into_iter()
        .filter(|site| INDICES.iter().all(|(index, _)| takes_writes(pair, *site, index)))
        .collect();
    let [leads] = takes[..] else { panic!("{because}: written on {takes:?}") };
    let other = if leads == A { B } else { A };
    for (index, _) in INDICES {
        assert!(!takes_writes(pair, other, index), "{because}: {index} on {other}");
        for id in IDS {
            let (status, _) = pair.get(leads, &format!("/{index}/_doc/{id}"));
            assert_eq!(status, 200, "{because}: {index}/{id}");
        }
    }
    assert_eq!(pair.violations(), [""; 0], "{because}");
    leads
}

fn locks(pair: &Pair, site: Site) -> Vec<Value> {
    drop(pair.post(site, "/esdr-state-*/_refresh", ()));
    let query = json!({"query": {"term": {"kind": "lock"}}});
    let (_, found) = pair.post(site, "/esdr-state-*/_search", query);
    found["hits"]["hits"].as_array().cloned().unwrap_or_default()
}

fn assert_locked(output: &Output) -> String {
    let result = output.result();
    assert_eq!((output.code, codes(&result)), (3, vec!["locked"]), "{}", output.stdout);
    let detail = result["problems"][0]["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("of first on "), "{detail}");
    assert!(detail.contains("esdr failover --to clusterB"), "{detail}");
    assert!(detail.contains("waiting for the hook ./before.sh"), "{detail}");
    assert!(detail.contains("It is alive"), "{detail}");
    detail
}

/// The owner, as the refusal names it.
fn owner(detail: &str) -> String {
    let (_, rest) = detail.split_once("--break-lock ").expect("the way to take it");
    rest.split_whitespace().next().unwrap().to_owned()
}

pub fn while_a_run_waits_in_its_hook_every_other_is_refused(pair: &mut Pair) {
    let esdr = protect(pair);
    let hook = Turnstile::at(&esdr, "before");
    let running = planned(&esdr).env("ESDR_OPERATOR", "first").spawn();
    hook.until_reached();
    // The lock says so with its next renewal.
    until_true(30, "the lock tells of the hook", || {
        Site::BOTH.into_iter().all(|site| {
            let found = locks(pair, site);
            found.iter().any(|it| it["_source"]["data"]["waits_for"] == "the hook ./before.sh")
        })
    });
    for typed in [
        ["failover", "--to", "clusterB", "--yes"].as_slice(),
        &["undo", "--yes"],
        &["fence", "clusterA", "--yes"],
        &["unfence", "clusterA", "--yes"],
        &["replicate", "--yes"],
        &["failback", "--yes"],
        &["reprotect", "--yes"],
    ] {
        let command = typed.iter().fold(esdr.args([]), |command, arg| command.arg(arg));
        assert_locked(&second(&esdr, command).run());
    }
    let status = esdr.args(["status"]).json().run();
    let run = &status.lines()[0]["runs"][0];
    assert_eq!(run["lock"]["operator"], "first", "{}", status.stdout);
    assert_eq!(run["lock"]["on"], json!(["clusterA", "clusterB"]));
    assert!(!status.stdout.contains("esdr undo"), "{}", status.stdout);
    let human = esdr.args(["status"]).run();
    assert!(!human.stdout.contains("esdr undo"), "{}", human.stdout);
    assert!(human.stdout.contains("holds the lock"), "{}", human.stdout);
    // Nor is anything proposed that the lock refuses, for what else the plan was blocked by.
    let refused = esdr.args(["reprotect", "--yes"]).run();
    assert!(refused.stdout.starts_with("Refused: run "), "{}", refused.stdout);
    assert!(refused.stdout.contains("[locked]"), "{}", refused.stdout);
    assert!(!refused.stdout.contains("esdr undo"), "{}", refused.stdout);
    hook.open();
    drop(running.wait().status(0));
    assert_eq!(assert_one_leader(pair, "after the hook"), B);
    assert!(Site::BOTH.into_iter().all(|site| locks(pair, site).is_empty()));
}

/// Such a refusal is found out before there is a plan, and what it proposes without a lock would be
/// refused for the lock.
pub fn beside_a_failback_in_its_hook_undo_proposes_nothing_but_a_look(pair: &mut Pair) {
    let esdr = protect(pair);
    let hook = Turnstile::at(&esdr, "before");
    hook.open();
    let finished = planned(&esdr).run().status(0).result()["run"].as_str().unwrap().to_owned();
    let undo = || second(&esdr, esdr.args(["undo", &finished, "--yes"])).run().status(3).result();
    let proposed = undo()["next"][0]["command"].as_str().unwrap().to_owned();
    assert!(proposed.starts_with("esdr undo "), "{proposed}");
    hook.shut();
    let running = esdr.args(["failback", "--yes"]).json().env("ESDR_OPERATOR", "first").spawn();
    hook.until_reached();
    let result = undo();
    assert_eq!(result["next"][0]["command"], "esdr status --watch", "{result}");
    let detail = result["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("; and run "), "{detail}");
    assert!(detail.contains("of first on "), "{detail}");
    assert!(detail.contains("(esdr failback"), "{detail}");
    hook.open();
    drop(running.wait().status(0));
    assert_eq!(assert_one_leader(pair, "after the failback"), A);
}

pub fn a_lock_that_is_broken_by_name_is_lost_to_the_run_that_had_it(pair: &mut Pair) {
    let esdr = protect(pair);
    let hook = Turnstile::at(&esdr, "before");
    let running = planned(&esdr).env("ESDR_OPERATOR", "first").spawn();
    hook.until_reached();
    until_true(30, "the lock tells of the hook", || {
        let found = locks(pair, A);
        found.iter().any(|it| it["_source"]["data"]["waits_for"] == "the hook ./before.sh")
    });
    let undo = || second(&esdr, esdr.args(["undo", "--yes"]));
    let owner = owner(&assert_locked(&undo().run()));
    assert_locked(&undo().arg("--break-lock").arg("somebody-else").run());
    drop(undo().arg("--break-lock").arg(&owner).run().status(0));
    hook.open();
    let output = running.wait();
    assert_eq!(output.code, 4, "{}", output.stdout);
    assert!(codes(&output.result()).contains(&"lock_lost"), "{}", output.stdout);
    assert_eq!(assert_one_leader(pair, "taken back by the second"), A);
}

/// The first stands still at a moment of its run, the second takes over and ends, the first
/// goes on.
fn taken_over(
    pair: &mut Pair,
    moments: Vec<Moment>,
    typed: &[&str],
    mut then: impl FnMut(&Pair, &Output, &str),
) {
    for moment in moments {
        pair.reset();
        let esdr = protect(pair);
        let because = format!("halted {moment}");
        let (halted, is_halted) = moment.halt(planned(&esdr));
        if !is_halted {
            drop(halted.wait().status(0));
            return;
        }
        let command = typed.iter().fold(esdr.args([]), |command, arg| command.arg(arg));
        let output = second(&esdr, command).run();
        then(pair, &output, &because);
        let took_over = output.result()["run"] != Value::Null;
        halted.go_on();
        let halted = halted.wait();
        if !took_over {
            // Nothing was left for the second to do, or it was refused: the first may go on.
            assert_eq!(halted.code, 0, "{because}: {}", halted.stdout);
            assert_eq!(assert_one_leader(pair, &because), B, "{because}");
            continue;
        }
        assert_eq!(halted.code, 4, "{because}: {}", halted.stdout);
        assert!(codes(&halted.result()).contains(&"lock_lost"), "{because}: {}", halted.stdout);
        let leads = if typed[0] == "undo" { A } else { B };
        assert_eq!(assert_one_leader(pair, &because), leads, "{because}");
    }
    assert!(is_by_event(pair), "no run writes {LINES_MAX} lines");
}

pub fn a_run_that_stands_still_is_taken_over_and_then_changes_nothing_more(pair: &mut Pair) {
    let typed = ["failover", "--to", "clusterB", "--yes"];
    let moments = shared_moments(pair, 10, &[Moment::In("drain")]);
    taken_over(pair, moments, &typed, |_, output, because| {
        assert_eq!(output.code, 0, "{because}: {}", output.stdout);
    });
}

pub fn a_run_that_stands_still_and_is_taken_back_by_another_does_not_take_the_lead(
    pair: &mut Pair,
) {
    let moments = shared_moments(pair, 14, &[]);
    taken_over(pair, moments, &["undo", "--yes"], |pair, output, because| {
        let past = INDICES.iter().any(|(index, _)| takes_writes(pair, B, index));
        let codes: &[i32] = if past { &[0, 3, 4] } else { &[0] };
        assert!(codes.contains(&output.code), "{because}: {}", output.stdout);
    });
}
