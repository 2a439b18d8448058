//! The status screen.

use expect_test::expect;

use super::*;
use crate::status::build;

fn status(world: &World) -> Status {
    let mut status = build(world, &topology(), &[]);
    status.host = "bastion-1".to_owned();
    status
}

#[test]
fn healthy() {
    let status = status(&orders(14, 12));
    expect![[r#"
        Set orders is protected. Losing clusterA at this moment would cost at most 12 operations.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2": tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 212 d  clusterA as "dc1": reading, 0.4 s ago

        SET     LEADER    STANDBY   FOLLOWS  LAG ops  EVIDENCE  LOSES  SITUATION
        orders  clusterA  clusterB       14       12  measured  <= 12  lagging

        Coverage        every index of the sets is followed, promoted or complete
        Runs            none unfinished

        Next  esdr failover --to clusterB --set orders --dry-run    the plan, nothing changed
              esdr status --set orders --all                        every index and shard
    "#]].assert_eq(&screen(100, |reporter| reporter.status(&status, false)));
    expect![[r#"
        Set orders is protected. Losing clusterA at this moment would cost at most 12
        operations.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2":
                                                                tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 212 d  clusterA as "dc1":
                                                                reading, 0.4 s ago

        SET     LEADER    STANDBY   FOLLOWS  LAG ops  EVIDENCE  LOSES  SITUATION
        orders  clusterA  clusterB       14       12  measured  <= 12  lagging

        Coverage        every index of the sets is followed, promoted or complete
        Runs            none unfinished

        Next  esdr failover --to clusterB --set orders --dry-run
                  the plan, nothing changed
              esdr status --set orders --all    every index and shard
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.status(&status, false)));
}

#[test]
fn all_lists_every_index_and_shard() {
    let status = status(&orders(2, 12));
    expect![[r#"
        Set orders is protected. Losing clusterA at this moment would cost at most 12 operations.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2": tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 212 d  clusterA as "dc1": reading, 0.4 s ago

        SET     LEADER    STANDBY   FOLLOWS  LAG ops  EVIDENCE  LOSES  SITUATION
        orders  clusterA  clusterB        2       12  measured  <= 12  lagging

        orders:
          INDEX                                           LEADER    FOLLOWER   LAG ops  EVIDENCE  SITUATION
          orders-000001                                   clusterA  following       12  measured  lagging
            shard 0                                                                               88 of 100
            shard 1                                                                               200 of 200
          orders-nnnnnnnnnnnnnnn...nnnnnnnnnnnnnnnnnnnnn  clusterA  following        0  measured  in_sync
            shard 0                                                                               100 of 100
            shard 1                                                                               200 of 200

        Coverage        every index of the sets is followed, promoted or complete
        Runs            none unfinished

        Next  esdr failover --to clusterB --set orders --dry-run    the plan, nothing changed
    "#]].assert_eq(&screen(100, |reporter| reporter.status(&status, true)));
}

#[test]
fn the_leader_is_gone() {
    let status = status(&worlds::without(orders(14, 0), "clusterA"));
    expect![[r#"
        ! clusterA does not answer: connect timed out after 2.0 s (2 addresses).
          Taking over now would lose 0 operations that are known, at most unknown.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

          CLUSTER   ANSWERS     VERSION  HEALTH   LICENCE          SEES THE OTHER SIDE
        ! clusterA  no          unknown  unknown  unknown          clusterB: unknown, clusterA cannot be
                                                                   asked
          clusterB  yes, 31 ms  8.19.21  green    platinum, 212 d  clusterA as "dc1": no, asked it: no
                                                                   answer in 2.0 s (but says "connected")

          WHO SEES WHOM          ANSWER   HOW IT IS KNOWN
        ! bastion-1 -> clusterA  no       connect timed out after 2.0 s (2 addresses)
        ! clusterB -> clusterA   no       asked it: no answer in 2.0 s (but says "connected")
        ? clusterA -> clusterB   unknown  clusterA cannot be asked
          bastion-1 -> clusterB  yes      31 ms

          SET     LEADER    STANDBY   FOLLOWS  LAG ops  EVIDENCE           LOSES  SITUATION
        ! orders  clusterA  clusterB       14     >= 0  reported 14:02:10  >= 0   leader_lost

        ! clusterA does not answer: connect timed out after 2.0 s (2 addresses). [unreachable]
            Do: esdr status --watch, and from another machine: is it dead, or only out of reach from here?

        Coverage        unknown while a cluster cannot be seen
        Runs            none unfinished

        Next  esdr status --watch               looks again every 5 s
              esdr failover --to clusterB --set orders --accept-data-loss --dry-run
                  what going on without it would lose
              esdr status --set orders --all    every index and shard
    "#]].assert_eq(&screen(100, |reporter| reporter.status(&status, false)));
}

#[test]
fn several_problems_at_80_columns() {
    let mut world = orders(5, 0);
    if let Some(crate::model::world::Cluster::Ok(view)) = world.clusters.get_mut("clusterB") {
        let index = view.indices.get_mut("orders-000003").unwrap();
        *index = worlds::paused(index.clone());
        view.indices.remove("orders-000004");
        view.license.days_left = Some(12);
    }
    let status = status(&world);
    assert_eq!(status.exit(), 5);
    expect![[r#"
        ! orders-000003 is paused on clusterB.
          1 problem more below. Losing clusterA at this moment: 0 operations known to be
          missing, at most unknown.
        2026-11-20 14:02:11 UTC, seen from bastion-1 in 800 ms, nothing changed

        CLUSTER   ANSWERS     VERSION  HEALTH  LICENCE          SEES THE OTHER SIDE
        clusterA  yes, 4 ms   8.19.21  green   platinum, 212 d  clusterB as "dc2":
                                                                tested, 31 ms
        clusterB  yes, 31 ms  8.19.21  green   platinum, 12 d   clusterA as "dc1":
                                                                reading, 0.4 s ago

          SET     LEADER    STANDBY   FOLLOWS  LAG ops  EVIDENCE  LOSES  SITUATION
        ! orders  clusterA  clusterB        4        0  measured  >= 0   stalled

        orders:
          INDEX          LEADER    FOLLOWER  LAG ops  EVIDENCE  SITUATION
        ! orders-000003  clusterA  paused          0  measured  stalled
        ! orders-000004  clusterA  absent          -  -         unprotected
          3 others                                              as it should be

        ! orders-000003 is paused on clusterB. [paused]
            Do: esdr replicate --set orders
        ! orders-000004 is on clusterA and followed by nothing on clusterB. [uncovered]
            Do: esdr replicate --set orders
          warning: clusterB's platinum licence ends in 12 days; following stops with it.
          [licence_ends]
            Do: renew the licence of clusterB

        Coverage        1 index of the sets followed by nothing
        Runs            none unfinished

        Next  esdr replicate --set orders --dry-run    how it would be protected
              esdr status --set orders --all           every index and shard
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.status(&status, false)));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one whole object")]
fn as_json_it_is_one_object() {
    let status = status(&orders(2, 12));
    let text = printed(Output::Json, 100, |reporter| {
        reporter.status(&status, false);
    });
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    expect![[r#"
        {
          "esdr": 1,
          "type": "status",
          "at": "2026-11-20T14:02:11.000Z",
          "took_ms": 800,
          "host": "bastion-1",
          "clusters": [
            {
              "name": "clusterA",
              "state": "ok",
              "reason": null,
              "version": "8.19.21",
              "uuid": "uuid-clusterA",
              "health": "green",
              "answer_ms": 4,
              "license": {
                "type": "platinum",
                "status": "active",
                "days_left": 212
              },
              "remotes": {
                "dc2": {
                  "connected": true,
                  "leads_to": "clusterB"
                }
              }
            },
            {
              "name": "clusterB",
              "state": "ok",
              "reason": null,
              "version": "8.19.21",
              "uuid": "uuid-clusterB",
              "health": "green",
              "answer_ms": 31,
              "license": {
                "type": "platinum",
                "status": "active",
                "days_left": 212
              },
              "remotes": {
                "dc1": {
                  "connected": true,
                  "leads_to": "clusterA"
                }
              }
            }
          ],
          "sees": [
            {
              "from": "clusterA",
              "to": "clusterB",
              "answer": "yes",
              "evidence": "tested, 31 ms",
              "age_ms": 400
            },
            {
              "from": "clusterB",
              "to": "clusterA",
              "answer": "yes",
              "evidence": "reading, 0.4 s ago",
              "age_ms": 400
            }
          ],
          "sets": [
            {
              "name": "orders",
              "leader": "clusterA",
              "follower": "clusterB",
              "situation": "lagging",
              "protected": true,
              "lag_ops": 12,
              "lag_ops_at_least": null,
              "evidence": "measured",
              "evidence_age_ms": null,
              "would_lose": {
                "known": 12,
                "at_most": 12
              },
              "indices": [
                {
                  "leader_index": "orders-000001",
                  "follower_index": "orders-000001",
                  "leader": "clusterA",
                  "situation": "lagging",
                  "state": "following",
                  "lag_ops": 12,
                  "lag_ops_at_least": null,
                  "evidence": "measured",
                  "evidence_age_ms": null,
                  "shards": [
                    {
                      "shard": 0,
                      "leader_checkpoint": 100,
                      "leader_max_seq_no": 100,
                      "follower_checkpoint": 88
                    },
                    {
                      "shard": 1,
                      "leader_checkpoint": 200,
                      "leader_max_seq_no": 200,
                      "follower_checkpoint": 200
                    }
                  ]
                },
                {
                  "leader_index": "orders-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
                  "follower_index": "orders-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
                  "leader": "clusterA",
                  "situation": "in_sync",
                  "state": "following",
                  "lag_ops": 0,
                  "lag_ops_at_least": null,
                  "evidence": "measured",
                  "evidence_age_ms": null,
                  "shards": [
                    {
                      "shard": 0,
                      "leader_checkpoint": 100,
                      "leader_max_seq_no": 100,
                      "follower_checkpoint": 100
                    },
                    {
                      "shard": 1,
                      "leader_checkpoint": 200,
                      "leader_max_seq_no": 200,
                      "follower_checkpoint": 200
                    }
                  ]
                }
              ],
              "uncovered": []
            }
          ],
          "bidi": [],
          "runs": [],
          "problems": []
        }"#]].assert_eq(&format!("{object:#}"));
}
