//! From a former leader to a file: what it holds above the promoted positions.

use std::path::Path;

use super::{
    Error, Exported, Orphans,
    fresh::{Fresh, make_folder},
    line::Line,
    manifest::{self, Counted},
    name,
    overlap::count_shard,
    pages::{Pages, Range},
};
use crate::{
    es::api::{Es, Hit, KeptSource},
    model::divergence::Above,
};

/// Exports one index of a former leader, which stands still: it is fenced by the caller. Every
/// document whose last operation lies above the promoted position of its shard is one line of
/// `<index>.ndjson` in `folder`, in the order of shard and sequence number; some of them may be
/// on the other side as well, none is left out. Deletes, and versions that a later one
/// replaced, cannot be read over REST: they are counted only.
///
/// The index is refreshed, which a write block lets pass, so that the search sees everything;
/// nothing else is changed. `folder` is made where it is missing. `host` is this machine's name,
/// for the record. `told` is called with the documents written so far, after each page.
///
/// # Errors
/// Where the index keeps no source, or only a part of it; where a shard cannot be read whole;
/// where the file cannot be written. No file is left then, but an older one of its name stays.
pub(crate) async fn export(
    es: &Es,
    orphans: &Orphans,
    folder: &Path,
    host: &str,
    told: &mut (dyn FnMut(u64) + Send),
) -> Result<Exported, Error> {
    let mut exported = Exported::default();
    let with_ops: Vec<&Above> = orphans.above.iter().filter(|above| above.ops() > 0).collect();
    if with_ops.is_empty() {
        exported.shards = orphans.above.iter().map(|above| Counted::of(above, 0)).collect();
        return Ok(exported);
    }
    prepare(es, orphans).await?;
    make_folder(folder)?;
    let file = Fresh::begin(folder, &name::documents(&orphans.index, &orphans.index_uuid))?;
    let mut exporter = Exporter { es, orphans, file, documents: 0, page_size: None };
    for above in &orphans.above {
        let documents = match above.ops() {
            0 => 0,
            _ => exporter.shard(above, told).await?,
        };
        exported.ops += above.ops();
        exported.shards.push(Counted::of(above, documents));
    }
    exported.documents = exporter.documents;
    if exported.documents > 0 {
        exported.file = Some(manifest::recorded(exporter.file.finish()?, host)?);
    }
    Ok(exported)
}

/// What [`export`] would write, without a file: the index is refreshed, and counted.
///
/// # Errors
/// As for [`export`].
pub(crate) async fn count(es: &Es, orphans: &Orphans) -> Result<Exported, Error> {
    let mut exported = Exported::default();
    if orphans.ops() > 0 {
        prepare(es, orphans).await?;
    }
    for above in &orphans.above {
        let documents = match above.ops() {
            0 => 0,
            _ => count_shard(es, orphans, above).await?,
        };
        exported.ops += above.ops();
        exported.documents += documents;
        exported.shards.push(Counted::of(above, documents));
    }
    Ok(exported)
}

/// Sees to it that a search shows all there is, and that it can show whole documents.
async fn prepare(es: &Es, orphans: &Orphans) -> Result<(), Error> {
    let Orphans { cluster, index, .. } = orphans;
    let failed = |error| Error::Cluster { cluster: cluster.clone(), error };
    match es.kept_source(index).await.map_err(failed)? {
        KeptSource::Whole => {}
        KeptSource::Part => {
            return Err(Error::PartOfSource { cluster: cluster.clone(), index: index.clone() });
        }
        KeptSource::Nothing => {
            return Err(Error::NoSource { cluster: cluster.clone(), index: index.clone() });
        }
    }
    es.refresh(std::slice::from_ref(index)).await.map_err(failed)
}

/// A file in the making.
struct Exporter<'e> {
    es: &'e Es,
    orphans: &'e Orphans,
    file: Fresh,
    /// Documents so far.
    documents: u64,
    /// Documents in a page, as the last shard had them.
    page_size: Option<usize>,
}

impl Exporter<'_> {
    /// Returns the documents of this shard.
    async fn shard(
        &mut self,
        above: &Above,
        told: &mut (dyn FnMut(u64) + Send),
    ) -> Result<u64, Error> {
        let before = self.documents;
        // Without an end: what an unfenced leader goes on to overwrite moves up, out of any
        // bounds.
        let range = Range {
            index: self.orphans.index.clone(),
            shard: above.shard,
            after: above.promoted,
            last: None,
            with_source: true,
        };
        let mut pages = Pages::new(self.es, range).after(self.page_size);
        loop {
            let hits = pages.next().await?;
            if hits.is_empty() {
                self.page_size = Some(pages.size());
                return Ok(self.documents - before);
            }
            for hit in hits {
                if let Err(error) = self.write(above.shard, hit) {
                    pages.release().await;
                    return Err(error);
                }
            }
            told(self.documents);
        }
    }

    fn write(&mut self, shard: u32, hit: Hit) -> Result<(), Error> {
        let Orphans { cluster, index, .. } = self.orphans;
        let line = Line::of(shard, hit).map_err(|what| Error::Incomplete {
            cluster: cluster.clone(),
            index: index.clone(),
            what,
        })?;
        self.documents += 1;
        self.file.line(&line)
    }
}
