//! Plans, requests, refusals.

use expect_test::expect;

use super::*;
use crate::{
    model::world::Answer,
    outcome::{Next, Outcome, exit},
};

#[test]
fn the_plan_of_a_planned_failover_before_the_question() {
    let plan = failover(&orders(14, 12), &topology());
    expect![[r#"
        orders moves from clusterA to clusterB: planned, no loss. 14 indices are promoted.
        Writers are refused for at most 5 m 30 s. Until step 6 everything can be undone.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, "CHG-4711", made on bastion-1

           STEP     WHERE     WHAT HAPPENS                                                           AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state index is made on           1 m
                              clusterA and clusterB
        2  hook     here      ./pause-writers.sh                                                         1 m
        3  fence    clusterA  14 indices refuse writes; and any born meanwhile, by the template          1 m
                              esdr-fence-orders
        4  drain    both      proof: 28 shards at lag 0, read last on clusterB                           2 m
        5  verify   both      gate: proof, no newcomers                                                 30 s
        -------------------------- no way back below this line, only on to the end -------------------------
        6  promote  clusterB  14 indices: pause, positions, close, unfollow, open                   1 m 30 s
        7  alias    clusterB  write alias orders-write -> orders-000001, in one call                    30 s
        8  canary   clusterB  one document written, read, removed in orders-000001                      30 s
        9  hook     here      ./switch-dns.sh --now                                                      1 m

        Before each step the lag is read and judged again. Now: 12 operations, measured.
        Changes: 75, 16 to clusterA and 59 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 0. Overwritten: 0.

        ! While fenced, clusterA answers writers with 403. Logstash retries; Beats and agents that write
          directly DROP such events. The before_fence hook must stop or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterA outside the set go on writing
          there.

        14 to promote, 0 left alone, 0 to delete, 0 to overwrite.
    "#]].assert_eq(&screen(100, |reporter| reporter.plan(&plan)));
    expect!["Proceed with orders?  [yes / no / explain]"].assert_eq(&question(&plan));
}

#[test]
fn the_same_plan_at_80_columns_fits() {
    let plan = failover(&orders(120, 0), &topology());
    expect![[r#"
        orders moves from clusterA to clusterB: planned, no loss. 120 indices are
        promoted.
        Writers are refused for at most 5 m 30 s. Until step 6 everything can be undone.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, "CHG-4711", made
        on bastion-1

           STEP     WHERE     WHAT HAPPENS                                       AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state        1 m
                              index is made on clusterA and clusterB
        2  hook     here      ./pause-writers.sh                                     1 m
        3  fence    clusterA  120 indices refuse writes; and any born                1 m
                              meanwhile, by the template esdr-fence-orders
        4  drain    both      proof: 240 shards at lag 0, read last on               2 m
                              clusterB
        5  verify   both      gate: proof, no newcomers                             30 s
        ---------------- no way back below this line, only on to the end ---------------
        6  promote  clusterB  120 indices in 3 batches: pause, positions,       1 m 30 s
                              close, unfollow, open
        7  alias    clusterB  write alias orders-write -> orders-000001, in         30 s
                              one call
        8  canary   clusterB  one document written, read, removed in                30 s
                              orders-000001
        9  hook     here      ./switch-dns.sh --now                                  1 m

        Before each step the lag is read and judged again. Now: 0 operations, measured.
        Changes: 605, 122 to clusterA and 483 to clusterB ("explain" lists every
        request).
        Left alone: 0. Deleted: 0. Overwritten: 0.

        ! While fenced, clusterA answers writers with 403. Logstash retries; Beats and
          agents that write directly DROP such events. The before_fence hook must stop
          or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterA outside the set
          go on writing there.

        120 to promote, 0 left alone, 0 to delete, 0 to overwrite.
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.plan(&plan)));
}

#[test]
fn requests_that_are_alike_are_told_once() {
    let plan = failover(&orders(14, 0), &topology());
    let text = printed(Output::Human, 100, |r| r.plan_requests(&plan, &requests));
    expect![[r#"
        orders, clusterA -> clusterB: every request in order
        record:
        hook:
          here  ./pause-writers.sh  (before_fence)
        fence:
          clusterA  PUT /orders-000001/_block/write    ... 14 alike
        drain:
          both  GET /orders-000001/_stats on clusterA, then GET /orders-000001/_stats on clusterB, until equal    ... 14 alike
        promote:
          clusterB  POST /orders-000001/_ccr/pause_follow    ... 14 alike
          clusterB  POST /orders-000001/_close    ... 14 alike
          clusterB  POST /orders-000001/_ccr/unfollow    ... 14 alike
          clusterB  POST /orders-000001/_open    ... 14 alike
        alias:
        canary:
        hook:
          here  ./switch-dns.sh --now  (after_promote)

    "#]].assert_eq(&text);
}

#[test]
fn as_json_a_plan_is_one_line_a_set_and_its_requests_one_line_a_step() {
    let plan = failover(&orders(2, 0), &topology());
    let text = printed(Output::Json, 100, |r| {
        r.plan(&plan);
        r.plan_requests(&plan, &requests);
    });
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["esdr"] == 1 && line["type"] == "plan"));
    assert_eq!(lines[0]["at"], "2026-11-20T14:02:11.000Z");
    assert_eq!(lines[0]["set"], "orders");
    let fence = lines.iter().find(|line| line["step"] == "fence").unwrap();
    assert_eq!(fence["detail"]["requests"][0]["path"], "/orders-000001/_block/write");
}

#[test]
fn a_standby_that_does_not_read_is_refused_before_the_fence() {
    let mut world = orders(3, 40);
    world.sights[1].answer = Answer::No;
    world.sights[1].evidence = "asked it: no answer in 2.0 s (but says \"connected\")".to_owned();
    let plan = failover(&world, &topology());
    let mut report = Report::new("failover", Outcome::Refused, exit::REFUSED);
    report.next = vec![Next {
        command: "esdr status".to_owned(),
        consequence: "who sees whom, nothing changed".to_owned(),
    }];
    let text = screen(100, |reporter| reporter.result(&report, Some(&plan)));
    expect![[r#"
        Refused: clusterB does not read from clusterA: asked it: no answer in 2.0 s (but says "connected").
        Nothing was changed.

        orders, clusterA -> clusterB
        ! clusterB does not read from clusterA: asked it: no answer in 2.0 s (but says "connected").
          [link_down]
          For the data   A drain would never end: writers would have been refused for nothing.
          Allows it      mend the link, then the same command

          WHO SEES WHOM         ANSWER  HOW IT IS KNOWN
        ! clusterB -> clusterA  no      asked it: no answer in 2.0 s (but says "connected")
          here -> clusterA      yes     4 ms
          here -> clusterB      yes     31 ms
          clusterA -> clusterB  yes     tested, 31 ms

        Next  esdr status    who sees whom, nothing changed
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_plan_without_a_change_says_so() {
    let plan = Plan { switches: Vec::new(), ..failover(&orders(2, 0), &topology()) };
    expect![[r#"
        Nothing is left to do: what is asked for is so already.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, "CHG-4711", made
        on bastion-1
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.plan(&plan)));
}

/// Everything had been done by a run that was killed before it could write that down.
#[test]
fn a_plan_that_only_closes_the_record_says_so() {
    let mut plan = failover(&orders(2, 0), &topology());
    for switch in &mut plan.switches {
        switch.unclosed = true;
        switch.steps.iter_mut().for_each(|step| step.actions.clear());
    }
    let text = screen(80, |reporter| reporter.plan(&plan));
    let answer = "Nothing is left to do but to write down that it is done: what is asked for is so";
    assert!(text.starts_with(answer), "{text}");
}
