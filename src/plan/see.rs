//! From a world to a set as it is seen.

use crate::{
    model::{
        lineage::{self, Entry},
        membership::{self, Membership, Names, pattern_matches},
    },
    playbook::Kind,
};

use super::{
    choice::Choice,
    context::Context,
    fences,
    pair::{Pair, Role, Side},
    safety,
    seen::{Seen, is_open},
    subject::{Subject, is_salvaged, lead, see},
};

impl<'a> Context<'a> {
    /// Looks at the set.
    pub(crate) fn see(&self) -> Seen<'a> {
        let scope = self.scope;
        let mut membership = membership::find(scope);
        let entry = self.entry(&membership);
        if self.kind() == Kind::UndoCarry {
            self.only_taken_back(&mut membership);
        } else if self.request.undo {
            self.take_back(&mut membership, entry);
        } else if !self.is_switch() || (self.kind() == Kind::Failback && !is_open(entry)) {
            // To be protected is what is not yet followed. What is born once the switch has begun
            // is followed, and then fenced, behind its drain.
            let fresh = std::mem::take(&mut membership.uncovered);
            let names = fresh.into_iter().map(|name| self.names(name));
            membership.members.extend(names);
            if self.kind().is_fence() {
                self.take_all(&mut membership);
            }
            membership.members.extend(self.unmade());
            membership.members.sort();
        }
        let see_each = |names: &[Names]| -> Vec<Subject<'a>> {
            let see_one = |names: &Names| {
                let mut subject = see(scope, entry, names.clone());
                let choice = self.choice(names);
                let salvaged = self.is_saved(&subject) && safety::is_in_snapshot(self, names);
                let kept = fences::is_anothers(self, entry, &subject);
                let facts = &mut subject.pair.facts;
                facts.kept = kept;
                facts.delete_chosen = choice == Some(Choice::Delete);
                facts.returns = choice == Some(Choice::Restore);
                facts.salvaged = salvaged;
                subject
            };
            names.iter().map(see_one).collect()
        };
        let is_part = see_each(&membership.left_out)
            .iter()
            .any(|subject| !subject.pair.is_unfollowed(Role::Target));
        Seen {
            subjects: see_each(&membership.members),
            membership,
            entry,
            is_part: is_part && self.is_switch(),
        }
    }

    /// The operator's choice for an index, by its name on either side.
    pub(crate) fn choice(&self, names: &Names) -> Option<Choice> {
        let choices = &self.request.choices;
        choices.get(&names.target_index).or_else(|| choices.get(&names.source_index)).copied()
    }

    /// Whether what only the copy that was left behind has is in a file, or need not be, and
    /// whatever else was chosen for it is done.
    pub(crate) fn is_saved(&self, subject: &Subject<'_>) -> bool {
        let names = &subject.names;
        if self.request.no_salvage && !needs_copy(self.choice(names)) {
            return true;
        }
        lead(self.scope, names).is_some_and(|lead| is_salvaged(self.scope, names, lead))
            && !self.waits_for_choice(names, subject.pair)
    }

    /// Whether more than a file is chosen for an index, and that is not done yet.
    fn waits_for_choice(&self, names: &Names, pair: Pair) -> bool {
        let Some(lead) = lead(self.scope, names) else { return false };
        let is_deleted = pair.side(lead.leader) == Side::Absent || lead.member.returning;
        lead.member.salvaged.as_ref().is_some_and(|salvaged| match self.choice(names) {
            Some(Choice::Apply) => salvaged.documents > 0 && !salvaged.applied,
            Some(Choice::Keep) => salvaged.kept.is_none(),
            Some(Choice::Restore) => is_deleted && !salvaged.restored,
            _ => false,
        })
    }

    pub(super) fn names(&self, source_index: String) -> Names {
        Names { target_index: self.scope.target_name(&source_index), source_index }
    }

    /// An undo is about what its entry moved, and about what was born while the entry had
    /// the auto-follow patterns off: once an index exists no pattern brings it in.
    pub(super) fn take_back(&self, membership: &mut Membership, entry: Option<&Entry>) {
        let is_known = |names: &Names| {
            entry.is_some_and(|entry| {
                entry.member(&names.source_index, &names.target_index).is_some()
            })
        };
        membership.members.retain(is_known);
        let patterns = entry.map(|entry| entry.patterns.as_slice());
        let was_taken = |name: &String| {
            patterns.unwrap_or_default().iter().any(|(on, pattern)| {
                on == self.scope.target
                    && pattern_matches(&pattern.leader_patterns, &pattern.exclusions, name)
            })
        };
        let gap = std::mem::take(&mut membership.uncovered);
        let gap = gap.into_iter().filter(was_taken);
        membership.members.extend(gap.map(|name| self.names(name)));
    }

    /// The entry of this switch: the newest that was not undone, where it goes the same
    /// way. A finished one is over as soon as there is an index to be moved: one that
    /// follows again, or that was no part of it.
    pub(super) fn entry(&self, membership: &Membership) -> Option<&'a Entry> {
        let scope = self.scope;
        if self.alias_of_both().is_some() {
            return self.alone();
        }
        if !self.is_switch() && !self.request.undo {
            return None;
        }
        let entry = lineage::newest(&scope.world.lineage, &scope.set.name)?;
        let same = entry.target == scope.target && entry.source == scope.source;
        let follows = |names: &Names| {
            let index = scope.world.index(scope.target, &names.target_index);
            index.is_some_and(|index| index.following.is_some())
        };
        let over = entry.state == lineage::State::Done && membership.members.iter().any(follows);
        // What is half carried is gone on with, or taken back, and nothing else.
        let is_other = entry.state == lineage::State::Open
            && entry.carries != (self.kind() == Kind::UndoCarry)
            && !self.request.undo;
        (same && !over && !is_other).then_some(entry)
    }
}

/// Choices that are made from the copy before it goes, whatever is let go without a file.
fn needs_copy(choice: Option<Choice>) -> bool {
    matches!(choice, Some(Choice::Apply | Choice::Keep | Choice::Restore))
}
