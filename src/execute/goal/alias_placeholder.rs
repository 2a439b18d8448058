//! Before the index that shields aliases goes, the followers must bear them.

use std::time::Duration;

use crate::{plan::alias_placeholder::is_borne, playbook::Role};

use crate::execute::{
    deadline::Deadline,
    runner::Runner,
    set_run::SetRun,
    stop::{Left, Stop},
};

impl Runner<'_> {
    /// Where the server copies aliases (7.3 and later) it takes a moment, during which a write
    /// through one would make an index of its name.
    ///
    /// # Errors
    /// The deadline: the shield stays, and so do the aliases.
    pub(in crate::execute) async fn until_borne(
        &mut self,
        on: Role,
        (set_run, at): (&SetRun<'_>, usize),
        within: Duration,
    ) -> Result<(), Stop> {
        let deadline = Deadline::new("the aliases of the followers", within);
        loop {
            let world = self.observe_for(set_run, at).await?;
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let cluster = context.cluster(on);
            let copies = world.view(cluster).is_some_and(|view| view.version.copies_aliases());
            if !copies || is_borne(&context.see().subjects, on) {
                return Ok(());
            }
            let why = "the server has not copied every alias yet".to_owned();
            let left = || {
                let index = cluster.to_owned();
                vec![Left { index, shard: None, lag_ops: None, why }]
            };
            self.pause(&deadline, left).await?;
        }
    }
}
