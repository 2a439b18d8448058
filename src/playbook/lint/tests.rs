//! expect-test writes its literals with hashes.
#![allow(clippy::needless_raw_string_hashes)]

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::*;
use crate::playbook::parse;

/// A safe planned failover, which the tests put out of order.
const SAFE: [&str; 7] = [
    "record",
    "hook before_fence",
    "fence source",
    "pattern target off",
    "drain 0",
    "verify proof no_newcomers",
    "promote target",
];

/// One step in short as TOML, all keys on one line.
fn toml(step: &str) -> String {
    let words: Vec<&str> = step.split(' ').collect();
    let keys = match words.as_slice() {
        ["drain", lag] => format!("max_lag_ops = {lag}"),
        ["hook", name] => format!("name = \"{name}\""),
        ["pattern", on, state] => format!("on = \"{on}\"\nstate = \"{state}\""),
        ["manual"] => "name = \"go\"\nsay = \"go?\"".to_owned(),
        ["verify" | "require", what @ ..] => format!("what = {what:?}"),
        [_, on] => format!("on = \"{on}\""),
        _ => String::new(),
    };
    let within = if words[0] == "manual" { "" } else { "within = \"60s\"" };
    format!("[[step]]\ndo = \"{}\"\n{keys}\n{within}\n", words[0])
}

fn told(data_loss: &str, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| toml(step)).collect();
    let head = "name = \"n\"\nsummary = \"s\"\npromise = \"p\"\n";
    let text = format!("{head}data_loss = \"{data_loss}\"\n{steps}");
    let playbook = parse("own.toml", &text).unwrap();
    let mut told = String::new();
    for Finding { code, line, text } in lint(&playbook) {
        let position = playbook.lines.iter().position(|start| *start == line).unwrap();
        let verb = playbook.steps[position].verb();
        writeln!(told, "{code} at {verb}: {text}").unwrap();
    }
    told
}

fn check(steps: &[&str], findings: Expect) {
    findings.assert_eq(&told("none", steps));
}

/// The safe playbook without some steps, and with others instead of the last of these.
fn without(left_out: &[&str]) -> Vec<&'static str> {
    SAFE.into_iter().filter(|step| !left_out.contains(step)).collect()
}

fn followed_by(steps: &[&'static str]) -> Vec<&'static str> {
    SAFE.into_iter().chain(steps.iter().copied()).collect()
}

#[test]
fn safe_orders_pass() {
    for steps in [
        SAFE.to_vec(),
        followed_by(&["alias target", "canary target", "hook after_promote", "fence source"]),
        followed_by(&["discard source", "seed source", "pattern source running"]),
        followed_by(&["salvage source", "discard source", "seed source"]),
        vec!["record", "remote target", "seed target", "verify converged"],
        vec!["record", "fence target", "salvage target", "discard target", "seed target"],
        vec!["record", "alias source", "canary source"],
        vec!["require source_answers", "record", "fence source"],
        vec!["record", "unfence source"],
        vec!["manual", "record", "hook after_promote"],
    ] {
        assert_eq!(told("none", &steps), "", "{steps:?}");
    }
}

#[test]
fn a_way_home_as_a_whole_passes() {
    let mut steps =
        vec!["record", "fence target", "salvage target", "discard target", "seed target"];
    steps.push("verify converged");
    steps.extend(&SAFE[1..]);
    steps.extend(["alias target", "discard source", "seed source"]);
    assert_eq!(told("none", &steps), "");
}

#[test]
fn a_file_that_accepts_loss_may_promote_without_a_drain_but_not_leave_two_leaders() {
    assert_eq!(told("accepted", &["record", "fence source", "drain 0", "promote target"]), "");
    assert_eq!(told("accepted", &["record", "promote target", "fence source"]), "");
    expect![[r#"
        two_writable_sides at promote: The playbook ends with both sides taking writes: the two histories part, and whichever side is later made to follow loses what it took. Fence the side that does not lead.
    "#]].assert_eq(&told("accepted", &["record", "promote target"]));
}

#[test]
fn a_promote_without_fence_is_refused() {
    check(
        &without(&["fence source"]),
        expect![[r#"
        drain_unfenced at drain: drain comes before any fence on source: while writers add operations, being level for a moment proves nothing.
        proof_without_drain at verify: verify asks for the proof of a drain, and no drain behind a fence comes before it.
        promote_unfenced at promote: promote on target comes before any fence on source: source goes on acknowledging writes that target will never see.
        promote_undrained at promote: promote on target without a drain behind the fence: what source acknowledged and target has not read yet is lost.
        two_writable_sides at promote: The playbook ends with both sides taking writes: the two histories part, and whichever side is later made to follow loses what it took. Fence the side that does not lead.
    "#]],
    );
    check(
        &["record", "drain 0", "fence source", "verify no_newcomers", "promote target"],
        expect![[r#"
            drain_unfenced at drain: drain comes before any fence on source: while writers add operations, being level for a moment proves nothing.
            promote_undrained at promote: promote on target without a drain behind the fence: what source acknowledged and target has not read yet is lost.
        "#]],
    );
}

#[test]
fn a_promote_without_a_drain_to_zero_is_refused() {
    check(
        &["record", "fence source", "verify no_newcomers", "promote target"],
        expect![[r#"
            promote_undrained at promote: promote on target without a drain behind the fence: what source acknowledged and target has not read yet is lost.
        "#]],
    );
    check(
        &["record", "fence source", "drain 10", "verify proof no_newcomers", "promote target"],
        expect![[r#"
            promote_undrained at promote: The drain before promote on target may leave operations behind (max_lag_ops is not 0): they are lost, and the file does not say data_loss = "accepted".
        "#]],
    );
}

#[test]
fn a_promote_is_guarded_by_the_gate_right_before_it() {
    check(
        &without(&["verify proof no_newcomers"]),
        expect![[r#"
        promote_unverified at promote: No verify of proof and no_newcomers stands right before promote on target: an index born behind the fence would be left behind with its writes.
    "#]],
    );
    let early = ["record", "fence source", "drain 0", "verify proof no_newcomers", "hook on_undo"];
    let early: Vec<&str> = early.into_iter().chain(["promote target"]).collect();
    check(
        &early,
        expect![[r#"
        promote_unverified at promote: No verify of proof and no_newcomers stands right before promote on target: an index born behind the fence would be left behind with its writes.
    "#]],
    );
    check(
        &["record", "verify proof", "remote target"],
        expect![[r#"
        proof_without_drain at verify: verify asks for the proof of a drain, and no drain behind a fence comes before it.
    "#]],
    );
}

#[test]
fn a_change_before_the_record_is_refused() {
    check(
        &without(&["record"]),
        expect![[r#"
            change_unrecorded at hook: hook comes before record: after a crash nothing would say who led what, and a former leader could be taken for the leader and copied over the newer data.
            change_unrecorded at promote: promote comes before record: after a crash nothing would say who led what, and a former leader could be taken for the leader and copied over the newer data.
        "#]],
    );
    check(
        &["seed target", "record"],
        expect![[r#"
        change_unrecorded at seed: seed comes before record: after a crash nothing would say who led what, and a former leader could be taken for the leader and copied over the newer data.
    "#]],
    );
}

#[test]
fn hooks_and_patterns_have_their_place() {
    check(
        &[
            "record",
            "hook after_promote",
            "pattern target off",
            "fence source",
            "hook before_fence",
            "drain 0",
            "verify proof no_newcomers",
            "promote target",
        ],
        expect![[r#"
            hook_early at hook: The hook after_promote comes before the promote: it would send writers to a side that refuses them.
            pattern_before_fence at pattern: The pattern on target is switched off before source is fenced: an index born in between is followed by nobody, and what is written to it stays behind.
            hook_late at hook: The hook before_fence comes after the fence: writers are refused already, and those that do not retry have dropped events before it could pause them.
        "#]],
    );
}

#[test]
fn nothing_is_discarded_that_is_needed() {
    check(
        &["record", "discard target", "salvage target", "seed target"],
        expect![[r#"
            discard_unsalvaged at discard: discard on target comes before a salvage there: what only target has would be gone, and the file does not say data_loss = "accepted".
            salvage_unfenced at salvage: salvage on target comes before a fence there: what a writer still adds would be in no file.
        "#]],
    );
    check(
        &["record", "discard source"],
        expect![[r#"
            discard_leader at discard: discard on source, which leads: the only complete copy would go.
            no_writable_side at discard: The playbook ends with no side that takes writes: writers stay refused until somebody finds out why.
        "#]],
    );
    check(
        &["record", "seed source"],
        expect![[r#"
            seed_leader at seed: seed on source, which leads: the older copy would go over the newer one.
            no_writable_side at seed: The playbook ends with no side that takes writes: writers stay refused until somebody finds out why.
        "#]],
    );
    check(
        &followed_by(&["seed source"]),
        expect![[r#"
        seed_over at seed: seed on source comes before a discard there: source led until now, and its copy must be let go on purpose, not overwritten by the way.
    "#]],
    );
    check(
        &[
            "record",
            "salvage target",
            "discard target",
            "fence source",
            "drain 0",
            "promote target",
        ],
        expect![[r#"
            salvage_unfenced at salvage: salvage on target comes before a fence there: what a writer still adds would be in no file.
            promote_unverified at promote: No verify of proof and no_newcomers stands right before promote on target: an index born behind the fence would be left behind with its writes.
            promote_discarded at promote: promote on target comes after its copy was discarded and before a seed: it would bring back the old data.
        "#]],
    );
}

#[test]
fn writers_are_sent_only_to_the_side_that_leads() {
    check(
        &["record", "alias target", "canary target"],
        expect![[r#"
        alias_early at alias: alias on target comes while source leads: writes sent to target are refused.
        canary_early at canary: canary on target comes while source leads: writes sent to target are refused.
    "#]],
    );
    check(
        &["record", "promote source"],
        expect![[r#"
        promote_leader at promote: source leads already: there is nothing to promote.
    "#]],
    );
    check(
        &["record", "fence source", "manual"],
        expect![[r#"
            manual_unlimited at manual: The manual gate "go" has no within and stands behind the fence: writers are refused for as long as nobody answers.
        "#]],
    );
    check(
        &["fence source"],
        expect![[r#"
            change_unrecorded at fence: fence comes before record: after a crash nothing would say who led what, and a former leader could be taken for the leader and copied over the newer data.
        "#]],
    );
    for more in [&["drain 0"][..], &["hook before_fence"], &["alias source"], &["fence target"]] {
        let steps: Vec<&str> =
            ["record"].iter().chain(more).chain(&["fence source"]).copied().collect();
        assert!(told("none", &steps).contains("no_writable_side at fence"), "{steps:?}");
    }
    check(
        &["require link", "manual"],
        expect![[r#"
        no_goal at manual: The playbook has gates only: there is no goal for them to guard.
    "#]],
    );
}

#[test]
fn a_switch_back_needs_a_record_and_a_drain_of_its_own() {
    check(
        &followed_by(&["fence target", "verify proof no_newcomers", "promote source"]),
        expect![[r#"
            proof_without_drain at verify: verify asks for the proof of a drain, and no drain behind a fence comes before it.
            change_unrecorded at promote: promote comes before record: after a crash nothing would say who led what, and a former leader could be taken for the leader and copied over the newer data.
            promote_undrained at promote: promote on source without a drain behind the fence: what target acknowledged and source has not read yet is lost.
        "#]],
    );
    check(
        &[
            "record",
            "fence source",
            "drain 0",
            "seed target",
            "verify no_newcomers",
            "promote target",
        ],
        expect![[r#"
            promote_undrained at promote: promote on target without a drain behind the fence: what source acknowledged and target has not read yet is lost.
        "#]],
    );
}

#[test]
fn what_goes_is_proved_to_be_a_copy_and_what_is_spanned_not_to_recurse() {
    assert_eq!(told("none", &["require only_copies", "record", "remove target"]), "");
    check(
        &["record", "remove target", "release source"],
        expect![[r#"
            remove_unproved at remove: remove on target without a require of only_copies before it: an index that is nobody's copy would go with the others.
            remove_leader at release: release on source, which leads: what goes there is no copy.
            no_writable_side at release: The playbook ends with no side that takes writes: writers stay refused until somebody finds out why.
        "#]],
    );
    check(
        &["require no_recursion", "record", "index source", "span target"],
        expect![[r#"
            span_unproved at index: index without a require of alias_free and no_recursion before it: both sides might copy each other's copies without end.
            span_unproved at span: span without a require of alias_free and no_recursion before it: both sides might copy each other's copies without end.
        "#]],
    );
}
