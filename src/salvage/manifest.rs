//! What a folder of salvage files holds: where each file comes from, and its checksum.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Error, Exported, Orphans,
    fresh::{Finished, Fresh, in_file, make_folder, measure},
};
use crate::{
    files::FileName,
    model::{divergence::Above, lineage::SalvageFile},
};

/// The format that this esdr writes, and the only one that it reads.
pub(crate) const FORMAT: u32 = 1;

/// The name of the manifest in its folder.
pub(crate) const NAME: &str = "manifest.json";

/// Who wrote the files, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    /// The run, such as `1122-b0c4f1`.
    pub run: String,
    /// In milliseconds since 1970 UTC.
    pub at_ms: i64,
    pub host: String,
    pub operator: String,
}

/// The manifest of a folder.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Manifest {
    pub format: u32,
    /// The version of esdr that wrote it last.
    pub esdr: String,
    pub run: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub host: String,
    pub operator: String,
    pub indices: Vec<Entry>,
}

/// One index of a former leader.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    pub set: String,
    /// The former leader.
    pub cluster: String,
    pub cluster_uuid: String,
    pub index: String,
    pub index_uuid: String,
    /// The cluster that led when the files were written.
    pub leader: String,
    pub leader_uuid: String,
    pub leader_index: String,
    pub leader_index_uuid: String,
    pub shards: Vec<Counted>,
    /// Operations above the promoted positions.
    pub ops: u64,
    /// Documents in the file.
    pub documents: u64,
    /// Operations that left no document: deletes, and versions that a later one replaced.
    pub hidden: u64,
    /// None where there was nothing to write.
    pub file: Option<FileEntry>,
    /// None where deletes were not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletes: Option<Deletes>,
}

/// One shard of it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counted {
    pub shard: u32,
    /// The new leader has every operation up to here.
    pub promoted: i64,
    /// The former leader's own highest.
    pub max_seq_no: i64,
    pub ops: u64,
    pub documents: u64,
}

/// A file beside the manifest.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FileEntry {
    pub name: String,
    pub bytes: u64,
    /// Of the content, in hexadecimal digits.
    pub sha256: String,
}

/// Documents that were deleted on the former leader above the promoted positions.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Deletes {
    pub documents: u64,
    /// None where there are none.
    pub file: Option<FileEntry>,
}

impl Entry {
    /// The entry of an index that was exported.
    pub fn of(orphans: &Orphans, exported: &Exported) -> Self {
        let own = orphans.clone();
        let file = exported.file.as_ref().map(|file| FileEntry {
            name: Path::new(&file.path)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        });
        Self {
            set: own.set,
            cluster: own.cluster,
            cluster_uuid: own.cluster_uuid,
            index: own.index,
            index_uuid: own.index_uuid,
            leader: own.leader,
            leader_uuid: own.leader_uuid,
            leader_index: own.leader_index,
            leader_index_uuid: own.leader_index_uuid,
            shards: exported.shards.clone(),
            ops: exported.ops,
            documents: exported.documents,
            hidden: exported.hidden(),
            file,
            deletes: None,
        }
    }

    fn is_about(&self, other: &Self) -> bool {
        (&self.cluster_uuid, &self.index_uuid) == (&other.cluster_uuid, &other.index_uuid)
    }
}

impl Counted {
    pub(super) fn of(above: &Above, documents: u64) -> Self {
        let Above { shard, promoted, max_seq_no } = *above;
        Self { shard, promoted, max_seq_no, ops: above.ops(), documents }
    }
}

impl FileEntry {
    pub(super) fn of(finished: &Finished) -> Self {
        let name = finished.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, bytes: finished.bytes, sha256: finished.sha256.clone() }
    }
}

/// Writes the manifest of a folder, on disk when this returns: what stood there of other
/// indices stays, these entries are added or take the place of their older ones.
///
/// # Errors
/// Where the folder cannot be written, or holds a manifest that esdr cannot read.
pub(crate) fn write_manifest(
    folder: &Path,
    head: &Head,
    entries: &[Entry],
) -> Result<Manifest, Error> {
    make_folder(folder)?;
    let mut manifest = read(folder)?.unwrap_or_default();
    manifest.format = FORMAT;
    env!("CARGO_PKG_VERSION").clone_into(&mut manifest.esdr);
    manifest.run.clone_from(&head.run);
    manifest.at = rfc3339(head.at_ms);
    manifest.host.clone_from(&head.host);
    manifest.operator.clone_from(&head.operator);
    for entry in entries {
        match manifest.indices.iter_mut().find(|old| old.is_about(entry)) {
            Some(old) => *old = entry.clone(),
            None => manifest.indices.push(entry.clone()),
        }
    }
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| Error::File { path: folder.join(NAME), error: error.into() })?;
    let mut fresh = Fresh::begin(folder, NAME)?;
    fresh.put(&text)?;
    fresh.put(b"\n")?;
    fresh.finish()?;
    Ok(manifest)
}

/// Reads the manifest of a folder; none where there is no manifest.
///
/// # Errors
/// Where it cannot be read, or another format stands there.
pub(crate) fn read(folder: &Path) -> Result<Option<Manifest>, Error> {
    let path = folder.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::File { path, error }),
    };
    let unreadable = |detail: String| Error::Unreadable { path: path.clone(), detail };
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| unreadable(format!("this is no manifest of salvage files: {error}")))?;
    if manifest.format != FORMAT {
        let found = manifest.format;
        return Err(unreadable(format!("format {found}, and this esdr reads format {FORMAT}")));
    }
    Ok(Some(manifest))
}

/// Checks a file against its entry, and says where it is.
///
/// # Errors
/// Where it is missing, or its content is not what was written.
pub(crate) fn check(folder: &Path, entry: &FileEntry) -> Result<PathBuf, Error> {
    let name = FileName::beside(&entry.name).map_err(|bad| Error::Unreadable {
        path: folder.join(NAME),
        detail: format!("a manifest names files beside it only: {bad}"),
    })?;
    let path = folder.join(name);
    let (sha256, bytes) = measure(&path)?;
    if (&sha256, bytes) != (&entry.sha256, entry.bytes) {
        let detail = format!(
            "its content was changed: {bytes} bytes with SHA-256 {sha256}, written were {} with {}",
            entry.bytes, entry.sha256
        );
        return Err(Error::Unreadable { path, detail });
    }
    Ok(path)
}

/// The file as the record names it: with the machine and its whole path there.
pub(super) fn recorded(finished: Finished, host: &str) -> Result<SalvageFile, Error> {
    let path = fs::canonicalize(&finished.path).map_err(in_file(&finished.path))?;
    Ok(SalvageFile {
        host: host.to_owned(),
        path: path.to_string_lossy().into_owned(),
        sha256: finished.sha256,
        bytes: finished.bytes,
    })
}

fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(index: &str, ops: u64) -> Entry {
        Entry { index: index.into(), index_uuid: format!("u-{index}"), ops, ..Entry::default() }
    }

    #[test]
    fn entries_are_added_or_take_the_place_of_their_older_ones() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_none());
        let head = Head { run: "1122-b0c4".into(), at_ms: 1_795_183_331_042, ..Head::default() };
        write_manifest(folder.path(), &head, &[entry("a", 1), entry("b", 2)]).unwrap();
        write_manifest(folder.path(), &head, &[entry("b", 3), entry("c", 4)]).unwrap();
        let manifest = read(folder.path()).unwrap().unwrap();
        assert_eq!(manifest.indices, [entry("a", 1), entry("b", 3), entry("c", 4)]);
        assert_eq!(manifest.at, "2026-11-20T14:02:11.042Z");
    }

    #[test]
    fn another_format_and_another_content_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let written = |text: &str| fs::write(folder.path().join(NAME), text).unwrap();
        written("{}");
        assert!(read(folder.path()).unwrap_err().to_string().contains("no manifest"));
        let manifest = Manifest { format: 2, ..Manifest::default() };
        written(&serde_json::to_string(&manifest).unwrap());
        assert!(read(folder.path()).unwrap_err().to_string().contains("format 2"));

        let mut fresh = Fresh::begin(folder.path(), "x.ndjson").unwrap();
        fresh.put(b"{}\n").unwrap();
        let file = FileEntry::of(&fresh.finish().unwrap());
        let path = check(folder.path(), &file).unwrap();
        fs::write(&path, "[]\n").unwrap();
        assert!(check(folder.path(), &file).unwrap_err().to_string().contains("was changed"));
        let outside = FileEntry { name: "../x.ndjson".into(), ..file };
        assert!(check(folder.path(), &outside).unwrap_err().to_string().contains("beside it"));
    }
}
