//! What moves together: sets of indices, and the programs run around a switch.

use super::index_pattern::{selects, wildcard_matches};

/// What stands for the leader's name in [`SetSpec::follower`].
pub const LEADER_INDEX: &str = "{{leader_index}}";

/// The set that stands for everything when the file names none.
pub const DEFAULT_SET: &str = "default";

/// A set of indices that fail over together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetSpec {
    pub name: String,
    /// The cluster that leads in normal times; None in the default set: as found.
    pub home: Option<String>,
    /// The cluster that follows in normal times; None in the default set: as found.
    pub standby: Option<String>,
    /// Patterns of names as led at home, see [`selects`]; empty in the default set.
    pub indices: Vec<String>,
    /// Patterns of names that do not belong to it whatever follows them; only of the default
    /// set.
    pub except: Vec<String>,
    /// The name on the standby for new followers, with [`LEADER_INDEX`] in it once.
    pub follower: String,
    /// Whether new matching indices are followed by themselves.
    pub auto_follow: bool,
    /// Higher goes first; 0 unless said.
    pub priority: i64,
    /// The write alias that is redirected and checked; all others are carried anyway.
    pub alias: Option<String>,
    /// The set's own hooks, which replace the common ones as a whole.
    pub hooks: Option<Hooks>,
    /// The bi-directional alias of which this is one direction; None for every set of the file.
    pub bidi: Option<String>,
}

impl SetSpec {
    /// A set that holds whatever is found on the clusters.
    pub fn everything_found() -> Self {
        Self {
            name: DEFAULT_SET.to_owned(),
            home: None,
            standby: None,
            indices: Vec::new(),
            except: Vec::new(),
            follower: LEADER_INDEX.to_owned(),
            auto_follow: false,
            priority: 0,
            alias: None,
            hooks: None,
            bidi: None,
        }
    }

    /// Whether an index, by its name at home, belongs to the set.
    pub fn matches(&self, index: &str) -> bool {
        selects(&self.indices, index)
    }

    /// Whether an index, by its name at home, is left out whatever follows it.
    pub fn leaves_out(&self, index: &str) -> bool {
        self.except.iter().any(|pattern| wildcard_matches(pattern, index))
    }

    /// The command that makes the other side follow what this one leads.
    pub fn protect(&self, leader: &str) -> String {
        let is_home = self.home.as_deref().is_none_or(|home| home == leader);
        let command = if is_home { "replicate" } else { "reprotect" };
        format!("esdr {command} --set {}", self.name)
    }

    /// The name that a new follower of this leader index gets.
    pub fn follower_name(&self, leader_index: &str) -> String {
        self.follower.replacen(LEADER_INDEX, leader_index, 1)
    }

    /// The name of the leader index that a new follower of this name would have.
    /// None where the set's template could not have made the name.
    pub fn leader_name(&self, follower: &str) -> Option<String> {
        let (before, after) = self.follower.split_once(LEADER_INDEX)?;
        let leader = follower.strip_prefix(before)?.strip_suffix(after)?;
        (!leader.is_empty()).then(|| leader.to_owned())
    }

    /// The standby for a cluster that is home, and the other way round.
    pub fn other_side(&self, cluster: &str) -> Option<&str> {
        match (self.home.as_deref(), self.standby.as_deref()) {
            (Some(home), standby) if home == cluster => standby,
            (home, Some(standby)) if standby == cluster => home,
            _ => None,
        }
    }
}

/// The operator's own programs: each entry one program with its arguments, run
/// without a shell, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hooks {
    /// Before writers are refused; a status other than zero stops the run.
    pub before_fence: Vec<Vec<String>>,
    /// After the new leader takes writes.
    pub after_promote: Vec<Vec<String>>,
    /// After a run has been undone.
    pub on_undo: Vec<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(follower: &str) -> SetSpec {
        SetSpec { follower: follower.to_owned(), ..SetSpec::everything_found() }
    }

    #[test]
    fn names_of_leader_and_follower_are_found_from_each_other() {
        assert_eq!(set("{{leader_index}}").follower_name("orders"), "orders");
        assert_eq!(set("{{leader_index}}").leader_name("orders"), Some("orders".into()));
        assert_eq!(set("dr-{{leader_index}}-copy").follower_name("orders"), "dr-orders-copy");
        let set = set("dr-{{leader_index}}-copy");
        assert_eq!(set.leader_name("dr-orders-copy"), Some("orders".into()));
        for stranger in ["orders", "dr--copy", "dr-copy", "dr-orders"] {
            assert_eq!(set.leader_name(stranger), None, "{stranger}");
        }
    }
}
