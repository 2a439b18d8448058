//! The playbooks that come with esdr: the files under `playbooks/`, embedded.

use super::{Playbook, parse};
use crate::toml_reader::Mistake;

/// One file under `playbooks/`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Builtin {
    /// The name by which commands know it; also the file's, without `.toml`.
    pub name: &'static str,
    /// The file's text, comments included.
    pub text: &'static str,
}

impl Builtin {
    /// The playbook that the file means. A test parses and lints them all.
    ///
    /// # Errors
    /// None in a release that passed its tests.
    pub fn playbook(&self) -> Result<Playbook, Mistake> {
        parse(&format!("{}.toml", self.name), self.text)
    }
}

/// All of them, in the order in which they are listed.
pub const BUILTINS: [Builtin; 14] = [
    Builtin { name: "replicate", text: include_str!("../../playbooks/replicate.toml") },
    Builtin { name: "failover", text: include_str!("../../playbooks/failover.toml") },
    Builtin { name: "failover-forced", text: include_str!("../../playbooks/failover-forced.toml") },
    Builtin { name: "reprotect", text: include_str!("../../playbooks/reprotect.toml") },
    Builtin { name: "failback", text: include_str!("../../playbooks/failback.toml") },
    Builtin { name: "undo", text: include_str!("../../playbooks/undo.toml") },
    Builtin { name: "undo-carry", text: include_str!("../../playbooks/undo-carry.toml") },
    Builtin { name: "fence", text: include_str!("../../playbooks/fence.toml") },
    Builtin { name: "unfence", text: include_str!("../../playbooks/unfence.toml") },
    Builtin { name: "bidi", text: include_str!("../../playbooks/bidi.toml") },
    Builtin { name: "bidi-failover", text: include_str!("../../playbooks/bidi-failover.toml") },
    Builtin { name: "bidi-failback", text: include_str!("../../playbooks/bidi-failback.toml") },
    Builtin { name: "bidi-teardown", text: include_str!("../../playbooks/bidi-teardown.toml") },
    Builtin { name: "bidi-release", text: include_str!("../../playbooks/bidi-release.toml") },
];

/// The names of all of them, in the order in which they are listed.
pub fn names() -> Vec<&'static str> {
    BUILTINS.iter().map(|builtin| builtin.name).collect()
}

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

/// All of them as playbooks.
#[cfg(test)]
pub(super) fn all() -> Vec<Playbook> {
    BUILTINS.iter().map(|builtin| builtin.playbook().unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::lint;

    #[test]
    fn every_built_in_playbook_is_named_like_its_file_and_passes_the_linter() {
        for builtin in &BUILTINS {
            let playbook = builtin.playbook().unwrap();
            assert_eq!(playbook.name, builtin.name);
            assert_eq!(lint(&playbook), [], "{}", builtin.name);
        }
    }

    #[test]
    fn every_built_in_playbook_is_of_the_kind_that_its_name_says() {
        use crate::playbook::Kind;
        let kinds = all().into_iter().map(|playbook| (playbook.name, playbook.kind));
        let expected = [
            ("replicate", Kind::Replicate),
            ("failover", Kind::Switch),
            ("failover-forced", Kind::Switch),
            ("reprotect", Kind::Reprotect),
            ("failback", Kind::Failback),
            ("undo", Kind::Undo),
            ("undo-carry", Kind::UndoCarry),
            ("fence", Kind::Fence),
            ("unfence", Kind::Unfence),
            ("bidi", Kind::Bidi),
            ("bidi-failover", Kind::BidiFailover),
            ("bidi-failback", Kind::BidiFailback),
            ("bidi-teardown", Kind::BidiTeardown),
            ("bidi-release", Kind::BidiTeardown),
        ];
        assert_eq!(kinds.collect::<Vec<_>>(), expected.map(|(name, kind)| (name.to_owned(), kind)));
    }

    #[test]
    fn the_steps_of_the_built_in_playbooks_are_in_this_order() {
        let verbs = |name: &str| {
            let steps = find(name).unwrap().playbook().unwrap().steps;
            let step = |step: &crate::playbook::Step| match step.on {
                Some(role) => format!("{}({role})", step.verb()),
                None => step.verb().to_string(),
            };
            steps.iter().map(step).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            verbs("replicate"),
            "require record remote(target) seed(target) pattern(target) verify"
        );
        assert_eq!(
            verbs("failover"),
            "require record resume(target) hook fence(source) drain pattern(target) verify promote(target) \
             alias(target) canary(target) hook"
        );
        assert_eq!(
            verbs("failover-forced"),
            "require record verify fence(source) drain pattern(target) promote(target) \
             alias(target) canary(target) hook"
        );
        assert_eq!(
            verbs("reprotect"),
            "require record remote(target) fence(target) salvage(target) discard(target) \
             seed(target) alias(target) pattern(target) verify drop_copies"
        );
        assert_eq!(
            verbs("failback"),
            "require record remote(target) fence(target) salvage(target) discard(target) \
             seed(target) verify require record resume(target) hook fence(source) drain \
             pattern(target) verify promote(target) alias(target) canary(target) hook \
             discard(source) seed(source) alias(source) pattern(source) drop_copies"
        );
        assert_eq!(
            verbs("undo"),
            "require record fence(target) unfence(source) pattern(target) seed(target) hook"
        );
        assert_eq!(
            verbs("undo-carry"),
            "require record hook fence(source) verify carry pattern(target) verify promote(target) \
             alias(target) pattern(source) hook"
        );
        assert_eq!(verbs("fence"), "require record fence(source)");
        assert_eq!(verbs("unfence"), "require record unfence(source)");
        assert_eq!(
            verbs("bidi"),
            "require record index(source) span(source) retain(source) remote(target) \
             pattern(target) seed(target) span(target) echo(source) verify"
        );
        assert_eq!(verbs("bidi-failover"), "require record retain(target) canary(target) hook");
        assert_eq!(
            verbs("bidi-failback"),
            "require record remote(target) pattern(target) join(target) span(target) retain(source) \
             echo(source) verify hook"
        );
        assert_eq!(verbs("bidi-teardown"), "require record pattern(target) remove(target)");
        assert_eq!(
            verbs("bidi-release"),
            "require record pattern(target) release(target) unspan(target)"
        );
    }
}
