//! A bi-directional alias as programs get it.

use expect_test::expect;

use super::*;
use crate::status::{of_bidi, tests::worlds::bidi};

#[test]
#[expect(clippy::too_many_lines, reason = "one whole object")]
fn as_json_it_is_a_status_with_one_alias() {
    let topology = bidi::topology();
    let status = of_bidi(&bidi::logs([310, 95]), &topology, &topology.bidi[0]);
    let text = printed(Output::Json, 100, |reporter| reporter.bidi(&status));
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(object["type"], "status");
    assert_eq!(object["sets"], serde_json::json!([]));
    expect![[r#"
        [
          {
            "name": "logs",
            "alone": null,
            "whole": true,
            "sites": [
              {
                "cluster": "clusterA",
                "alias": "one_write_index",
                "whole": true,
                "write_index": "logs-clustera",
                "own": [
                  "logs-clustera"
                ],
                "copies": [
                  "logs-clusterb"
                ],
                "others": []
              },
              {
                "cluster": "clusterB",
                "alias": "one_write_index",
                "whole": true,
                "write_index": "logs-clusterb",
                "own": [
                  "logs-clusterb"
                ],
                "copies": [
                  "logs-clustera"
                ],
                "others": []
              }
            ],
            "directions": [
              {
                "from": "clusterA",
                "to": "clusterB",
                "following": 1,
                "stopped": 0,
                "new": 0,
                "last_contact_ms": 200,
                "history_ms": 43200000,
                "name": "logs-clustera",
                "leader": "clusterA",
                "follower": "clusterB",
                "situation": "lagging",
                "protected": true,
                "lag_ops": 310,
                "lag_ops_at_least": null,
                "evidence": "measured",
                "evidence_age_ms": null,
                "would_lose": {
                  "known": 310,
                  "at_most": 310
                },
                "indices": [
                  {
                    "leader_index": "logs-clustera",
                    "follower_index": "logs-clustera",
                    "leader": "clusterA",
                    "situation": "lagging",
                    "state": "following",
                    "lag_ops": 310,
                    "lag_ops_at_least": null,
                    "evidence": "measured",
                    "evidence_age_ms": null,
                    "shards": [
                      {
                        "shard": 0,
                        "leader_checkpoint": 1000,
                        "leader_max_seq_no": 1000,
                        "follower_checkpoint": 690
                      }
                    ]
                  }
                ],
                "uncovered": []
              },
              {
                "from": "clusterB",
                "to": "clusterA",
                "following": 1,
                "stopped": 0,
                "new": 0,
                "last_contact_ms": 200,
                "history_ms": 43200000,
                "name": "logs-clusterb",
                "leader": "clusterB",
                "follower": "clusterA",
                "situation": "lagging",
                "protected": true,
                "lag_ops": 95,
                "lag_ops_at_least": null,
                "evidence": "measured",
                "evidence_age_ms": null,
                "would_lose": {
                  "known": 95,
                  "at_most": 95
                },
                "indices": [
                  {
                    "leader_index": "logs-clusterb",
                    "follower_index": "logs-clusterb",
                    "leader": "clusterB",
                    "situation": "lagging",
                    "state": "following",
                    "lag_ops": 95,
                    "lag_ops_at_least": null,
                    "evidence": "measured",
                    "evidence_age_ms": null,
                    "shards": [
                      {
                        "shard": 0,
                        "leader_checkpoint": 1000,
                        "leader_max_seq_no": 1000,
                        "follower_checkpoint": 905
                      }
                    ]
                  }
                ],
                "uncovered": []
              }
            ],
            "recursion": {
              "answer": "none",
              "patterns": 0,
              "existing": 2,
              "made_up": 0,
              "chains": []
            }
          }
        ]"#]]
    .assert_eq(&format!("{:#}", object["bidi"]));
}
