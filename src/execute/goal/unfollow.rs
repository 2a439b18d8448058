//! The unfollow, which takes effect first and asks the leader second: with a dead leader it
//! answers an error, with a frozen one nothing at all, and has worked all the same.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use tokio::sync::watch;

use crate::{
    es::{api::Es, error::Error, requests::unfollow_request},
    event::Kind,
};

use super::promote::{Promoting, why};
use crate::execute::{
    deadline::{Deadline, PAUSE},
    runner::Runner,
    stop::Stop,
};

/// Names that are seen to follow nothing any more.
type Released = BTreeSet<String>;

impl Runner<'_> {
    /// Sends every unfollow at once and looks until none of these indices follows any more.
    /// Returns those of which the server did not say that their leases are gone from the
    /// leader.
    pub(in crate::execute) async fn unfollow(
        &mut self,
        promoting: &Promoting<'_>,
        names: &[String],
    ) -> Result<Vec<String>, Stop> {
        self.calls(Kind::Started, promoting.cluster, names, "unfollow")?;
        let es = self.es(promoting.cluster)?.clone();
        let deadline = Deadline::uninterrupted("unfollow", promoting.within);
        let mut cleaned = BTreeSet::new();
        let mut left: Vec<String> = names.to_vec();
        loop {
            let mut refused = Vec::new();
            for (name, answer) in send(&es, &left).await {
                match answer {
                    Some(Ok(())) => drop(cleaned.insert(name)),
                    Some(Err(error)) => refused.push((name, error)),
                    None => {}
                }
            }
            let seen = self.seen(promoting, &left).await?;
            left = seen
                .into_iter()
                .filter(|(_, seen)| seen.following.is_some())
                .map(|(name, _)| name)
                .collect();
            if left.is_empty() {
                break;
            }
            self.pause(&deadline, || why(&left, &refused)).await?;
        }
        self.calls(Kind::Progress, promoting.cluster, names, "unfollow")?;
        Ok(names.iter().filter(|name| !cleaned.contains(*name)).cloned().collect())
    }
}

/// Every call in flight at once: one that waits for a frozen leader must not hold up the
/// next. A call ends with its answer, or when its effect is seen; `None`: without an answer.
async fn send(es: &Es, names: &[String]) -> Vec<(String, Option<Result<(), Error>>)> {
    let (tell, released) = watch::channel(Released::new());
    let calls = names.iter().map(|name| {
        let mut released = released.clone();
        async move {
            let answer = tokio::select! {
                answer = es.send(unfollow_request(name)) => Some(answer.map(drop)),
                _ = released.wait_for(|released| released.contains(name)) => None,
            };
            (name.clone(), answer)
        }
    });
    let calls = futures_util::stream::iter(calls).buffer_unordered(names.len()).collect();
    tokio::select! {
        answers = calls => answers,
        () = look(es, names, &tell) => Vec::new(),
    }
}

/// Tells which of them follow no more, for as long as somebody waits for it.
async fn look(es: &Es, names: &[String], tell: &watch::Sender<Released>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Ok(followers) = es.ccr_info_all().await {
            let follows = |name: &String| followers.iter().any(|it| it.follower_index == *name);
            tell.send_replace(names.iter().filter(|name| !follows(name)).cloned().collect());
        }
    }
}
