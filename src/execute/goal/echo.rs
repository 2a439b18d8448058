//! The proof of a bi-directional alias: what is written through it on one cluster is read through
//! it on the other.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    es::{error::Error, requests::put_doc_request},
    event::{Detail, Kind},
    plan::{CANARY, action::Action, context::Context, due::Due, protection::ECHO},
    playbook::{Role, Verb},
};

use crate::execute::{
    deadline::Deadline,
    look::Absence,
    runner::Runner,
    set_run::{Progress, SetRun},
    stop::{Left, Stop},
};

/// Where a document is to come out.
struct Reader<'a> {
    cluster: &'a str,
    alias: &'a str,
    index: &'a str,
}

impl Runner<'_> {
    /// What is written and read to prove something, and copies that are brought together first.
    pub(in crate::execute) async fn act_alias(
        &mut self,
        (set_run, at, context): (&SetRun<'_>, usize, &Context<'_>),
        due: &Due,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        match set_run.request.playbook.steps[at].verb() {
            Verb::Join => {
                progress.changed = true;
                self.join(at, set_run, progress, within).await
            }
            Verb::Echo => {
                progress.changed = true;
                self.echo(due, (set_run, at), within).await
            }
            _ => {
                if let Some(Action::Canary { cluster, index }) = due.actions.first() {
                    self.canary(cluster, index).await?;
                    let detail = Detail::Canary { index: index.clone() };
                    self.event(Kind::Progress, cluster, vec![index.clone()], detail)?;
                } else if self.echoed(due, within).await?.is_none() {
                    return Ok(());
                }
                self.remember(context.scope.world, progress, "canary").await
            }
        }
    }

    /// Writes a document through the alias, waits until it is read on the other side, told by its
    /// sequence number, and until it is gone there again. It is empty, so that it adds nothing to
    /// the mapping. Then that is written down.
    ///
    /// # Errors
    /// [`Stop::Drift`] where the alias leads elsewhere; the deadline, with where it stands.
    pub(in crate::execute) async fn echo(
        &mut self,
        due: &Due,
        (set_run, at): (&SetRun<'_>, usize),
        within: Duration,
    ) -> Result<(), Stop> {
        if self.echoed(due, within).await?.is_none() {
            return Ok(());
        }
        let world = self.observe_for(set_run, at).await?;
        let context = set_run.context(self.topology, &world);
        self.protect(&context, &world, vec![ECHO.to_owned()]).await
    }

    /// The document itself, there and back; `None` where none is due.
    ///
    /// # Errors
    /// As for [`Runner::echo`].
    pub(in crate::execute) async fn echoed(
        &mut self,
        due: &Due,
        within: Duration,
    ) -> Result<Option<()>, Stop> {
        let Some(Action::Echo { cluster, reader, alias, index }) = due.actions.first() else {
            return Ok(None);
        };
        self.calls(Kind::Started, cluster, std::slice::from_ref(index), "echo")?;
        let deadline = Deadline::new("the document that was written on the other side", within);
        let es = self.es(cluster)?.clone();
        let answer = es.send(put_doc_request(alias, CANARY, &json!({}), true)).await?;
        let came_to = answer["_index"].as_str().unwrap_or_default();
        let copy = self.copy_of(reader, index).await?;
        let reader = Reader { cluster: reader, alias, index: &copy };
        let arrived = if came_to == index {
            self.until_read(&reader, answer["_seq_no"].as_i64(), &deadline).await
        } else {
            let detail = format!("a write through {alias} on {cluster} came to {came_to}");
            Err(Stop::Drift { detail })
        };
        // Whatever came of it: it is nobody's document.
        let removed = es.delete_doc(came_to, CANARY).await;
        arrived?;
        removed?;
        es.refresh(std::slice::from_ref(index)).await?;
        self.until_read(&reader, None, &deadline).await?;
        let detail = Detail::Echo { index: index.clone(), reader: reader.cluster.to_owned() };
        self.event(Kind::Progress, cluster, vec![index.clone()], detail)?;
        Ok(Some(()))
    }

    /// The name under which a cluster has an index: one that was made anew beside an old copy has
    /// another.
    async fn copy_of(&self, reader: &str, index: &str) -> Result<String, Stop> {
        let world = self.observe().await?;
        let follows = |copy: &&crate::model::world::Index| {
            let following = copy.following.as_ref();
            following.is_some_and(|following| following.leader_index == index)
        };
        let copy = world.view(reader).and_then(|view| view.indices.values().find(follows));
        Ok(copy.map_or_else(|| index.to_owned(), |copy| copy.name.clone()))
    }

    /// Waits until the reader finds the document of this sequence number in the copy; `None`:
    /// until it finds none.
    async fn until_read(
        &mut self,
        reader: &Reader<'_>,
        wanted: Option<i64>,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let (es, within) = (self.es(reader.cluster)?.clone(), deadline.left());
        let mut absence = Absence::default();
        let body = json!({
            "query": {"ids": {"values": [CANARY]}},
            "seq_no_primary_term": true,
            "_source": false,
        });
        loop {
            let found = match es.refresh(&[reader.index.to_owned()]).await {
                Ok(()) => es.search(reader.alias, &body, "").await,
                Err(error) => Err(error),
            };
            let on = (&es, Role::Target);
            let answered = self.answered(on, found, within, &mut absence).await?;
            let Some(found) = answered else { continue };
            if found.as_ref().is_ok_and(|answer| seq_no(answer, reader.index) == wanted) {
                return Ok(());
            }
            self.pause(deadline, || vec![left(reader, wanted, found)]).await?;
        }
    }
}

/// The sequence number of the document where it is found in an index.
fn seq_no(answer: &Value, index: &str) -> Option<i64> {
    let hits = answer["hits"]["hits"].as_array()?;
    hits.iter().find(|hit| hit["_index"] == *index)?["_seq_no"].as_i64()
}

fn left(reader: &Reader<'_>, wanted: Option<i64>, found: Result<Value, Error>) -> Left {
    let Reader { cluster, alias, index } = reader;
    let why = match (found, wanted) {
        (Err(error), _) => error.to_string(),
        (Ok(_), Some(_)) => format!("not found through {alias} on {cluster} yet"),
        (Ok(_), None) => format!("removed, and still found through {alias} on {cluster}"),
    };
    Left { index: (*index).to_owned(), shard: None, lag_ops: None, why }
}
