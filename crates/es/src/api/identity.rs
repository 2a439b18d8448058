//! Who answers, and where: the address of a cluster that is asked, and the UUID without which
//! nothing is believed or sent.

use std::{sync::PoisonError, time::Duration};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::Instant;

use super::{Es, Root};
use crate::{
    error::Error,
    recognise::recognise,
    transport::{Method, Request, Unanswered},
};

/// `GET /` decides whether a cluster is reachable.
const ROOT_DEADLINE: Duration = Duration::from_secs(2);

/// A change goes out so long after the answer that showed whose cluster it is; after that it is
/// asked again first.
const PROVED_FOR: Duration = Duration::from_secs(1);

/// What is known of who answers.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The cluster UUID that is expected: given, or that of the first answer.
    expected: Option<String>,
    /// When an answer last showed it.
    proved: Option<Instant>,
    /// The address that is asked, where there are several.
    chosen: Option<String>,
    /// Addresses that were passed over when it was chosen, each with what it said.
    passed_over: Vec<String>,
}

impl Es {
    /// From now on only the cluster of this UUID is believed, and nothing is sent to another.
    pub fn expect_uuid(&self, uuid: &str) {
        self.identity(|it| {
            if it.expected.as_deref() != Some(uuid) {
                it.expected = Some(uuid.to_owned());
                it.proved = None;
            }
        });
    }

    /// Addresses that were passed over by the last [`Es::root`], each with what it said.
    pub fn passed_over(&self) -> Vec<String> {
        self.identity(|it| it.passed_over.clone())
    }

    /// The address that is asked.
    pub fn address(&self) -> String {
        let chosen = self.identity(|it| it.chosen.clone());
        chosen.or_else(|| self.addresses().into_iter().next()).unwrap_or_default()
    }

    /// `GET /` within two seconds, answered by an Elasticsearch that esdr knows, with the UUID
    /// that is expected: without one given, that of the first answer. Of several addresses the
    /// one that answered last is asked first; where it lacks a master, or is of no use, all
    /// others are, and from then on everything goes to the first that has one.
    ///
    /// # Errors
    /// `NotElasticsearch` where anything else answers; `WrongCluster`; what Elasticsearch
    /// refuses; silence. Of several addresses the one that says most.
    pub async fn root(&self) -> Result<Root, Error> {
        let addresses = self.addresses();
        let answer = if addresses.len() < 2 {
            self.root_at(None, ROOT_DEADLINE).await
        } else {
            // On the heap: every request may come to it.
            Box::pin(self.choose(addresses)).await
        };
        let proves = answer.as_ref().is_ok_and(|root| !root.cluster_uuid.is_empty());
        self.identity(|it| it.proved = proves.then(Instant::now));
        answer
    }

    /// Whatever changes something goes out only shortly after an answer that showed whose
    /// cluster it is. Before the first look nothing is expected.
    pub(super) async fn prove(&self, request: &Request) -> Result<(), Error> {
        let proved = |it: &mut Identity| {
            it.proved.is_some_and(|at| at.elapsed() < PROVED_FOR) || it.expected.is_none()
        };
        if request.is_question() || self.identity(proved) {
            return Ok(());
        }
        Box::pin(self.root()).await.map(drop)
    }

    pub(super) fn chosen(&self) -> Option<String> {
        self.identity(|it| it.chosen.clone())
    }

    fn identity<T>(&self, with: impl FnOnce(&mut Identity) -> T) -> T {
        with(&mut self.identity.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn root_at(&self, address: Option<String>, within: Duration) -> Result<Root, Error> {
        let request = Request { at: address, ..Request::new(Method::Get, "/").within(within) };
        let root = recognise(&self.exchange_again(request).await?)?;
        if root.cluster_uuid.is_empty() {
            return Ok(root);
        }
        let found = root.cluster_uuid.clone();
        let expected = self.identity(|it| it.expected.get_or_insert(found.clone()).clone());
        if expected == found { Ok(root) } else { Err(Error::WrongCluster { expected, found }) }
    }

    async fn choose(&self, mut addresses: Vec<String>) -> Result<Root, Error> {
        if let Some(chosen) = self.chosen()
            && let Some(at) = addresses.iter().position(|address| *address == chosen)
        {
            addresses.rotate_left(at);
        }
        let share = ROOT_DEADLINE / 2;
        let (first, others) = (addresses[0].clone(), addresses[1..].to_vec());
        let mut answers = vec![(first.clone(), self.root_with_master(first, share).await)];
        if !answers.iter().any(|(_, answer)| is_good(answer)) {
            let asked = others.into_iter().map(|address| async {
                (address.clone(), self.root_with_master(address, share).await)
            });
            answers.extend(join_all(asked).await);
        }
        let best = (0..answers.len()).min_by_key(|&at| rank(&answers[at].1)).unwrap_or_default();
        let (address, answer) = answers.remove(best);
        let told = answers.iter().map(|(address, answer)| format!("{address}: {}", word(answer)));
        let told: Vec<String> = told.collect();
        let answer = match answer {
            Err(Error::Unanswered { cause, .. }) if !matches!(cause, Unanswered::Tls { .. }) => {
                let cause = silence(&address, cause, &answers);
                Err(Error::Unanswered { method: Method::Get, path: "/".to_owned(), cause })
            }
            answer => answer,
        };
        self.identity(|it| {
            it.chosen = answer.is_ok().then_some(address);
            it.passed_over = told;
        });
        answer
    }

    /// Who answers at an address; from 7.0 on that does not say whether there is a master.
    async fn root_with_master(&self, address: String, within: Duration) -> Result<Root, Error> {
        let root = self.root_at(Some(address.clone()), within).await?;
        if !root.has_master || root.cluster_uuid.is_empty() {
            return Ok(Root { has_master: false, ..root });
        }
        let request = Request::new(Method::Get, "/_cluster/state/master_node?local=true");
        let request = Request { at: Some(address), ..request.within(within) };
        let has_master = match self.exchange_again(request).await {
            Ok(answer) => knows_master(&answer.body),
            Err(_) => true,
        };
        Ok(Root { has_master, ..root })
    }
}

/// What the node knows of a master; what it does not tell is found out by the look.
fn knows_master(body: &str) -> bool {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let lacks = answer.get("master_node").is_some_and(Value::is_null);
    !lacks && answer["error"]["type"] != "master_not_discovered_exception"
}

fn is_good(answer: &Result<Root, Error>) -> bool {
    answer.as_ref().is_ok_and(|root| root.has_master)
}

/// The lower, the more it says of the cluster that is meant. What answers outranks silence.
fn rank(answer: &Result<Root, Error>) -> usize {
    match answer {
        Ok(root) if root.has_master => 0,
        Ok(_) => 1,
        Err(error) if error.is_no_master() => 2,
        Err(Error::WrongCluster { .. }) => 3,
        Err(error) if error.is_login() => 4,
        Err(Error::Unanswered { cause: Unanswered::Tls { .. }, .. }) => 5,
        Err(Error::NotElasticsearch { status: 502..=504, .. }) => 7,
        Err(Error::Unanswered { .. }) => 8,
        Err(_) => 6,
    }
}

fn word(answer: &Result<Root, Error>) -> String {
    match answer {
        Ok(root) if root.has_master => "it answers".to_owned(),
        Ok(_) => "it has no master".to_owned(),
        Err(Error::Unanswered { cause, .. }) => cause.to_string(),
        Err(error) => error.to_string(),
    }
}

/// What it comes to that no address answers: every one with its reason, or the time.
fn silence(
    address: &str,
    cause: Unanswered,
    others: &[(String, Result<Root, Error>)],
) -> Unanswered {
    let timeout = Unanswered::Timeout { deadline_ms: ROOT_DEADLINE.as_millis() };
    let causes = others.iter().filter_map(|(address, answer)| match answer {
        Err(Error::Unanswered { cause, .. }) => Some((address.as_str(), cause.clone())),
        _ => None,
    });
    let all: Vec<(&str, Unanswered)> = std::iter::once((address, cause)).chain(causes).collect();
    if all.iter().any(|(_, cause)| matches!(cause, Unanswered::Timeout { .. })) {
        return timeout;
    }
    let reason = |(address, cause): &(&str, Unanswered)| match cause {
        // It names the address already.
        Unanswered::Connect { reason } => reason.clone(),
        other => format!("{address}: {other}"),
    };
    Unanswered::Connect { reason: all.iter().map(reason).collect::<Vec<_>>().join("; ") }
}

#[cfg(test)]
mod tests;
