//! What became of salvaged documents, counted by kind, and those that are left to be looked at.

use std::{fs, io, path::Path};

use serde::Serialize;

use super::{
    Error,
    fresh::{Fresh, in_file},
    name,
    verdict::Why,
};

/// So many are kept for people; all are in the file.
const SHOWN_MAX: usize = 12;

/// How many documents became what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    pub written: u64,
    /// The leader has the same content.
    pub already: u64,
    /// Conflicts in which the salvaged document took the place of the leader's.
    pub overwritten: u64,
    /// Conflicts in which the leader's was kept without a word.
    pub skipped: u64,
    /// Conflicts that are listed.
    pub conflicts: u64,
    /// Not taken by the leader; listed.
    pub refused: u64,
    /// Of those written: not their first version, and absent on the leader. Created and changed
    /// on the former leader; or deleted on the leader since, and back now.
    pub perhaps_deleted: u64,
}

impl Counts {
    /// Documents that were changed on the leader, or would be.
    pub fn changed(&self) -> u64 {
        self.written + self.overwritten
    }
}

/// One document that is not as it was salvaged.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    pub index: String,
    pub shard: u32,
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(rename = "_routing", skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    pub why: Why,
    /// The salvaged version.
    #[serde(rename = "_version")]
    pub version: i64,
    /// The leader's; none where it has none.
    pub leader_version: Option<i64>,
    /// What the leader said, where it refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Counts, and the list of conflicts: all of them in `conflicts.ndjson` beside the files.
pub(crate) struct Tally {
    pub counts: Counts,
    /// The first ones.
    pub shown: Vec<Conflict>,
    file: Option<Fresh>,
}

impl Tally {
    /// Begins the list in `folder`; none: nothing is written to a file.
    ///
    /// # Errors
    /// Where the folder cannot be written, before anything is changed.
    pub(crate) fn begin(folder: Option<&Path>) -> Result<Self, Error> {
        let file = folder.map(|folder| Fresh::begin(folder, name::CONFLICTS)).transpose()?;
        Ok(Self { counts: Counts::default(), shown: Vec::new(), file })
    }

    pub(super) fn conflict(&mut self, conflict: Conflict) -> Result<(), Error> {
        if conflict.why == Why::Refused {
            self.counts.refused += 1;
        } else {
            self.counts.conflicts += 1;
        }
        if let Some(file) = &mut self.file {
            file.line(&conflict)?;
        }
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(conflict);
        }
        Ok(())
    }

    /// Puts the list in its place, and returns its name; without a conflict the list of an
    /// earlier apply is removed.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub(crate) fn finish(&mut self) -> Result<Option<String>, Error> {
        let Some(file) = self.file.take() else { return Ok(None) };
        if !self.shown.is_empty() {
            let path = file.finish()?.path;
            return Ok(Some(path.to_string_lossy().into_owned()));
        }
        let path = file.path().to_owned();
        drop(file);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(in_file(&path)(error)),
            _ => Ok(None),
        }
    }
}
