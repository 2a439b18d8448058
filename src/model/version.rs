//! What a server's version says that it can do.

use serde::{Deserialize, Serialize};

/// A server's version. Compared by its three numbers.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// True from this release on.
    pub fn at_least(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Auto-follow patterns can be paused and resumed (7.5). Before, they are saved and deleted.
    pub fn pauses_patterns(self) -> bool {
        self.at_least(7, 5)
    }

    /// `PUT _block/write` answers only when writes under way are done (7.9).
    pub fn drains_blocks(self) -> bool {
        self.at_least(7, 9)
    }

    /// Templates are composable (7.8): one of them alone wins, and a legacy one never over it.
    pub fn has_composable_templates(self) -> bool {
        self.at_least(7, 8)
    }

    /// An index can be cloned by links to its files (7.4).
    pub fn clones(self) -> bool {
        self.at_least(7, 4)
    }

    /// Aliases travel with replication and cannot be changed on a follower (7.3).
    pub fn copies_aliases(self) -> bool {
        self.at_least(7, 3)
    }

    /// Auto-follow patterns know exclusions (7.14).
    pub fn excludes_in_patterns(self) -> bool {
        self.at_least(7, 14)
    }

    /// Mappings carry a type name in index creation (before 7.0).
    pub fn has_types(self) -> bool {
        self.major < 7
    }

    /// `_close` takes `wait_for_active_shards` (7.2); 6.8 refuses the parameter.
    pub fn close_takes_wait(self) -> bool {
        self.at_least(7, 2)
    }
}
