//! The plan of the way home: what is not known, what is left out, and what a program reads.

use expect_test::expect;

use super::{
    parted::{back, finding, looked_at, parted},
    *,
};
use crate::{
    model::{
        comparison::{Deleted, Diverged, Finding, Overlap},
        lineage::State,
    },
    plan::choice::Choices,
};

#[test]
fn what_was_not_looked_at_is_unknown_and_a_part_is_a_lower_bound() {
    let mut plan = back("reprotect", &parted(), Choices::new());
    if let Finding::Diverged(diverged) = finding(&mut plan, "orders-000017") {
        diverged.documents = Some(40_000);
        let part =
            Overlap { compared_documents: 10_000, changed_documents: 3, ..Overlap::default() };
        diverged.overlap = Some(part);
    }
    if let Finding::Diverged(Diverged { unread, .. }) | Finding::Deleted(Deleted { unread, .. }) =
        finding(&mut plan, "orders-ledger")
    {
        *unread = Some("not looked at within 30 s".to_owned());
    }
    expect![[r#"
        ! 1 index needs your decision. Nothing is changed until it has one; the other 11 can go on.
        orders, clusterB -> clusterA
        ! orders-tmp-export is no more on clusterB, which leads; clusterA still has it, 606 operations.
          [deleted]
          For the data   Nobody but you can say whether it was meant to go.
          Allows it      --resolve orders-tmp-export=delete or orders-tmp-export=restore, or exclude the
                         name from the set

        orders: clusterA follows 10 indices of clusterB's, over its former copies. What they have of their
        own is put into files first.
        Until step 4 nothing is overwritten.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, made on bastion-1

        Compared with the record of run 1120-7f3a, shard by shard; documents as of the last refresh on
        clusterA.

          WHAT                 INDICES  ON clusterA, THE FORMER  ON clusterB, LEADS  THEN
                                        LEADER
        ! deleted on clusterB        1  606 operations           not there           you say
          diverged                   2  1,235 operations nobody  has moved on        salvaged, copied to
                                        else has                                     clusterA
          clean                      7  nothing of its own       leads               copied to clusterA
          born on clusterB           1  -                        leads               copied to clusterA
          complete                   1  equal                    equal               kept, no copy

        ! orders-000017      shards 0, 2, 5 of 6. 1,204 operations above the promoted checkpoints: 40,000
                             documents, 0 deletes or overwritten ones. clusterB took 88,120 since. At least
                             3 documents of the first 10,000 compared were changed on both sides.
              --resolve orders-000017=apply
                  write them to clusterB; where it changed one too it wins, reported
              --resolve orders-000017=keep
                  clusterA's copy is kept beside, under another name
              --resolve orders-000017=discard
                  the salvage file is all that stays
        ! orders-ledger      shard 1 of 6. 31 operations above the promoted checkpoints; how many documents
                             they left is unknown. clusterB took 2,044,310 since. How many documents were
                             changed on both sides is unknown. Not all was read: not looked at within 30 s.
              --resolve orders-ledger=apply|keep|discard
        ! orders-tmp-export  was promoted by the switch of 2026-11-20 14:01:11 UTC and is not on clusterB
                             any more. clusterA still has it, 606 operations, unknown documents.
              --resolve orders-tmp-export=delete     clusterA's copy is deleted too
              --resolve orders-tmp-export=restore    clusterA's copy is made again on clusterB
          Without a choice a diverged index is salvaged into a file, and followed over; a safety copy stays
          beside; a deleted one waits for yours.

           STEP     WHERE     WHAT HAPPENS                                                           AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state index is made on           1 m
                              clusterB and clusterA
        2  salvage  clusterA  2 indices have 1,235 operations of their own, which go into files; 2       4 h
                              indices: a safety copy stays beside; 7 indices have nothing of their
                              own
        3  discard  clusterA  the old copies of 9 indices are closed, to be followed over                1 m
        -------------------- no way back below this line: former copies are overwritten --------------------
        4  seed     clusterA  10 indices follow clusterB's, copied whole first                           1 d

        Changes: 32, 31 to clusterA and 1 to clusterB ("explain" lists every request).
        Left alone: 1 index complete on both sides. Deleted: 0. Overwritten: 9.
    "#]].assert_eq(&screen(100, |reporter| reporter.plan(&plan)));
}

#[test]
fn a_refusal_for_want_of_a_word_tells_the_others_too() {
    let mut plan = back("failback", &parted(), Choices::new());
    looked_at(&mut plan);
    let report = Report::new("failback", crate::outcome::Outcome::Refused, 3);
    expect![[r#"
        Refused: orders-tmp-export is no more on clusterB, which leads; clusterA still has it, 606
        operations. Nothing was changed.

        orders, clusterB -> clusterA
        ! orders-tmp-export is no more on clusterB, which leads; clusterA still has it, 606 operations.
          [deleted]
          For the data   Nobody but you can say whether it was meant to go.
          Allows it      --resolve orders-tmp-export=delete or orders-tmp-export=restore, or exclude the
                         name from the set

        Compared with the record of run 1120-7f3a, shard by shard; documents as of the last refresh on
        clusterA.

          WHAT                 INDICES  ON clusterA, THE FORMER    ON clusterB, LEADS  THEN
                                        LEADER
        ! deleted on clusterB        1  12,004 documents           not there           you say
          diverged                   2  1,235 operations nobody    has moved on        salvaged, copied home
                                        else has
          clean                      7  nothing of its own         leads               copied home
          born on clusterB           1  -                          leads               copied home
          complete                   1  equal                      equal               kept, no copy

        ! orders-000017      shards 0, 2, 5 of 6. 1,204 operations above the promoted checkpoints: 1,166
                             documents, 38 deletes or overwritten ones. clusterB took 88,120 since. 17
                             documents were changed on both sides.
              --resolve orders-000017=apply      write 1,149 to clusterB; clusterB wins the 17, reported
              --resolve orders-000017=keep       clusterA's copy is kept beside, under another name
              --resolve orders-000017=discard    the salvage file is all that stays
        ! orders-ledger      shard 1 of 6. 31 operations above the promoted checkpoints: 31 documents, 0
                             deletes or overwritten ones. clusterB took 2,044,310 since. 0 documents were
                             changed on both sides.
              --resolve orders-ledger=apply|keep|discard
        ! orders-tmp-export  was promoted by the switch of 2026-11-20 14:01:11 UTC and is not on clusterB
                             any more. clusterA still has it, 12,004 documents.
              --resolve orders-tmp-export=delete     clusterA's copy is deleted too
              --resolve orders-tmp-export=restore    clusterA's copy is made again on clusterB
          Without a choice a diverged index is salvaged into a file, and followed over; a safety copy stays
          beside; a deleted one waits for yours.

    "#]].assert_eq(&screen(100, |reporter| reporter.result(&report, Some(&plan))));
}

/// That is told once, and not for each of its indices; a program has every one of them.
#[test]
fn what_a_silent_cluster_has_is_unknown() {
    let plan = back("reprotect", &worlds::without(parted(), "clusterA"), Choices::new());
    let text = screen(80, |reporter| reporter.plan(&plan));
    assert!(!text.contains("? orders-"), "{text}");
    let line = printed(Output::Json, 80, |reporter| reporter.plan(&plan));
    let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let all = line["detail"]["comparison"].as_array().unwrap();
    let is_unknown =
        |it: &serde_json::Value| it["kind"] == "unknown" && it["why"] == "clusterA does not answer";
    assert!(!all.is_empty() && all.iter().all(is_unknown), "{all:?}");
}

#[test]
fn of_many_that_diverged_twelve_are_told_one_by_one() {
    let name = |at: usize| format!("orders-{at:06}-{}", "n".repeat(60));
    let names: Vec<String> = (0..14).map(name).collect();
    let on_a = names.iter().map(|name| worlds::leader(name, &[101])).collect();
    let on_b = names.iter().map(|name| worlds::twin(name, &[100])).collect();
    let mut world = worlds::pair(on_a, on_b);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    world.lineage = vec![worlds::entry(&names, State::Done, Some(100))].into();
    let text = printed(Output::Human, 80, |reporter| {
        reporter.plan(&back("reprotect", &world, Choices::new()));
    });
    assert_eq!(text.matches("shard 0 of 1. 1 operation above").count(), 12, "{text}");
    assert!(text.contains("  ... and 2 more, all in --output json\n"), "{text}");
}

#[test]
fn as_json_every_figure_has_a_field_and_one_that_is_not_known_is_null() {
    let mut plan = back("failback", &parted(), Choices::new());
    looked_at(&mut plan);
    if let Finding::Diverged(diverged) = finding(&mut plan, "orders-ledger") {
        *diverged = Diverged { documents: None, overlap: None, ..diverged.clone() };
    }
    let text = printed(Output::Json, 100, |reporter| reporter.plan(&plan));
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let told = |name: &str| {
        let all = line["detail"]["comparison"].as_array().unwrap();
        all.iter().find(|it| it["former_index"] == name).unwrap().to_string()
    };
    expect![[r#"{"former_index":"orders-000017","leader_index":"orders-000017","run":"1120-7f3a","choice":null,"kind":"diverged","shards":[0,2,5],"shard_count":6,"ops":1204,"documents":1166,"overwritten_or_deleted":38,"changed_on_both":17,"changed_on_both_at_least":null,"compared_documents":1166,"leader_ops_since":88120,"unread":null}"#]].assert_eq(&told("orders-000017"));
    expect![[r#"{"former_index":"orders-ledger","leader_index":"orders-ledger","run":"1120-7f3a","choice":null,"kind":"diverged","shards":[1],"shard_count":6,"ops":31,"documents":null,"overwritten_or_deleted":null,"changed_on_both":null,"changed_on_both_at_least":null,"compared_documents":null,"leader_ops_since":2044310,"unread":null}"#]].assert_eq(&told("orders-ledger"));
    expect![[r#"{"former_index":"orders-tmp-export","leader_index":"orders-tmp-export","run":"1120-7f3a","choice":null,"kind":"deleted","ops":606,"documents":12004,"switched_at":"2026-11-20T14:01:11.000Z","unread":null}"#]].assert_eq(&told("orders-tmp-export"));
    expect![[r#"{"former_index":"orders-000002","leader_index":"orders-000002","run":"1120-7f3a","choice":null,"kind":"clean"}"#]].assert_eq(&told("orders-000002"));
}

#[test]
fn a_plan_file_keeps_it_and_one_without_is_read() {
    let mut plan = back("failback", &parted(), Choices::new());
    looked_at(&mut plan);
    let mut file = serde_json::to_value(&plan).unwrap();
    let read: Plan = serde_json::from_value(file.clone()).unwrap();
    assert_eq!(read, plan);
    file["switches"][0].as_object_mut().unwrap().remove("compared");
    let older: Plan = serde_json::from_value(file).unwrap();
    assert_eq!(older.switches[0].compared, []);
}
