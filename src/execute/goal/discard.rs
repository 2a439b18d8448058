//! The old copies are closed, never deleted: a client that goes on writing would be
//! acknowledged into an index that the server makes by itself.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    es::requests::close_request,
    event::Kind,
    plan::{action::Action, due::Due},
};

use crate::execute::{
    bulk_calls::send_names,
    deadline::Deadline,
    look::Look,
    runner::Runner,
    set_run::SetRun,
    stop::{Left, Stop},
};

impl Runner<'_> {
    /// Closes what the step still asks for, and sees it closed. Returns the last look.
    ///
    /// # Errors
    /// The deadline; a snapshot that holds an index, for example, keeps it open.
    pub(in crate::execute) async fn discard(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        due: &Due,
        takes_wait: bool,
        within: Duration,
    ) -> Result<Look, Stop> {
        let deadline = Deadline::new("the closing of the old copies", within);
        let mut due = due.clone();
        loop {
            let cluster = due.actions.first().and_then(|action| action.cluster());
            let cluster = cluster.unwrap_or_default().to_owned();
            // It bears the aliases before a copy that bears them goes.
            let shielded =
                self.send_kind(|it| matches!(it, Action::Shield { .. }), &due.actions).await?;
            if let Some((_, error)) = shielded.into_iter().find(|(_, e)| !e.is_index_exists()) {
                return Err(Stop::Call(error));
            }
            self.loosen(&cluster, &due.actions, deadline.left()).await?;
            let closes = due.actions.iter().filter(|it| matches!(it, Action::Close { .. }));
            let names: Vec<String> =
                closes.filter_map(|action| action.index().map(str::to_owned)).collect();
            self.calls(Kind::Started, &cluster, &names, "close")?;
            let es = self.es(&cluster)?.clone();
            let refused = send_names(&es, &names, |names| close_request(names, takes_wait)).await;
            let taken = Instant::now();
            let world = self.observe_for(set_run, at).await?;
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            due = context.due_now(at, &seen);
            if !due.reasons.is_empty() {
                return Err(Stop::Blocked { reasons: due.reasons });
            }
            if due.actions.is_empty() {
                return Ok(Look { world, taken });
            }
            let why = |name: &str| {
                let refused = refused.iter().find(|(refused, _)| refused == name);
                refused.map_or_else(|| "not seen closed yet".to_owned(), |(_, e)| e.to_string())
            };
            let left = || {
                let names = due.actions.iter().filter_map(|action| action.index());
                let left = names.map(|name| Left {
                    index: name.to_owned(),
                    shard: None,
                    lag_ops: None,
                    why: why(name),
                });
                left.collect()
            };
            self.pause(&deadline, left).await?;
        }
    }
}
