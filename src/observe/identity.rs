//! Who stands behind a remote connection, for plans that rely on one or make it: a search through
//! it for the state index that only the cluster has that is meant.

use std::time::Duration;

use futures_util::future::join_all;

use super::Watched;
use crate::model::{
    membership::state_index,
    world::{Cluster, World},
};

/// Deadline of each request.
const DEADLINE: Duration = Duration::from_secs(2);

/// One remote connection to be looked through.
struct Question<'w> {
    from: &'w Watched,
    alias: String,
    to: &'w str,
    index: String,
}

/// Looks through every remote connection that by its name or its addresses leads from one
/// configured cluster to another, side by side, and notes in the world where it leads. Where the
/// other cluster has no state index yet, or no answer comes, it stays as it was.
pub(crate) async fn observe_identities(clusters: &[Watched], world: &mut World) {
    let questions = questions(clusters, world);
    let answers = join_all(questions.iter().map(|question| async {
        let es = question.from.es.with_deadline(DEADLINE);
        es.remote_holds(&question.alias, &question.index).await
    }))
    .await;
    for (question, holds) in questions.iter().zip(answers) {
        let Some(Cluster::Ok(view)) = world.clusters.get_mut(&question.from.name) else { continue };
        let Some(remote) = view.remotes.get_mut(&question.alias) else { continue };
        match holds {
            Some(true) => remote.leads_to = Some(question.to.to_owned()),
            Some(false) => remote.misses = Some(question.to.to_owned()),
            None => {}
        }
    }
}

fn questions<'w>(clusters: &'w [Watched], world: &World) -> Vec<Question<'w>> {
    let mut questions = Vec::new();
    for from in clusters {
        let Some(Cluster::Ok(view)) = world.clusters.get(&from.name) else { continue };
        for to in clusters.iter().filter(|to| to.name != from.name) {
            let Some(there) = world.view(&to.name) else { continue };
            let index = state_index(&there.uuid);
            if !there.indices.contains_key(&index) {
                continue;
            }
            let is_meant = |alias: &str, leads_to: Option<&str>| match leads_to {
                Some(leads_to) => leads_to == to.name,
                None => alias == to.alias,
            };
            let meant =
                view.remotes.iter().filter(|(alias, it)| is_meant(alias, it.leads_to.as_deref()));
            questions.extend(meant.map(|(alias, _)| Question {
                from,
                alias: alias.clone(),
                to: &to.name,
                index: index.clone(),
            }));
        }
    }
    questions
}
