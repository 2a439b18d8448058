//! One run a set: a lock in the state index of every cluster that answers. It is created only
//! where there is none, changed only by compare-and-set, renewed every second, and taken over only
//! from a holder that was seen to stand still, or whose process is provably gone.

mod contest;
mod guard;
mod hold;
mod holder;
mod process;
mod shared;
mod site;
mod watch;
mod wire;

pub(crate) use contest::{Contest, Locked, Wanted};
pub(crate) use hold::Hold;
pub(crate) use holder::Lost;

use futures_util::future::join_all;
use tokio::time::Instant;

use self::watch::{READ_EVERY, STILL, Verdict, Watch};
use super::RecordStore;
use crate::model::lock::Standing;

/// The locks of sets that are held by somebody who is alive: renewed while they were looked at. One
/// that stands still, or whose process is gone, is nobody's. Without any lock this is one look; it
/// ends after twice the time that proves one silent.
pub(crate) async fn standing(record_stores: &[RecordStore], sets: &[String]) -> Vec<Standing> {
    let (began, mut watch) = (Instant::now(), Watch::default());
    loop {
        let pairs = record_stores.iter().flat_map(|store| sets.iter().map(move |set| (store, set)));
        let read = join_all(pairs.map(|(store, set)| async move {
            let spot = wire::read(store, set).await.ok()?;
            let lock = spot.found()?.lock.clone();
            Some(Standing { cluster: store.cluster.clone(), lock })
        }));
        let (mut held, mut is_proved, now) = (Vec::new(), true, Instant::now());
        for standing in read.await.into_iter().flatten() {
            let Standing { cluster, lock } = &standing;
            if lock.held_by.as_ref().is_some_and(process::is_gone) {
                continue;
            }
            match watch.note(cluster, lock, now) {
                Verdict::Silent => continue,
                Verdict::Alive => {}
                Verdict::Unproven(_) => is_proved = false,
            }
            held.push(standing);
        }
        if is_proved || began.elapsed() >= 2 * STILL {
            return held;
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}
