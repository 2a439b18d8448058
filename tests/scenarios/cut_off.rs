//! Only this machine cannot reach the leader: taking over would make two of them.

use super::{
    emergency::{assert_incomplete, assert_refused, assert_served, forced, planned},
    sets::{INDICES, follows, protect, running_patterns},
};
use crate::support::{
    esdr::Loss,
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
};

/// The standby is listened to for 70 s, after what every failover takes.
const LISTENING_LIMIT_S: u64 = 300;

pub fn a_live_leader_whose_port_refuses_this_machine_is_not_taken_for_dead(pair: &mut Pair) {
    refused_while_it_lives(pair, Loss::Refused);
}

pub fn a_live_leader_that_is_silent_to_this_machine_is_not_taken_for_dead(pair: &mut Pair) {
    refused_while_it_lives(pair, Loss::Silent);
}

/// Neither without a word nor with the loss accepted, and no writer notices.
fn refused_while_it_lives(pair: &mut Pair, how: Loss) {
    let esdr = protect(pair).cut_off(pair, A, how);
    let writer = Writer::start(&pair.url(A), "orders-1");
    writer.until_acked_more(200);
    let before = Snapshot::of(pair, &esdr);
    for run in [planned(&esdr), forced(&esdr)] {
        assert_refused(&run.run().status(3).result(), "leader_alive");
        before.assert_unchanged(pair, &esdr);
    }
    writer.until_acked_more(200);
    let ledger = writer.stop();
    assert_eq!(ledger.refused_with(403), 0, "no writer was refused");
    for (index, _) in INDICES {
        assert!(follows(pair, B, index), "{index}");
    }
    assert_eq!(running_patterns(pair, B), ["orders"]);
    assert_eq!(pair.violations(), [""; 0]);
}

/// The operator's word that nobody writes there any more, and a whole poll without news.
pub fn a_leader_that_is_fenced_by_the_operators_word_is_left_behind(pair: &mut Pair) {
    let esdr = protect(pair).cut_off(pair, A, Loss::Refused);
    pair.expect_two_writable();
    let run = planned(&esdr).arg("--leader-is-fenced").limit_s(LISTENING_LIMIT_S).run();
    let result = run.status(6).result();
    assert_incomplete(&result, INDICES.len());
    assert_served(pair, "by the operator's word");
}

/// The word was wrong: as long as the standby hears anything new, nothing is promoted.
pub fn a_leader_that_goes_on_writing_is_no_fenced_one(pair: &mut Pair) {
    let esdr = protect(pair).cut_off(pair, A, Loss::Refused);
    let writer = Writer::start(&pair.url(A), "orders-1");
    writer.until_acked_more(200);
    let run = planned(&esdr).arg("--leader-is-fenced").arg("--within").arg("90s");
    let output = run.limit_s(LISTENING_LIMIT_S).run();
    assert!([3, 4].contains(&output.code), "{}", output.stdout);
    for (index, _) in INDICES {
        assert!(follows(pair, B, index), "{index}");
    }
    drop(writer.stop());
    assert_eq!(pair.violations(), [""; 0]);
}
