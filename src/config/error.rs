//! Why there is no configuration, in three parts: what failed (`Display`), what that
//! means for the data, what to do next.

use std::{io, path::PathBuf};

use crate::toml_reader::Mistake;

/// Why no topology could be had.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// None was named, and none is where it is looked for.
    #[error("there is no configuration file: looked for {}", listed(searched))]
    NotFound { searched: Vec<PathBuf> },
    /// The file is there or was named, and cannot be read.
    #[error("cannot read the configuration file {}: {error}", file.display())]
    Unreadable { file: PathBuf, error: io::Error },
    /// Something in the file is wrong.
    #[error(transparent)]
    Mistake(#[from] Mistake),
}

impl ConfigError {
    /// What it means for the data.
    pub fn meaning(&self) -> &'static str {
        "Nothing was contacted or changed."
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            Self::NotFound { .. } => {
                "Name the file with -c FILE or ESDR_CONFIG, or start where esdr.toml lies."
            }
            Self::Unreadable { .. } => "Check the file's path and that you may read it.",
            Self::Mistake(_) => "Correct the line and run the same command again.",
        }
        .to_owned()
    }
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", then ")
}
