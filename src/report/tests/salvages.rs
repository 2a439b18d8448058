//! What only a former leader has, and its way back.

use expect_test::expect;

use super::*;
use crate::{
    model::problem::{Code, Problem},
    outcome::{Next, Outcome, exit},
    salvage::{
        Applied, Conflict, Counts, Moved, Summary, Why,
        manifest::{Deletes, Entry, FileEntry},
    },
};

fn entry(index: &str, ops: u64, documents: u64) -> Entry {
    let name = format!("{index}.ndjson");
    Entry {
        cluster: "clusterA".into(),
        index: index.into(),
        ops,
        documents,
        hidden: ops - documents,
        file: Some(FileEntry { name, ..FileEntry::default() }),
        ..Entry::default()
    }
}

#[test]
fn what_was_saved_is_told_with_what_could_not_be() {
    let mut first = entry("orders-000016", 31, 30);
    first.deletes = Some(Deletes { documents: 1, file: None });
    let summary = Summary {
        at_ms: 1_795_183_331_000,
        run: "1120-7f3a".into(),
        host: "bastion-1".into(),
        folder: Some("/srv/night".into()),
        dry_run: false,
        looked_into: 40,
        indices: vec![first, entry("orders-000017", 1204, 1198)],
    };
    let mut report = Report::new("salvage", Outcome::Incomplete, exit::INCOMPLETE);
    report.problems.push(Problem::new(
        Code::UnfencedLeader,
        "orders",
        "clusterA takes writes to 40 of orders's indices: what it takes from now on is in no file",
        "esdr fence clusterA --set orders, then salvage again",
    ));
    report.next.push(Next {
        command: "esdr salvage apply night --dry-run".into(),
        consequence: "what would be written, changes nothing".into(),
    });
    expect![[r#"
        ! Only clusterA may have 1,235 operations: 1,228 documents saved, 7 hidden.
        2026-11-20 14:02:11 UTC, seen from bastion-1, nothing was changed on the
        clusters

        INDEX          ON        OPERATIONS  DOCUMENTS  HIDDEN  DELETED
        orders-000017  clusterA       1,204      1,198       6  unknown
        orders-000016  clusterA          31         30       1        1

        Hidden: deletes, and versions that a later one replaced. They cannot be read.

        Files in  /srv/night

        ! clusterA takes writes to 40 of orders's indices: what it takes from now on is
          in no file. [unfenced_leader]
            Do: esdr fence clusterA --set orders, then salvage again

        Next  esdr salvage apply night --dry-run
                  what would be written, changes nothing
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.salvage(&summary, &report)));
}

#[test]
fn where_there_is_nothing_that_is_the_answer() {
    let summary = Summary { looked_into: 3, host: "bastion-1".into(), ..Summary::default() };
    let report = Report::new("salvage", Outcome::Converged, exit::CONVERGED);
    expect![[r#"
        Nothing to salvage: no former leader has operations of its own. No file was written.
        1970-01-01 00:00:00 UTC, seen from bastion-1, nothing was changed on the clusters
    "#]]
    .assert_eq(&screen(100, |reporter| reporter.salvage(&summary, &report)));
}

fn applied(counts: Counts) -> Applied {
    let moved = Moved {
        index: "orders-000017".into(),
        cluster: "clusterA".into(),
        leader: "clusterB".into(),
        leader_index: "orders-000017".into(),
        documents: 1198,
    };
    Applied {
        at_ms: 1_795_183_331_000,
        folder: "/srv/night".into(),
        counts,
        indices: vec![moved],
        ..Applied::default()
    }
}

#[test]
fn what_was_written_back_is_told_by_kind() {
    let conflict = |id: &str, why, leader_version| Conflict {
        index: "orders-000017".into(),
        shard: 0,
        id: id.into(),
        routing: None,
        why,
        version: 3,
        leader_version,
        detail: None,
    };
    let counts = Counts { written: 1190, already: 6, conflicts: 2, ..Counts::default() };
    let mut applied = applied(counts);
    applied.conflicts =
        vec![conflict("4711", Why::Changed, Some(4)), conflict("4712", Why::Deleted, None)];
    let report = Report::new("salvage apply", Outcome::Incomplete, exit::INCOMPLETE);
    expect![[r#"
        ! Done, incomplete: 1,190 documents written to clusterB, 2 documents listed.
        2026-11-20 14:02:11 UTC, files of /srv/night

          DOCUMENTS
        !         2  conflicts: changed on the leader since, and left
              1,190  written
                  6  there already

          INDEX          DOCUMENT  SALVAGED  LEADER'S  WHY
        ! orders-000017  4711            v3        v4  changed on the leader since
        ! orders-000017  4712            v3         -  deleted on the leader since
    "#]]
    .assert_eq(&screen(80, |reporter| reporter.salvage_apply(&applied, &report)));
}

#[test]
fn before_the_question_it_is_told_where_it_goes() {
    let applied = applied(Counts::default());
    expect![[r#"
        Up to 1,198 documents would be written to clusterB.
        2026-11-20 14:02:11 UTC, nothing was changed

        INDEX          OF        DOCUMENTS  TO        AS
        orders-000017  clusterA      1,198  clusterB  orders-000017

    "#]]
    .assert_eq(&screen(80, |reporter| reporter.salvage_plan(&applied)));
}
