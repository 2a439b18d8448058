//! Every command, everything that may happen to it, at every place.

use std::{env, time::Instant};

use super::{
    case::Case,
    enumeration::{Set, carry_out, carry_out_all, cases, sets},
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

/// Without `ESDR_WORLDS`, every so many cases one is carried out: as many as two minutes are
/// enough for on two cores. A prime, so that no kind and no place is passed over for ever.
const STRIDE: usize = 29;

/// `ESDR_WORLDS`: `all`; a share, as `3/29`, which is every 29th case from the third on; or parts
/// of cases' names, with commas between them. `ESDR_WORLDS_LOG`: a file that gets each failure at
/// once.
#[test]
fn whatever_happens_wherever_it_happens_what_is_said_is_so() {
    let began = Instant::now();
    let only = env::var("ESDR_WORLDS").unwrap_or(format!("0/{STRIDE}"));
    let share = share(&only);
    let is_of = |scene: &Scene, part: &str| part.starts_with(&format!("{}/", scene.name));
    let sets = sets(|scene| {
        let is_named = |part: &str| SCENES.iter().any(|scene| is_of(scene, part));
        share.is_some() || only.split(',').any(|part| is_of(scene, part) || !is_named(part))
    });
    let all = cases(&sets);
    let total = all.len();
    let is_chosen = |at: usize, case: &Case| match share {
        Some((first, stride)) => at % stride == first % stride,
        None => only.split(',').any(|part| part == "all" || case.id().contains(part)),
    };
    let chosen: Vec<_> = all
        .into_iter()
        .enumerate()
        .filter(|(at, (_, case))| is_chosen(*at, case))
        .map(|(_, case)| case)
        .collect();
    assert!(!chosen.is_empty(), "no case is chosen by {only:?}");
    let kinds = carry_out_all(&chosen);
    let mut wrong = Vec::new();
    for (name, kind) in &kinds {
        println!("{name}: {} cases, {} fail", kind.cases, kind.failed.len());
        for (id, why) in &kind.failed {
            println!("  {id}: {why}");
            wrong.push(format!("ESDR_WORLD='{id}' fails: {why}"));
        }
    }
    println!("{} of {total} cases in {:?}, by {only}", chosen.len(), began.elapsed());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn share(only: &str) -> Option<(usize, usize)> {
    let (first, stride) = only.split_once('/')?;
    Some((first.parse().ok()?, stride.parse().ok().filter(|stride| *stride > 0)?))
}
