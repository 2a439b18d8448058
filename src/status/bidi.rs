//! A bi-directional alias as it is seen: who writes where, what is read, how far both
//! directions have come, and whether anything is followed back.

mod direction;
mod recursion;
mod site;

use serde::Serialize;

use super::{SetStatus, problems};
use crate::model::{
    bidi::{BidiSpec, goes_alone},
    lineage::Entry,
    problem::{Level, Problem},
    topology::Topology,
    world::World,
};

/// One bi-directional alias.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BidiStatus {
    /// The alias on both clusters.
    pub name: String,
    /// Where one site was left and the other goes on: it was not failed back yet.
    pub alone: Option<Alone>,
    /// Both sites write, both read everything, and nothing is followed back: all of it seen.
    pub whole: bool,
    /// In the order of the file.
    pub sites: Vec<SiteStatus>,
    /// From the first site to the second, and back.
    pub directions: Vec<DirectionStatus>,
    pub recursion: Recursion,
}

/// A site that goes on without the other, by the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alone {
    /// The cluster that goes on,
    pub cluster: String,
    /// the one that was left,
    pub left: String,
    /// when, in milliseconds since the epoch,
    pub since_ms: i64,
    /// and by which run.
    pub run: String,
}

impl Alone {
    fn of(entry: &Entry) -> Self {
        Self {
            cluster: entry.target.clone(),
            left: entry.source.clone(),
            since_ms: entry.at_ms,
            run: entry.run.clone(),
        }
    }
}

/// One of the two sites. What could not be seen is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteStatus {
    pub cluster: String,
    pub alias: AliasState,
    /// It writes into an index of its own, reads everything that the other site writes as far
    /// as it has come, and all of that goes on.
    pub whole: bool,
    /// The index into which writes through the alias go; also null where they are refused.
    pub write_index: Option<String>,
    /// What is read through the alias: indices that this site writes,
    pub own: Option<Vec<String>>,
    /// copies of what the other site writes,
    pub copies: Option<Vec<String>>,
    /// and what is neither.
    pub others: Option<Vec<String>>,
}

impl SiteStatus {
    /// Whether anything could be seen of it.
    pub fn is_seen(&self) -> bool {
        self.alias != AliasState::Unknown
    }
}

/// What the alias is on a site.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AliasState {
    /// As it should be.
    OneWriteIndex,
    /// Writes through it are refused.
    NoWriteIndex,
    TwoWriteIndices,
    /// No index bears it: a write to its name makes an index of that name.
    Missing,
    /// An index is called so itself.
    NameTaken,
    /// The site cannot be seen.
    Unknown,
}

/// What one site copies of the other. As a set, and what only a copy has that is read while
/// it copies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DirectionStatus {
    /// The cluster that writes.
    pub from: String,
    /// The cluster that copies.
    pub to: String,
    /// Copies whose tasks run; null where their cluster does not answer.
    pub following: Option<usize>,
    /// Copies that are paused, closed or stopped for good.
    pub stopped: Option<usize>,
    /// Indices that nothing copies yet; null unless both clusters answer.
    pub new: Option<usize>,
    /// How long ago the copy that was heard longest ago read from the other side; null where
    /// there is no trace of it. What was written later may be missing, whatever the lag says.
    pub last_contact_ms: Option<i64>,
    /// How long the other side keeps history for a copy that does not ask for it; null where
    /// that cannot be seen. The least of its indices.
    pub history_ms: Option<u64>,
    /// The figures of a set, its members among them.
    #[serde(flatten)]
    pub set: SetStatus,
}

impl DirectionStatus {
    /// Everything that is written is being copied, as far as can be seen.
    pub fn is_well(&self) -> bool {
        self.set.protected
    }
}

/// Whether a copy is, or would be, copied in its turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recursion {
    /// `none`, `found` or `unknown`.
    pub answer: &'static str,
    /// Auto-follow patterns on both clusters; null where they cannot be read.
    pub patterns: Option<usize>,
    /// Names that were followed through to the end: of indices that are written,
    pub existing: usize,
    /// and of those that may come to be.
    pub made_up: usize,
    /// Who follows what, hop by hop, where it is found.
    pub chains: Vec<String>,
}

/// Names everything that is seen of one alias, and what of it wants attention.
pub(super) fn bidi(
    world: &World,
    topology: &Topology,
    spec: &BidiSpec,
) -> (BidiStatus, Vec<Problem>) {
    let directions = spec.directions();
    let look = Look { world, topology, spec, directions: &directions };
    let directions = look.scopes().map(direction::direction);
    let mut status = BidiStatus {
        name: spec.name.clone(),
        alone: goes_alone(&world.lineage, &spec.name).map(Alone::of),
        whole: false,
        sites: look.scopes().iter().map(|scope| site::site(*scope, &directions)).collect(),
        directions: directions.into(),
        recursion: recursion::recursion(&look),
    };
    let problems = problems::of_bidi(&look, &status);
    for site in &mut status.sites {
        let incoming = status.directions.iter().find(|direction| direction.to == site.cluster);
        site.whole = incoming.is_some_and(|direction| site::is_whole(site, direction));
    }
    status.whole = status.alone.is_none()
        && status.recursion.answer == "none"
        && status.directions.iter().all(DirectionStatus::is_well)
        && status.sites.iter().all(SiteStatus::is_seen)
        && problems.iter().all(|problem| problem.level != Level::Problem);
    (status, problems)
}

/// What one look at an alias rests on.
pub(super) struct Look<'l> {
    pub(super) world: &'l World,
    pub(super) topology: &'l Topology,
    pub(super) spec: &'l BidiSpec,
    /// Both directions, in the order of the file.
    pub(super) directions: &'l [crate::model::set_spec::SetSpec; 2],
}
