//! Several copies of the record, made one.

use super::Entry;

/// One entry of each run and set. Facts are only ever added to an entry,
/// so the newest copy counts, completed with what only another copy has: a cluster that
/// was cut off between two writings, or a local file of another machine.
pub(super) fn merge(copies: Vec<Entry>) -> Vec<Entry> {
    let mut merged: Vec<Entry> = Vec::new();
    for copy in copies {
        match merged.iter_mut().find(|entry| entry.run == copy.run && entry.set == copy.set) {
            None => merged.push(copy),
            Some(entry) if entry.revision >= copy.revision => complete(entry, &copy),
            Some(entry) => {
                let older = std::mem::replace(entry, copy);
                complete(entry, &older);
            }
        }
    }
    merged
}

fn complete(entry: &mut Entry, other: &Entry) {
    for hook in &other.hooks_done {
        if !entry.hooks_done.contains(hook) {
            entry.hooks_done.push(hook.clone());
        }
    }
    for member in &other.members {
        let own = entry.members.iter_mut().find(|own| {
            own.source_index == member.source_index && own.target_index == member.target_index
        });
        match own {
            None => entry.members.push(member.clone()),
            Some(own) => {
                let void = other.revision < entry.proofs_void_before;
                let proof = member.proof.clone().filter(|_| !void);
                own.proof = own.proof.take().or(proof);
                own.checkpoints = own.checkpoints.take().or_else(|| member.checkpoints.clone());
                own.left_at = own.left_at.take().or_else(|| member.left_at.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lineage::{Member, Position, State};

    fn entry(run: &str, at_ms: i64, revision: u64, members: &[(&str, bool)]) -> Entry {
        let member = |&(name, written): &(&str, bool)| Member {
            source_index: name.into(),
            target_index: name.into(),
            checkpoints: written.then(|| vec![Position::default()]),
            ..Member::default()
        };
        Entry {
            run: run.into(),
            set: "orders".into(),
            at_ms,
            revision,
            members: members.iter().map(member).collect(),
            ..Entry::default()
        }
    }

    #[test]
    fn the_newer_copy_counts_and_keeps_what_only_the_older_one_has() {
        let mut newer = entry("2", 20, 7, &[("a", false), ("b", true)]);
        newer.state = State::Done;
        let older = entry("2", 20, 6, &[("a", true), ("b", false)]);
        for copies in [vec![newer.clone(), older.clone()], vec![older, newer]] {
            let merged = merge(copies);
            assert_eq!(merged.len(), 1);
            assert_eq!(merged[0].state, State::Done);
            assert!(merged[0].members.iter().all(|member| member.checkpoints.is_some()));
        }
    }

    #[test]
    fn a_proof_that_was_taken_before_writers_were_let_in_does_not_come_back() {
        let proved = |revision| {
            let mut entry = entry("2", 20, revision, &[("a", false)]);
            entry.members[0].proof = Some(vec![Position::default()]);
            entry
        };
        let mut newer = entry("2", 20, 8, &[("a", false)]);
        newer.proofs_void_before = 8;
        let merged = merge(vec![proved(7), newer.clone()]);
        assert_eq!(merged[0].members[0].proof, None);
        let later = Entry { proofs_void_before: 8, ..proved(9) };
        let merged = merge(vec![newer, later]);
        assert!(merged[0].members[0].proof.is_some(), "proved again since");
    }
}
