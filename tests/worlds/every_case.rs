//! Every command, everything that may happen to it, at every place.

use std::{env, time::Instant};

use super::{
    case::Case,
    enumeration::{Set, carry_out, carry_out_all, cases, sets},
    held::HELD,
    scene::{SCENES, Scene},
};

/// One case, told whole: `ESDR_WORLD='failover/killed/17/other/8.19' cargo test --test worlds one`.
#[test]
fn one() {
    let wanted = env::var("ESDR_WORLD").unwrap_or("failover/killed/17/other/8.19".to_owned());
    let sets = sets(|scene| wanted.starts_with(&format!("{}/", scene.name)));
    let found = cases(&sets).into_iter().find(|(_, case)| case.id() == wanted);
    let (set, case): (&Set, _) = found.unwrap_or_else(|| panic!("there is no case {wanted}"));
    let end = carry_out(set, &case, &|what| println!("{what}"));
    assert_eq!(end, Ok(()), "{wanted}");
}

#[test]
fn every_kind_that_holds_is_named_and_holds_in_every_case() {
    let began = Instant::now();
    let only = env::var("ESDR_WORLDS").ok();
    let is_of = |scene: &Scene, part: &str| part.starts_with(&format!("{}/", scene.name));
    let sets = sets(|scene| match &only {
        None => HELD.iter().any(|kind| is_of(scene, kind)),
        Some(only) => {
            let is_named = |part: &str| SCENES.iter().any(|scene| is_of(scene, part));
            only.split(',').any(|part| is_of(scene, part) || !is_named(part))
        }
    });
    let all = cases(&sets);
    let is_chosen = |case: &Case| match &only {
        None => HELD.contains(&case.kind().as_str()),
        Some(only) => only.split(',').any(|part| part == "all" || case.id().contains(part)),
    };
    let (chosen, left): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, case)| is_chosen(case));
    assert!(!chosen.is_empty(), "no case is chosen by {only:?}");
    let kinds = carry_out_all(&chosen);
    let (mut wrong, mut open) = (Vec::new(), 0);
    for (name, kind) in &kinds {
        let is_held = HELD.contains(&name.as_str());
        println!("{name}: {} cases, {} fail", kind.cases, kind.failed.len());
        for (id, why) in &kind.failed {
            println!("  {id}: {why}");
        }
        match (is_held, kind.failed.is_empty()) {
            (true, true) => {}
            (true, false) => wrong.push(format!("{name}: {:?}", kind.failed[0])),
            // Only where no case of it was left out.
            (false, true) if left.iter().all(|(_, case)| case.kind() != *name) => {
                wrong.push(format!("{name} holds: add it to the list in held.rs"));
            }
            (false, true) => {}
            (false, false) => open += kind.failed.len(),
        }
    }
    let (done, left) = (chosen.len(), left.len());
    println!("{done} cases in {:?}: {open} open failures; {left} cases of these", began.elapsed());
    println!("commands were not tried: ESDR_WORLDS=all tries everything");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
