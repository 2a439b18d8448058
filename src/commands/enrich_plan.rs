//! The figures of a comparison that need a look at documents: read when a plan is made, for
//! indices that have diverged or were deleted only, and within bounds.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use crate::{
    es::api::Es,
    model::comparison::{Finding, Overlap},
    plan::{Switch, compare::Held},
    salvage::{self, Bounds, Destination, Orphans},
};

/// For a whole plan, whatever the number of its sets.
const WITHIN: Duration = Duration::from_secs(30);

/// Documents of one index that are looked up on the leader.
const DOCUMENTS_MAX: u64 = 10_000;

const LATE: &str = "not looked at within 30 s";

/// One set's part of a plan, whose figures are to be completed.
pub(crate) struct Look<'p> {
    pub former: Es,
    pub leader: Es,
    /// In the order of what the part says.
    pub held: Vec<Held>,
    pub switch: &'p mut Switch,
}

/// Completes what these parts of a plan say of each index. Searches and reads, on clusters that
/// are left as they are: nothing is refreshed, so that documents are as of the last refresh.
/// What cannot be read is told as unknown, with why.
pub(crate) async fn enrich(mut looks: Vec<Look<'_>>, concurrency: usize) {
    let until = Instant::now() + WITHIN;
    // The cheap figures of all sets come first.
    for look in &mut looks {
        look.count(until, concurrency).await;
    }
    for look in &mut looks {
        look.look_up(until).await;
    }
}

impl Look<'_> {
    /// How many documents there are, where the record does not know.
    async fn count(&mut self, until: Instant, concurrency: usize) {
        let former = &self.former;
        let wanted = self.held.iter().enumerate().filter(|(_, held)| is_uncounted(held));
        let counts = wanted.map(|(at, held)| async move {
            if !held.is_open {
                return (at, Err(format!("it is closed on {}", former.name())));
            }
            let orphans = orphans(former, held);
            let counted = match timeout_at(until, salvage::visible(former, &orphans)).await {
                Ok(counted) => counted.map_err(|error| error.to_string()),
                Err(_) => Err(LATE.to_owned()),
            };
            (at, counted)
        });
        let counts: Vec<_> = stream::iter(counts).buffer_unordered(concurrency).collect().await;
        for (at, counted) in counts {
            let Some(compared) = self.switch.compared.get_mut(at) else { continue };
            let (documents, unread) = match &mut compared.finding {
                Finding::Diverged(it) => (&mut it.documents, &mut it.unread),
                Finding::Deleted(it) => (&mut it.documents, &mut it.unread),
                _ => continue,
            };
            match counted {
                Ok(number) => *documents = Some(number),
                Err(why) => *unread = Some(why),
            }
        }
    }

    /// What the leader has in their places, one index after the other.
    async fn look_up(&mut self, until: Instant) {
        for (held, compared) in self.held.iter().zip(&mut self.switch.compared) {
            let Finding::Diverged(diverged) = &mut compared.finding else { continue };
            if !held.is_open {
                continue;
            }
            if Instant::now() >= until {
                diverged.unread.get_or_insert_with(|| LATE.to_owned());
                continue;
            }
            let to = Destination {
                cluster: self.leader.name().to_owned(),
                index: held.compared.leader_index.clone(),
                promoted: held.promoted.clone(),
                ..Destination::default()
            };
            let bounds = Bounds { documents_max: DOCUMENTS_MAX, until };
            let (former, leader) = (&self.former, &self.leader);
            let orphans = orphans(former, held);
            let mut overlap = Overlap::default();
            let looked =
                salvage::overlap(former, leader, &orphans, &to, bounds, &mut overlap).await;
            match looked {
                Err(error) => diverged.unread = Some(error.to_string()),
                Ok(()) if !overlap.is_whole && overlap.compared_documents < DOCUMENTS_MAX => {
                    diverged.unread = Some(LATE.to_owned());
                }
                Ok(()) => {}
            }
            if overlap.is_whole || overlap.compared_documents > 0 {
                diverged.overlap = Some(overlap);
            }
        }
    }
}

fn is_uncounted(held: &Held) -> bool {
    match &held.compared.finding {
        Finding::Diverged(it) => it.documents.is_none(),
        Finding::Deleted(it) => it.documents.is_none(),
        _ => false,
    }
}

/// What a search of the former leader needs to know.
fn orphans(former: &Es, held: &Held) -> Orphans {
    Orphans {
        cluster: former.name().to_owned(),
        index: held.compared.former_index.clone(),
        above: held.above.clone(),
        ..Orphans::default()
    }
}
