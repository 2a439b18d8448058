//! Without the leader: the refusal, the plan and its question.

use expect_test::expect;

use super::*;
use crate::outcome::{Next, Outcome, exit};

const ACCEPTED: Consent =
    Consent { data_loss: true, leader_is_fenced: false, on_return: OnReturn::Fence };

#[test]
fn a_dead_leader_is_refused_with_what_would_be_lost() {
    let world = worlds::without(orders(14, 12), "clusterA");
    let plan = failover(&world, &topology());
    let mut report = Report::new("failover", Outcome::Refused, exit::REFUSED);
    report.problems = plan.blocked().map(Reason::problem).collect();
    let command = "esdr failover --to clusterB --accept-data-loss --dry-run".to_owned();
    report.next.push(Next { command, consequence: String::new() });
    expect![[r#"
        Refused: clusterA does not answer: connect timed out after 2.0 s (2 addresses). Nothing was changed.

        orders, clusterA -> clusterB
        ! clusterA does not answer: connect timed out after 2.0 s (2 addresses). [leader_unreachable]
          For the data   It cannot be shown that nothing is lost.
          Allows it      esdr failover --to clusterB --accept-data-loss --dry-run
          Would be lost  operations that clusterB lacks: known 0, at most unknown

          WHO SEES WHOM         ANSWER   HOW IT IS KNOWN
        ! here -> clusterA      no       connect timed out after 2.0 s (2 addresses)
        ! clusterB -> clusterA  no       asked it: no answer in 2.0 s (but says "connected")
        ? clusterA -> clusterB  unknown  clusterA cannot be asked
          here -> clusterB      yes      31 ms

        Next  esdr failover --to clusterB --accept-data-loss --dry-run
    "#]].assert_eq(&screen(100, |reporter| reporter.result(&report, Some(&plan))));
}

#[test]
fn the_plan_without_the_leader_names_what_is_waived() {
    let world = worlds::without(orders(14, 12), "clusterA");
    let plan = plan_of("failover-forced", ACCEPTED, &world, &topology());
    expect![[r#"
        ! clusterB takes over orders without clusterA: 14 indices are promoted. Known missing 0, at most
          unknown.
        Until step 4 everything can be undone.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, "CHG-4711", made on bastion-1

           STEP     WHERE     WHAT HAPPENS                                                           AT MOST
        1  record   clusterB  members, aliases, parameters kept; esdr's state index is made on           1 m
                              clusterB
        2  fence    clusterA  the moment it answers, as long as this run lasts                             -
        3  drain    both      then what is not yet promoted is drained first                               -
        -------------------------- no way back below this line, only on to the end -------------------------
        4  promote  clusterB  14 indices: pause, positions, close, unfollow, open                        3 m
        5  canary   clusterB  one document written, read, removed in orders-000001                      30 s
        6  hook     here      ./switch-dns.sh --now                                                      1 m

        Changes: 58, 58 to clusterB ("explain" lists every request).
        Left alone: 0. Deleted: 0. Overwritten: 0.
        Nothing here waits for clusterA: an unfollow's answer is not awaited, clusterB is looked at instead.
        ! Waived, this run only: the proof that nothing is lost; clusterA does not answer: connect timed out
          after 2.0 s (2 addresses). [leader_unreachable]
        Not waived: any other guard.

        14 to promote, 0 left alone, 0 to delete, 0 to overwrite.
    "#]].assert_eq(&screen(100, |reporter| reporter.plan(&plan)));
    expect![[r#"Type the name of the cluster that is left behind to go on, or "explain""#]]
        .assert_eq(&question(&plan));
}
