//! esdr killed after every line of its journal in turn. Whatever it was in the middle of,
//! the same command again ends as an uninterrupted run does, with this machine's state and
//! without it; and before the line of no return `esdr undo` takes it back.

use serde_json::{Value, json};

use super::{
    moments::{KILLED, Moment, moments},
    sets::{
        IDS, INDICES, aliases, assert_nothing_left, follows, hook_runs, is_regular, protect,
        running_patterns, takes_writes,
    },
};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
};

/// No writer is refused yet, or some are.
const FENCE: Moment = Moment::Before("fence", "fence");
/// They are, and no follower is a regular index yet.
const DRAIN: Moment = Moment::In("drain");
/// One or the other of them is.
const UNFOLLOW: Moment = Moment::Before("promote", "unfollow");
/// They take writes, and have no alias.
const ALIASES: Moment = Moment::Before("redirect", "aliases");

/// The end of one run that was to die at a moment.
enum Death {
    Killed,
    /// It had ended before.
    Ended,
}

fn fail_over_and_die(esdr: &Esdr, moment: Moment) -> Death {
    let output = moment.kill(esdr.args(["failover", "--to", "clusterB", "--yes"]).json());
    if output.code == KILLED {
        return Death::Killed;
    }
    drop(output.status(0));
    Death::Ended
}

/// B leads as if nothing had happened on the way.
pub(super) fn assert_switched(pair: &Pair, esdr: &Esdr, wanted: &Value, moment: Moment) {
    let because = format!("killed {moment}");
    for (index, _) in INDICES {
        assert!(is_regular(pair, B, index), "{index}, {because}");
        assert!(takes_writes(pair, B, index), "{index}, {because}");
        assert!(!takes_writes(pair, A, index), "{index}, {because}");
        for id in IDS {
            let (status, _) = pair.get(B, &format!("/{index}/_doc/{id}"));
            assert_eq!(status, 200, "{index}/{id}, {because}");
        }
    }
    assert_eq!(&aliases(pair, B, "orders-*"), wanted, "{because}");
    assert_eq!(running_patterns(pair, B), [""; 0], "{because}");
    assert!(hook_runs(esdr, "before") >= 1, "{because}");
    assert!(hook_runs(esdr, "after") >= 1, "{because}");
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

fn assert_taken_back(pair: &Pair, moment: Moment) {
    let because = format!("killed {moment}");
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}, {because}");
        assert!(!takes_writes(pair, B, index), "{index}, {because}");
        assert!(follows(pair, B, index), "{index}, {because}");
    }
    assert_eq!(running_patterns(pair, B), ["orders"], "{because}");
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

/// Starts afresh for every moment; `then` is what is done about the death.
fn at_every(pair: &mut Pair, moments: Vec<Moment>, mut then: impl FnMut(&mut Pair, &Esdr, Moment)) {
    for moment in moments {
        pair.reset();
        let esdr = protect(pair);
        let death = fail_over_and_die(&esdr, moment);
        then(pair, &esdr, moment);
        if matches!(death, Death::Ended) {
            return;
        }
    }
}

fn run_again(pair: &Pair, esdr: &Esdr, moment: Moment) {
    let wanted = aliases(pair, A, "orders-*");
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    assert_switched(pair, esdr, &wanted, moment);
    assert_nothing_left(esdr, "clusterB");
}

pub fn killed_after_every_event_the_same_command_ends_it(pair: &mut Pair) {
    let moments = moments(pair, 1, &[FENCE, ALIASES]);
    at_every(pair, moments, |pair, esdr, moment| run_again(pair, esdr, moment));
}

/// As a CI runner that is new each time: only the clusters remember.
pub fn killed_after_every_event_another_machine_ends_it(pair: &mut Pair) {
    let moments = moments(pair, 8, &[UNFOLLOW]);
    at_every(pair, moments, |pair, esdr, moment| {
        esdr.forget_state();
        run_again(pair, esdr, moment);
    });
}

/// Undo takes back what can be taken back, refuses the rest, and both leave a state from
/// which the same failover goes on.
pub fn killed_after_every_event_undo_takes_it_back_or_refuses(pair: &mut Pair) {
    pair.reset();
    let mut esdr = protect(pair);
    for moment in moments(pair, 3, &[DRAIN, ALIASES]) {
        let death = fail_over_and_die(&esdr, moment);
        let past = INDICES.iter().any(|(index, _)| is_regular(pair, B, index));
        if !past {
            drop(esdr.args(["undo", "--yes"]).json().run().status(0));
            assert_taken_back(pair, moment);
            continue;
        }
        let before = snapshot(pair);
        let output = esdr.args(["undo", "--yes"]).json().run();
        let finished = matches!(death, Death::Ended);
        // Past the line of no return, finished or not, there is another way back.
        assert_eq!(output.code, 3, "{}", output.stdout);
        assert_eq!(snapshot(pair), before, "undo changed something, killed {moment}");
        run_again(pair, &esdr, moment);
        if finished {
            return;
        }
        pair.reset();
        esdr = protect(pair);
    }
}

/// What undo could have changed.
fn snapshot(pair: &Pair) -> Value {
    let of = |site| {
        let settings = pair.ok("GET", site, "/orders-*/_settings?flat_settings=true", ());
        let (_, followers) = pair.get(site, "/orders-*/_ccr/info");
        let mut blocks = serde_json::Map::new();
        for (index, settings) in settings.as_object().unwrap() {
            blocks.insert(index.clone(), settings["settings"]["index.blocks.write"].clone());
        }
        let rows =
            pair.ok("GET", site, "/_cat/indices/orders-*?format=json&h=index,status&s=index", ());
        json!([blocks, followers, rows, running_patterns(pair, site)])
    };
    json!([of(A), of(B)])
}
