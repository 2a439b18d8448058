//! A shard's documents in the order of their sequence numbers, in pages of a bounded size,
//! whatever their number and however large they are.

use std::time::Duration;

use serde_json::json;

use super::Error;
use crate::es::{self, api::Es, api::Hit, api::Scroll};

/// Documents in the first page, when nothing is known of their size.
const FIRST_PAGE: usize = 16;

/// Documents in a page at most.
const PAGE_MAX: usize = 500;

/// What a page should come to, in bytes of source.
const PAGE_BYTES: usize = 4 << 20;

/// How often in a row a view may be lost, or a server be too busy, before that is an error.
const TRIES_MAX: u32 = 5;

/// Before the next try.
const PAUSE: Duration = Duration::from_secs(1);

/// Which documents: those of one shard whose sequence number lies in a range.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) index: String,
    pub(super) shard: u32,
    /// The range begins after this one.
    pub(super) after: i64,
    /// The last one of the range; none: no end.
    pub(super) last: Option<i64>,
    pub(super) with_source: bool,
}

/// Walks a range. A view that is lost is opened again behind the last document, and so is one
/// whose pages turn out too large or too small; on an index that stands still nothing is shown
/// twice or left out.
pub(super) struct Pages<'e> {
    es: &'e Es,
    range: Range,
    scroll: Option<Scroll<'e>>,
    size: usize,
    tries: u32,
    seen: u64,
    total: Option<u64>,
}

impl<'e> Pages<'e> {
    pub(super) fn new(es: &'e Es, range: Range) -> Self {
        Self { es, range, scroll: None, size: FIRST_PAGE, tries: 0, seen: 0, total: None }
    }

    /// Begins with pages as large as those of another walk, which has met documents like these.
    pub(super) fn after(mut self, size: Option<usize>) -> Self {
        self.size = size.unwrap_or(FIRST_PAGE);
        self
    }

    /// Documents in a page.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The next page; an empty one is the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Hit>, Error> {
        loop {
            match self.ask().await {
                Ok(hits) => {
                    self.tries = 0;
                    return self.take(hits).await;
                }
                Err(error) if self.tries < TRIES_MAX && is_passing(&error) => {
                    self.tries += 1;
                    self.release().await;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    self.release().await;
                    return Err(self.failed(error));
                }
            }
        }
    }

    /// Gives the view up.
    pub(super) async fn release(&mut self) {
        if let Some(scroll) = self.scroll.take() {
            scroll.release().await;
        }
    }

    async fn ask(&mut self) -> Result<Vec<Hit>, es::error::Error> {
        if self.scroll.is_none() {
            let Range { index, shard, after, last, with_source } = &self.range;
            let mut bounds = json!({"gt": after});
            if let Some(last) = last {
                bounds["lte"] = json!(last);
            }
            let body = json!({
                "query": {"range": {"_seq_no": bounds}},
                "sort": [{"_seq_no": "asc"}],
                "version": true,
                "seq_no_primary_term": true,
                "_source": with_source,
            });
            let preference = format!("_shards:{shard}");
            let scroll = self.es.scroll(index, &body, self.size, Some(&preference)).await?;
            self.total = Some(self.total.unwrap_or(scroll.total));
            self.scroll = Some(scroll);
        }
        match &mut self.scroll {
            Some(scroll) => scroll.next().await,
            None => Ok(Vec::new()),
        }
    }

    /// Notes how far it is, and how large the next page may be.
    async fn take(&mut self, hits: Vec<Hit>) -> Result<Vec<Hit>, Error> {
        self.seen += hits.len() as u64;
        let Some(last) = hits.last() else {
            self.release().await;
            let Range { index, shard, .. } = &self.range;
            return match self.total {
                // The server said how many there are: fewer must not pass for all.
                Some(total) if self.seen < total => Err(Error::TooFew {
                    cluster: self.es.name().to_owned(),
                    index: index.clone(),
                    shard: *shard,
                    found: self.seen,
                    total,
                }),
                _ => Ok(hits),
            };
        };
        let Some(seq_no) = last.seq_no else { return Ok(hits) };
        self.range.after = seq_no;
        let size = page_size(&hits);
        let is_far_off = 2 * size <= self.size || size >= 2 * self.size;
        if hits.len() == self.size && is_far_off {
            self.size = size;
            self.release().await;
        }
        Ok(hits)
    }

    fn failed(&self, error: es::error::Error) -> Error {
        Error::Cluster { cluster: self.es.name().to_owned(), error }
    }
}

/// So many documents, were they all as large as the largest of these.
fn page_size(hits: &[Hit]) -> usize {
    let bytes = |hit: &Hit| hit.source.as_ref().map_or(0, |source| source.get().len());
    let largest_bytes = hits.iter().map(bytes).max().unwrap_or(0).max(1);
    (PAGE_BYTES / largest_bytes).clamp(1, PAGE_MAX)
}

/// The server is busy, did not answer, or has given the view up. An index that is gone is gone.
fn is_passing(error: &es::error::Error) -> bool {
    error.is_busy() || error.is_unanswered() || error.is_not_found() && !error.is_missing_index()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_documents_make_small_pages() {
        let hits = |bytes: usize| -> Vec<Hit> {
            let source = "x".repeat(bytes);
            vec![serde_json::from_str(&format!(r#"{{"_id":"1","_source":"{source}"}}"#)).unwrap()]
        };
        assert_eq!(page_size(&hits(10)), PAGE_MAX);
        assert_eq!(page_size(&hits(1 << 20)), 3);
        assert_eq!(page_size(&hits(9 << 20)), 1);
        assert_eq!(page_size(&[]), PAGE_MAX);
    }
}
