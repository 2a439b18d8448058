//! The fence: writers are refused from here on.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    es::{
        api::{Es, IndexSettings},
        error::Error,
        requests::{
            lift_blocks_request, put_block_request, put_blocks_request, retry_lifecycle_request,
        },
    },
    event::{Detail, Kind},
    model::problem::{Code, Problem},
    plan::{action::Action, pair::Blocks},
};

use crate::execute::{
    bulk_calls::send_names,
    deadline::Deadline,
    liveness::Pulse,
    runner::Runner,
    stop::{Left, Stop},
};

/// One call to set or lift blocks, and one look at them.
const CALL: Duration = Duration::from_secs(5);

impl Runner<'_> {
    /// Sets the blocks on these indices of a cluster, and sees them set.
    pub(in crate::execute) async fn fence(
        &mut self,
        cluster: &str,
        actions: &[Action],
        within: Duration,
    ) -> Result<(), Stop> {
        let kinds = [Block::Set { waits: true }, Block::Set { waits: false }, Block::SetClosed];
        self.blocks("fence", cluster, actions, &kinds, within).await
    }

    /// Lifts esdr's own blocks from these indices, and sees them gone; what is not esdr's stays.
    pub(in crate::execute) async fn unfence(
        &mut self,
        cluster: &str,
        actions: &[Action],
        within: Duration,
    ) -> Result<(), Stop> {
        let keeps = |write, read_only| Block::Lifted { keeps: Blocks { write, read_only } };
        let kinds = [keeps(false, false), keeps(false, true), keeps(true, false)];
        self.blocks("unfence", cluster, actions, &kinds, within).await?;
        self.retry_lifecycle(cluster, actions).await
    }

    /// Lets the metadata of these indices be changed, and sees it; they go on refusing writes.
    pub(in crate::execute) async fn loosen(
        &mut self,
        cluster: &str,
        actions: &[Action],
        within: Duration,
    ) -> Result<(), Stop> {
        self.blocks("loosen", cluster, actions, &[Block::Loosened], within).await
    }

    async fn blocks(
        &mut self,
        verb: &str,
        cluster: &str,
        actions: &[Action],
        kinds: &[Block],
        within: Duration,
    ) -> Result<(), Stop> {
        let of = |wanted: &dyn Fn(Block) -> bool| -> Vec<String> {
            let meant = actions.iter().filter(|it| Block::of(it).is_some_and(wanted));
            meant.filter_map(|it| it.index().map(str::to_owned)).collect()
        };
        let all = of(&|block| kinds.contains(&block));
        if all.is_empty() {
            return Ok(());
        }
        self.calls(Kind::Started, cluster, &all, verb)?;
        let deadline = Deadline::uninterrupted("the write block", within);
        for &kind in kinds {
            let names = of(&|block| block == kind);
            if !names.is_empty() {
                self.block(cluster, &names, kind, &deadline).await?;
            }
        }
        self.calls(Kind::Progress, cluster, &all, verb)
    }

    async fn block(
        &self,
        cluster: &str,
        names: &[String],
        block: Block,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let es = &self.es(cluster)?.with_deadline(deadline.left().min(CALL));
        let mut pulse = Pulse::of(self.es(cluster)?);
        let mut waiting: Vec<String> = names.to_vec();
        let mut drained: BTreeSet<String> = BTreeSet::new();
        let mut answers = Vec::new();
        loop {
            if !waiting.is_empty() {
                answers = send(es, &waiting, block, &mut drained).await;
            }
            let settings = es.settings_of_all().await;
            pulse.check(settings.is_ok()).await?;
            if let Ok(settings) = settings {
                waiting.retain(|name| settings.get(name).is_some_and(|it| !block.is_seen(it)));
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
            let waited = self.pause(deadline, left).await;
            if let Err(over @ Stop::Deadline { .. }) = waited {
                let refused =
                    block.is_set() && waiting.iter().all(|name| takes_none(name, &answers));
                return Err(match answers.into_iter().next() {
                    Some((_, why)) if refused => {
                        Stop::NoFence { cluster: cluster.to_owned(), why: why.to_string() }
                    }
                    _ => over,
                });
            }
            waited?;
        }
    }

    /// Lifecycle management stays where a block has stopped it, on 6.8 for good. Where it has not
    /// stopped it is not asked.
    async fn retry_lifecycle(&mut self, cluster: &str, actions: &[Action]) -> Result<(), Stop> {
        let managed = |it: &&Action| matches!(it, Action::Unfence { is_managed: true, .. });
        let names = actions.iter().filter(managed).filter_map(Action::index);
        let es = self.es(cluster)?.with_deadline(CALL);
        let mut stopped = Vec::new();
        for name in names {
            // What it cannot say is left as it is: writers are let in already.
            if es.is_stopped_by_block(name).await.unwrap_or(false) {
                stopped.push(name.to_owned());
            }
        }
        if stopped.is_empty() {
            return Ok(());
        }
        self.calls(Kind::Started, cluster, &stopped, "lifecycle retry")?;
        for name in &stopped {
            if let Err(error) = es.send(retry_lifecycle_request(name)).await {
                let detail = format!("lifecycle management of {name} on {cluster} is stopped");
                let hint = format!("POST {cluster}/{name}/_ilm/retry; it said: {error}");
                let problem = Problem::new(Code::LifecycleStopped, name, detail, hint).warning();
                self.event(Kind::Failed, cluster, vec![name.clone()], Detail::Note { problem })?;
            }
        }
        self.calls(Kind::Progress, cluster, &stopped, "lifecycle retry")
    }

    /// Journals that calls are about to go out, or have been seen to work.
    pub(in crate::execute) fn calls(
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

/// Sends what a block needs once; returns what was refused. What the draining call has not answered
/// well does not get the other block yet: it would look drained.
async fn send(
    es: &Es,
    waiting: &[String],
    block: Block,
    drained: &mut BTreeSet<String>,
) -> Vec<(String, Error)> {
    match block {
        Block::Set { waits } => {
            let mut refused = Vec::new();
            let mut ready = waiting.to_vec();
            if waits {
                let left = waiting.iter().filter(|name| !drained.contains(*name));
                let left: Vec<String> = left.cloned().collect();
                refused = send_names(es, &left, |names| put_block_request(names, true)).await;
                let failed = |name: &String| refused.iter().any(|(other, _)| other == name);
                drained.extend(left.iter().filter(|name| !failed(name)).cloned());
                ready.retain(|name| drained.contains(name));
            }
            refused.extend(send_names(es, &ready, |names| put_blocks_request(names)).await);
            refused
        }
        Block::SetClosed => send_names(es, waiting, |names| put_block_request(names, false)).await,
        Block::Lifted { keeps: Blocks { write, read_only } } => {
            send_names(es, waiting, |names| lift_blocks_request(names, write, read_only)).await
        }
        Block::Loosened => {
            send_names(es, waiting, |names| lift_blocks_request(names, true, false)).await
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Block {
    Lifted { keeps: Blocks },
    Loosened,
    Set { waits: bool },
    SetClosed,
}

impl Block {
    /// What an action asks for, where it is about blocks.
    fn of(action: &Action) -> Option<Self> {
        match action {
            Action::Fence { closed: true, .. } => Some(Self::SetClosed),
            Action::Fence { waits, .. } => Some(Self::Set { waits: *waits }),
            Action::Unfence { keeps, .. } => Some(Self::Lifted { keeps: *keeps }),
            Action::Loosen { .. } => Some(Self::Loosened),
            _ => None,
        }
    }

    fn is_set(self) -> bool {
        matches!(self, Self::Set { .. } | Self::SetClosed)
    }

    /// Whether an index's settings are as they are to be.
    fn is_seen(self, settings: &IndexSettings) -> bool {
        let write = settings.is_true("index.blocks.write");
        let read_only = settings.is_true("index.blocks.read_only");
        match self {
            Self::Set { .. } => write && read_only,
            Self::SetClosed => write,
            Self::Loosened => !read_only,
            Self::Lifted { keeps } => write == keeps.write && read_only == keeps.read_only,
        }
    }
}
