//! The operator's own programs: which of them a step still asks for.

use crate::playbook::{HookName, Kind};

use super::{action::Action, context::Context, declared_leader, pair::Role, seen::Seen};

impl Context<'_> {
    pub(super) fn due_hook(&self, at: usize, name: HookName, seen: &Seen<'_>) -> Vec<Action> {
        // A hook before a promote is settled with it.
        let past = self.settling_promote(at).is_some_and(|role| seen.is_past(role));
        let done = seen.entry.is_some_and(|entry| entry.did(self.hook_mark(name)));
        // Who leads by the operator's word was not switched to.
        let by_word = seen.entry.is_some_and(|entry| entry.playbook == declared_leader::PLAYBOOK);
        // Nobody has been sent anywhere, and nobody is sent back.
        let stays = self.kind() == Kind::BidiFailback && seen.entry.is_none();
        if past || done || stays || (by_word && seen.is_past(Role::Target)) {
            return Vec::new();
        }
        self.hooks(name)
    }

    fn hooks(&self, name: HookName) -> Vec<Action> {
        let hooks = self.topology.hooks_of(self.scope.set);
        let commands = match name {
            HookName::BeforeFence => &hooks.before_fence,
            HookName::AfterPromote => &hooks.after_promote,
            HookName::OnUndo => &hooks.on_undo,
        };
        commands.iter().map(|command| Action::Hook { name, command: command.clone() }).collect()
    }
}
