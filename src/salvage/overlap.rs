//! What the leader has in the place of a former leader's own documents: looked up on both sides,
//! nothing written and nothing refreshed.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Destination, Error, Orphans,
    line::Line,
    pages::{Pages, Range},
    verdict::{Verdict, verdict},
};
use crate::{
    es::api::{Es, Hit, Wanted},
    model::{comparison::Overlap, divergence::Above},
};

/// A view that is not given up in this time ends by itself.
const RELEASE_WITHIN: Duration = Duration::from_secs(2);

/// Where a look ends, whatever is left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub documents_max: u64,
    pub until: Instant,
}

/// Documents that a former leader's own operations left, shard by shard. A search sees what was
/// there at the last refresh: what came later is not counted.
///
/// # Errors
/// Where a shard does not answer, or cannot be searched by sequence number.
pub(crate) async fn visible(former: &Es, orphans: &Orphans) -> Result<u64, Error> {
    let mut documents = 0;
    for above in orphans.above.iter().filter(|above| above.ops() > 0) {
        documents += count_shard(former, orphans, above).await?;
    }
    Ok(documents)
}

pub(super) async fn count_shard(es: &Es, orphans: &Orphans, above: &Above) -> Result<u64, Error> {
    let counted = es.count_above(&orphans.index, above.shard, above.promoted).await;
    counted.map_err(|error| Error::Cluster { cluster: orphans.cluster.clone(), error })
}

/// Looks each of these documents up on the leader, and judges it as an apply would. `overlap`
/// has what was found up to a bound, or an error; it is whole only where the end was reached.
///
/// A document that the leader has deleted since looks like one that it never had.
///
/// # Errors
/// Where a document cannot be read on either side.
pub(crate) async fn overlap(
    former: &Es,
    leader: &Es,
    orphans: &Orphans,
    to: &Destination,
    bounds: Bounds,
    overlap: &mut Overlap,
) -> Result<(), Error> {
    let mut page_size = None;
    for above in orphans.above.iter().filter(|above| above.ops() > 0) {
        let range = Range {
            index: orphans.index.clone(),
            shard: above.shard,
            after: above.promoted,
            last: None,
            with_source: true,
        };
        let mut pages = Pages::new(former, range).after(page_size);
        let look = Look { leader, orphans, to, documents_max: bounds.documents_max };
        let walk = look.walk(&mut pages, above.shard, overlap);
        let walked = timeout_at(bounds.until, walk).await;
        // Left in the middle, its view is still open.
        let _ = timeout(RELEASE_WITHIN, pages.release()).await;
        page_size = Some(pages.size());
        let Ok(is_at_end) = walked else { return Ok(()) };
        if !is_at_end? {
            return Ok(());
        }
    }
    overlap.is_whole = true;
    Ok(())
}

struct Look<'l> {
    leader: &'l Es,
    orphans: &'l Orphans,
    to: &'l Destination,
    documents_max: u64,
}

impl Look<'_> {
    /// False where the limit came before the end of the shard.
    async fn walk(
        &self,
        pages: &mut Pages<'_>,
        shard: u32,
        overlap: &mut Overlap,
    ) -> Result<bool, Error> {
        loop {
            let mut hits = pages.next().await?;
            if hits.is_empty() {
                return Ok(true);
            }
            let room = self.documents_max.saturating_sub(overlap.compared_documents);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let is_over = hits.len() > room;
            hits.truncate(room);
            self.judge(shard, hits, overlap).await?;
            if is_over {
                return Ok(false);
            }
        }
    }

    async fn judge(&self, shard: u32, hits: Vec<Hit>, overlap: &mut Overlap) -> Result<(), Error> {
        let Orphans { cluster, index, .. } = self.orphans;
        let incomplete =
            |what| Error::Incomplete { cluster: cluster.clone(), index: index.clone(), what };
        let lines: Result<Vec<Line>, _> =
            hits.into_iter().map(|hit| Line::of(shard, hit)).collect();
        let lines = lines.map_err(incomplete)?;
        let wanted: Vec<Wanted<'_>> = lines
            .iter()
            .map(|line| Wanted { id: &line.id, routing: line.routing.as_deref() })
            .collect();
        let found = self.leader.mget(&self.to.index, &wanted, true).await;
        let found =
            found.map_err(|error| Error::Cluster { cluster: self.to.cluster.clone(), error })?;
        for (line, found) in lines.iter().zip(&found) {
            overlap.compared_documents += 1;
            match verdict(line, found, self.to.promoted_max(shard), false) {
                Verdict::Changed(_) => overlap.changed_documents += 1,
                Verdict::Already => overlap.same_documents += 1,
                Verdict::Absent | Verdict::Behind(_) | Verdict::Deleted => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        es::{scripted::Scripted, transport::Method},
        model::lineage::Position,
    };

    const WITHIN: Duration = Duration::from_secs(60);

    fn former(goes_on: bool) -> Es {
        let hit = |id: u32| {
            let seq_no = 10 + id;
            format!(r#"{{"_id":"{id}","_version":2,"_seq_no":{seq_no},"_source":{{"n":{id}}}}}"#)
        };
        let page = |hits: &str| {
            format!(
                r#"{{"_scroll_id":"s","_shards":{{"successful":1,"failed":0}},"hits":{{"total":4,"hits":[{hits}]}}}}"#
            )
        };
        let hits: Vec<String> = (1..=4).map(hit).collect();
        let first = Scripted::new()
            .on(Method::Post, "/orders/_search", 200, &page(&hits.join(",")))
            .on(Method::Delete, "/_search/scroll", 200, "{}");
        let scroll = "/_search/scroll";
        let whole = if goes_on {
            first.on(Method::Post, scroll, 200, &page(""))
        } else {
            first.silent(Method::Post, scroll)
        };
        whole.es("clusterA")
    }

    /// 1 was changed on both sides, 2 is the same, 3 is as it was at the switch, 4 is not there.
    fn leader(docs: usize) -> Es {
        let found = |id: u32, seq_no: u32, n: u32| {
            format!(
                r#"{{"_id":"{id}","found":true,"_version":3,"_seq_no":{seq_no},"_primary_term":1,"_source":{{"n":{n}}}}}"#
            )
        };
        let all = [found(1, 12, 9), found(2, 13, 2), found(3, 4, 0), r#"{"_id":"4"}"#.to_owned()];
        let answer = format!(r#"{{"docs":[{}]}}"#, all[..docs].join(","));
        Scripted::new().on(Method::Post, "/orders/_mget", 200, &answer).es("clusterB")
    }

    async fn looked_up(former: Es, documents_max: u64, within: Duration) -> Overlap {
        let above = vec![Above { shard: 0, promoted: 10, max_seq_no: 15 }];
        let (cluster, index) = ("clusterA".to_owned(), "orders".to_owned());
        let orphans = Orphans { cluster, index, above, ..Orphans::default() };
        let position = Position { checkpoint: 10, max_seq_no: 10, ..Position::default() };
        let to = Destination {
            index: "orders".to_owned(),
            promoted: vec![position],
            ..Destination::default()
        };
        let bounds = Bounds { documents_max, until: Instant::now() + within };
        let mut found = Overlap::default();
        let leader = leader(usize::try_from(documents_max).unwrap().min(4));
        overlap(&former, &leader, &orphans, &to, bounds, &mut found).await.unwrap();
        found
    }

    #[tokio::test]
    async fn each_document_is_judged_by_what_the_leader_has_in_its_place() {
        let whole = Overlap {
            compared_documents: 4,
            changed_documents: 1,
            same_documents: 1,
            is_whole: true,
        };
        assert_eq!(looked_up(former(true), 100, WITHIN).await, whole);
        assert_eq!(whole.missing_documents(), 2);
        assert_eq!(looked_up(former(true), 4, WITHIN).await, whole, "the limit is the last one");
    }

    #[tokio::test]
    async fn at_a_limit_the_figures_are_lower_bounds() {
        let part = Overlap { compared_documents: 1, changed_documents: 1, ..Overlap::default() };
        assert_eq!(looked_up(former(true), 1, WITHIN).await, part);
    }
    #[tokio::test]
    async fn what_was_seen_until_the_former_leader_fell_silent_stands() {
        let part = Overlap {
            compared_documents: 4,
            changed_documents: 1,
            same_documents: 1,
            is_whole: false,
        };
        assert_eq!(looked_up(former(false), 100, Duration::from_millis(50)).await, part);
    }
}
