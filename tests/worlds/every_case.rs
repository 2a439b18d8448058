//! Every command, everything that may happen to it, at every place.

use std::{env, time::Instant};

use esdr::sandbox::Personality;

use super::{
    case::Case,
    enumeration::{Kind, Set, carry_out, carry_out_all, cases, sets, side_by_side},
    places::Far,
    scene::{SCENES, Scene},
};

/// One case, told whole: `ESDR_WORLD='failover/killed/17/other/8.19' cargo test --test worlds one`.
#[test]
fn one() {
    let wanted = env::var("ESDR_WORLD").unwrap_or("failover/killed/17/other/8.19".to_owned());
    let sets = sets(|scene| wanted.starts_with(&format!("{}/", scene.name)));
    let (set, case) =
        named(&cases(&sets), &wanted).unwrap_or_else(|| panic!("there is no case {wanted}"));
    // With the stack of the others.
    let (taken, end) =
        side_by_side(&[()], |()| carry_out(set, &case, Far::ToTheEnd, &|what| println!("{what}")))
            .remove(0);
    assert_eq!((taken, end), (case.at, Ok(())), "{wanted}");
}

/// The case of this name; requests of one kind may be several, as `failover/request-429/4.2+9.1/…`.
fn named<'s>(cases: &[(&'s Set, Case)], wanted: &str) -> Option<(&'s Set, Case)> {
    let mut parts: Vec<&str> = wanted.split('/').collect();
    let at = *parts.get(2)?;
    let mut found: Vec<(&Set, Case)> = Vec::new();
    for place in at.split('+') {
        parts[2] = place;
        let id = parts.join("/");
        found.extend(cases.iter().find(|(_, case)| case.id() == id).cloned());
    }
    let all = found.iter().flat_map(|(_, case)| case.at.clone()).collect();
    let (set, case) = found.first()?;
    Some((set, Case { at: all, ..case.clone() }))
}

/// Without `ESDR_WORLDS` every case of 6.8, the version that all else is proved on with real servers,
/// is carried out (six minutes on two cores), and one of so many of the other version. A prime, so that no kind and no place is passed over for ever.
const STRIDE: usize = 7;

/// `ESDR_WORLDS`: `all`; a share, as `3/7`, which is every seventh case from the third on; or parts
/// of cases' names, with commas between them. `ESDR_WORLDS_LOG`: a file that gets each failure at
/// once.
#[test]
fn whatever_happens_wherever_it_happens_what_is_said_is_so() {
    let began = Instant::now();
    let only = env::var("ESDR_WORLDS").unwrap_or_default();
    let share = share(&only);
    let all_of = |case: &Case| only.is_empty() && case.personality == Personality::V6_8;
    let is_of = |scene: &Scene, part: &str| part.starts_with(&format!("{}/", scene.name));
    let sets = sets(|scene| {
        let is_named = |part: &str| SCENES.iter().any(|scene| is_of(scene, part));
        share.is_some() || only.split(',').any(|part| is_of(scene, part) || !is_named(part))
    });
    let all = cases(&sets);
    let total = all.len();
    let is_chosen = |at: usize, case: &Case| match share {
        _ if all_of(case) => true,
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
        let Kind { cases, took, failed } = kind;
        println!("{name}: {cases} cases, {} fail, {took:.1?}", failed.len());
        for (id, why) in failed {
            println!("  {id}: {why}");
            wrong.push(format!("ESDR_WORLD='{id}' fails: {why}"));
        }
    }
    println!("{} of {total} cases in {:?}, by {only:?}", chosen.len(), began.elapsed());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn share(only: &str) -> Option<(usize, usize)> {
    if only.is_empty() { Some((0, STRIDE)) } else { share_of(only) }
}

/// `3/7` is every seventh from the third on.
pub fn share_of(only: &str) -> Option<(usize, usize)> {
    let (first, stride) = only.split_once('/')?;
    Some((first.parse().ok()?, stride.parse().ok().filter(|stride| *stride > 0)?))
}
