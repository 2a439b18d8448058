//! Bi-directional replication: two sites write, each into an index of its own, both copy what
//! the other writes, and one alias spans both. It is two sets, one in each direction, and
//! nothing in it is ever promoted.

use std::time::Duration;

use super::{
    index::{Alias, Index},
    index_pattern::selects,
    lineage::{Entry, State},
    set_spec::{LEADER_INDEX, SetSpec},
    view::View,
};

/// Bi-directional replication behind one alias, which is its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BidiSpec {
    /// The alias on both clusters.
    pub name: String,
    /// The two clusters that are written on.
    pub clusters: [String; 2],
    /// How long each side keeps history for an absent follower; None: the server's own.
    pub history: Option<Duration>,
}

impl BidiSpec {
    /// The index into which a cluster writes, and its copy on the other cluster:
    /// `NAME-<cluster>`, lower-cased, as names of indices must be.
    pub fn write_index(&self, cluster: &str) -> String {
        format!("{}-{}", self.name, cluster.to_lowercase())
    }

    /// The index of this number where a cluster writes into one after another: six digits, as
    /// the server counts.
    pub fn rolled_index(&self, cluster: &str, number: u32) -> String {
        format!("{}-{number:06}", self.write_index(cluster))
    }

    /// The names of such, as an auto-follow pattern can say it.
    pub fn rolled_indices(&self, cluster: &str) -> String {
        format!("{}-0*", self.write_index(cluster))
    }

    /// Whether an index of this name is one that a cluster writes.
    pub fn is_written_by(&self, cluster: &str, name: &str) -> bool {
        selects(&self.written_by(cluster), name)
    }

    /// The index into which a cluster's writes go, as it is seen: the one that takes them through
    /// the alias, else the newest of those that it writes. `None` where there is none.
    pub fn written<'v>(&self, cluster: &str, view: &'v View) -> Option<&'v Index> {
        let is_own = |index: &&Index| self.is_written_by(cluster, &index.name);
        let is_regular = |index: &&Index| index.following.is_none();
        let newest = || view.indices.values().filter(is_own).rfind(is_regular);
        written_through(view, &self.name).filter(is_own).or_else(newest)
    }

    /// What a cluster writes, as patterns of names.
    fn written_by(&self, cluster: &str) -> Vec<String> {
        vec![self.write_index(cluster), self.rolled_indices(cluster)]
    }

    /// Both directions as sets, in the order of the file: each leads on one cluster what that
    /// cluster writes, and is named after it.
    pub fn directions(&self) -> [SetSpec; 2] {
        let [first, second] = &self.clusters;
        [self.direction(first, second), self.direction(second, first)]
    }

    /// What both write as one set of the alias's own name: what a site that goes on alone
    /// leaves behind, and copies.
    pub fn whole(&self) -> SetSpec {
        SetSpec {
            name: self.name.clone(),
            indices: self.clusters.iter().flat_map(|cluster| self.written_by(cluster)).collect(),
            bidi: Some(self.name.clone()),
            ..SetSpec::everything_found()
        }
    }

    /// The other one of its two clusters; `None` where it has nothing to do with this one.
    pub fn other_side(&self, cluster: &str) -> Option<&str> {
        match &self.clusters {
            [one, other] if one == cluster => Some(other),
            [one, other] if other == cluster => Some(one),
            _ => None,
        }
    }

    fn direction(&self, from: &str, to: &str) -> SetSpec {
        SetSpec {
            name: self.write_index(from),
            home: Some(from.to_owned()),
            standby: Some(to.to_owned()),
            indices: self.written_by(from),
            follower: LEADER_INDEX.to_owned(),
            auto_follow: true,
            bidi: Some(self.name.clone()),
            ..SetSpec::everything_found()
        }
    }
}

/// The entry of the site that goes on alone, where one of an alias does: the newest word on it.
pub(crate) fn goes_alone<'l>(lineage: &'l [Entry], alias: &str) -> Option<&'l Entry> {
    let newest = lineage.iter().rev().find(|entry| entry.set == alias)?;
    (newest.state == State::Alone).then_some(newest)
}

/// The alias of a name as an index bears it.
pub(crate) fn borne<'a>(index: &'a Index, alias: &str) -> Option<&'a Alias> {
    index.aliases.iter().find(|held| held.name == alias)
}

/// The index into which a cluster takes writes through an alias: the one with the write flag,
/// else the only one that bears it, unless its flag says no. `None` where it refuses them.
pub(crate) fn written_through<'a>(view: &'a View, alias: &str) -> Option<&'a Index> {
    let bearers: Vec<(&Index, &Alias)> =
        view.indices.values().filter_map(|index| Some((index, borne(index, alias)?))).collect();
    let flagged = bearers.iter().find(|(_, held)| held.is_write_index == Some(true));
    match (flagged, bearers.as_slice()) {
        (Some((index, _)), _) => Some(index),
        (None, [(index, held)]) if held.is_write_index.is_none() => Some(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bidi() -> BidiSpec {
        let clusters = ["clusterA".to_owned(), "DC.East".to_owned()];
        BidiSpec { name: "logs".to_owned(), clusters, history: None }
    }

    /// An index that bears the alias with each of these flags: once, or not at all.
    fn index(name: &str, flags: &[Option<bool>]) -> (String, Index) {
        let alias =
            |is_write_index| Alias { name: "logs".into(), is_write_index, ..Alias::default() };
        let aliases = flags.iter().copied().map(alias).collect();
        (name.to_owned(), Index { name: name.to_owned(), aliases, ..Index::default() })
    }

    #[test]
    fn each_direction_leads_where_it_is_written() {
        let told: Vec<String> = bidi()
            .directions()
            .into_iter()
            .map(|set| {
                let (home, standby) = (set.home.unwrap(), set.standby.unwrap());
                format!("{}: {home} -> {standby}, {}", set.name, set.indices.join(","))
            })
            .collect();
        assert_eq!(
            told,
            [
                "logs-clustera: clusterA -> DC.East, logs-clustera,logs-clustera-0*",
                "logs-dc.east: DC.East -> clusterA, logs-dc.east,logs-dc.east-0*"
            ]
        );
    }

    #[test]
    fn writes_through_an_alias_go_to_the_flag_or_to_the_only_index() {
        let through = |indices: &[(&str, &[Option<bool>])]| {
            let indices = indices.iter().map(|(name, flags)| index(name, flags)).collect();
            let view = View { indices, ..View::default() };
            written_through(&view, "logs").map(|index| index.name.clone())
        };
        let (bare, yes, no) = (&[None][..], &[Some(true)][..], &[Some(false)][..]);
        assert_eq!(through(&[("a", &[])]), None);
        assert_eq!(through(&[("a", bare), ("x", &[])]), Some("a".into()));
        assert_eq!(through(&[("a", no)]), None);
        assert_eq!(through(&[("a", bare), ("b", no)]), None);
        assert_eq!(through(&[("a", no), ("b", yes), ("c", bare)]), Some("b".into()));
    }
}
