//! Which cluster UUID is expected behind a configured name, by the record.

use std::collections::BTreeMap;

use super::lineage::Entry;

/// A cluster's name and the UUID that an entry has of it.
type Side<'e> = (&'e str, &'e str);

/// The UUID of each cluster by the record, where it says one. `seen` are the UUIDs that were
/// found behind the configured names.
///
/// Entries are kept by names too, and another installation may use the same ones. So an entry
/// speaks of a cluster only where its other side is the one that is seen, or where the cluster
/// that it means is seen behind another name; of these the newest counts. Where the other side
/// was not seen, an entry counts unless another such entry knows the UUID that was found.
pub(crate) fn expected(
    lineage: &[Entry],
    seen: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut fitting: BTreeMap<String, String> = BTreeMap::new();
    let mut unproved: BTreeMap<String, String> = BTreeMap::new();
    for entry in lineage {
        let (source, target) =
            ((&*entry.source, &*entry.source_uuid), (&*entry.target, &*entry.target_uuid));
        for (side, other) in [(source, target), (target, source)] {
            let (name, uuid) = (side.0.to_owned(), side.1.to_owned());
            if uuid.is_empty() {
                continue;
            }
            if fits(side, other, seen) {
                fitting.insert(name, uuid);
            } else if !seen.contains_key(other.0)
                && unproved.get(&name).is_none_or(|known| seen.get(&name) != Some(known))
            {
                unproved.insert(name, uuid);
            }
        }
    }
    unproved.extend(fitting);
    unproved
}

/// Whether an entry is of the clusters that are seen, and so speaks of this side.
fn fits(side: Side<'_>, other: Side<'_>, seen: &BTreeMap<String, String>) -> bool {
    let is_other = seen.get(other.0).is_some_and(|found| found == other.1);
    let elsewhere = seen.iter().any(|(name, found)| name != side.0 && found == side.1);
    is_other || elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(source_uuid: &str, target_uuid: &str) -> Entry {
        Entry {
            source: "clusterA".into(),
            target: "clusterB".into(),
            source_uuid: source_uuid.into(),
            target_uuid: target_uuid.into(),
            ..Entry::default()
        }
    }

    fn pins(entries: &[Entry], a: &str, b: &str) -> [String; 2] {
        let all = [("clusterA", a), ("clusterB", b)];
        let seen = all.into_iter().filter(|(_, uuid)| !uuid.is_empty());
        let seen = seen.map(|(name, uuid)| (name.to_owned(), uuid.to_owned())).collect();
        let pins = expected(entries, &seen);
        ["clusterA", "clusterB"].map(|name| pins.get(name).cloned().unwrap_or_default())
    }

    #[test]
    fn the_record_says_who_is_meant_as_long_as_its_other_side_is_there() {
        let record = [entry("a", "b")];
        assert_eq!(pins(&record, "a", "b"), ["a", "b"]);
        assert_eq!(pins(&record, "stranger", "b"), ["a", ""]);
        assert_eq!(pins(&record, "a", "stranger"), ["", "b"]);
        assert_eq!(pins(&record, "", "b"), ["a", "b"]);
    }

    #[test]
    fn where_the_other_side_is_not_seen_the_record_counts_unless_it_knows_both() {
        assert_eq!(pins(&[entry("a", "b")], "stranger", ""), ["a", ""]);
        assert_eq!(pins(&[entry("a", "b")], "", ""), ["a", "b"]);
        let two = [entry("p", "q"), entry("a", "b")];
        assert_eq!(pins(&two, "p", ""), ["p", "q"]);
        assert_eq!(pins(&two, "a", ""), ["a", "b"]);
        assert_eq!(pins(&two, "stranger", ""), ["a", ""]);
    }

    #[test]
    fn a_record_of_another_installation_with_the_same_names_says_nothing() {
        assert_eq!(pins(&[entry("p", "q")], "a", "b"), ["", ""]);
        assert_eq!(pins(&[entry("a", "b"), entry("p", "q")], "a", "b"), ["a", "b"]);
    }

    #[test]
    fn addresses_that_were_swapped_are_seen() {
        assert_eq!(pins(&[entry("a", "b")], "b", "a"), ["a", "b"]);
        // Both addresses are one cluster's: the one that it is not is known by that.
        assert_eq!(pins(&[entry("a", "b")], "b", "b"), ["a", "b"]);
    }

    #[test]
    fn a_cluster_that_was_made_again_is_the_newer_one() {
        let record = [entry("a", "b"), entry("a2", "b")];
        assert_eq!(pins(&record, "a2", "b")[0], "a2");
        assert_eq!(pins(&record, "a", "b")[0], "a2");
    }
}
