//! Histories by chance: operators, clients and faults over one world, and what must be so whatever
//! they do. A seed makes one history, always the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use super::{
    enumeration::{alone, on_a_paused_clock, say, side_by_side},
    history::{Ended, History},
};

/// How many there are where `ESDR_SEEDS` does not say it.
/// A minute and a half on two cores.
const SEEDS: u64 = 1000;

/// The seeds that are known to fail: each is to be mended, and to go from here. None is.
const OPEN: &[u64] = &[];

/// What one history came to; a panic of esdr's counts as wrong.
fn live(history: &History, told: &dyn Fn(&dyn fmt::Display)) -> Result<Ended, String> {
    let run = || on_a_paused_clock(history.run(told));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// `ESDR_SEEDS`: how many, as `5000`, or from where to where, as `1000..2000`.
fn seeds(asked: &str) -> Option<Range<u64>> {
    match asked.split_once("..") {
        Some((from, to)) => Some(from.parse().ok()?..to.parse().ok()?),
        None => Some(0..asked.parse().ok()?),
    }
}

/// The acts that are taken, by `ESDR_ACTS=0,2,5`; all of them where it does not say.
fn only(history: &mut History, acts: &[usize]) {
    let mut at = 0..;
    history.acts.retain(|_| acts.contains(&at.next().unwrap_or_default()));
}

/// The fewest acts of a seed with which it still fails.
fn fewest(seed: u64, mut acts: Vec<usize>) -> Vec<usize> {
    let fails = |acts: &[usize]| {
        let mut history = History::drawn(seed);
        only(&mut history, acts);
        live(&history, &|_| {}).is_err()
    };
    for act in acts.clone() {
        let fewer: Vec<usize> = acts.iter().copied().filter(|it| *it != act).collect();
        if fails(&fewer) {
            acts = fewer;
        }
    }
    acts
}

fn command(seed: u64, acts: &[usize]) -> String {
    let acts: Vec<String> = acts.iter().map(ToString::to_string).collect();
    let one = "cargo test --test worlds histories::one -- --exact --nocapture";
    format!("ESDR_SEED={seed} ESDR_ACTS={} {one}", acts.join(","))
}

/// One history, told whole: `ESDR_SEED=123 cargo test --test worlds histories::one -- --exact
/// --nocapture`.
#[test]
fn one() {
    let seed = env::var("ESDR_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut history = History::drawn(seed);
    let acts: Vec<usize> = env::var("ESDR_ACTS").map_or_else(
        |_| (0..history.acts.len()).collect(),
        |acts| acts.split(',').filter_map(|act| act.parse().ok()).collect(),
    );
    only(&mut history, &acts);
    // With the stack of the others.
    let end = side_by_side(&[history], |history| live(history, &|what| println!("{what}")));
    match &end[0] {
        Ok(ended) => println!("{ended:#?}"),
        Err(why) => panic!("{} fails: {why}", command(seed, &acts)),
    }
}

#[derive(Default)]
struct Counts {
    exits: BTreeMap<String, usize>,
    struck: BTreeMap<&'static str, usize>,
    left: BTreeSet<String>,
    ends: BTreeMap<&'static str, usize>,
    walks: BTreeMap<usize, usize>,
}

/// `ESDR_SEEDS`: how many, or from where to where.
#[test]
fn whatever_operators_clients_and_faults_do_what_is_said_is_so() {
    let _alone = alone();
    let began = Instant::now();
    let asked = env::var("ESDR_SEEDS").unwrap_or(SEEDS.to_string());
    let seeds = seeds(&asked).unwrap_or_else(|| panic!("no number of seeds: {asked}"));
    let seeds: Vec<u64> = seeds.collect();
    let ends = side_by_side(&seeds, |seed| {
        let history = History::drawn(*seed);
        let end = live(&history, &|_| {});
        let acts: Vec<usize> = (0..history.acts.len()).collect();
        (history, end.map_err(|why| format!("{}\n{why}", command(*seed, &fewest(*seed, acts)))))
    });
    let mut acts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (mut counts, mut wrong) = (Counts::default(), Vec::new());
    for (seed, (history, end)) in seeds.iter().zip(ends) {
        for act in &history.acts {
            *acts.entry(act.kind()).or_default() += 1;
        }
        match end {
            Ok(ended) => {
                for (exit, times) in ended.exits {
                    *counts.exits.entry(exit).or_default() += times;
                }
                for (kind, times) in ended.struck {
                    *counts.struck.entry(kind).or_default() += times;
                }
                counts.left.insert(ended.left);
                *counts.ends.entry(ended.end).or_default() += 1;
                *counts.walks.entry(ended.walked).or_default() += 1;
            }
            Err(why) if OPEN.contains(seed) => println!("known to fail: {why}"),
            Err(why) => wrong.push(why),
        }
    }
    println!("acts: {acts:#?}\nmishaps that struck: {:#?}", counts.struck);
    println!("exit statuses: {:?}", counts.exits);
    println!("{} states were left, ends: {:?}", counts.left.len(), counts.ends);
    println!("histories by the commands on the way out: {:?}", counts.walks);
    let (count, took) = (seeds.len(), began.elapsed());
    say(format!("{count} histories in {took:.1?}, {} fail", wrong.len()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
