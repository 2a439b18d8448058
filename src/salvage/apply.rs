//! From a file back to a cluster, without ever overwriting what nobody has looked at.

use std::{path::Path, time::Duration};

use tokio::time::Instant;

use super::{
    Destination, Error,
    batch::{Act, Batches, bulk_lines},
    line::Line,
    manifest::{Entry, check},
    tally::{Conflict, Tally},
    verdict::{Place, Verdict, Why, by_version, verdict},
};
use crate::es::{
    self,
    api::{BulkItem, Es, Found, Wanted},
};

/// How often a document that others write at the same time is looked at again.
const TRIES_MAX: u32 = 5;

/// How long a batch may wait for a server that has too much to do, or does not answer.
const BUSY_MAX: Duration = Duration::from_secs(120);

/// Before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// What is done where the leader has changed a document since.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Policy {
    /// The leader's stays, and the document is listed.
    #[default]
    Report,
    /// The leader's stays.
    Skip,
    /// The salvaged one takes its place.
    Overwrite,
}

/// What is written back, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'o> {
    pub folder: &'o Path,
    pub entry: &'o Entry,
    pub to: &'o Destination,
    pub policy: Policy,
    /// What is written gets its own version, too.
    pub keeps_versions: bool,
    /// Only judge: nothing is written.
    pub dry_run: bool,
}

/// A document that is not done yet.
struct Pending {
    line: Line,
    tries: u32,
    /// It was absent, and its version was refused.
    was_refused: bool,
    /// Its content is there; its version may not be yet.
    is_written: bool,
    /// As the leader had it when it was looked at.
    found: Option<Place>,
}

/// Writes the documents of one file to the leader. Each is looked at first:
///
/// - absent there: written with its own version (`version_type=external`), so that a document
///   with as high a version that appears meanwhile is never overwritten;
/// - as the leader had it when it was promoted: replaced on condition (`if_seq_no`) that it still
///   is, so that no other write is lost;
/// - the same content: left;
/// - written by the leader's clients since: a conflict, for the policy to settle. What takes the
///   place of the leader's does so on condition, too.
///
/// So a second time changes nothing. `tally` has what was done up to an error.
///
/// # Errors
/// Where the file is not what the manifest says, the leader refuses a whole request, takes no
/// writes any more, or does not answer in two minutes.
pub(crate) async fn apply(
    es: &Es,
    order: Order<'_>,
    tally: &mut Tally,
    told: &mut (dyn FnMut(u64) + Send),
) -> Result<(), Error> {
    let Some(file) = &order.entry.file else { return Ok(()) };
    let mut batches = Batches::of(&check(order.folder, file)?)?;
    let mut done = 0;
    loop {
        let lines = batches.next()?;
        if lines.is_empty() {
            return Ok(());
        }
        done += lines.len() as u64;
        let work = Work { es, order, until: Instant::now() + BUSY_MAX };
        work.batch(lines, tally).await?;
        told(done);
    }
}

struct Work<'w> {
    es: &'w Es,
    order: Order<'w>,
    /// The end of its patience with a busy server.
    until: Instant,
}

impl Work<'_> {
    /// Looks and writes until each document of the batch is done.
    async fn batch(&self, lines: Vec<Line>, tally: &mut Tally) -> Result<(), Error> {
        let fresh =
            |line| Pending { line, tries: 0, was_refused: false, is_written: false, found: None };
        let mut pending: Vec<Pending> = lines.into_iter().map(fresh).collect();
        while !pending.is_empty() {
            let found = match self.look(&pending).await {
                Ok(found) => found,
                Err(error) => {
                    self.wait(error).await?;
                    continue;
                }
            };
            let acts = self.judge(&mut pending, found, tally)?;
            if self.order.dry_run {
                return Ok(());
            }
            if acts.is_empty() {
                continue;
            }
            let text: String = pending
                .iter()
                .zip(&acts)
                .map(|(pending, act)| bulk_lines(self.order.to, &pending.line, *act))
                .collect();
            match self.es.bulk(text).await {
                Ok(items) => pending = self.settle(pending, &acts, items, tally).await?,
                // Whatever was written is seen by the next look.
                Err(error) => self.wait(error).await?,
            }
        }
        Ok(())
    }

    /// What the leader has in the place of each.
    async fn look(&self, pending: &[Pending]) -> Result<Vec<Found>, es::error::Error> {
        let wanted: Vec<Wanted<'_>> = pending
            .iter()
            .map(|one| Wanted { id: &one.line.id, routing: one.line.routing.as_deref() })
            .collect();
        self.es.mget(&self.order.to.index, &wanted, true).await
    }

    /// Judges each document, and counts those that are done with. What is left in `pending` is to
    /// be written, each by its act.
    fn judge(
        &self,
        pending: &mut Vec<Pending>,
        found: Vec<Found>,
        tally: &mut Tally,
    ) -> Result<Vec<Act>, Error> {
        let (mut acts, mut left) = (Vec::new(), Vec::new());
        for (mut one, found) in std::mem::take(pending).into_iter().zip(found) {
            let promoted_max = self.order.to.promoted_max(one.line.shard);
            let mut verdict = verdict(&one.line, &found, promoted_max, one.was_refused);
            if self.order.keeps_versions {
                verdict = by_version(verdict, &one.line, &found);
            }
            one.found = match verdict {
                Verdict::Behind(place) | Verdict::Changed(place) => Some(place),
                _ => None,
            };
            if let Some(act) = self.act(verdict, &one, tally)? {
                acts.push(act);
                left.push(one);
            }
        }
        *pending = left;
        Ok(acts)
    }

    /// How it is written; none where it is not.
    fn act(
        &self,
        verdict: Verdict,
        one: &Pending,
        tally: &mut Tally,
    ) -> Result<Option<Act>, Error> {
        let (act, why) = match verdict {
            Verdict::Already => {
                tally.counts.already += u64::from(!one.is_written);
                return Ok(None);
            }
            Verdict::Absent | Verdict::Behind(_) if self.leaps(one) => (Act::Leap, None),
            // Never over what another client creates meanwhile, whatever its version.
            Verdict::Absent if self.order.keeps_versions => (Act::AddAgain, None),
            Verdict::Absent => (Act::Add, None),
            Verdict::Behind(place) => (Act::Replace(place), None),
            Verdict::Changed(place) => (Act::Replace(place), Some(Why::Changed)),
            Verdict::Deleted => (Act::AddAgain, Some(Why::Deleted)),
        };
        match (why, self.order.policy) {
            _ if one.tries >= TRIES_MAX => tally.conflict(self.conflict(one, Why::Raced))?,
            (Some(_), Policy::Skip) => tally.counts.skipped += 1,
            (Some(why), Policy::Report) => tally.conflict(self.conflict(one, why))?,
            (why, _) => {
                if self.order.dry_run {
                    count(one, act, why.is_some(), tally);
                }
                return Ok(Some(act));
            }
        }
        Ok(None)
    }

    /// Versions that Elasticsearch counts grow by one with each operation: one that is further
    /// ahead than there were operations is its clients' own, by which they order their writes.
    fn leaps(&self, one: &Pending) -> bool {
        let has = one.found.map_or(0, |place| place.version);
        let shards = &self.order.entry.shards;
        let ops =
            shards.iter().find(|counted| counted.shard == one.line.shard).map_or(0, |it| it.ops);
        self.order.keeps_versions
            && (one.line.version - has).unsigned_abs() > ops
            && one.line.version > has
    }

    /// Takes the answers in; what is to be looked at again comes back.
    async fn settle(
        &self,
        pending: Vec<Pending>,
        acts: &[Act],
        items: Vec<BulkItem>,
        tally: &mut Tally,
    ) -> Result<Vec<Pending>, Error> {
        let mut again = Vec::new();
        let mut busy = None;
        for ((mut one, act), item) in pending.into_iter().zip(acts).zip(items) {
            match item.status {
                200..=299 => {
                    // Absent a moment ago: another client was quicker, and its version lower.
                    if item.status == 200 && *act == Act::Add {
                        tally.conflict(self.conflict(&one, Why::Raced))?;
                    }
                    let is_conflict = !self.order.keeps_versions
                        && (*act == Act::AddAgain || self.is_changed(&one));
                    if !one.is_written {
                        count(&one, *act, is_conflict, tally);
                    }
                    if self.order.keeps_versions {
                        one.is_written = true;
                        again.push(one);
                    }
                }
                409 => {
                    one.tries += 1;
                    one.was_refused |= *act == Act::Add;
                    again.push(one);
                }
                429 | 503 => {
                    busy = Some(item);
                    again.push(one);
                }
                _ if is_blocked(&item) => {
                    let Destination { cluster, index, .. } = self.order.to.clone();
                    return Err(Error::Blocked { cluster, index });
                }
                _ => {
                    let mut conflict = self.conflict(&one, Why::Refused);
                    conflict.detail = item.error.map(|error| error.to_string());
                    tally.conflict(conflict)?;
                }
            }
        }
        if let Some(item) = busy {
            if Instant::now() >= self.until {
                let why = item.error.map(|error| error.to_string()).unwrap_or_default();
                return Err(Error::Busy { cluster: self.order.to.cluster.clone(), why });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(again)
    }

    fn is_changed(&self, one: &Pending) -> bool {
        one.found.is_some_and(|place| place.seq_no > self.order.to.promoted_max(one.line.shard))
    }

    fn conflict(&self, one: &Pending, why: Why) -> Conflict {
        Conflict {
            index: self.order.to.index.clone(),
            shard: one.line.shard,
            id: one.line.id.clone(),
            routing: one.line.routing.clone(),
            why,
            version: one.line.version,
            leader_version: one.found.map(|place| place.version),
            detail: None,
        }
    }

    /// A while, where the server has too much to do or did not answer.
    async fn wait(&self, error: es::error::Error) -> Result<(), Error> {
        let is_passing = error.is_busy() || error.is_unanswered();
        if !is_passing || Instant::now() >= self.until {
            return Err(Error::Cluster { cluster: self.order.to.cluster.clone(), error });
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

fn count(one: &Pending, act: Act, is_conflict: bool, tally: &mut Tally) {
    let counts = &mut tally.counts;
    if is_conflict {
        counts.overwritten += 1;
    } else {
        counts.written += 1;
        counts.perhaps_deleted += u64::from(act == Act::Add && one.line.version > 1);
    }
}

/// Somebody has fenced the leader meanwhile.
fn is_blocked(item: &BulkItem) -> bool {
    item.error.as_ref().is_some_and(|error| error.has_kind("cluster_block_exception"))
}
