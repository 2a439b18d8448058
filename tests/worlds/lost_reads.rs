//! Connections on which a read is lost now and then.

use std::collections::BTreeMap;

use super::{
    case::writes,
    enumeration::{Set, alone, on_a_paused_clock, sets, side_by_side},
    machine::{Machine, Run},
    scene::HERE,
    wire::Answer,
};

/// One read in so many is lost.
const ONE_IN: usize = 10;

/// How a command ends on a bad line: one read in ten is lost so, and so is what was asked again
/// where its turn comes.
fn ended(set: &Set, how: Option<Answer>) -> Run {
    on_a_paused_clock(async {
        let world = set.world();
        let here = Machine::new(&world, HERE);
        let mut reads = 0;
        here.tap(Box::new(move |sent| {
            let is_read = sent.request.is_question();
            reads += usize::from(is_read);
            how.filter(|_| is_read && reads.is_multiple_of(ONE_IN))
        }));
        here.run_and(&set.scene.typed(), writes(&world)).await
    })
}

#[test]
fn where_one_read_in_ten_is_lost_every_command_ends_as_if_none_were_and_its_journal_tells() {
    let _alone = alone();
    let sets = sets(|_| true);
    let all: Vec<(&Set, Answer)> =
        sets.iter().flat_map(|set| Answer::LOST.map(|how| (set, how))).collect();
    let ends = side_by_side(&all, |(set, how)| (ended(set, None), ended(set, Some(*how))));
    let mut wrong = BTreeMap::new();
    for ((set, how), (calm, lossy)) in all.iter().zip(ends) {
        let is_same = (lossy.exit, lossy.outcome()) == (calm.exit, calm.outcome());
        if !is_same || !lossy.out.contains(r#""what":"repeated""#) {
            let name = format!("{} {:?} {}", set.scene.name, set.personality, how.word());
            wrong.insert(name, lossy.to_string());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
