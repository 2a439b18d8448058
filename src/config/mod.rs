//! `esdr.toml` → [`Topology`]: what was meant. Strict: what is not understood is refused
//! with its place, before any cluster is asked anything.

mod check;
mod cluster;
mod error;
pub mod keys;
mod names;
mod secret;
mod set;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

pub use self::{
    error::ConfigError,
    secret::{Revealed, SecretError, reveal},
};
use crate::{
    model::topology::{CONCURRENCY_DEFAULT, Hooks, Topology},
    toml_reader::{Document, Mistake, Table, Value},
};

/// The file's name, in the working folder and in the user's configuration folder.
pub const FILE_NAME: &str = "esdr.toml";

/// A configuration file and what it says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    pub file: PathBuf,
    pub topology: Topology,
}

impl Config {
    /// Reads the file that was named (`-c`, `ESDR_CONFIG`), or else `./esdr.toml`, or
    /// else `esdr/esdr.toml` in the user's configuration folder.
    ///
    /// # Errors
    /// Where there is no such file, or it cannot be read, or something in it is wrong.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let file = match named {
            Some(file) => file.to_owned(),
            None => find(&places()).map_err(|searched| ConfigError::NotFound { searched })?,
        };
        let text = std::fs::read_to_string(&file)
            .map_err(|error| ConfigError::Unreadable { file: file.clone(), error })?;
        let topology = parse(&file, &text)?;
        Ok(Self { file, topology })
    }
}

/// Where a file is looked for when none was named, first place first.
fn places() -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from(FILE_NAME)];
    if let Ok(folders) = etcetera::choose_base_strategy() {
        places.push(folders.config_dir().join("esdr").join(FILE_NAME));
    }
    places
}

/// The first of the places where something is, or all of them.
fn find(places: &[PathBuf]) -> Result<PathBuf, Vec<PathBuf>> {
    places.iter().find(|place| place.exists()).cloned().ok_or_else(|| places.to_vec())
}

/// The topology that a file's text means. Paths in it are relative to the file.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(file: &Path, text: &str) -> Result<Topology, Mistake> {
    let file_name = file.display().to_string();
    let document = Document::parse(&file_name, text)?;
    let root = document.root();
    root.allow(&keys::FILE.names())?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let clusters = tables(&root, "clusters")?
        .iter()
        .map(|(name, table)| cluster::parse(name, table, folder))
        .collect::<Result<Vec<_>, _>>()?;
    let sets = tables(&root, "sets")?
        .iter()
        .map(|(name, table)| set::parse(name, table, &clusters))
        .collect::<Result<Vec<_>, _>>()?;
    let bidi = tables(&root, "bidi")?
        .iter()
        .map(|(name, table)| set::parse_bidi(name, table, &clusters))
        .collect::<Result<Vec<_>, _>>()?;
    let hooks = match root.get("hooks") {
        Some(value) => set::parse_hooks(&value.table()?)?,
        None => Hooks::default(),
    };
    let topology = Topology { clusters, sets, bidi, hooks, concurrency: concurrency(&root)? };
    check::across(&root, &topology)?;
    Ok(topology)
}

/// The named tables below a key, in the order of the file.
fn tables<'d>(root: &Table<'d>, key: &str) -> Result<Vec<(Value<'d>, Table<'d>)>, Mistake> {
    let Some(value) = root.get(key) else {
        return Ok(Vec::new());
    };
    value.table()?.values().into_iter().map(|value| Ok((value.clone(), value.table()?))).collect()
}

fn concurrency(root: &Table) -> Result<usize, Mistake> {
    let Some(limits) = root.get("limits") else {
        return Ok(CONCURRENCY_DEFAULT);
    };
    let limits = limits.table()?;
    limits.allow(&keys::LIMITS.names())?;
    let Some(value) = limits.get("concurrency") else {
        return Ok(CONCURRENCY_DEFAULT);
    };
    let number = value.integer_within(1, keys::CONCURRENCY_MAX)?;
    Ok(usize::try_from(number).unwrap_or(CONCURRENCY_DEFAULT))
}

#[cfg(test)]
mod tests;
