//! What is written down of a set that is protected now.

use crate::{
    model::{
        lineage::{Entry, Member, State},
        world::World,
    },
    plan::{context::Context, protection},
};

use super::newcomers::member;
use crate::execute::{entry::new_entry, runner::Runner, stop::Stop};

impl Runner<'_> {
    /// Keeps aliases and follow parameters where they differ from what is on record. Nothing
    /// to do for a playbook that does not protect.
    pub(in crate::execute) async fn keep_protection(
        &mut self,
        context: &Context<'_>,
        world: &World,
    ) -> Result<(), Stop> {
        let seen = context.see();
        if !protection::is_stale(context, &seen) {
            return Ok(());
        }
        let own =
            protection::newest(context.scope).filter(|entry| entry.run == self.plan.request.run);
        let done = own.map(|entry| entry.hooks_done.clone()).unwrap_or_default();
        self.protect(context, world, done).await
    }

    /// Writes down the set as it is protected now, with what was proved of it.
    pub(in crate::execute) async fn protect(
        &mut self,
        context: &Context<'_>,
        world: &World,
        hooks_done: Vec<String>,
    ) -> Result<(), Stop> {
        let seen = context.see();
        let members: Vec<Member> =
            protection::followed(&seen).filter_map(|it| member(context.scope, it)).collect();
        let own =
            protection::newest(context.scope).filter(|entry| entry.run == self.plan.request.run);
        let mut entry = Entry {
            state: State::Protected,
            members,
            hooks_done,
            revision: own.map_or(0, |entry| entry.revision),
            number: own.map_or(0, |entry| entry.number),
            ..new_entry(self.plan, context, &seen)
        };
        self.write_entry(world, &mut entry, None, 0).await
    }
}
