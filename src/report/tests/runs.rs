//! A run: its events, and how it ended.

use expect_test::expect;

use super::*;
use crate::{
    event::{Detail, Kind},
    model::problem::{Code, Problem},
    outcome::{Counts, LostOps, Next, Outcome, exit},
};

fn event(after_ms: i64, step: &str, cluster: &str, kind: Kind, detail: Detail) -> Event {
    Event {
        at_ms: worlds::NOW_MS + after_ms,
        run: "1120-7f3a".to_owned(),
        set: if step.is_empty() { String::new() } else { "orders".to_owned() },
        step: step.to_owned(),
        cluster: cluster.to_owned(),
        indices: Vec::new(),
        kind,
        detail,
    }
}

fn hook(name: &str, exit: Option<i32>) -> Detail {
    let command = "./switch-dns.sh --now".to_owned();
    Detail::Hook { name: name.to_owned(), command, exit, took_ms: 900 }
}

fn drain(lag_ops: Option<u64>, shards_left: usize) -> Detail {
    Detail::Drain { lag_ops, shards_left, shards_total: 28 }
}

fn calls(verb: &str, count: usize) -> Detail {
    Detail::Calls { verb: verb.to_owned(), count }
}

/// A planned failover that ends well.
fn events() -> Vec<Event> {
    let plan = Detail::Plan { id: "1120-7f3a".to_owned(), indices: 14, calls: 72 };
    let record = |positions| Detail::Record {
        on: vec!["clusterA".to_owned(), "clusterB".to_owned()],
        not_on: Vec::new(),
        positions,
    };
    let gate = Detail::Gate { lag_ops: Some(12), evidence: "measured".to_owned() };
    vec![
        event(0, "", "", Kind::Plan, plan),
        event(100, "record", "", Kind::Recorded, record(0)),
        event(300, "fence", "", Kind::Progress, gate),
        event(400, "fence", "clusterA", Kind::Started, calls("fence", 14)),
        event(900, "fence", "clusterA", Kind::Done, Detail::Took { took_ms: 500 }),
        event(1000, "drain", "", Kind::Waiting, drain(Some(12), 1)),
        event(1900, "drain", "", Kind::Waiting, drain(None, 28)),
        event(2000, "drain", "", Kind::Done, drain(Some(0), 0)),
        event(2100, "promote", "clusterB", Kind::Started, calls("pause", 14)),
        event(2200, "promote", "", Kind::Recorded, record(28)),
        event(
            4000,
            "promote",
            "clusterB",
            Kind::Progress,
            Detail::Batch { number: 1, batches: 1, done: 14, total: 14 },
        ),
        event(4100, "promote", "clusterB", Kind::Done, Detail::Took { took_ms: 2000 }),
        event(
            4200,
            "canary",
            "clusterB",
            Kind::Done,
            Detail::Canary { index: "orders-000002".to_owned() },
        ),
        event(4300, "hook", "", Kind::Started, hook("after_promote", None)),
        event(5200, "hook", "", Kind::Done, hook("after_promote", Some(0))),
    ]
}

fn report(outcome: Outcome, exit: u8) -> Report {
    Report {
        run: Some("1120-7f3a".to_owned()),
        writers_refused_ms: Some(3600),
        writers: crate::outcome::Writers::Taken,
        indices: Counts { total: 14, done: 14 },
        ..Report::new("failover", outcome, exit)
    }
}

#[test]
fn without_a_terminal_each_event_is_a_line() {
    let plan = failover(&orders(14, 12), &topology());
    let text = printed(Output::Human, 100, |reporter| {
        reporter.begin(&plan);
        for event in events() {
            reporter.event(&event);
        }
    });
    expect![[r#"
        14:02:11 plan      run 1120-7f3a failover orders clusterA -> clusterB, 14 indices, 75 changes
        14:02:11 recorded  orders record: members, aliases, parameters; kept on clusterA, clusterB and this machine
        14:02:11 progress  orders fence: lag 12, measured
        14:02:11 started   orders fence on clusterA: fence, 14 calls
        14:02:11 done      orders fence on clusterA: 500 ms
        14:02:12 waiting   orders drain: lag 12, 1 of 28 shards not there yet
        14:02:12 waiting   orders drain: lag unknown, 28 of 28 shards not there yet
        14:02:13 done      orders drain: lag 0 on all of 28 shards
        14:02:13 started   orders promote on clusterB: pause, 14 calls
        14:02:13 recorded  orders promote: 28 positions; kept on clusterA, clusterB and this machine
        14:02:15 progress  orders promote on clusterB: 14/14 writable, batch 1 of 1
        14:02:15 done      orders promote on clusterB: 2 s
        14:02:15 done      orders canary on clusterB: document written, read and removed in orders-000002
        14:02:15 started   orders hook: after_promote ./switch-dns.sh --now
        14:02:16 done      orders hook: after_promote ./switch-dns.sh --now, exit 0, 900 ms
    "#]].assert_eq(&text);
}

#[test]
fn as_json_each_event_is_an_object_and_the_result_comes_last() {
    let text = printed(Output::Json, 100, |reporter| {
        for event in &events()[3..5] {
            reporter.event(event);
        }
        reporter.result(&report(Outcome::Converged, 0), None);
    });
    expect![[r#"
        {"esdr":1,"type":"started","at":"2026-11-20T14:02:11.400Z","run":"1120-7f3a","set":"orders","step":"fence","cluster":"clusterA","indices":[],"detail":{"what":"calls","verb":"fence","count":14}}
        {"esdr":1,"type":"done","at":"2026-11-20T14:02:11.900Z","run":"1120-7f3a","set":"orders","step":"fence","cluster":"clusterA","indices":[],"detail":{"what":"took","took_ms":500}}
        {"esdr":1,"type":"result","command":"failover","outcome":"converged","exit":0,"run":"1120-7f3a","writers_refused_ms":3600,"switch_ms":null,"redirected_ms":null,"lost_ops":{"known":null,"at_most":null},"indices":{"total":14,"done":14},"problems":[],"next":[]}
    "#]].assert_eq(&text);
}

#[test]
fn a_planned_failover_that_is_done() {
    let plan = failover(&orders(14, 12), &topology());
    let former = crate::outcome::Former { fenced: 14, follows: 0 };
    let done = Report {
        former: [("orders".to_owned(), former)].into(),
        switch_ms: Some(3700),
        redirected_ms: Some(4800),
        lost_ops: LostOps { known: Some(0), at_most: Some(0) },
        next: vec![Next { command: "esdr status".to_owned(), consequence: String::new() }],
        ..report(Outcome::Converged, 0)
    };
    let text = printed(Output::Human, 100, |reporter| {
        reporter.begin(&plan);
        for event in events() {
            reporter.event(&event);
        }
        reporter.result(&done, Some(&plan));
    });
    let text = text.split("\n\n").skip(1).collect::<Vec<_>>().join("\n\n");
    expect![[r#"
        Done: orders is led by clusterB. Nothing was lost: 28 of 28 shards were at lag 0 behind the fence.
        Run 1120-7f3a, 2026-11-20 14:02:11 to 14:02:16 UTC, deploy@bastion-1, "CHG-4711"

        Writers refused   14:02:11 to 14:02:15, 3.6 s
        Switched in       3.7 s
        Redirected        hook after_promote done 14:02:16; canary written, read and removed in
                          orders-000002
        clusterA          14 indices of orders fenced and kept as they were at the switch

        Next  esdr status
    "#]].assert_eq(&text);
}

#[test]
fn a_drain_that_did_not_finish_is_undone_and_the_time_is_told() {
    let plan = failover(&orders(14, 12), &topology());
    let deadline = Problem::new(
        Code::Deadline,
        "orders",
        "orders did not drain in 2 m; orders-000001 shard 0: 1,204 behind",
        "esdr status --set orders --all",
    );
    let undone = Report {
        writers_refused_ms: Some(123_000),
        indices: Counts { total: 14, done: 0 },
        problems: vec![deadline],
        next: vec![
            Next {
                command: "esdr status --set orders --all".to_owned(),
                consequence: "every index and shard".to_owned(),
            },
            Next {
                command: "esdr failover --to clusterB --set orders --index '-orders-000001'"
                    .to_owned(),
                consequence: "the others without it".to_owned(),
            },
        ],
        ..report(Outcome::Undone, exit::REFUSED)
    };
    let text = printed(Output::Human, 100, |reporter| {
        reporter.begin(&plan);
        for event in &events()[..6] {
            reporter.event(event);
        }
        let refused = Detail::Undone { writers_refused_ms: Some(123_000) };
        reporter.event(&event(123_400, "fence", "clusterA", Kind::Stopped, refused));
        reporter.result(&undone, Some(&plan));
    });
    let text = text.split("\n\n").skip(1).collect::<Vec<_>>().join("\n\n");
    expect![[r#"
        Undone: orders did not drain in 2 m; orders-000001 shard 0: 1,204 behind [deadline]. clusterA leads
        as before. WRITERS WERE REFUSED FOR 2 m 03 s.
        Run 1120-7f3a, 2026-11-20 14:02:11 to 14:04:14 UTC, deploy@bastion-1, "CHG-4711"

        Writers refused   14:02:11 to 14:04:14, 2 m 03 s

        Next  esdr status --set orders --all                                       every index and shard
              esdr failover --to clusterB --set orders --index '-orders-000001'    the others without it
    "#]].assert_eq(&text);
}

#[test]
fn writers_who_are_still_refused_at_the_end_are_not_refused_until_then() {
    let plan = failover(&orders(14, 12), &topology());
    let stopped = Report {
        writers: crate::outcome::Writers::Refused,
        ..report(Outcome::Stopped, exit::STOPPED)
    };
    let text = printed(Output::Human, 100, |reporter| {
        reporter.begin(&plan);
        for event in &events()[..6] {
            reporter.event(event);
        }
        reporter.result(&stopped, Some(&plan));
    });
    let refused = text.lines().find(|line| line.starts_with("Writers refused"));
    assert_eq!(refused, Some("Writers refused   since 14:02:11"));
}

#[test]
fn done_with_something_left_lists_it() {
    let plan = failover(&orders(14, 12), &topology());
    let late = Problem::new(
        Code::LateIndex,
        "orders-000099",
        "orders-000099 was born on clusterA behind the fence and is not on clusterB",
        "stop what writes to clusterA, then reindex it into clusterB",
    );
    let left = Report {
        lost_ops: LostOps { known: Some(0), at_most: Some(0) },
        problems: vec![late],
        ..report(Outcome::Incomplete, exit::INCOMPLETE)
    };
    expect![[r#"
        Done, incomplete: orders is led by clusterB. Nothing was lost. 1 thing is left
        to do.
        Run 1120-7f3a, deploy@bastion-1, "CHG-4711"

        Writers refused   3.6 s

        Left to do, worst first
        ! orders-000099 was born on clusterA behind the fence and is not on clusterB.
          [late_index]
            Do: stop what writes to clusterA, then reindex it into clusterB
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.result(&left, Some(&plan))));
}

#[test]
fn the_block_that_is_redrawn_shows_every_set() {
    let plan = failover(&orders(14, 12), &topology());
    let mut board = event::Board::new(&plan);
    for event in events() {
        board.take(&event);
    }
    expect![[r#"

        SET             WRITABLE                       SINCE START  STEP       HOOK
        orders                14/14  ################  3.9 s        hook       5.1 s

        Drain  lag 0 on all of 28 shards
        14:02:16 done      orders hook: after_... ./switch-dns.sh --now, exit 0, 900 ms

        Ctrl-C once: finish this batch and stop safely.  Twice: stop now.
        The same command goes on with run 1120-7f3a."#]]
    .assert_eq(&board.text());
}

#[test]
fn an_error_has_three_parts() {
    let error = anyhow::anyhow!("connection refused").context("PUT /orders/_block/write");
    let text = result::failure(&Failure::of(&error), 80, Paint::default());
    expect![[r#"
        esdr: PUT /orders/_block/write: connection refused.
        For the data  Whatever was done before is in the journal and in the record.
        Next          esdr status
    "#]]
    .assert_eq(&text);
}
