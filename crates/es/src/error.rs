//! What can go wrong in one exchange, as data. The only place that knows the texts of
//! Elasticsearch's answers.

use std::borrow::Cow;

use super::{
    exception::Exception,
    transport::{Method, Unanswered},
};

/// One failed exchange. Its text names the method, the path, and what the server said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// No answer: nothing is known of what the request did.
    #[error("{} {}: {cause}", .method.as_str(), short(.path))]
    Unanswered { method: Method, path: String, cause: Unanswered },
    /// Elasticsearch answered with an error.
    #[error("{} {}: {status} {exception}", .method.as_str(), short(.path))]
    Refused { method: Method, path: String, status: u16, exception: Box<Exception> },
    /// The answer is not Elasticsearch's, such as a load balancer's page.
    #[error("{} {}: {status}, and the answer is not Elasticsearch's: {snippet}", .method.as_str(), short(.path))]
    NotElasticsearch { method: Method, path: String, status: u16, snippet: String },
    /// Another cluster than the one that is expected.
    #[error("GET /: another cluster answers: its UUID is {found}, expected is {expected}")]
    WrongCluster { expected: String, found: String },
    /// A JSON answer that lacks what was asked for.
    #[error("{} {}: the answer cannot be read: {detail}", .method.as_str(), short(.path))]
    Unreadable { method: Method, path: String, detail: String },
}

/// Lists of names and of settings make paths of up to 4,096 bytes, which nobody reads.
const PATH_SHOWN_CHARS: usize = 60;

fn short(path: &str) -> Cow<'_, str> {
    match path.char_indices().nth(PATH_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &path[..end]).into(),
        None => path.into(),
    }
}

impl Error {
    /// What Elasticsearch said, where it answered with an error.
    pub fn exception(&self) -> Option<&Exception> {
        match self {
            Self::Refused { exception, .. } => Some(exception),
            _ => None,
        }
    }

    /// The HTTP status, where anything answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::NotElasticsearch { status, .. } => Some(*status),
            Self::Unanswered { .. } | Self::Unreadable { .. } | Self::WrongCluster { .. } => None,
        }
    }

    /// Nothing came back: the request may or may not have taken effect.
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::Unanswered { .. })
    }

    /// A named index does not exist. Only the outermost type counts: an unfollow that worked
    /// and found no leader index has it as its cause.
    pub fn is_missing_index(&self) -> bool {
        self.exception().is_some_and(|exception| exception.kind == "index_not_found_exception")
    }

    /// Anything that was asked for does not exist: 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Follow or resume: its tasks exist already.
    pub fn is_already_following(&self) -> bool {
        self.is_task_exists()
    }

    /// Pause: there is nothing to pause, for it is paused or not a follower (any more).
    pub fn is_not_following(&self) -> bool {
        self.says("no shard follow tasks") || self.says("is not a follower index")
    }

    /// Resume: the tasks exist, running or stopped for good; the latter need a pause first.
    pub fn is_task_exists(&self) -> bool {
        self.has_kind("resource_already_exists_exception") && self.says("task with id")
    }

    /// Create: the index exists already.
    pub fn is_index_exists(&self) -> bool {
        self.has_kind("resource_already_exists_exception") && !self.says("task with id")
    }

    /// Resume: a primary shard of the follower has not started yet, as while it is restored. One
    /// that no node can hold, or whose files are gone, is not meant: no wait brings it.
    pub fn is_starting(&self) -> bool {
        const ON_ITS_WAY: [&str; 4] =
            ["s[INITIALIZING]", "[deciders_throttled]", "[fetching_shard_data]", "[no_attempt]"];
        self.is_inactive() && ON_ITS_WAY.iter().any(|state| self.says(state))
    }

    /// Resume: a primary shard of the follower does not run. The server asks last: it has found
    /// the UUID and the histories of the leader that is there to be those that were copied.
    pub fn is_inactive(&self) -> bool {
        self.says("The primary shard of a follower index") && self.says("is not active")
    }

    /// Resume: no node that is there has a copy of a primary shard of the follower. One that is
    /// away may bring it.
    pub fn has_no_copy(&self) -> bool {
        self.is_inactive() && self.says("[no_valid_shard_copy]")
    }

    /// Cross-cluster replication is not licensed, here or on the leader's cluster.
    pub fn is_licence(&self) -> bool {
        self.says("current license is non-compliant") || self.says("is not licensed for [ccr]")
    }

    /// Unfollow with its leader away: the index **is** converted, and these leases are left.
    pub fn leases_left(&self) -> Option<String> {
        let leases = self.exception()?.extra.get("failed_to_remove_retention_leases")?;
        Some(leases.as_str().map_or_else(|| leases.to_string(), str::to_owned))
    }

    /// There is no repository of that name.
    pub fn is_missing_repository(&self) -> bool {
        self.has_kind("repository_missing_exception")
    }

    /// There is no snapshot of that name in the repository.
    pub fn is_missing_snapshot(&self) -> bool {
        self.has_kind("snapshot_missing_exception")
    }

    /// Snapshot: there is one of that name, done or under way.
    pub fn is_snapshot_exists(&self) -> bool {
        self.has_kind("invalid_snapshot_name_exception")
            && (self.says("already exists") || self.says("already in-progress"))
    }

    /// Close: the index is being restored, which a bootstrap is too.
    pub fn is_restoring(&self) -> bool {
        self.says("that are being restored")
    }

    /// 401, or 403 by the security layer: this user may not. A licence is not meant.
    pub fn is_login(&self) -> bool {
        match self {
            Self::Refused { status: 401, .. }
            | Self::NotElasticsearch { status: 401 | 403, .. } => true,
            Self::Refused { status: 403, .. } => {
                self.has_kind("security_exception") && !self.is_licence()
            }
            _ => false,
        }
    }

    /// The server has too much to do, or no master for the moment: worth another try.
    pub fn is_busy(&self) -> bool {
        matches!(self.status(), Some(429 | 503))
            || self.has_kind("circuit_breaking_exception")
            || self.has_kind("es_rejected_execution_exception")
    }

    /// No master is elected at the moment, so nothing can be changed.
    pub fn is_no_master(&self) -> bool {
        self.has_kind("master_not_discovered_exception")
            || self.has_kind("cluster_block_exception") && self.says("no master")
    }

    /// This version does not know a query parameter.
    pub fn is_unknown_parameter(&self) -> bool {
        self.says("contains unrecognized parameter")
    }

    fn has_kind(&self, kind: &str) -> bool {
        self.exception().is_some_and(|exception| exception.has_kind(kind))
    }

    fn says(&self, text: &str) -> bool {
        self.exception().is_some_and(|exception| exception.says(text))
    }
}
