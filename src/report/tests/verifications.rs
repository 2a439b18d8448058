//! The screen of a comparison.

use expect_test::expect;

use super::*;
use crate::{
    model::problem::{Code, Problem},
    verify::{Difference, IndexReport, SetReport, Verdict, What},
};

fn index(name: &str, documents: u64) -> IndexReport {
    IndexReport {
        leader_index: name.to_owned(),
        follower_index: name.to_owned(),
        leader: "clusterA".to_owned(),
        follower: "clusterB".to_owned(),
        state: Verdict::Equal,
        reason: None,
        why: None,
        lag_ops: Some(0),
        shards: Vec::new(),
        total_documents: Some(documents),
        follower_documents: Some(documents),
        is_still: true,
        checked_documents: documents,
        differing: Vec::new(),
        differing_count: 0,
        gone_count: 0,
        leader_only_ops: None,
        follower_only_ops: None,
    }
}

fn unknown(name: &str, code: Code) -> IndexReport {
    IndexReport {
        state: Verdict::Unknown,
        reason: Some(code),
        lag_ops: None,
        total_documents: None,
        follower_documents: None,
        is_still: false,
        checked_documents: 0,
        ..index(name, 0)
    }
}

fn different(name: &str, documents: u64, count: usize) -> IndexReport {
    let whats = [What::Source, What::Missing, What::Extra, What::Version];
    let difference = |at: usize| {
        let what = whats[at % whats.len()];
        Difference {
            id: format!("order-{at}"),
            shard: 0,
            what,
            leader_version: (what != What::Extra).then_some(3),
            follower_version: match what {
                What::Missing => None,
                What::Version => Some(2),
                What::Extra | What::Source => Some(3),
            },
        }
    };
    IndexReport {
        state: Verdict::Different,
        differing: (0..count.min(12)).map(difference).collect(),
        differing_count: u64::try_from(count).unwrap(),
        ..index(name, documents)
    }
}

fn verification(indices: Vec<IndexReport>, problems: Vec<Problem>) -> Verification {
    Verification {
        at_ms: worlds::NOW_MS,
        took_ms: 12_300,
        host: "bastion-1".to_owned(),
        full: true,
        sample_documents: None,
        sets: vec![SetReport {
            name: "orders".to_owned(),
            leader: Some("clusterA".to_owned()),
            follower: Some("clusterB".to_owned()),
            state: indices[0].state,
            indices,
        }],
        problems,
    }
}

#[test]
fn equal() {
    let mut all = verification(vec![index("orders-1", 60_000), index("orders-2", 40_000)], vec![]);
    expect![[r#"
        Set orders is the same on both sides: every document of 2 indices compared, 100,000 in all.
        2026-11-20 14:02:11 UTC, read from bastion-1 in 12 s, nothing written, indices refreshed

        SET     LEADER    FOLLOWER  INDICES  COMPARED  OF docs  LAG ops  RESULT
        orders  clusterA  clusterB        2   100,000  100,000        0  equal
    "#]]
    .assert_eq(&screen(100, |reporter| reporter.verification(&all)));
    all.full = false;
    all.sample_documents = Some(1000);
    for index in &mut all.sets[0].indices {
        index.checked_documents = 1000;
    }
    expect![[r#"
        Set orders shows no difference in 2 indices, by a sample of 2,000 of 100,000 documents.
        2026-11-20 14:02:11 UTC, read from bastion-1 in 12 s, nothing written, indices refreshed

        SET     LEADER    FOLLOWER  INDICES  COMPARED  OF docs  LAG ops  RESULT
        orders  clusterA  clusterB        2     2,000  100,000        0  equal

        Next  esdr verify --full --set orders    reads every document
    "#]]
    .assert_eq(&screen(100, |reporter| reporter.verification(&all)));
}

#[test]
fn different_and_unknown() {
    let paused = Problem::new(Code::Paused, "orders-3", "orders-3: paused", "esdr replicate");
    let differ = Problem::new(Code::Different, "orders-2", "17 documents differ: orders-2", "look");
    let indices = vec![
        different("orders-2", 40_000, 17),
        unknown("orders-3", Code::Paused),
        index("orders-1", 9),
    ];
    let all = verification(indices, vec![differ, paused]);
    expect![[r#"
        ! 17 documents of orders-2 differ between clusterA and clusterB.
        2026-11-20 14:02:11 UTC, read from bastion-1 in 12 s, nothing written, indices refreshed

          SET     LEADER    FOLLOWER  INDICES  COMPARED  OF docs  LAG ops  RESULT
        ! orders  clusterA  clusterB        3    40,009  unknown  unknown  different

        orders:
          INDEX     COMPARED  OF docs  FOLLOWER HAS   DIFFER  RESULT
        ! orders-2    40,000   40,000        40,000       17  different
        ? orders-3         0  unknown       unknown  unknown  unknown, paused
          1 other                                             equal

          DOCUMENT  INDEX     SHARD  WHAT     LEADER  FOLLOWER
        ! order-0   orders-2      0  source       v3        v3
        ! order-1   orders-2      0  missing      v3         -
        ! order-2   orders-2      0  extra         -        v3
        ! order-3   orders-2      0  version      v3        v2
        ! order-4   orders-2      0  source       v3        v3
        ! order-5   orders-2      0  missing      v3         -
        ! order-6   orders-2      0  extra         -        v3
        ! order-7   orders-2      0  version      v3        v2
        ! order-8   orders-2      0  source       v3        v3
        ! order-9   orders-2      0  missing      v3         -
        ! order-10  orders-2      0  extra         -        v3
        ! order-11  orders-2      0  version      v3        v2
          ... and 5 more

        ! 17 documents differ: orders-2. [different]
            Do: look
        ! orders-3: paused. [paused]
            Do: esdr replicate

        Next  esdr status --set orders    who leads, and what is wrong
    "#]]
    .assert_eq(&screen(100, |reporter| reporter.verification(&all)));
}

#[test]
fn one_document_differs_in_a_narrow_terminal() {
    let all = verification(vec![different("orders-2", 100_000, 1)], vec![]);
    expect![[r#"
        ! 1 document of orders-2 differs between clusterA and clusterB.
        2026-11-20 14:02:11 UTC, read from bastion-1 in 12 s, nothing written, indices
        refreshed

          SET     LEADER    FOLLOWER  INDICES  COMPARED  OF docs  LAG ops  RESULT
        ! orders  clusterA  clusterB        1   100,000  100,000        0  different

        orders:
          INDEX     COMPARED  OF docs  FOLLOWER HAS  DIFFER  RESULT
        ! orders-2   100,000  100,000       100,000       1  different

          DOCUMENT  INDEX     SHARD  WHAT    LEADER  FOLLOWER
        ! order-0   orders-2      0  source      v3        v3

        Next  esdr status --set orders    who leads, and what is wrong
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.verification(&all)));
}

#[test]
fn nothing_can_be_said() {
    let all = verification(vec![unknown("orders-3", Code::Paused), index("orders-1", 9)], vec![]);
    expect![[r#"
        ? It cannot be said whether index orders-3 is the same on both sides; of 1 other nothing differs.
        2026-11-20 14:02:11 UTC, read from bastion-1 in 12 s, nothing written, indices refreshed

          SET     LEADER    FOLLOWER  INDICES  COMPARED  OF docs  LAG ops  RESULT
        ? orders  clusterA  clusterB        2         9  unknown  unknown  unknown

        orders:
          INDEX     COMPARED  OF docs  FOLLOWER HAS   DIFFER  RESULT
        ? orders-3         0  unknown       unknown  unknown  unknown, paused
          1 other                                             equal

        Next  esdr status --set orders    who leads, and what is wrong
    "#]].assert_eq(&screen(100, |reporter| reporter.verification(&all)));
}

#[test]
fn as_json() {
    let all = verification(vec![different("orders-2", 40_000, 2)], vec![]);
    expect![[r#"
        {"esdr":1,"type":"verify","at":"2026-11-20T14:02:11.000Z","took_ms":12300,"host":"bastion-1","full":true,"sample_documents":null,"sets":[{"name":"orders","leader":"clusterA","follower":"clusterB","state":"different","indices":[{"leader_index":"orders-2","follower_index":"orders-2","leader":"clusterA","follower":"clusterB","state":"different","reason":null,"why":null,"lag_ops":0,"shards":[],"total_documents":40000,"follower_documents":40000,"is_still":true,"checked_documents":40000,"differing":[{"id":"order-0","shard":0,"what":"source","leader_version":3,"follower_version":3},{"id":"order-1","shard":0,"what":"missing","leader_version":3,"follower_version":null}],"differing_count":2,"gone_count":0,"leader_only_ops":null,"follower_only_ops":null}]}],"problems":[]}
    "#]].assert_eq(&printed(Output::Json, 100, |reporter| reporter.verification(&all)));
}
