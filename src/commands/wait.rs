//! Waiting for a cluster that does not answer, with nothing changed: for hours or days.

pub(super) mod both_sites;
pub(super) mod fence;

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    clock::now_ms,
    duration,
    event::{Detail, Event, Kind},
    model::problem::Problem,
    report::Reporter,
};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two events that say that the wait goes on.
const SAY_EVERY: Duration = Duration::from_secs(30);

/// A wait that has begun.
pub(crate) struct Wait {
    began: Instant,
    at_most: Duration,
    said: Option<Instant>,
}

impl Wait {
    pub(crate) fn begin(at_most: Duration) -> Self {
        Self { began: Instant::now(), at_most, said: None }
    }

    /// Whether its time is over: what is seen then is the last look.
    pub(crate) fn is_over(&self) -> bool {
        self.began.elapsed() >= self.at_most
    }

    /// How long it has taken, where it was told that there is a wait.
    pub(crate) fn told_for(&self) -> Option<Duration> {
        self.said.map(|_| self.began.elapsed())
    }

    /// Says what is waited for, to people once and as events now and then, and waits for the next
    /// look. The problem's subject is the cluster.
    pub(crate) async fn pause(&mut self, reporter: &mut Reporter, set: &str, absent: Problem) {
        let is_due = |said: Instant| reporter.is_json() && said.elapsed() >= SAY_EVERY;
        if self.said.is_none_or(is_due) {
            self.said = Some(Instant::now());
            self.say(reporter, set, absent);
        }
        tokio::time::sleep(PAUSE.min(self.at_most.saturating_sub(self.began.elapsed()))).await;
    }

    fn say(&self, reporter: &mut Reporter, set: &str, absent: Problem) {
        if !reporter.is_json() {
            let (why, time) = (absent.detail.trim_end_matches('.'), duration::format(self.at_most));
            reporter.text(&format!("{why}. Waiting for it, {time} at most; Ctrl-C ends that."));
            return;
        }
        reporter.event(&Event {
            at_ms: now_ms(),
            run: String::new(),
            set: set.to_owned(),
            step: String::new(),
            cluster: absent.subject.clone(),
            indices: Vec::new(),
            kind: Kind::Waiting,
            detail: Detail::Note { problem: absent.warning() },
        });
    }
}

/// Ctrl-C or SIGTERM.
pub(crate) async fn interrupt() {
    let term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut term) = term else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}
