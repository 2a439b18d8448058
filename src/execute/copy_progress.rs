//! Telling now and then how far the long copies have come.

use std::time::Duration;

use tokio::time::Instant;

use crate::{event::Detail, model::copied::Copied, plan::subject::Subject, playbook::Role};

/// How often it is told.
const SAY: Duration = Duration::from_secs(10);

/// One step's copies, since its first look at them.
#[derive(Default)]
pub(in crate::execute) struct Copying {
    first: Option<(Instant, Copied)>,
    said: Option<Instant>,
}

impl Copying {
    /// What there is to say of the copies on `on` now; nothing at the first look, and so soon
    /// after the last word.
    pub(in crate::execute) fn look(
        &mut self,
        on: Role,
        subjects: &[Subject<'_>],
    ) -> Option<Detail> {
        let mut copied = Copied::default();
        for subject in subjects {
            if let Some(leader) = subject.index(on.other()) {
                copied.add(leader, subject.index(on));
            }
        }
        let now = Instant::now();
        let (began, before) = *self.first.get_or_insert((now, copied));
        if now - *self.said.get_or_insert(now) < SAY {
            return None;
        }
        self.said = Some(now);
        let elapsed_ms = u64::try_from((now - began).as_millis()).unwrap_or(u64::MAX);
        let pace = copied.pace(&before, elapsed_ms);
        Some(Detail::Copy {
            copied,
            bytes_per_s: pace.map(|(bytes_per_s, _)| bytes_per_s),
            left_ms: pace.map(|(_, left_ms)| left_ms),
        })
    }
}
