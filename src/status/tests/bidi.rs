//! Two sites that both write, behind one alias.

use expect_test::{Expect, expect};

use super::{worlds::bidi as worlds, *};
use crate::model::world::{Pattern, World};

/// One line a site, a direction and a problem.
fn told(world: &World) -> String {
    let topology = worlds::topology();
    let status = of_bidi(world, &topology, &topology.bidi[0]);
    let or_null = |number: Option<u64>| number.map_or("null".to_owned(), |n| n.to_string());
    let size = |number: Option<usize>| or_null(number.map(|n| n as u64));
    let names = |names: &Option<Vec<String>>| {
        names.as_ref().map_or("null".to_owned(), |names| format!("[{}]", names.join(" ")))
    };
    let [bidi] = status.bidi.as_slice() else { panic!("one") };
    let mut lines = vec![format!("{}{}", bidi.name, if bidi.whole { ": whole" } else { "" })];
    for site in &bidi.sites {
        lines.push(format!(
            "  {}: {:?}{}, writes {}, own {} copies {} others {}",
            site.cluster,
            site.alias,
            if site.whole { ", whole" } else { "" },
            site.write_index.as_deref().unwrap_or("null"),
            names(&site.own),
            names(&site.copies),
            names(&site.others),
        ));
    }
    for direction in &bidi.directions {
        lines.push(format!(
            "  {} -> {}: {}, {} following {} stopped {} new, lag {} (>= {}) {}, contact {} ms, \
             history {} ms",
            direction.from,
            direction.to,
            direction.set.situation.word(),
            size(direction.following),
            size(direction.stopped),
            size(direction.new),
            or_null(direction.set.lag_ops),
            or_null(direction.set.lag_ops_at_least),
            direction.set.evidence.word(),
            direction.last_contact_ms.map_or("null".to_owned(), |ms| ms.to_string()),
            or_null(direction.history_ms),
        ));
    }
    lines.push(format!(
        "  recursion {}, patterns {}",
        bidi.recursion.answer,
        size(bidi.recursion.patterns)
    ));
    for problem in &status.problems {
        lines.push(format!("{:?} {}: {}", problem.level, problem.code, problem.detail));
    }
    lines.push(format!("exit {}", status.exit()));
    lines.join("\n")
}

fn check(world: &World, expected: Expect) {
    expected.assert_eq(&told(world));
}

#[test]
fn both_sites_write_and_read_everything() {
    check(
        &worlds::logs([310, 95]),
        expect![[r#"
        logs: whole
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: lagging, 1 following 0 stopped 0 new, lag 310 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: lagging, 1 following 0 stopped 0 new, lag 95 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        exit 0"#]],
    );
}

#[test]
fn a_site_that_is_gone_leaves_no_zero_and_the_other_is_told() {
    check(
        &without(worlds::logs([0, 0]), "clusterA"),
        expect![[r#"
        logs
          clusterA: Unknown, writes null, own null copies null others null
          clusterB: OneWriteIndex, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: leader_lost, 1 following 0 stopped null new, lag null (>= 0) reported, contact 200 ms, history null ms
          clusterB -> clusterA: unknown, null following null stopped null new, lag null (>= null) unknown, contact 20000 ms, history 43200000 ms
          recursion unknown, patterns null
        Problem unreachable: clusterA does not answer: connect timed out after 2.0 s (2 addresses)
        exit 5"#]],
    );
    check(
        &without(worlds::logs([0, 0]), "clusterB"),
        expect![[r#"
        logs
          clusterA: OneWriteIndex, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: Unknown, writes null, own null copies null others null
          clusterA -> clusterB: unknown, null following null stopped null new, lag null (>= null) unknown, contact 20000 ms, history 43200000 ms
          clusterB -> clusterA: leader_lost, 1 following 0 stopped null new, lag null (>= 0) reported, contact 200 ms, history null ms
          recursion unknown, patterns null
        Problem unreachable: clusterB does not answer: connect timed out after 2.0 s (2 addresses)
        exit 5"#]],
    );
}

#[test]
fn copies_that_stopped_are_told_by_why() {
    let paused = worlds::changed(worlds::logs([0, 40]), "clusterA", "logs-clusterb", |copy| {
        *copy = super::paused(copy.clone());
    });
    check(
        &paused,
        expect![[r#"
        logs
          clusterA: OneWriteIndex, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: stalled, 0 following 1 stopped 0 new, lag 40 (>= null) measured, contact 20000 ms, history 43200000 ms
          recursion none, patterns 0
        Problem paused: logs-clusterb is paused on clusterA
        exit 5"#]],
    );
    let first = |why: &str| {
        let fatal = worlds::changed(worlds::logs([0, 40]), "clusterA", "logs-clusterb", |copy| {
            copy.following.as_mut().unwrap().tasks[0].fatal = Some(why.to_owned());
        });
        let told = told(&fatal);
        told.lines().find(|line| line.starts_with("Problem")).unwrap().to_owned()
    };
    expect!["Problem history_gone: logs-clusterb is stopped for good on clusterA: what it has not copied is no longer kept on clusterB; resource_not_found_exception: Operations are no longer available for replicating."].assert_eq(&first(
        "resource_not_found_exception: Operations are no longer available for replicating.",
    ));
    expect!["Problem fatal: logs-clusterb is stopped for good on clusterA; illegal_state_exception: history uuid"].assert_eq(&first("illegal_state_exception: history uuid"));
}

#[test]
fn what_has_no_copy_is_told() {
    check(
        &worlds::less(worlds::logs([0, 0]), "clusterB", "logs-clustera"),
        expect![[r#"
        logs
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, writes logs-clusterb, own [logs-clusterb] copies [] others []
          clusterA -> clusterB: unprotected, 0 following 0 stopped 1 new, lag null (>= null) unknown, contact 20000 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem uncovered: logs-clustera is on clusterA and copied by nothing on clusterB
        exit 5"#]],
    );
    check(
        &worlds::less(worlds::logs([0, 0]), "clusterA", "logs-clustera"),
        expect![[r#"
        logs
          clusterA: NoWriteIndex, writes null, own [] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: leader_lost, 1 following 0 stopped 0 new, lag null (>= 0) reported, contact 200 ms, history null ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem no_write_index: logs on clusterA has no write index: writes through it are refused
        Problem leader_lost: logs-clustera is gone from clusterA, and its copy stands on clusterB
        exit 5"#]],
    );
}

#[test]
fn the_alias_is_missing_or_writes_nowhere_or_elsewhere() {
    let alias = |changes: &[(&str, Option<Option<bool>>)]| {
        let mut world = worlds::logs([0, 0]);
        for (index, flag) in changes {
            world = worlds::changed(world, "clusterA", index, |index| {
                index.aliases = flag.map(worlds::alias).into_iter().collect();
            });
        }
        told(&world)
    };
    let (own, copy) = ("logs-clustera", "logs-clusterb");
    expect![[r#"
        logs
          clusterA: Missing, writes null, own [] copies [] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem alias_missing: no index on clusterA bears logs: a write to it there makes an index of that name
        Problem alias_missing: logs-clusterb on clusterA is not in logs: searches there miss what clusterB writes
        exit 5"#]].assert_eq(&alias(&[(own, None), (copy, None)]));
    expect![[r#"
        logs
          clusterA: NoWriteIndex, writes null, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem no_write_index: logs on clusterA has no write index: writes through it are refused
        exit 5"#]].assert_eq(&alias(&[(own, Some(Some(false)))]));
    expect![[r#"
        logs
          clusterA: OneWriteIndex, writes logs-clusterb, own [] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem write_index_elsewhere: writes through logs on clusterA go into logs-clusterb
        Problem alias_missing: logs-clustera on clusterA is not in logs: searches there miss it
        exit 5"#]].assert_eq(&alias(&[(own, None), (copy, Some(Some(true)))]));
    expect![[r#"
        logs
          clusterA: OneWriteIndex, writes logs-clustera, own [logs-clustera] copies [] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem alias_missing: logs-clusterb on clusterA is not in logs: searches there miss what clusterB writes
        exit 5"#]].assert_eq(&alias(&[(copy, None)]));
    expect![[r#"
        logs
          clusterA: TwoWriteIndices, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Problem two_write_indices: logs on clusterA has more than one write index
        exit 5"#]].assert_eq(&alias(&[(copy, Some(Some(true)))]));
}

#[test]
fn what_belongs_to_neither_site_and_is_read_is_a_warning() {
    let mut old = leader("logs-2019", &[7]);
    old.aliases = vec![worlds::alias(Some(false))];
    let world = worlds::plus(worlds::logs([0, 0]), "clusterA", old);
    check(
        &world,
        expect![[r#"
        logs: whole
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others [logs-2019]
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion none, patterns 0
        Warning alias_stranger: logs on clusterA also reads logs-2019, which is not copied to the other side
        exit 0"#]],
    );
}

#[test]
fn what_would_be_followed_back_is_shown_hop_by_hop() {
    let mut world = worlds::logs([0, 0]);
    let pattern = Pattern {
        name: "all".to_owned(),
        active: true,
        remote: "dc2".to_owned(),
        leader_patterns: vec!["logs-*".to_owned()],
        body: serde_json::json!({"follow_index_pattern": "{{leader_index}}-copy"}),
        ..Pattern::default()
    };
    worlds::view(&mut world, "clusterA").patterns = Some(vec![pattern]);
    check(
        &world,
        expect![[r#"
        logs
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion found, patterns 1
        Problem recursion: a copy of logs-clustera would be copied back: logs-clustera on clusterA -> logs-clustera on clusterB, by this set-up; logs-clustera on clusterB -> logs-clustera-copy on clusterA, by the pattern "all"
        Problem recursion: logs-clusterb would be copied twice: logs-clusterb on clusterB -> logs-clusterb-copy on clusterA, by the pattern "all"; logs-clusterb on clusterB -> logs-clusterb on clusterA, by this set-up
        exit 5"#]],
    );
}

#[test]
fn what_is_followed_back_already_is_shown() {
    let again = worlds::copy("clusterA", "logs-clustera", "again", 7);
    check(
        &worlds::plus(worlds::logs([0, 0]), "clusterA", again),
        expect![[r#"
        logs
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion found, patterns 0
        Problem recursion: a copy of logs-clustera is copied back: logs-clustera on clusterA -> logs-clustera on clusterB -> again on clusterA
        exit 5"#]],
    );
}

#[test]
fn patterns_that_may_not_be_read_prove_nothing() {
    let mut world = worlds::logs([0, 0]);
    worlds::view(&mut world, "clusterB").patterns = None;
    check(
        &world,
        expect![[r#"
        logs
          clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
          clusterB: OneWriteIndex, whole, writes logs-clusterb, own [logs-clusterb] copies [logs-clustera] others []
          clusterA -> clusterB: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
          recursion unknown, patterns null
        Warning recursion_unseen: whether a pattern would follow a copy back is not known: the auto-follow patterns may not be read
        exit 0"#]],
    );
}

#[test]
fn what_was_never_set_up_is_told_once() {
    check(
        &pair(Vec::new(), Vec::new()),
        expect![[r#"
        logs
          clusterA: Missing, writes null, own [] copies [] others []
          clusterB: Missing, writes null, own [] copies [] others []
          clusterA -> clusterB: unprotected, 0 following 0 stopped 0 new, lag null (>= null) unknown, contact null ms, history null ms
          clusterB -> clusterA: unprotected, 0 following 0 stopped 0 new, lag null (>= null) unknown, contact null ms, history null ms
          recursion none, patterns 0
        Problem nothing_replicated: nothing of logs is on clusterA or clusterB
        exit 5"#]],
    );
}

#[test]
fn a_copy_that_was_let_go_is_not_taken_for_a_copy() {
    let world = worlds::changed(worlds::logs([0, 0]), "clusterB", "logs-clustera", |copy| {
        copy.following = None;
    });
    check(
        &world,
        expect![[r#"
            logs
              clusterA: OneWriteIndex, whole, writes logs-clustera, own [logs-clustera] copies [logs-clusterb] others []
              clusterB: OneWriteIndex, writes logs-clusterb, own [logs-clusterb] copies [] others [logs-clustera]
              clusterA -> clusterB: split_brain, 0 following 0 stopped 0 new, lag null (>= null) unknown, contact 20000 ms, history 43200000 ms
              clusterB -> clusterA: in_sync, 1 following 0 stopped 0 new, lag 0 (>= null) measured, contact 200 ms, history 43200000 ms
              recursion none, patterns 0
            Problem split_brain: logs-clustera is writable on clusterB too, and no copy there any more; clusterA 1001 operations, takes writes; clusterB 1001 operations, takes writes
            exit 5"#]],
    );
}

#[test]
fn history_is_kept_as_long_as_the_leader_says() {
    let world = worlds::changed(worlds::logs([0, 0]), "clusterA", "logs-clustera", |index| {
        index.history_ms = Some(72 * 3_600_000);
    });
    let topology = worlds::topology();
    let status = of_bidi(&world, &topology, &topology.bidi[0]);
    let kept: Vec<_> = status.bidi[0].directions.iter().map(|it| it.history_ms).collect();
    assert_eq!(kept, [Some(72 * 3_600_000), Some(12 * 3_600_000)]);
    assert_eq!(status.problems, []);

    let mut asking = topology.clone();
    asking.bidi[0].history = Some(std::time::Duration::from_secs(72 * 3600));
    let status = of_bidi(&world, &asking, &asking.bidi[0]);
    let told: Vec<String> = status
        .problems
        .iter()
        .map(|it| format!("{}: {} {}", it.code, it.detail, it.hint))
        .collect();
    expect![[r#"history_short: clusterB keeps 12h of history for a copy that is out of contact, and esdr.toml asks for 72h: after a longer outage a full copy is needed PUT clusterB/logs-clusterb/_settings {"index.soft_deletes.retention_lease.period":"72h"}; it costs disk there"#]].assert_eq(&told.join("\n"));
    assert_eq!((status.bidi[0].whole, status.exit()), (true, 0));
}

#[test]
fn the_status_of_everything_has_it_beside_the_sets() {
    let status = build(&worlds::logs([0, 0]), &worlds::topology(), &[]);
    assert_eq!((status.sets.len(), status.bidi.len(), status.exit()), (0, 1, 0));
    let mut topology = topology(&[("orders", &["orders-*"])]);
    topology.bidi = worlds::topology().bidi;
    let orders = worlds::plus(worlds::logs([0, 0]), "clusterA", leader("orders-1", &[9]));
    let world = worlds::plus(orders, "clusterB", follower("orders-1", &[9]));
    let names = |only: &[String]| {
        let status = build(&world, &topology, only);
        let sets = status.sets.into_iter().map(|set| set.name);
        sets.chain(status.bidi.into_iter().map(|bidi| bidi.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["orders", "logs"]);
    assert_eq!(names(&["orders".to_owned()]), ["orders"]);
    assert_eq!(names(&["logs".to_owned()]), ["logs"]);
}
