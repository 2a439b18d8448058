//! Folders that go with their test.

use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

/// Less than this is soon full of what two real clusters store.
const FREE_BYTES: u64 = 4 << 30;

/// A new one, in memory where there is enough: a sync costs nothing there.
pub fn temporary(prefix: &str) -> TempDir {
    Builder::new().prefix(prefix).tempdir_in(place()).unwrap()
}

fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |it| it.f_bavail * it.f_frsize);
    if free >= FREE_BYTES { memory.to_owned() } else { std::env::temp_dir() }
}
