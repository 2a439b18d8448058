//! Every command, everything that may happen to it, at every place.

use std::{collections::BTreeMap, env, time::Instant};

use esdr::sandbox::Personality;

use super::{
    case::Case,
    enumeration::{Kind, Set, alone, carry_out, carry_out_all, cases, say, sets, side_by_side},
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

/// `ESDR_WORLDS`: `all`; a share, as `3/7`, which is every seventh case from the third on; or parts
/// of cases' names, with commas between them. Without it every case of 6.8, the version that all
/// else is proved on with real servers, in less than five minutes on two cores.
/// `ESDR_WORLDS_LOG`: a file that gets each failure at once.
#[test]
fn whatever_happens_wherever_it_happens_what_is_said_is_so() {
    let only = env::var("ESDR_WORLDS").unwrap_or("/6.8".to_owned());
    let share = share_of(&only);
    let is_of = |scene: &Scene, part: &str| part.starts_with(&format!("{}/", scene.name));
    let is_scene = |scene: &Scene| {
        let is_named = |part: &str| SCENES.iter().any(|scene| is_of(scene, part));
        share.is_some() || only.split(',').any(|part| is_of(scene, part) || !is_named(part))
    };
    enumerate(&only, is_scene, |at, case| match share {
        Some((first, stride)) => at % stride == first % stride,
        None => only.split(',').any(|part| part == "all" || case.id().contains(part)),
    });
}

/// A prime, so that no kind and no place is passed over for ever.
const STRIDE: usize = 7;

/// Where `ESDR_WORLDS` says nothing, one of so many cases of the other version.
#[test]
fn the_other_version_is_no_other_world() {
    if env::var_os("ESDR_WORLDS").is_none() {
        let is_chosen = |at: usize, case: &Case| {
            case.personality == Personality::V8_19 && at.is_multiple_of(STRIDE)
        };
        enumerate("8.19, 0/7", |_| true, is_chosen);
    }
}

fn enumerate(
    which: &str,
    is_scene: impl Fn(&Scene) -> bool,
    is_chosen: impl Fn(usize, &Case) -> bool,
) {
    let _alone = alone();
    let began = Instant::now();
    let sets = sets(is_scene);
    let all = cases(&sets);
    let total = all.len();
    let chosen: Vec<_> = all
        .into_iter()
        .enumerate()
        .filter(|(at, (_, case))| is_chosen(*at, case))
        .map(|(_, case)| case)
        .collect();
    assert!(!chosen.is_empty(), "no case is chosen by {which:?}");
    let kinds = carry_out_all(&chosen);
    let (mut wrong, mut events) = (Vec::new(), BTreeMap::<&str, (usize, usize)>::new());
    for (name, kind) in &kinds {
        let Kind { cases, took, failed } = kind;
        let (_, event) = name.split_once('/').unwrap();
        let event = if event.starts_with("halted-") { "halted beside another" } else { event };
        let (all, fail) = events.entry(event).or_default();
        (*all, *fail) = (*all + cases, *fail + failed.len());
        println!("{name}: {cases} cases, {} fail, {took:.1?}", failed.len());
        for (id, why) in failed {
            println!("  {id}: {why}");
            wrong.push(format!("ESDR_WORLD='{id}' fails: {why}"));
        }
    }
    for (event, (cases, fail)) in events {
        say(format!("{event}: {cases} cases, {fail} fail"));
    }
    let took = began.elapsed();
    say(format!(
        "{which}: {} of all {total} cases in {took:.1?}, {} fail",
        chosen.len(),
        wrong.len()
    ));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `3/7` is every seventh from the third on.
pub fn share_of(only: &str) -> Option<(usize, usize)> {
    let (first, stride) = only.split_once('/')?;
    Some((first.parse().ok()?, stride.parse().ok().filter(|stride| *stride > 0)?))
}
