//! Names that are still to be born: a fence has them blocked from their birth, and leaves nothing
//! behind when it goes.

use std::time::Duration;

use crate::{
    es::requests::is_own_template,
    model::{
        placeholder::{blocked_from_birth, placeholders},
        unread::Part,
        version::Version,
        world::{Cluster, World},
    },
    plan::{action::Action, context::Context, pair::Blocks, template},
    playbook::Role,
};

use crate::execute::{
    deadline::Deadline,
    look::Absence,
    runner::Runner,
    send::{PLACEHOLDER, TEMPLATE, is_final, not_seen},
    set_run::{Progress, SetRun},
    stop::Stop,
};

/// A template that a cluster does not take is no reason to leave its indices unfenced.
const TEMPLATES: Duration = Duration::from_secs(5);

/// The same where a leader is left behind: nothing waits for it.
const TEMPLATES_FORCED: Duration = Duration::from_secs(2);

impl Runner<'_> {
    /// Puts the templates of a fence, before its blocks. Where the server takes none the fence is
    /// about existing indices only, which is told.
    pub(in crate::execute) async fn fence_names(
        &mut self,
        context: &Context<'_>,
        cluster: &str,
        actions: &[Action],
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        let limit = if context.is_forced() { TEMPLATES_FORCED } else { TEMPLATES };
        let is_put = |it: &&Action| matches!(it, Action::Template { body: Some(_), .. });
        let mut left: Vec<Action> = actions.iter().filter(is_put).cloned().collect();
        let deadline = Deadline::uninterrupted("the template of the fence", within.min(limit));
        let mut why = "it is not seen there".to_owned();
        let version = context.scope.world.view(cluster).map(|view| view.version);
        let composable = version.is_some_and(Version::has_composable_templates);
        while !left.is_empty() {
            let refused = self.send_kind(TEMPLATE, &left).await?;
            if let Ok(there) = self.es(cluster)?.templates(composable).await {
                let own = |name: &str| {
                    there.iter().any(|it| it.name == name && is_own_template(&it.body))
                };
                left.retain(|action| !own(action.key().2));
            }
            if left.is_empty() {
                return Ok(());
            }
            let error = refused.into_iter().next().map(|(_, error)| error);
            let is_over = error.as_ref().is_some_and(is_final);
            why = error.map_or(why, |error| error.to_string());
            if is_over {
                break;
            }
            match self.pause(&deadline, Vec::new).await {
                Err(Stop::Deadline { .. }) => break,
                waited => waited?,
            }
        }
        if !left.is_empty() {
            let set = &context.scope.set.name;
            progress.problems.push(template::partial(set, cluster, &why));
        }
        Ok(())
    }

    /// What clients have left under the template goes, then the template, then what was left
    /// meanwhile.
    pub(in crate::execute) async fn free_names(
        &mut self,
        set_run: &SetRun<'_>,
        cluster: &str,
        actions: &[Action],
        within: Duration,
    ) -> Result<(), Stop> {
        let is_about = |it: &&Action| {
            matches!(it, Action::Template { body: None, .. } | Action::Placeholder { .. })
        };
        let mut left: Vec<Action> = actions.iter().filter(is_about).cloned().collect();
        if left.is_empty() {
            return Ok(());
        }
        let is_target = cluster == set_run.switch.target;
        let on = (cluster, if is_target { Role::Target } else { Role::Source });
        let mut absence = Absence::default();
        let world = self.observe_side(on, &[Part::Templates], within, &mut absence).await?;
        let there = world.view(cluster).and_then(|view| view.templates.clone());
        // One that was to be put by this plan may not have been.
        let is_there = |name: &str| there.iter().flatten().any(|it| it.name == name && it.is_own);
        left.retain(|action| is_there(action.key().2));
        self.drop_placeholders(set_run, cluster, &world).await?;
        let deadline = Deadline::new("the end of the fence's template", within);
        while !left.is_empty() {
            let refused = self.send_kind(TEMPLATE, &left).await?;
            let mut world = self.observe_side(on, &[Part::Templates], within, &mut absence).await?;
            if let Some(now) = world.view(cluster).and_then(|view| view.templates.as_ref()) {
                left.retain(|action| now.iter().any(|it| it.is_own && it.name == action.key().2));
            }
            if left.is_empty() {
                // By the templates that stood until now.
                if let Some(Cluster::Ok(view)) = world.clusters.get_mut(cluster) {
                    view.templates = there;
                }
                self.drop_placeholders(set_run, cluster, &world).await?;
                return self.free_newborn(set_run, cluster, &world, within).await;
            }
            if let Some((_, error)) = refused.into_iter().find(|(_, error)| is_final(error)) {
                return Err(Stop::Call(error));
            }
            self.pause(&deadline, || left.iter().map(not_seen).collect()).await?;
        }
        Ok(())
    }

    /// Lets writers into what was born of the template until now, and is not to go.
    async fn free_newborn(
        &mut self,
        set_run: &SetRun<'_>,
        cluster: &str,
        world: &World,
        within: Duration,
    ) -> Result<(), Stop> {
        let unfence = |index| Action::Unfence {
            cluster: cluster.to_owned(),
            index,
            keeps: Blocks::default(),
            is_managed: false,
        };
        let born = blocked_from_birth(world, &set_run.set.name, cluster);
        let actions: Vec<Action> = born.into_iter().map(unfence).collect();
        self.unfence(cluster, &actions, within).await
    }

    async fn drop_placeholders(
        &mut self,
        set_run: &SetRun<'_>,
        cluster: &str,
        world: &World,
    ) -> Result<(), Stop> {
        let drop = |(cluster, index)| Action::Placeholder { cluster, index };
        let left = placeholders(world, &set_run.set.name, cluster);
        let actions: Vec<Action> = left.into_iter().map(drop).collect();
        let refused = self.send_kind(PLACEHOLDER, &actions).await?;
        let refused = refused.into_iter().find(|(_, error)| !error.is_missing_index());
        match refused {
            Some((_, error)) => Err(Stop::Call(error)),
            None => Ok(()),
        }
    }
}
