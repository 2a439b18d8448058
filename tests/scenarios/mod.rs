//! What must hold on every pair of clusters, written once: the real pair runs each scenario
//! as a trial, the simulated pair as a `#[test]`.
//!
//! A scenario is `pub fn name(pair: &mut Pair)`; it finds the pair empty, whole, licensed and
//! not connected, and may leave it as it likes.

pub mod harness;

/// Calls the macro `$then` with the list of all scenarios. To add one, name it here.
macro_rules! every_scenario {
    ($then:ident) => {
        $then! {
            harness::the_pair_replicates_an_index_by_hand,
        }
    };
}
pub(crate) use every_scenario;
