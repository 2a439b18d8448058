//! The plan of a way back without a copy, and what is told of it.

use expect_test::expect;

use super::*;
use crate::{
    event::{Detail, Event, Kind},
    model::lineage::State,
};

/// Two indices were switched by a proof; one has been written to since.
fn back() -> Plan {
    let on_a = [worlds::leader("orders-1", &[100]), worlds::leader("orders-2", &[100])];
    let on_b = vec![worlds::twin("orders-1", &[130]), worlds::twin("orders-2", &[100])];
    let mut world = worlds::pair(on_a.map(worlds::fenced).to_vec(), on_b);
    let mut entry = worlds::entry(&["orders-1", "orders-2"], State::Done, Some(100));
    for member in &mut entry.members {
        member.proof = member.checkpoints.clone();
    }
    world.lineage = vec![entry].into();
    let topology = topology();
    let playbook = builtin::find("undo-carry").unwrap().playbook().unwrap();
    let mut request = PlanRequest { max_carry_ops: Some(1_000), ..PlanRequest::of(playbook) };
    let set = &topology.sets[0];
    let scope = Scope { world: &world, set, source: "clusterB", target: "clusterA", only: &[] };
    let switches = vec![assemble::switch(&context::Context::of(scope, &topology, &request))];
    let plan = failover(&orders(2, 0), &topology);
    request.command = "esdr undo --max-carry 1000".to_owned();
    request.canary = true;
    request.run.clone_from(&plan.request.run);
    Plan { request, switches, ..plan }
}

#[test]
fn the_plan_of_a_way_back_without_a_copy() {
    let plan = back();
    expect![[r#"
        orders goes back to clusterA without a copy: what clusterB took since is carried
        there. No loss; 2 indices are moved.
        Writers are refused for at most 34 m. Until step 5 everything can be undone.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, made on
        bastion-1

           STEP     WHERE     WHAT HAPPENS                                       AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state        1 m
                              index is made on clusterB and clusterA
        2  hook     here      ./pause-writers.sh                                     1 m
        3  fence    clusterB  2 indices refuse writes; and any born meanwhile,       1 m
                              by the template esdr-fence-orders
        4  verify   both      gate: no newcomers                                    30 s
        ----------- below this line: on to the end, or given up by esdr undo -----------
        5  carry    both      2 indices: 30 operations of clusterB since, into      30 m
                              files and to clusterA by version
        6  verify   both      gate: proof, no newcomers                             30 s
        7  promote  clusterA  the template esdr-fence-orders goes               1 m 30 s
        8  hook     here      ./switch-dns.sh --now                                  1 m

        Changes: 10, 6 to clusterA and 4 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 0. Overwritten: 0.

        ! While fenced, clusterB answers writers with 403. Logstash retries; Beats and
          agents that write directly DROP such events. The before_fence hook must stop
          or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterB outside the set
          go on writing there.

        2 to carry back, 0 left alone, 0 to delete, 0 to overwrite.
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.plan(&plan)));
    expect!["Proceed with orders?  [yes / no / explain]"].assert_eq(&question(&plan));
}

#[test]
fn what_was_carried_is_a_line() {
    let event = Event {
        at_ms: worlds::NOW_MS,
        run: "1120-7f3a".to_owned(),
        set: "orders".to_owned(),
        step: "carry".to_owned(),
        cluster: "clusterA".to_owned(),
        indices: vec!["orders-1".to_owned()],
        kind: Kind::Progress,
        detail: Detail::Carried { written: 25, deleted: 3, already: 0, kept: 1 },
    };
    expect![[r#"
        14:02:11 progress  orders carry on clusterA: carried back: 25 documents written, 3 deleted; there already 0, kept as written there since 1
    "#]].assert_eq(&printed(Output::Human, 100, |reporter| reporter.event(&event)));
}
