//! What can go wrong with salvage files, as data.

use std::path::PathBuf;

use crate::es;

/// Why documents could not be written to a file, or back. A file that could not be finished
/// is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A cluster refused a request, or did not answer.
    #[error("{cluster}: {error}")]
    Cluster { cluster: String, error: es::error::Error },
    /// A file or folder cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File { path: PathBuf, error: std::io::Error },
    /// The mapping keeps no source: no document can be read from the index.
    #[error("{cluster}: index {index} keeps no _source: its documents cannot be read")]
    NoSource { cluster: String, index: String },
    /// The mapping leaves fields out of the source: what is read would not be the document.
    #[error(
        "{cluster}: index {index} leaves fields out of _source: its documents cannot be read whole"
    )]
    PartOfSource { cluster: String, index: String },
    /// The search showed fewer documents than it said that there are.
    #[error("{cluster}: shard {shard} of {index} showed {found} of {total} documents")]
    TooFew { cluster: String, index: String, shard: u32, found: u64, total: u64 },
    /// A hit without what was asked for.
    #[error("{cluster}: a document of {index} came without its {what}")]
    Incomplete { cluster: String, index: String, what: &'static str },
    /// The leader was fenced while documents were written to it.
    #[error("{cluster}: {index} takes no more writes")]
    Blocked { cluster: String, index: String },
    /// A delete was refused.
    #[error("{cluster}: {detail}")]
    Undeleted { cluster: String, detail: String },
    /// The leader refused writes for too long: it has too much to do.
    #[error("{cluster} has too much to do: {why}")]
    Busy { cluster: String, why: String },
    /// A manifest or a line that esdr has not written, or that was changed.
    #[error("{}: {detail}", .path.display())]
    Unreadable { path: PathBuf, detail: String },
}
