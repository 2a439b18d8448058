//! The fence: writers are refused from here on.

use std::time::Duration;

use crate::{
    es::{
        error::Error,
        requests::{lift_block_request, put_block_request},
    },
    event::{Detail, Kind},
};

use super::{
    batch::send_names,
    pulse::Pulse,
    stage::{Deadline, Stage},
    stop::{Left, Stop},
};

/// One call to set or lift blocks, and one look at them.
const CALL: Duration = Duration::from_secs(5);

impl Stage<'_> {
    /// Sets the write block on these indices of a cluster, and sees it set. `waits`: with
    /// the call that answers only when writes under way are done.
    pub(super) async fn fence(
        &mut self,
        cluster: &str,
        names: &[String],
        waits: bool,
        within: Duration,
    ) -> Result<(), Stop> {
        self.calls(Kind::Started, cluster, names, "fence")?;
        self.block(cluster, names, Block::Set { waits }, within).await?;
        self.calls(Kind::Progress, cluster, names, "fence")
    }

    /// Lifts esdr's own block from these indices, and sees it gone.
    pub(super) async fn unfence(
        &mut self,
        cluster: &str,
        names: &[String],
        within: Duration,
    ) -> Result<(), Stop> {
        self.calls(Kind::Started, cluster, names, "unfence")?;
        self.block(cluster, names, Block::Lifted, within).await?;
        self.calls(Kind::Progress, cluster, names, "unfence")
    }

    async fn block(
        &self,
        cluster: &str,
        names: &[String],
        block: Block,
        within: Duration,
    ) -> Result<(), Stop> {
        let es = &self.es(cluster)?.with_deadline(within.min(CALL));
        let mut pulse = Pulse::of(self.es(cluster)?);
        let deadline = Deadline::new("the write block", within);
        let mut waiting: Vec<String> = names.to_vec();
        let mut answers = Vec::new();
        loop {
            if !waiting.is_empty() {
                answers = match block {
                    Block::Set { waits } => {
                        send_names(es, &waiting, |names| put_block_request(names, waits)).await
                    }
                    Block::Lifted => {
                        send_names(es, &waiting, |names| lift_block_request(names)).await
                    }
                };
            }
            let settings = es.settings_of_all().await;
            pulse.check(settings.is_ok()).await?;
            if let Ok(settings) = settings {
                waiting.retain(|name| {
                    settings.get(name).is_some_and(|settings| {
                        settings.is_true("index.blocks.write") != block.is_set()
                    })
                });
                if waiting.is_empty() {
                    return Ok(());
                }
            }
            let left = || {
                let why = |name: &String| {
                    let answer = answers.iter().find(|(refused, _)| refused == name);
                    answer.map_or_else(|| "not seen yet".to_owned(), |(_, e)| e.to_string())
                };
                waiting
                    .iter()
                    .map(|name| Left {
                        index: name.clone(),
                        shard: None,
                        lag_ops: None,
                        why: why(name),
                    })
                    .collect()
            };
            if let Err(over) = deadline.pause(left).await {
                let refused =
                    block.is_set() && waiting.iter().all(|name| takes_none(name, &answers));
                return Err(match answers.into_iter().next() {
                    Some((_, why)) if refused => {
                        Stop::NoFence { cluster: cluster.to_owned(), why: why.to_string() }
                    }
                    _ => over,
                });
            }
        }
    }

    /// Journals that calls are about to go out, or have been seen to work.
    pub(super) fn calls(
        &mut self,
        kind: Kind,
        cluster: &str,
        names: &[String],
        verb: &str,
    ) -> Result<(), Stop> {
        let detail = Detail::Calls { verb: verb.to_owned(), count: names.len() };
        self.event(kind, cluster, names.to_vec(), detail)
    }
}

/// Whether the cluster has no way to block an index, by what it last answered: not where the
/// request itself is wrong, or this user may not.
fn takes_none(name: &str, answers: &[(String, Error)]) -> bool {
    let answer = answers.iter().find(|(refused, _)| refused == name);
    answer.is_some_and(|(_, error)| error.is_busy() || error.is_unanswered())
}

#[derive(Clone, Copy)]
enum Block {
    Lifted,
    Set { waits: bool },
}

impl Block {
    fn is_set(self) -> bool {
        matches!(self, Self::Set { .. })
    }
}
