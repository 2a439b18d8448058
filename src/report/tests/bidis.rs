//! The screen of a bi-directional alias.

use expect_test::expect;

use super::*;
use crate::status::{build, of_bidi, tests::worlds::bidi};

fn status(world: &World) -> Status {
    let topology = bidi::topology();
    let mut status = of_bidi(world, &topology, &topology.bidi[0]);
    status.host = "bastion-1".to_owned();
    status
}

/// clusterB's copy goes on; clusterA's has stopped, for it was away for longer than clusterB
/// keeps history.
fn back_too_late() -> World {
    let world = bidi::changed(bidi::logs([310, 95]), "clusterA", "logs-clusterb", |copy| {
        let following = copy.following.as_mut().unwrap();
        following.tasks[0].fatal = Some(
            "resource_not_found_exception: Operations are no longer available for replicating."
                .to_owned(),
        );
    });
    bidi::changed(world, "clusterB", "logs-clusterb", |index| {
        index.shards[0].leases[0].timestamp_ms -= 72_840_000;
    })
}

#[test]
fn healthy() {
    let status = status(&bidi::logs([310, 95]));
    assert_eq!(status.exit(), 0);
    expect![[r#"
        logs is whole: both sites write, both read everything, nothing is followed back.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        DIRECTION             INDICES  LAG ops  EVIDENCE  LAST CONTACT  HISTORY KEPT WITHOUT CONTACT
        clusterA -> clusterB        1      310  measured  200 ms ago    12 h
        clusterB -> clusterA        1       95  measured  200 ms ago    12 h

        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed point

        Next  esdr bidi status logs --watch    looks again every 5 s
    "#]]
    .assert_eq(&screen(100, |reporter| reporter.bidi(&status)));
    expect![[r#"
        logs is whole: both sites write, both read everything, nothing is followed back.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        DIRECTION             INDICES  LAG ops  EVIDENCE  LAST CONTACT  HISTORY KEPT
                                                                        WITHOUT CONTACT
        clusterA -> clusterB        1      310  measured  200 ms ago    12 h
        clusterB -> clusterA        1       95  measured  200 ms ago    12 h

        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed
                    point

        Next  esdr bidi status logs --watch    looks again every 5 s
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status)));
}

#[test]
fn a_site_is_back_after_the_history_ended() {
    let status = status(&back_too_late());
    assert_eq!(status.exit(), 5);
    expect![[r#"
        ! logs is not whole: searches on clusterA miss what clusterB wrote since 17:47:51, 20 h 14 m ago.
          clusterB is whole.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

          DIRECTION             FOLLOWING  STOPPED  NEW  LAG ops  EVIDENCE  LAST CONTACT
        ! clusterB -> clusterA          0        1    0       95  measured  20 h 14 m ago
          clusterA -> clusterB          1        0    0      310  measured  200 ms ago

        ! logs-clusterb is stopped for good on clusterA: what it has not copied is no longer kept on
          clusterB; resource_not_found_exception: Operations are no longer available for replicating.
          [history_gone]
            Do: esdr failback --set logs makes a full copy

        SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        History     kept without contact: 12 h on clusterA, 12 h on clusterB
        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed point

        Next  esdr bidi status logs --watch     looks again every 5 s
              esdr bidi setup logs --dry-run    what puts it right, nothing changed
    "#]].assert_eq(&screen(100, |reporter| reporter.bidi(&status)));
    expect![[r#"
        ! logs is not whole: searches on clusterA miss what clusterB wrote since
          17:47:51, 20 h 14 m ago.
          clusterB is whole.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

          DIRECTION             FOLLOWING  STOPPED  NEW  LAG ops  EVIDENCE  LAST CONTACT
        ! clusterB -> clusterA          0        1    0       95  measured  20 h 14 m
                                                                            ago
          clusterA -> clusterB          1        0    0      310  measured  200 ms ago

        ! logs-clusterb is stopped for good on clusterA: what it has not copied is no
          longer kept on clusterB; resource_not_found_exception: Operations are no
          longer available for replicating. [history_gone]
            Do: esdr failback --set logs makes a full copy

        SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        History     kept without contact: 12 h on clusterA, 12 h on clusterB
        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed
                    point

        Next  esdr bidi status logs --watch     looks again every 5 s
              esdr bidi setup logs --dry-run    what puts it right, nothing changed
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status)));
}

#[test]
fn a_site_is_silent() {
    let status = status(&worlds::without(bidi::logs([0, 0]), "clusterA"));
    expect![[r#"
        ! clusterA does not answer; clusterB writes on, into logs-clusterb, and what
          clusterA wrote is read there as far as it had come.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

          DIRECTION             FOLLOWING  STOPPED      NEW  LAG ops  EVIDENCE  LAST
                                                                                CONTACT
        ! clusterA -> clusterB          1        0  unknown     >= 0  reported  200 ms
                                                                      14:02:10  ago
        ? clusterB -> clusterA    unknown  unknown  unknown  unknown  unknown   20 s ago

        ! clusterA does not answer: connect timed out after 2.0 s (2 addresses).
          [unreachable]
            Do: esdr status --watch, and from another machine: is it dead, or only out
            of reach from here?

          SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        ? clusterA  unknown        unknown              unknown
          clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        History     kept without contact: 12 h on clusterB
        Recursion   unknown

        Next  esdr bidi status logs --watch    looks again every 5 s
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status)));
}

#[test]
fn writes_through_the_alias_are_refused_on_one_site() {
    let world = bidi::changed(bidi::logs([0, 0]), "clusterB", "logs-clusterb", |index| {
        index.aliases = vec![bidi::alias(Some(false))];
    });
    expect![[r#"
        ! logs is not whole: logs on clusterB has no write index: writes through it are
          refused.
          clusterA is whole.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        DIRECTION             FOLLOWING  STOPPED  NEW  LAG ops  EVIDENCE  LAST CONTACT
        clusterA -> clusterB          1        0    0        0  measured  200 ms ago
        clusterB -> clusterA          1        0    0        0  measured  200 ms ago

        ! logs on clusterB has no write index: writes through it are refused.
          [no_write_index]
            Do: esdr bidi setup logs

          SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
          clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        ! clusterB  nowhere        1 own + 1 copy = 2   no write index

        History     kept without contact: 12 h on clusterA, 12 h on clusterB
        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed
                    point

        Next  esdr bidi status logs --watch     looks again every 5 s
              esdr bidi setup logs --dry-run    what puts it right, nothing changed
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status(&world))));
}

#[test]
fn a_copy_is_still_being_made() {
    let world = bidi::changed(bidi::logs([0, 0]), "clusterB", "logs-clustera", |copy| {
        copy.restoring = true;
    });
    assert_eq!(status(&world).exit(), 0);
    expect![[r#"
        ? logs is not whole yet: what clusterA writes is still being copied to clusterB.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        DIRECTION             FOLLOWING  STOPPED  NEW  LAG ops  EVIDENCE  LAST CONTACT
        clusterA -> clusterB          1        0    0        0  measured  200 ms ago
        clusterB -> clusterA          1        0    0        0  measured  200 ms ago

        SITE      WRITES GO TO   READ THROUGH "logs"  ALIAS
        clusterA  logs-clustera  1 own + 1 copy = 2   one write index
        clusterB  logs-clusterb  1 own + 1 copy = 2   one write index

        History     kept without contact: 12 h on clusterA, 12 h on clusterB
        Recursion   none: 0 patterns against 2 existing and 0 made-up names, to a fixed
                    point

        Next  esdr bidi status logs --watch    looks again every 5 s
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status(&world))));
}

#[test]
fn what_was_never_set_up() {
    let status = status(&worlds::pair(Vec::new(), Vec::new()));
    expect![[r#"
        ! logs is not set up: nothing of logs is on clusterA or clusterB.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

          DIRECTION             FOLLOWING  STOPPED  NEW  LAG ops  EVIDENCE  LAST CONTACT
        ! clusterA -> clusterB          0        0    0  unknown  unknown   unknown
        ! clusterB -> clusterA          0        0    0  unknown  unknown   unknown

        ! nothing of logs is on clusterA or clusterB. [nothing_replicated]
            Do: esdr bidi setup logs

          SITE      WRITES GO TO  READ THROUGH "logs"   ALIAS
        ! clusterA  nowhere       0 own + 0 copies = 0  missing
        ! clusterB  nowhere       0 own + 0 copies = 0  missing

        Recursion   none: 0 patterns against 0 existing and 2 made-up names, to a fixed
                    point

        Next  esdr bidi status logs --watch     looks again every 5 s
              esdr bidi setup logs --dry-run    what puts it right, nothing changed
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.bidi(&status)));
}

#[test]
fn beside_the_sets_it_is_a_line() {
    let topology = bidi::topology();
    let whole = build(&bidi::logs([310, 95]), &topology, &[]);
    expect![[r#"
        logs is whole: both sites write, both read everything, nothing is followed back.
        2026-11-20 14:02:11 UTC, seen in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2":
                                                                tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 212 d  clusterA as "dc1":
                                                                reading, 0.4 s ago

        Bidirectional   logs is whole; clusterA -> clusterB lag 310, measured; clusterB
                        -> clusterA lag 95, measured
        Runs            none unfinished

        Next  esdr bidi status logs    both directions, and what is read where
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.status(&whole, false)));
    let stopped = build(&back_too_late(), &topology, &[]);
    expect![[r#"
        ! logs-clusterb is stopped for good on clusterA: what it has not copied is no
          longer kept on clusterB; resource_not_found_exception: Operations are no
          longer available for replicating.
        2026-11-20 14:02:11 UTC, seen in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2":
                                                                tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 212 d  clusterA as "dc1":
                                                                reading, 0.4 s ago

        ! logs-clusterb is stopped for good on clusterA: what it has not copied is no
          longer kept on clusterB; resource_not_found_exception: Operations are no
          longer available for replicating. [history_gone]
            Do: esdr failback --set logs makes a full copy

        Bidirectional ! logs is not whole; clusterA -> clusterB lag 310, measured;
                        clusterB -> clusterA lag 95, measured
        Runs            none unfinished

        Next  esdr bidi status logs    both directions, and what is read where
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.status(&stopped, false)));
}
