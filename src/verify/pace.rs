//! How much is asked for at once, and which parts of a shard a sample takes. Pure.

/// Documents of a page, at most.
pub(super) const PAGE_DOCUMENTS_MAX: usize = 500;
/// Of the first page of a shard, whose documents may be of any size.
const PAGE_DOCUMENTS_FIRST: usize = 50;
/// A page is kept about as small as this.
const PAGE_BYTES: usize = 512 * 1024;
/// Operations that one search ranges over, at most: a server that cannot skip (before 7.x)
/// looks at every document in them.
const WIDTH_OPS_MAX: i64 = 1_000_000;
/// Documents of one part of a sample.
const PART_DOCUMENTS: u64 = 50;

/// The size of the next page. Sequence numbers are dense at first and thin out with updates
/// and deletes, whose operations leave no document behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pace {
    /// Documents of a page.
    pub(super) documents: usize,
    /// Operations that a page ranges over.
    pub(super) width_ops: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { documents: PAGE_DOCUMENTS_FIRST, width_ops: operations(PAGE_DOCUMENTS_FIRST) }
    }
}

fn operations(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Pace {
    /// After a page that covered `ops` operations and brought so many documents and bytes,
    /// those of the side that brought more.
    #[must_use]
    pub(super) fn after(self, ops: i64, documents: usize, bytes: usize) -> Self {
        if documents == 0 {
            return Self { width_ops: (self.width_ops * 4).min(WIDTH_OPS_MAX), ..self };
        }
        let fits = PAGE_BYTES.saturating_mul(documents) / bytes.max(1);
        // Twice as many at a time, as the next ones may be larger than these.
        let next = fits.min(self.documents * 2).clamp(1, PAGE_DOCUMENTS_MAX);
        let ops_each = ops.max(1).div_euclid(operations(documents)).max(1);
        let width_ops = ops_each.saturating_mul(operations(next));
        Self { documents: next, width_ops: width_ops.clamp(1, WIDTH_OPS_MAX) }
    }
}

/// A part of a sample: `documents` from operation `from` on, none above `to`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) documents: usize,
}

/// Parts that are spread over the operations 0 to `to`, one at random in each of equal
/// stretches. `None` where the shard is so small that it is read whole. `random` takes a
/// number from 0 up to below its argument.
pub(super) fn sample(
    to: i64,
    documents: u64,
    mut random: impl FnMut(i64) -> i64,
) -> Option<Vec<Part>> {
    let ops = to + 1;
    let wanted = i64::try_from(documents).unwrap_or(i64::MAX);
    if ops <= wanted {
        return None;
    }
    let count = i64::try_from(documents.div_ceil(PART_DOCUMENTS).max(1)).unwrap_or(i64::MAX);
    let each = documents.div_ceil(documents.div_ceil(PART_DOCUMENTS).max(1)).max(1);
    let parts = (0..count).map(|at| {
        // As 128 bits: the product does not fit 64.
        let start = |at: i64| -> i64 {
            let start = i128::from(ops) * i128::from(at) / i128::from(count);
            i64::try_from(start).unwrap_or(i64::MAX)
        };
        let (low, high) = (start(at), start(at + 1) - 1);
        let room = high - low - i64::try_from(each).unwrap_or(i64::MAX) + 1;
        let from = low + if room > 0 { random(room + 1) } else { 0 };
        let to = high.min(from.saturating_add(WIDTH_OPS_MAX));
        Part { from, to, documents: usize::try_from(each).unwrap_or(PAGE_DOCUMENTS_MAX) }
    });
    Some(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_bounded_by_documents_and_by_bytes() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            pace = pace.after(pace.width_ops, pace.documents, pace.documents * 200);
        }
        assert_eq!(pace, Pace { documents: 500, width_ops: 500 });
        let large = pace.after(500, 500, 500 * 100_000);
        assert_eq!(large, Pace { documents: 5, width_ops: 5 });
        let huge = large.after(5, 5, 5 * 10_000_000);
        assert_eq!(huge, Pace { documents: 1, width_ops: 1 });
    }

    #[test]
    fn where_little_is_left_of_many_operations_a_page_ranges_over_more() {
        let pace = Pace { documents: 500, width_ops: 500 };
        assert_eq!(pace.after(500, 0, 300), Pace { documents: 500, width_ops: 2000 });
        assert_eq!(pace.after(2000, 10, 2000), Pace { documents: 500, width_ops: 100_000 });
        let most = Pace { documents: 500, width_ops: WIDTH_OPS_MAX };
        assert_eq!(most.after(WIDTH_OPS_MAX, 0, 300), most);
    }

    #[test]
    fn a_sample_is_spread_over_the_whole_shard() {
        let parts = sample(99_999, 1000, |below| below - 1).unwrap();
        assert_eq!(parts.len(), 20);
        assert_eq!(parts[0], Part { from: 4950, to: 4999, documents: 50 });
        assert_eq!(parts[19], Part { from: 99_950, to: 99_999, documents: 50 });
        let parts = sample(99_999, 1000, |_| 0).unwrap();
        assert_eq!(parts[1], Part { from: 5000, to: 9999, documents: 50 });
    }

    #[test]
    fn a_small_shard_is_read_whole() {
        assert_eq!(sample(999, 1000, |_| 0), None);
        assert_eq!(sample(-1, 1, |_| 0), None);
        let parts = sample(1000, 7, |_| 0).unwrap();
        assert_eq!(parts, [Part { from: 0, to: 1000, documents: 7 }]);
    }
}
