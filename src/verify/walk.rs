//! One shard of one index, walked on both sides in step.

use futures_util::join;
use tokio::sync::Semaphore;

use super::{
    judge::Footing,
    merge::{Page, merge},
    pace::{Pace, Part, sample},
    report::Scale,
    subject::Ground,
    suspects::Suspects,
    tally::Tally,
};
use crate::es::{
    api::{Documents, Es},
    error::Error,
};

/// Both copies of an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub(super) leader: &'a Es,
    pub(super) follower: &'a Es,
    pub(super) leader_index: &'a str,
    pub(super) follower_index: &'a str,
}

/// One shard on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    pub(super) sides: Sides<'a>,
    pub(super) shard: u32,
    pub(super) footing: Footing,
}

/// A stretch of operations, both ends included; of the leader's none above `leader_to`.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: i64,
    to: i64,
    leader_to: i64,
}

/// Compares one shard, or of a sample the share of it. An error ends the walk; what was found
/// before it stands.
pub(super) async fn walk(
    sides: Sides<'_>,
    ground: Ground,
    scale: Scale,
    at_once: &Semaphore,
) -> Tally {
    // Never closed, so that the permit is always given.
    let _permit = at_once.acquire().await;
    let walk = Walk { sides, shard: ground.at.shard, footing: ground.footing };
    let mut tally = Tally::default();
    let mut suspects = Suspects::default();
    let walked = walk.all(ground, scale, &mut tally, &mut suspects).await;
    let settled = match walked {
        Ok(()) => walk.settle(&mut suspects, &mut tally).await,
        Err(error) => Err(error),
    };
    tally.error = settled.err();
    tally
}

impl Walk<'_> {
    async fn all(
        self,
        ground: Ground,
        scale: Scale,
        tally: &mut Tally,
        suspects: &mut Suspects,
    ) -> Result<(), Error> {
        let at = ground.at;
        let (common, last) = match ground.footing {
            Footing::Following { follower_checkpoint } => {
                (follower_checkpoint, follower_checkpoint)
            }
            Footing::Apart { promoted } => (promoted, at.follower_max_seq_no),
            Footing::Twins => {
                let last = at.leader_max_seq_no.max(at.follower_max_seq_no);
                (last, last)
            }
        };
        let parts = match scale {
            Scale::Full => None,
            Scale::Sample { documents } => {
                sample(common, documents, |below| fastrand::i64(0..below))
            }
        };
        match parts {
            None => {
                let whole = Stretch { from: 0, to: common, leader_to: common };
                self.stretch(whole, tally, suspects).await?;
            }
            Some(parts) => {
                for part in parts {
                    self.part(part, tally, suspects).await?;
                }
            }
        }
        // What a former leader wrote alone is read whole in a sample too: it matters most.
        let alone = Stretch { from: common + 1, to: last, leader_to: common };
        self.stretch(alone, tally, suspects).await
    }

    /// Every document of a stretch, page by page.
    async fn stretch(
        self,
        stretch: Stretch,
        tally: &mut Tally,
        suspects: &mut Suspects,
    ) -> Result<(), Error> {
        let mut pace = Pace::default();
        let mut from = stretch.from;
        while from <= stretch.to {
            let to = stretch.to.min(from.saturating_add(pace.width_ops - 1));
            let page = Stretch { from, to, leader_to: stretch.leader_to };
            let (reached, documents, bytes) =
                self.page(page, pace.documents, tally, suspects).await?;
            pace = pace.after(reached - from + 1, documents, bytes);
            from = reached + 1;
        }
        Ok(())
    }

    async fn part(
        self,
        part: Part,
        tally: &mut Tally,
        suspects: &mut Suspects,
    ) -> Result<(), Error> {
        let page = Stretch { from: part.from, to: part.to, leader_to: part.to };
        self.page(page, part.documents, tally, suspects).await.map(drop)
    }

    /// One page of both sides. Returns how far it reached, and the documents and bytes of the
    /// side that brought more.
    async fn page(
        self,
        stretch: Stretch,
        documents_max: usize,
        tally: &mut Tally,
        suspects: &mut Suspects,
    ) -> Result<(i64, usize, usize), Error> {
        let Stretch { from, to, leader_to } = stretch;
        let sides = self.sides;
        let read = async |es: &Es, index: &str, to: i64| {
            if to < from {
                return Ok(Documents::default());
            }
            es.documents_between(index, self.shard, (from, to), documents_max).await
        };
        let (ours, theirs) = join!(
            read(sides.leader, sides.leader_index, to.min(leader_to)),
            read(sides.follower, sides.follower_index, to)
        );
        let (ours, theirs) = (ours?, theirs?);
        let documents = ours.found.len().max(theirs.found.len());
        let bytes = ours.answer_bytes.max(theirs.answer_bytes);
        let page = |read: Documents| {
            let last = read.found.last().map(|document| document.seq_no);
            let is_cut = read.found.len() >= documents_max;
            Page { to: last.filter(|_| is_cut).unwrap_or(to), documents: read.found }
        };
        let merged = merge(self.shard, page(ours), page(theirs));
        tally.checked += merged.compared;
        for difference in merged.differences {
            tally.differs(difference);
        }
        suspects.of_leader.extend(merged.leader_only);
        suspects.of_follower.extend(merged.follower_only);
        if suspects.are_many() {
            self.settle(suspects, tally).await?;
        }
        // A page of an ill server must not keep the walk where it is.
        Ok((merged.to.max(from), documents, bytes))
    }
}
