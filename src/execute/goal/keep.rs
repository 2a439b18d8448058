//! A former leader's copy stays on its cluster under another name, before its own goes.

use serde_json::json;

use crate::{
    es::api::{Es, Reindex},
    event::Kind,
    model::{
        membership::kept_index,
        world::{Index, View},
    },
    playbook::Role,
};

use super::copies::Copy;
use crate::execute::{
    deadline::Deadline,
    look::Absence,
    runner::Runner,
    stop::{Left, Stop},
};

impl Runner<'_> {
    /// Makes the second copy and waits until it is whole; returns its name. The first one stands
    /// still behind its fence. From 7.4 on the server clones it, by links to its files where it
    /// can; before, the documents are copied, and only they.
    ///
    /// Again, after a run that was killed, it goes on with what is there.
    ///
    /// # Errors
    /// Where the server refuses, the copy is not whole at the end, or the deadline is over.
    pub(in crate::execute) async fn keep(
        &mut self,
        cluster: &str,
        view: &View,
        copy: &Copy<'_>,
        deadline: &Deadline,
    ) -> Result<String, Stop> {
        let former = &copy.former;
        let kept = kept_index(&copy.lead.entry.run, &former.name);
        let es = self.es(cluster)?.clone();
        self.calls(Kind::Started, cluster, std::slice::from_ref(&kept), "keep")?;
        if view.version.clones() {
            self.clone_whole(&es, former, &kept, deadline).await?;
        } else {
            es.refresh(std::slice::from_ref(&former.name)).await?;
            let has_types = view.version.has_types();
            let like = es.definition(&former.name, has_types).await?;
            let settings = json!({
                "index.auto_expand_replicas": "false",
                "index.lifecycle.name": null,
                "index.number_of_replicas": 0,
            });
            let body = like.body(settings, json!({}), has_types);
            made(es.create_index(&kept, &body, false).await)?;
            self.fill(&es, former, &kept, deadline).await?;
            es.put_block(std::slice::from_ref(&kept), view.version.drains_blocks()).await?;
            self.wait_whole(&es, former, &kept, deadline).await?;
        }
        self.calls(Kind::Progress, cluster, std::slice::from_ref(&kept), "keep")?;
        Ok(kept)
    }

    /// Has the server clone a copy that stands still, under a name that may be there already, and
    /// waits until all of its documents can be searched.
    pub(in crate::execute) async fn clone_whole(
        &mut self,
        es: &Es,
        former: &Index,
        name: &str,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        es.refresh(std::slice::from_ref(&former.name)).await?;
        made(es.clone_index(&former.name, name).await)?;
        self.wait_whole(es, former, name, deadline).await
    }

    /// The server's own task goes on even if this run is killed; a second one of the same adds
    /// nothing.
    async fn fill(
        &self,
        es: &Es,
        former: &Index,
        kept: &str,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        // An earlier run may have got as far as the block on it.
        es.lift_block(&[kept.to_owned()]).await?;
        let task = es.reindex(&former.name, kept).await?;
        loop {
            let why = match es.reindex_task(&task).await? {
                Reindex::Done => return Ok(()),
                Reindex::Running => "its documents are being copied".to_owned(),
                Reindex::Failed(why) => {
                    return Err(Stop::Unkept { index: former.name.clone(), why });
                }
            };
            self.pause(deadline, || vec![left(kept, why)]).await?;
        }
    }

    async fn wait_whole(
        &mut self,
        es: &Es,
        former: &Index,
        kept: &str,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let wanted = es.count(&former.name).await?;
        let (within, mut absence) = (deadline.left(), Absence::default());
        loop {
            // A clone can be searched once its shards have started.
            let count = es.count(kept).await;
            let on = (es, Role::Target);
            let Some(count) = self.answered(on, count, within, &mut absence).await? else {
                continue;
            };
            let found = match count {
                Ok(found) if found == wanted => return Ok(()),
                Ok(found) => format!("{found} of {wanted} documents are there"),
                Err(error) => error.to_string(),
            };
            self.pause(deadline, || vec![left(kept, found)]).await?;
        }
    }
}

fn made(answer: Result<(), crate::es::error::Error>) -> Result<(), Stop> {
    match answer {
        Err(error) if !error.is_index_exists() => Err(error.into()),
        _ => Ok(()),
    }
}

fn left(index: &str, why: String) -> Left {
    Left { index: index.to_owned(), shard: None, lag_ops: None, why }
}
