//! What happened, as it happened: append-only, each line on disk before the next call
//! goes out. For audit only: a re-run decides by what it sees and by the record.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use serde::Serialize;

use crate::{event::Event, files::FileName, plan::Plan, record};

/// The journal of one run.
pub struct Journal {
    file: fs::File,
    path: PathBuf,
    lines: usize,
    after_line: AfterLine,
}

/// What happens right after a line is on disk, with how many lines there are by then, and the line.
/// Nothing, but in tests: it is how "killed after every journalled event" is proved.
#[derive(Clone, Default)]
pub struct AfterLine(Option<Arc<Hook>>);

type Hook = dyn Fn(usize, &str) + Send + Sync;

impl AfterLine {
    /// Calls this after each line.
    pub fn call(hook: impl Fn(usize, &str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }
}

impl Journal {
    /// Opens the journal of a run and writes the plan as its first line. A run that is
    /// continued gets a journal of its own.
    ///
    /// # Errors
    /// Where the folder or the file cannot be written: then nothing may be changed.
    pub fn open(state_folder: &Path, plan: &Plan, after_line: AfterLine) -> anyhow::Result<Self> {
        let folder = state_folder.join("runs").join(FileName::run(&plan.request.run)?);
        record::make_folder(&folder)?;
        let path = folder.join("journal.jsonl");
        let file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let mut journal = Self { file, path, lines: 0, after_line };
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
        if let AfterLine(Some(hook)) = &self.after_line {
            hook(self.lines, &text);
        }
        Ok(())
    }
}
