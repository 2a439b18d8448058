//! Texts that become part of a path, and files that appear whole or not at all.

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest name of a run, in bytes.
const RUN_BYTES_MAX: usize = 64;

/// The longest name that file systems take, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 255;

/// Ends the name of a file that is not whole.
pub(crate) const UNFINISHED: &str = ".fresh";

/// What stays as it is in a name of a file.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// One component of a path, below the folder that it is joined to: it has no separator and is
/// neither `.` nor `..`. Whatever was read from a file, a cluster or the command line becomes part
/// of a path only as this.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FileName(String);

/// A text that cannot be a name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is not the name of a {kind}: {why}")]
pub(crate) struct BadName {
    pub kind: &'static str,
    pub text: String,
    pub why: &'static str,
}

impl FileName {
    /// The name of a run, such as `1127-b0c4f19a3e`.
    ///
    /// # Errors
    /// Where it has anything but letters, digits, `-`, `_` and `.`, begins with a `.`, is empty
    /// or is longer than 64 bytes.
    pub(crate) fn run(text: &str) -> Result<Self, BadName> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let why = if text.is_empty() {
            "it is empty"
        } else if text.len() > RUN_BYTES_MAX {
            "it is longer than 64 bytes"
        } else if text.starts_with('.') {
            "it begins with a \".\""
        } else if !text.chars().all(is_plain) {
            "it may have letters, digits, \"-\", \"_\" and \".\" only"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(BadName { kind: "run", text: text.chars().take(RUN_BYTES_MAX).collect(), why })
    }

    /// The name of a file that stands beside another one.
    ///
    /// # Errors
    /// Where it would lead to another folder, is empty or too long for a file system.
    pub(crate) fn beside(text: &str) -> Result<Self, BadName> {
        let why = if text.is_empty() || text == "." || text == ".." || text.contains(['/', '\0']) {
            "it would lead to another folder"
        } else if text.len() > NAME_BYTES_MAX {
            "it is longer than 255 bytes"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(BadName { kind: "file", text: text.chars().take(NAME_BYTES_MAX).collect(), why })
    }

    /// The file of a run and a set on two clusters, whichever leads. The name of a set may hold
    /// anything: what no name of a file takes everywhere is written as `%` and its hexadecimal
    /// digits. A cluster whose UUID is not known is `unknown`.
    ///
    /// # Errors
    /// Where the run has no name of a run.
    pub(crate) fn of_entry(uuids: [&str; 2], run: &str, set: &str) -> Result<Self, BadName> {
        let run = Self::run(run)?;
        let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let mut clusters = uuids.map(|uuid| match uuid {
            "" => "unknown".to_owned(),
            uuid => escaped(uuid),
        });
        clusters.sort();
        Ok(Self(format!("{}+{}.{run}.{}.json", clusters[0], clusters[1], escaped(set))))
    }
}

impl AsRef<Path> for FileName {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// Hexadecimal digits of the operating system's randomness, two a byte.
///
/// # Errors
/// Where the operating system gives none.
pub(crate) fn random_digits(bytes: usize) -> io::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(io::Error::from)?;
    Ok(hex(&random))
}

/// Two hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Makes a new file that only its owner can read, under a name that no other process uses; it is
/// renamed once it is whole.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn create_unfinished(folder: &Path) -> io::Result<(fs::File, PathBuf)> {
    let path = folder.join(format!("unfinished-{}{UNFINISHED}", random_digits(8)?));
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    Ok((file, path))
}

/// Puts a file in its place, on disk when this returns. A crash leaves the old one or the new one.
///
/// # Errors
/// Where it cannot be written; nothing is left behind then.
pub(crate) fn replace(folder: &Path, name: &FileName, content: &[u8]) -> io::Result<()> {
    let (mut file, unfinished) = create_unfinished(folder)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_name_of_a_run_never_leads_out_of_its_folder() {
        for good in ["1", "1127-b0c4f19a3e", "1122-b0c4f1-word", "a.b_C", &"x".repeat(64)] {
            assert_eq!(FileName::run(good).unwrap().to_string(), good);
        }
        let bad = [
            "",
            ".",
            "..",
            "../../../evil",
            "/tmp/evil",
            "a/b",
            "a\\b",
            "a b",
            "a\0",
            "ä",
            ".a",
            "a\n",
            "%2e",
            &"x".repeat(65),
        ];
        for bad in bad {
            assert!(FileName::run(bad).is_err(), "{bad}");
        }
        assert_eq!(
            FileName::run("a/../../evil").unwrap_err().to_string(),
            "\"a/../../evil\" is not the name of a run: it may have letters, digits, \"-\", \"_\" and \
             \".\" only"
        );
    }

    #[test]
    fn a_file_beside_another_is_in_the_same_folder() {
        for good in ["orders.ndjson", "..orders.ndjson", "größe.ndjson"] {
            assert_eq!(FileName::beside(good).unwrap().to_string(), good);
        }
        for bad in ["", ".", "..", "/", "/etc/passwd", "../x", "a/b", "a/", &"x".repeat(256)] {
            assert!(FileName::beside(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_set_may_have_any_name_and_its_file_stays_in_the_folder() {
        let name = |uuids, set| FileName::of_entry(uuids, "1127-b0", set).unwrap().to_string();
        assert_eq!(name(["uB_-", "uA"], "orders"), "uA+uB_-.1127-b0.orders.json");
        assert_eq!(name(["uA", "uB_-"], "orders"), name(["uB_-", "uA"], "orders"));
        assert_eq!(
            name(["../u", ""], "../Orders EU"),
            "..%2Fu+unknown.1127-b0...%2FOrders%20EU.json"
        );
        assert!(FileName::of_entry(["u", "v"], "../1127", "orders").is_err());
    }

    #[test]
    fn two_unfinished_files_of_one_name_are_two() {
        let folder = tempfile::tempdir().unwrap();
        let paths: BTreeSet<PathBuf> =
            (0..100).map(|_| create_unfinished(folder.path()).unwrap().1).collect();
        assert_eq!(paths.len(), 100);
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let name = FileName::beside("x.json").unwrap();
        for content in ["one", "two"] {
            replace(folder.path(), &name, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(folder.path().join(&name)).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
