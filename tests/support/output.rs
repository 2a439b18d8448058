//! What a run of esdr left: its exit status and what it printed.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use super::normalise::normalise;

/// What came of a run.
pub struct Output {
    pub(super) line: String,
    /// Exit status, or 128 and the signal.
    pub code: i32,
    /// For people to read, never to assert on.
    pub took: Duration,
    pub stdout: String,
    pub stderr: String,
    pub(super) folder: PathBuf,
}

impl Output {
    /// Fails the test unless the exit status is `code`, showing all that was printed.
    #[track_caller]
    #[must_use]
    pub fn status(self, code: i32) -> Self {
        assert!(
            self.code == code,
            "`{}` ended with {} instead of {code} after {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            self.code,
            self.took,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as a person sees it, with what varies replaced: for expect-test.
    pub fn screen(&self) -> String {
        self.steady(&self.stdout)
    }

    /// Standard error, likewise.
    pub fn complaint(&self) -> String {
        self.steady(&self.stderr)
    }

    /// Every line of `-o json`, the result among them.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            serde_json::from_str(line)
                .unwrap_or_else(|why| panic!("{why}: {line}\n{}", self.stderr))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// The events before the result, in order.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["type"] != "result").collect()
    }

    /// The last line, which is the result of a changing command or the status.
    #[track_caller]
    pub fn result(&self) -> Value {
        self.lines().pop().unwrap_or_else(|| panic!("nothing printed\n{}", self.stderr))
    }

    fn steady(&self, text: &str) -> String {
        normalise(&text.replace(&*self.folder.to_string_lossy(), "<dir>"))
    }
}
