//! The copy beside the journal: one JSON file an entry, replaced as a whole.

use std::{fs, io, os::unix::fs::DirBuilderExt, path::Path};

use anyhow::Context;

use crate::{
    files::{self, FileName},
    model::lineage::Entry,
};

/// Reads every entry of the folder. No folder: no entries.
pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", folder.display()));
        }
    };
    let mut entries = Vec::new();
    for file in files {
        entries.extend(entry(&file?.path())?);
    }
    Ok(entries)
}

/// None where the file is no entry by its name.
fn entry(path: &Path) -> anyhow::Result<Option<Entry>> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(None);
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let entry = serde_json::from_str(&text)
        .with_context(|| format!("{} is no record of esdr's", path.display()))?;
    Ok(Some(entry))
}

/// Replaces the file of an entry, so that a crash leaves the old one or the new one. It is named by
/// the UUIDs of its clusters too: sets and clusters of one name are not one installation. Files
/// from before that are read, and left as they are.
pub(super) fn write(folder: &Path, entry: &Entry) -> anyhow::Result<()> {
    make_folder(folder)?;
    let name = FileName::of_entry([&entry.source_uuid, &entry.target_uuid], &entry.run, &entry.set);
    let name = name?;
    let content = serde_json::to_string(entry)?;
    files::replace(folder, &name, content.as_bytes())
        .with_context(|| format!("cannot write {}", folder.join(&name).display()))
}

/// Makes a folder that only its owner can look into.
pub(crate) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}
