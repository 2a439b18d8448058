//! Documents that were deleted on a former leader, and that the leader still has. A delete
//! leaves nothing to read: it shows only in what is missing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    Error, Orphans,
    fresh::{Fresh, make_folder},
    manifest::{Deletes, FileEntry},
    name,
    pages::{Pages, Range},
};
use crate::es::api::{Es, Hit, Wanted};

/// A document that the former leader has no more: a line of the file.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Deleted {
    pub(super) shard: u32,
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(rename = "_routing", default, skip_serializing_if = "Option::is_none")]
    pub(super) routing: Option<String>,
    /// The mapping type, where it is not `_doc`.
    #[serde(rename = "_type", default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// As the leader has it.
    #[serde(rename = "_version")]
    pub(super) version: Option<i64>,
}

/// Lists into `<index>.deletes.ndjson` what the leader has at or below the promoted positions,
/// and the former leader has no more. The same shard holds the same ids on both sides, so the
/// leader is read shard by shard, page by page, and each page is looked up on the former leader:
/// this reads the ids of the whole index. Only shards with operations of their own are read.
///
/// A document that the leader has changed since is not told: its old place is gone, and nobody
/// can say whether the delete or the change came later. Both indices are refreshed; nothing else
/// is changed.
///
/// # Errors
/// Where a shard of the leader, or a document of the former leader, cannot be read; where the
/// file cannot be written. No file is left then.
pub(crate) async fn list_deletes(
    former: &Es,
    leader: &Es,
    orphans: &Orphans,
    folder: &Path,
) -> Result<Deletes, Error> {
    let failed = |es: &Es, error| Error::Cluster { cluster: es.name().to_owned(), error };
    let shards = || orphans.above.iter().filter(|above| above.ops() > 0 && above.promoted >= 0);
    let mut deletes = Deletes::default();
    if shards().next().is_none() {
        return Ok(deletes);
    }
    let index = std::slice::from_ref(&orphans.leader_index);
    leader.refresh(index).await.map_err(|error| failed(leader, error))?;
    make_folder(folder)?;
    let mut file = Fresh::begin(folder, &name::deletes(&orphans.index, &orphans.index_uuid))?;
    for above in shards() {
        let range = Range {
            index: orphans.leader_index.clone(),
            shard: above.shard,
            after: -1,
            last: Some(above.promoted),
            with_source: false,
        };
        let mut pages = Pages::new(leader, range);
        loop {
            let hits = pages.next().await?;
            if hits.is_empty() {
                break;
            }
            let absent = match absent(former, &orphans.index, &hits).await {
                Ok(absent) => absent,
                Err(error) => {
                    pages.release().await;
                    return Err(failed(former, error));
                }
            };
            for hit in absent {
                file.line(&Deleted {
                    shard: above.shard,
                    id: hit.id.clone(),
                    routing: hit.routing.clone(),
                    kind: hit.kind.clone().filter(|kind| kind != "_doc"),
                    version: hit.version,
                })?;
                deletes.documents += 1;
            }
        }
    }
    if deletes.documents > 0 {
        deletes.file = Some(FileEntry::of(&file.finish()?));
    }
    Ok(deletes)
}

/// Those of the hits that the former leader does not have.
async fn absent<'h>(
    former: &Es,
    index: &str,
    hits: &'h [Hit],
) -> Result<Vec<&'h Hit>, crate::es::error::Error> {
    let wanted: Vec<Wanted<'_>> =
        hits.iter().map(|hit| Wanted { id: &hit.id, routing: hit.routing.as_deref() }).collect();
    let found = former.mget(index, &wanted, false).await?;
    Ok(hits.iter().zip(found).filter(|(_, found)| !found.found).map(|(hit, _)| hit).collect())
}
