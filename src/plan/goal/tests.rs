//! The law, over every pair there is.

use super::*;
use crate::plan::pair::Facts;

const GOALS: [IndexGoal; 22] = [
    IndexGoal::Fence(Role::Source),
    IndexGoal::Fence(Role::Target),
    IndexGoal::Unfence(Role::Source),
    IndexGoal::Unfence(Role::Target),
    IndexGoal::Drain,
    IndexGoal::Carry,
    IndexGoal::Promote(Role::Source),
    IndexGoal::Promote(Role::Target),
    IndexGoal::Resume(Role::Source),
    IndexGoal::Resume(Role::Target),
    IndexGoal::Seed(Role::Source),
    IndexGoal::Seed(Role::Target),
    IndexGoal::Salvage(Role::Source),
    IndexGoal::Salvage(Role::Target),
    IndexGoal::Discard(Role::Source),
    IndexGoal::Discard(Role::Target),
    IndexGoal::Index(Role::Source),
    IndexGoal::Index(Role::Target),
    IndexGoal::Remove(Role::Source),
    IndexGoal::Remove(Role::Target),
    IndexGoal::Release(Role::Source),
    IndexGoal::Release(Role::Target),
];

const PAUSED: Side = Side::Following { tasks: Tasks::Paused, open: true };
const CLOSED: Side = Side::Following { tasks: Tasks::Paused, open: false };
const GIVEN_UP: Side = Side::Following { tasks: Tasks::GivenUp, open: false };

/// What one call does to a pair, as the server does it.
fn apply(verb: IndexCall, role: Role, pair: Pair) -> Pair {
    let side = pair.side(role);
    match (verb, side) {
        (IndexCall::Fence, Side::Regular { open, fence }) if !fence.is_whole() => {
            pair.with(role, Side::Regular { open, fence: fence.set(open) })
        }
        (IndexCall::Unfence, Side::Regular { open, fence }) if fence.is_ours() => {
            pair.with(role, Side::Regular { open, fence: fence.lifted() })
        }
        (IndexCall::Loosen, Side::Regular { open, fence }) if fence.is_tight() => {
            pair.with(role, Side::Regular { open, fence: fence.loosened() })
        }
        // An index that is read-only is neither opened nor closed.
        (IndexCall::Open, Side::Regular { fence, .. }) if !fence.is_tight() => {
            pair.with(role, Side::Regular { open: true, fence })
        }
        (IndexCall::Open, Side::Following { tasks, .. }) => {
            pair.with(role, Side::Following { tasks, open: true })
        }
        (IndexCall::Close, Side::Regular { fence, .. }) if !fence.is_tight() => {
            pair.with(role, Side::Regular { open: false, fence })
        }
        // What is read off it is all there is only behind a fence.
        (IndexCall::Salvage, Side::Regular { open: true, fence }) if fence != Fence::None => {
            let pair = if pair.returns(role) { pair.with(role.other(), FRESH) } else { pair };
            Pair { facts: Facts { salvaged: true, ..pair.facts }, ..pair }
        }
        (IndexCall::Close, Side::Following { tasks, .. }) => {
            pair.with(role, Side::Following { tasks, open: false })
        }
        // Pausing ends a task; the copy stays as it is.
        (IndexCall::Pause, Side::Following { tasks: Tasks::GivenUp, .. }) => pair,
        (IndexCall::Pause, Side::Following { open, .. }) => {
            pair.with(role, Side::Following { tasks: Tasks::Paused, open })
        }
        (IndexCall::Resume, PAUSED) => pair.with(role, RUNNING),
        // The server follows over a closed index, and wipes it.
        (IndexCall::Follow, Side::Absent | GIVEN_UP) => pair.with(role, RUNNING),
        (IndexCall::Follow, Side::Regular { open: false, fence }) if !fence.is_tight() => {
            pair.with(role, RUNNING)
        }
        (IndexCall::Prove, RUNNING) => Pair { facts: Facts { proof: true, ..pair.facts }, ..pair },
        // The record names the leader with the checkpoints; a follower is still one.
        (IndexCall::Checkpoints, PAUSED) => {
            let facts = Facts { checkpoints: true, leads: Some(role), ..pair.facts };
            Pair { facts, ..pair }
        }
        // What is carried is written by the rules of any write.
        (IndexCall::Carry, Side::Regular { open: true, fence: Fence::None }) => {
            let facts = Facts { proof: true, checkpoints: true, leads: Some(role), ..pair.facts };
            Pair { facts, ..pair }
        }
        // The operator's word for an index that the leading side has deleted.
        (IndexCall::Delete, Side::Regular { open: false, fence })
            if pair.facts.delete_chosen && !fence.is_tight() =>
        {
            pair.with(role, Side::Absent)
        }
        // The leader's leases are no part of a pair.
        (IndexCall::Forget, Side::Regular { .. }) => pair,
        (IndexCall::Create, Side::Absent) => pair.with(role, FRESH),
        (IndexCall::Delete, PAUSED | CLOSED | Side::Following { tasks: Tasks::GivenUp, .. }) => {
            pair.with(role, Side::Absent)
        }
        (IndexCall::Unfollow, CLOSED | GIVEN_UP) => {
            pair.with(role, Side::Regular { open: false, fence: Fence::None })
        }
        (verb, side) => panic!("a server would refuse {verb:?} on {side:?}"),
    }
}

/// Pairs that the record and the servers can really show together: positions written
/// in an entry come with its word on who leads.
fn possible() -> impl Iterator<Item = Pair> {
    Pair::all().into_iter().filter(|pair| !pair.facts.checkpoints || pair.facts.leads.is_some())
}

#[test]
fn nothing_remains_after_a_goal_over_all_pairs() {
    let mut checked = 0;
    for goal in GOALS {
        for pair in Pair::all() {
            if remaining(goal, pair).is_ok() {
                let then = after(goal, pair);
                assert_eq!(remaining(goal, then), Ok(vec![]), "{goal:?} on {pair:?}");
                checked += 1;
            }
        }
    }
    assert!(checked > 3_000, "only {checked} pairs were checked");
}

/// Where a goal may hold although a side that it speaks of is not seen: what proves it.
fn proved_unseen(goal: IndexGoal, pair: Pair) -> Option<&'static str> {
    let seen = |role| pair.side(role) != Side::Unreachable;
    match goal {
        IndexGoal::Fence(Role::Source) if pair.facts.proof => {
            Some("the record: the proof was taken under this very fence")
        }
        IndexGoal::Drain if pair.facts.proof => Some("the record: its proof is written"),
        IndexGoal::Carry if pair.facts.leads == Some(Role::Target) && seen(Role::Target) => {
            Some("the record: the lead has moved, and the target is seen")
        }
        IndexGoal::Unfence(Role::Source) if pair.facts.untouched => {
            Some("the record: the entry is open and has fenced nothing")
        }
        IndexGoal::Seed(role) if matches!(pair.side(role), Side::Following { .. }) => {
            Some("its own copy is seen to follow; what else there is, the step looks for")
        }
        IndexGoal::Salvage(role) if seen(role) => {
            Some("the copy itself is seen, and the record says what of it is in files")
        }
        _ => None,
    }
}

/// The twin of the law: unseen is not done.
#[test]
fn of_a_side_that_is_not_seen_no_goal_says_that_nothing_is_left() {
    let (mut checked, mut proved) = (0, 0);
    for goal in GOALS {
        for pair in Pair::all() {
            let is_unseen = |role: &Role| pair.side(*role) == Side::Unreachable;
            if !goal.speaks_of().iter().any(is_unseen) {
                continue;
            }
            checked += 1;
            if remaining(goal, pair) == Ok(vec![]) {
                let why = proved_unseen(goal, pair);
                assert!(why.is_some(), "{goal:?} holds unseen on {pair:?}");
                proved += 1;
            }
        }
    }
    assert!(checked > 40_000, "only {checked} pairs were checked");
    assert!(proved > 1_000, "only {proved} exceptions were met");
}

#[test]
fn the_calls_of_a_goal_are_legal_in_order_and_lead_where_it_says() {
    for goal in GOALS {
        for pair in possible() {
            let Ok(verbs) = remaining(goal, pair) else {
                continue;
            };
            // A promote's own entry has not the other role's positions.
            if matches!(goal, IndexGoal::Promote(role)
                if pair.facts.checkpoints && pair.facts.leads != Some(role))
            {
                continue;
            }
            let end = verbs.iter().fold(pair, |pair, &(verb, role)| apply(verb, role, pair));
            assert_eq!(remaining(goal, end), Ok(vec![]), "{goal:?} on {pair:?}");
            if !verbs.is_empty() {
                assert_eq!(end.source, after(goal, pair).source, "{goal:?} on {pair:?}");
                assert_eq!(end.target, after(goal, pair).target, "{goal:?} on {pair:?}");
            }
        }
    }
}

#[test]
fn a_goal_killed_after_any_of_its_calls_ends_in_the_same_state() {
    for goal in GOALS {
        for pair in possible() {
            let Ok(verbs) = remaining(goal, pair) else {
                continue;
            };
            if matches!(goal, IndexGoal::Promote(role)
                if pair.facts.checkpoints && pair.facts.leads != Some(role))
            {
                continue;
            }
            let whole = verbs.iter().fold(pair, |p, &(verb, role)| apply(verb, role, p));
            for killed in 0..verbs.len() {
                let middle =
                    verbs[..killed].iter().fold(pair, |p, &(verb, role)| apply(verb, role, p));
                let rest = remaining(goal, middle).expect("a re-run must go on");
                let end = rest.iter().fold(middle, |p, &(verb, role)| apply(verb, role, p));
                assert_eq!(end, whole, "{goal:?} on {pair:?} killed after {killed} calls");
            }
        }
    }
}

#[test]
fn a_running_follower_is_promoted_by_the_whole_constant() {
    let pair = Pair {
        source: Side::Regular { open: true, fence: Fence::Ours },
        target: RUNNING,
        facts: Facts { proof: true, ..Facts::default() },
    };
    let verbs: Vec<IndexCall> = remaining(IndexGoal::Promote(Role::Target), pair)
        .unwrap()
        .into_iter()
        .map(|(verb, _)| verb)
        .collect();
    assert_eq!(
        verbs,
        [
            IndexCall::Pause,
            IndexCall::Checkpoints,
            IndexCall::Close,
            IndexCall::Unfollow,
            IndexCall::Open
        ]
    );
}

#[test]
fn a_paused_closed_follower_without_positions_is_opened_read_and_closed_again() {
    let pair = Pair {
        source: Side::Unreachable,
        target: Side::Following { tasks: Tasks::Paused, open: false },
        facts: Facts::default(),
    };
    let verbs: Vec<IndexCall> = remaining(IndexGoal::Promote(Role::Target), pair)
        .unwrap()
        .into_iter()
        .map(|(verb, _)| verb)
        .collect();
    assert_eq!(
        verbs,
        [
            IndexCall::Open,
            IndexCall::Checkpoints,
            IndexCall::Close,
            IndexCall::Unfollow,
            IndexCall::Open
        ]
    );
}

#[test]
fn a_regular_index_without_an_entry_is_unrelated_and_never_already_promoted() {
    let pair = Pair {
        source: Side::Regular { open: true, fence: Fence::None },
        target: Side::Regular { open: true, fence: Fence::None },
        facts: Facts::default(),
    };
    assert_eq!(remaining(IndexGoal::Promote(Role::Target), pair), Err(Code::Unrelated));
    assert_eq!(remaining(IndexGoal::Seed(Role::Target), pair), Err(Code::Unrelated));
}

#[test]
fn the_side_with_the_only_new_writes_is_never_told_to_follow_the_former_leader() {
    // B was promoted by force, A came back regular, open and writable.
    let back = Side::Regular { open: true, fence: Fence::None };
    let pair = Pair {
        source: back,
        target: back,
        facts: Facts { checkpoints: true, leads: Some(Role::Target), ..Facts::default() },
    };
    assert_eq!(remaining(IndexGoal::Seed(Role::Target), pair), Err(Code::StandbyLeads));
    assert_eq!(remaining(IndexGoal::Promote(Role::Source), pair), Err(Code::FormerLeader));
    assert_eq!(
        remaining(IndexGoal::Fence(Role::Source), pair),
        Ok(vec![(IndexCall::Fence, Role::Source)])
    );
}
