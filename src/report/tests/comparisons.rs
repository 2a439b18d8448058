//! The plan of the way home: what was found of each index.

use expect_test::expect;

use super::{
    parted::{back, looked_at, parted},
    *,
};
use crate::plan::choice::{Choice, Choices};

#[test]
fn before_home_each_index_is_told_by_what_was_found_of_it() {
    let mut plan = back("failback", &parted(), Choices::new());
    looked_at(&mut plan);
    expect![[r#"
        ! 1 index needs your decision. Nothing is changed until it has one; the other 11 can go on.
        orders, clusterB -> clusterA
        ! orders-tmp-export is no more on clusterB, which leads; clusterA still has it, 606 operations.
          [deleted]
          For the data   Nobody but you can say whether it was meant to go.
          Allows it      --resolve orders-tmp-export=delete or orders-tmp-export=restore, or exclude the
                         name from the set

        orders goes home to clusterA: it follows clusterB, then leads again. No loss; 19 former copies are
        overwritten, what they have of their own is put into files first.
        Writers are refused for at most 5 m 30 s. Until step 3 nothing is overwritten.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, made on bastion-1

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

            STEP     WHERE     WHAT HAPPENS                                                          AT MOST
         1  salvage  clusterA  2 indices have 1,235 operations of their own, which go into files;        4 h
                               2 indices: a safety copy stays beside; 7 indices have nothing of
                               their own
         2  discard  clusterA  the old copies of 9 indices are closed, to be followed over               1 m
        -------------------- no way back below this line: former copies are overwritten --------------------
         3  seed     clusterA  10 indices follow clusterB's, copied whole first                          1 d
         4  verify   both      gate: coverage, converged                                                10 m
         5  record   both      members, aliases, parameters kept; esdr's state index is made on          1 m
                               clusterB and clusterA
         6  fence    clusterB  10 indices refuse writes; and any born meanwhile, by the template         1 m
                               esdr-fence-orders
         7  drain    both      proof: 26 shards at lag 0, read last on clusterA                          2 m
         8  verify   both      gate: proof, no newcomers                                                30 s
         9  promote  clusterA  10 indices: pause, positions, close, unfollow, open                  1 m 30 s
        10  discard  clusterB  the old copies of 10 indices are closed, to be followed over              1 m
        11  seed     clusterB  10 indices follow clusterA's, copied whole first                          1 d

        Changes: 113, 71 to clusterA and 42 to clusterB ("explain" lists every request).
        Left alone: 1 index complete on both sides. Deleted: 0. Overwritten: 19.

        ! While fenced, clusterB answers writers with 403. Logstash retries; Beats and agents that write
          directly DROP such events. The before_fence hook must stop or redirect them. [writers_refused]
        ? Not provable from here: writers that name an index of clusterB outside the set go on writing
          there.
    "#]].assert_eq(&screen(100, |reporter| reporter.plan(&plan)));
}

#[test]
fn at_80_columns_it_fits() {
    let mut plan = back("reprotect", &parted(), Choices::new());
    looked_at(&mut plan);
    expect![[r#"
        ! 1 index needs your decision. Nothing is changed until it has one; the other 11
          can go on.
        orders, clusterB -> clusterA
        ! orders-tmp-export is no more on clusterB, which leads; clusterA still has it,
          606 operations. [deleted]
          For the data   Nobody but you can say whether it was meant to go.
          Allows it      --resolve orders-tmp-export=delete or
                         orders-tmp-export=restore, or exclude the name from the set

        orders: clusterA follows 10 indices of clusterB's, over its former copies. What
        they have of their own is put into files first.
        Until step 4 nothing is overwritten.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, made on
        bastion-1

        Compared with the record of run 1120-7f3a, shard by shard; documents as of the
        last refresh on clusterA.

          WHAT                 INDICES  ON clusterA,     ON clusterB,     THEN
                                        THE FORMER       LEADS
                                        LEADER
        ! deleted on clusterB        1  12,004           not there        you say
                                        documents
          diverged                   2  1,235            has moved on     salvaged,
                                        operations                        copied to
                                        nobody else has                   clusterA
          clean                      7  nothing of its   leads            copied to
                                        own                               clusterA
          born on clusterB           1  -                leads            copied to
                                                                          clusterA
          complete                   1  equal            equal            kept, no copy

        ! orders-000017      shards 0, 2, 5 of 6. 1,204 operations above the promoted
                             checkpoints: 1,166 documents, 38 deletes or overwritten
                             ones. clusterB took 88,120 since. 17 documents were changed
                             on both sides.
              --resolve orders-000017=apply
                  write 1,149 to clusterB; clusterB wins the 17, reported
              --resolve orders-000017=keep
                  clusterA's copy is kept beside, under another name
              --resolve orders-000017=discard
                  the salvage file is all that stays
        ! orders-ledger      shard 1 of 6. 31 operations above the promoted checkpoints:
                             31 documents, 0 deletes or overwritten ones. clusterB took
                             2,044,310 since. 0 documents were changed on both sides.
              --resolve orders-ledger=apply|keep|discard
        ! orders-tmp-export  was promoted by the switch of 2026-11-20 14:01:11 UTC and
                             is not on clusterB any more. clusterA still has it, 12,004
                             documents.
              --resolve orders-tmp-export=delete
                  clusterA's copy is deleted too
              --resolve orders-tmp-export=restore
                  clusterA's copy is made again on clusterB
          Without a choice a diverged index is salvaged into a file, and followed over;
          a safety copy stays beside; a deleted one waits for yours.

           STEP     WHERE     WHAT HAPPENS                                       AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state        1 m
                              index is made on clusterB and clusterA
        2  salvage  clusterA  2 indices have 1,235 operations of their own,          4 h
                              which go into files; 2 indices: a safety copy
                              stays beside; 7 indices have nothing of their own
        3  discard  clusterA  the old copies of 9 indices are closed, to be          1 m
                              followed over
        ---------- no way back below this line: former copies are overwritten ----------
        4  seed     clusterA  10 indices follow clusterB's, copied whole first       1 d

        Changes: 32, 31 to clusterA and 1 to clusterB ("explain" lists every request).
        Left alone: 1 index complete on both sides. Deleted: 0. Overwritten: 9.
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.plan(&plan)));
}

#[test]
fn choices_that_were_made_are_told_with_what_they_come_to() {
    let chosen = [("orders-000017", Choice::Apply), ("orders-tmp-export", Choice::Delete)];
    let choices = chosen.into_iter().map(|(name, choice)| (name.to_owned(), choice)).collect();
    let mut plan = back("reprotect", &parted(), choices);
    looked_at(&mut plan);
    expect![[r#"
        orders: clusterA follows 11 indices of clusterB's, over its former copies. What they have of their
        own is put into files first.
        Until step 4 nothing is overwritten.
        Plan 1120-7f3a of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, made on bastion-1

        Compared with the record of run 1120-7f3a, shard by shard; documents as of the last refresh on
        clusterA.

          WHAT                 INDICES  ON clusterA, THE FORMER  ON clusterB, LEADS  THEN
                                        LEADER
          deleted on clusterB        1  12,004 documents         not there           salvaged, deleted here
                                                                                     too
          diverged                   1  1,204 operations nobody  has moved on        salvaged, written to
                                        else has                                     clusterB, copied to
                                                                                     clusterA
          diverged                   1  31 operations nobody     has moved on        salvaged, copied to
                                        else has                                     clusterA
          clean                      7  nothing of its own       leads               copied to clusterA
          born on clusterB           1  -                        leads               copied to clusterA
          complete                   1  equal                    equal               kept, no copy

        ! orders-ledger      shard 1 of 6. 31 operations above the promoted checkpoints: 31 documents, 0
                             deletes or overwritten ones. clusterB took 2,044,310 since. 0 documents were
                             changed on both sides.
              --resolve orders-ledger=apply      write 31 to clusterB
              --resolve orders-ledger=keep       clusterA's copy is kept beside, under another name
              --resolve orders-ledger=discard    the salvage file is all that stays
          orders-000017      shards 0, 2, 5 of 6. 1,204 operations above the promoted checkpoints: 1,166
                             documents, 38 deletes or overwritten ones. clusterB took 88,120 since. 17
                             documents were changed on both sides.
              chosen orders-000017=apply    write 1,149 to clusterB; clusterB wins the 17, reported
          orders-tmp-export  was promoted by the switch of 2026-11-20 14:01:11 UTC and is not on clusterB
                             any more. clusterA still has it, 12,004 documents.
              chosen orders-tmp-export=delete    clusterA's copy is deleted too
          Without a choice a diverged index is salvaged into a file, and followed over; a safety copy stays
          beside.

           STEP     WHERE     WHAT HAPPENS                                                           AT MOST
        1  record   both      members, aliases, parameters kept; esdr's state index is made on           1 m
                              clusterB and clusterA
        2  salvage  clusterA  3 indices have 1,841 operations of their own, which go into files; 1       4 h
                              index: also written to the leader; 1 index: a safety copy stays
                              beside; 7 indices have nothing of their own
        3  discard  clusterA  the old copies of 10 indices are closed, to be followed over               1 m
        -------------------- no way back below this line: former copies are overwritten --------------------
        4  seed     clusterA  10 indices follow clusterB's, copied whole first; 1 index is deleted       1 d
                              here too

        Changes: 35, 34 to clusterA and 1 to clusterB ("explain" lists every request).
        Left alone: 1 index complete on both sides. Deleted: 1. Overwritten: 9.

        11 to follow, 1 left alone, 1 to delete, 9 to overwrite.
    "#]].assert_eq(&screen(100, |reporter| reporter.plan(&plan)));
}
