//! What happened, as it happened: append-only, each line on disk before the next call
//! goes out. For audit only: a re-run decides by what it sees and by the record.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use rustix::process::{Signal, kill_process};
use serde::Serialize;

use crate::{event::Event, files::FileName, plan::Plan, record};

/// Set in tests only: the process kills itself with SIGKILL right after this many lines
/// have been written. It is how "killed after every journalled event" is proved.
const DIE_AFTER: &str = "ESDR_DIE_AFTER_LINES";

/// Set in tests only: the process stops itself with SIGSTOP right after this many lines, and
/// goes on when it is continued. What a test does meanwhile happens exactly there.
const STOP_AFTER: &str = "ESDR_STOP_AFTER_LINES";

/// The journal of one run.
pub struct Journal {
    file: fs::File,
    path: PathBuf,
    lines: usize,
    die_after: Option<usize>,
    stop_after: Option<usize>,
}

impl Journal {
    /// Opens the journal of a run and writes the plan as its first line. A run that is
    /// continued gets a journal of its own.
    ///
    /// # Errors
    /// Where the folder or the file cannot be written: then nothing may be changed.
    pub fn open(state_folder: &Path, plan: &Plan) -> anyhow::Result<Self> {
        let folder = state_folder.join("runs").join(FileName::run(&plan.id)?);
        record::make_folder(&folder)?;
        let path = folder.join("journal.jsonl");
        let file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let (die_after, stop_after) = (count_in(DIE_AFTER), count_in(STOP_AFTER));
        let mut journal = Self { file, path, lines: 0, die_after, stop_after };
        journal.append(plan)?;
        Ok(journal)
    }

    /// Writes one event, on disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn event(&mut self, event: &Event) -> anyhow::Result<()> {
        self.append(event)
    }

    fn append(&mut self, line: &impl Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.lines += 1;
        if self.die_after == Some(self.lines) {
            die();
        }
        if self.stop_after == Some(self.lines) {
            stop();
        }
        Ok(())
    }
}

fn count_in(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Returns once the process was continued.
fn stop() {
    let _ = kill_process(rustix::process::getpid(), Signal::STOP);
    // The signal may reach this thread a moment after the call has returned: nothing may go
    // out in that moment.
    std::thread::sleep(Duration::from_millis(50));
}

/// No destructor, no last word: what `kill -9` from outside does, at an exact place.
fn die() -> ! {
    let _ = kill_process(rustix::process::getpid(), Signal::KILL);
    std::process::abort();
}
