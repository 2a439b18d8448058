//! Documents that are not at their place on the other side: looked up there by id, and where
//! a write may be on its way, looked at again.

use std::{collections::HashMap, time::Duration};

use futures_util::join;
use tokio::time::{Instant, sleep};

use super::{
    difference::Difference,
    judge::{Footing, Verdict, of_follower, of_leader},
    pace::PAGE_DOCUMENTS_MAX,
    suspects::Suspects,
    tally::Tally,
    walk::Walk,
};
use crate::{
    es::{
        api::{Document, Es},
        error::Error,
        transport::Method,
    },
    model::world::Shard,
    observe::observe_shards,
};

/// How long a follower is given to hear of a delete of its leader's.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks at its checkpoint.
const ARRIVAL_PAUSE: Duration = Duration::from_millis(200);

/// Documents by their ids.
type ById = HashMap<String, Document>;

impl Walk<'_> {
    /// Looks all of them up, and forgets them.
    pub(super) async fn settle(
        self,
        suspects: &mut Suspects,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let Suspects { of_leader: ours, of_follower: theirs } = std::mem::take(suspects);
        if ours.is_empty() && theirs.is_empty() {
            return Ok(());
        }
        let (one, other) = join!(self.refresh_leader(), self.refresh_follower());
        one.and(other)?;
        let (on_follower, on_leader) = join!(self.on_follower(&ours), self.on_leader(&theirs));
        let (on_follower, on_leader) = (on_follower?, on_leader?);
        let open = take(ours, tally, |own| {
            of_leader(self.footing, self.shard, own, on_follower.get(&own.id))
        });
        self.leaders_again(open.again, tally).await?;
        let open = take(theirs, tally, |own| {
            of_follower(self.footing, self.shard, own, on_leader.get(&own.id))
        });
        self.gone(open.gone, tally).await?;
        self.followers_again(open.again, tally).await
    }

    /// The promoted leader does not have these. Where it has not written anything since, nobody
    /// can have deleted them there.
    async fn gone(self, gone: Vec<Document>, tally: &mut Tally) -> Result<(), Error> {
        let Footing::Apart { promoted } = self.footing else {
            return Ok(());
        };
        if gone.is_empty() {
            return Ok(());
        }
        let leader = self.position(self.sides.leader, self.sides.leader_index).await?;
        if leader.ok_or_else(|| self.unread())?.max_seq_no > promoted {
            tally.gone += count(gone.len());
            return Ok(());
        }
        for document in &gone {
            tally.checked += 1;
            tally.differs(Difference::extra(self.shard, document));
        }
        Ok(())
    }

    /// The follower did not have these. If the leader, asked later, still has one at its place,
    /// no delete has been on its way.
    async fn leaders_again(self, again: Vec<Document>, tally: &mut Tally) -> Result<(), Error> {
        if again.is_empty() {
            return Ok(());
        }
        self.refresh_leader().await?;
        let now = self.on_leader(&again).await?;
        for document in again.iter().filter(|own| stands(&now, own)) {
            tally.checked += 1;
            tally.differs(Difference::missing(self.shard, document));
        }
        Ok(())
    }

    /// The leader did not have these. If it deleted one, the delete has a place in its history:
    /// a follower that has reached it and still has the document, has it beyond the leader.
    async fn followers_again(self, again: Vec<Document>, tally: &mut Tally) -> Result<(), Error> {
        if again.is_empty() {
            return Ok(());
        }
        let sides = self.sides;
        let leader = self.position(sides.leader, sides.leader_index).await?;
        let leader = leader.ok_or_else(|| self.unread())?;
        // A follower that stands still is waited for once, and not for every page again.
        let limit = if tally.unresolved > 0 { Duration::ZERO } else { ARRIVAL_LIMIT };
        let until = Instant::now() + limit;
        loop {
            let follower = self.position(sides.follower, sides.follower_index).await?;
            if follower.ok_or_else(|| self.unread())?.global_checkpoint >= leader.max_seq_no {
                break;
            }
            if Instant::now() >= until {
                tally.unresolved += count(again.len());
                return Ok(());
            }
            sleep(ARRIVAL_PAUSE).await;
        }
        self.refresh_follower().await?;
        let now = self.on_follower(&again).await?;
        for document in again.iter().filter(|own| stands(&now, own)) {
            tally.checked += 1;
            tally.differs(Difference::extra(self.shard, document));
        }
        Ok(())
    }

    async fn on_leader(self, wanted: &[Document]) -> Result<ById, Error> {
        self.by_id(self.sides.leader, self.sides.leader_index, wanted).await
    }

    async fn on_follower(self, wanted: &[Document]) -> Result<ById, Error> {
        self.by_id(self.sides.follower, self.sides.follower_index, wanted).await
    }

    async fn by_id(self, es: &Es, index: &str, wanted: &[Document]) -> Result<ById, Error> {
        let mut found = ById::new();
        for batch in wanted.chunks(PAGE_DOCUMENTS_MAX) {
            let ids: Vec<&str> = batch.iter().map(|document| document.id.as_str()).collect();
            let documents = es.documents_by_id(index, self.shard, &ids).await?.found;
            found.extend(documents.into_iter().map(|document| (document.id.clone(), document)));
        }
        Ok(found)
    }

    fn unread(self) -> Error {
        let path = format!("/{}/_stats", self.sides.leader_index);
        let detail = format!("shard {} is not started", self.shard);
        Error::Unreadable { method: Method::Get, path, detail }
    }

    async fn refresh_leader(self) -> Result<(), Error> {
        self.sides.leader.refresh(&[self.sides.leader_index.to_owned()]).await
    }

    async fn refresh_follower(self) -> Result<(), Error> {
        self.sides.follower.refresh(&[self.sides.follower_index.to_owned()]).await
    }

    /// Where a copy of this shard stands now; `None` where it cannot be read.
    async fn position(self, es: &Es, index: &str) -> Result<Option<Shard>, Error> {
        let readings = observe_shards(es, &[index.to_owned()]).await?;
        let shards = readings.into_iter().next().map(|(_, reading)| reading.shards);
        Ok(shards.into_iter().flatten().find(|shard| shard.number == self.shard))
    }
}

/// The document is as it was.
fn stands(now: &ById, own: &Document) -> bool {
    now.get(&own.id).is_some_and(|found| found.seq_no == own.seq_no)
}

/// Documents that the first look does not decide.
#[derive(Default)]
struct Undecided {
    again: Vec<Document>,
    gone: Vec<Document>,
}

/// Judges each document; those that cannot be judged yet are returned.
fn take(
    documents: Vec<Document>,
    tally: &mut Tally,
    judge: impl Fn(&Document) -> Verdict,
) -> Undecided {
    let mut open = Undecided::default();
    for document in documents {
        match judge(&document) {
            Verdict::Same => tally.checked += 1,
            Verdict::Differs(difference) => {
                tally.checked += 1;
                tally.differs(difference);
            }
            Verdict::Moved => {}
            Verdict::Gone => open.gone.push(document),
            Verdict::LookAgain => open.again.push(document),
        }
    }
    open
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
