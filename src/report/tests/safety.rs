//! Whole copies that stay beside salvage files, in plans and at the end of runs.

use expect_test::expect;

use super::*;
use crate::{
    event::{Detail, Kind},
    outcome::{Outcome, Report, exit},
    plan::action::Action,
};

fn event(detail: Detail, indices: &[&str]) -> crate::event::Event {
    crate::event::Event {
        at_ms: worlds::NOW_MS,
        run: "1120-7f3a".to_owned(),
        set: "orders".to_owned(),
        step: "salvage".to_owned(),
        cluster: "clusterA".to_owned(),
        indices: indices.iter().map(|index| (*index).to_owned()).collect(),
        kind: Kind::Progress,
        detail,
    }
}

#[test]
fn what_stays_beside_is_told_as_it_comes_and_in_the_end() {
    let plan = failover(&orders(14, 12), &topology());
    let copy = |name: &str| Detail::SafetyCopy { name: name.to_owned() };
    let snapshot = || Detail::Snapshot {
        repository: "nightly".to_owned(),
        name: "esdr-1120-7f3a-orders".to_owned(),
    };
    let under_way = Detail::SnapshotShards {
        name: "esdr-1120-7f3a-orders".to_owned(),
        shards_done: 3,
        shards_total: 12,
    };
    let events = [
        event(copy("esdr-safety-1120-7f3a-orders-1"), &["orders-1"]),
        event(copy("esdr-safety-1120-7f3a-orders-2"), &["orders-2"]),
        event(under_way, &["orders-1", "orders-2"]),
        event(snapshot(), &["orders-1", "orders-2"]),
    ];
    let ended = Report {
        run: Some("1120-7f3a".to_owned()),
        ..Report::new("failback", Outcome::Converged, exit::CONVERGED)
    };
    let text = printed(Output::Human, 100, |reporter| {
        reporter.begin(&plan);
        for event in &events {
            reporter.event(event);
        }
        reporter.result(&ended, Some(&plan));
    });
    expect![[r#"
        14:02:11 progress  orders salvage on clusterA: a safety copy stays as esdr-safety-1120-7f3a-orders-1
        14:02:11 progress  orders salvage on clusterA: a safety copy stays as esdr-safety-1120-7f3a-orders-2
        14:02:11 progress  orders salvage on clusterA: snapshot esdr-1120-7f3a-orders: 3 of 12 shards
        14:02:11 progress  orders salvage on clusterA: 2 indices in snapshot esdr-1120-7f3a-orders of nightly

        Done: orders is led by clusterB. Lost: known unknown, at most unknown operations.
        Run 1120-7f3a, 2026-11-20 14:02:11 to 14:02:11 UTC, deploy@bastion-1, "CHG-4711"

        Safety copies     esdr-safety-1120-7f3a-orders-1, esdr-safety-1120-7f3a-orders-2
        Snapshot          esdr-1120-7f3a-orders of nightly, 2 indices
    "#]].assert_eq(&text);
}

#[test]
fn a_plan_lists_the_copies_that_go() {
    let mut plan = failover(&orders(2, 0), &topology());
    let reprotect = crate::playbook::builtin::find("reprotect").unwrap().playbook().unwrap();
    let steps = reprotect.steps.iter().map(|step| {
        let drops = step.verb() == crate::playbook::Verb::DropCopies;
        let drop_copy = Action::Drop {
            cluster: "clusterA".to_owned(),
            index: "orders-1".to_owned(),
            copies: vec!["esdr-safety-1120-7f3a-orders-1".to_owned()],
        };
        let actions = if drops { vec![drop_copy] } else { Vec::new() };
        crate::plan::PlannedStep { step: step.clone(), actions }
    });
    plan.switches[0].steps = steps.collect();
    plan.request.playbook = reprotect;
    plan.request.drop_copies = true;
    let text = printed(Output::Human, 100, |reporter| {
        reporter.plan(&plan);
        reporter.plan_requests(&plan, &Action::requests);
    });
    expect![[r#"
        orders: 1 safety copy is deleted. All else is as it is to be.
        Until step 2 everything can be undone.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, "CHG-4711", made on bastion-1

           STEP         WHERE     WHAT HAPPENS                                              AT MOST
        1  verify       both      gate: coverage, converged                                    10 m
        ---------------------- no way back below this line: safety copies are deleted ----------------------
        2  drop_copies  clusterA  1 safety copy is deleted: esdr-safety-1120-7f3a-orders-1      1 m

        Before each step the lag is read and judged again. Now: 0 operations, measured.
        Changes: 1, 1 to clusterA ("explain" lists every request).
        Left alone: 0. Deleted: 1. Overwritten: 0.

        ? Not provable from here: writers that name an index of clusterA outside the set go on writing
          there.

        1 to drop, 0 left alone, 1 to delete, 0 to overwrite.
        orders, clusterA -> clusterB: every request in order
        drop_copies:
          clusterA  DELETE /esdr-safety-1120-7f3a-orders-1

    "#]].assert_eq(&text);
}
