//! Documents that were deleted on one side, deleted on the other: only where it still has what
//! both had.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{
    Destination, Error, apply::Order, batch::Batches, lost_deletes::Deleted, manifest::check,
    verdict::Place,
};
use crate::es::{
    self,
    api::{BulkItem, Es, Found, Wanted},
};

/// How long a batch may wait for a server that has too much to do, or does not answer.
const BUSY_MAX: Duration = Duration::from_secs(120);

/// Before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of deletes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Deletions {
    pub deleted: u64,
    /// The document was not there any more.
    pub already: u64,
    /// Its clients have written it since: it stays.
    pub changed: u64,
}

/// Deletes what the list of deletes names, each document on condition (`if_seq_no`) that it is
/// the one that both sides had: what somebody has written since stays. A second time changes
/// nothing.
///
/// # Errors
/// As for [`super::apply`].
pub(crate) async fn delete(es: &Es, order: Order<'_>) -> Result<Deletions, Error> {
    let mut done = Deletions::default();
    let deletes = order.entry.deletes.as_ref().and_then(|deletes| deletes.file.as_ref());
    let Some(file) = deletes else { return Ok(done) };
    let mut batches = Batches::of(&check(order.folder, file)?)?;
    loop {
        let mut left: Vec<Deleted> = batches.next()?;
        if left.is_empty() {
            return Ok(done);
        }
        let until = Instant::now() + BUSY_MAX;
        while !left.is_empty() {
            left = match round(es, order, left, &mut done).await? {
                Round::Again(left) => left,
                Round::Busy(left, error) => {
                    wait(es, error, until).await?;
                    left
                }
            };
        }
    }
}

/// What one look and one request left to be done.
enum Round {
    Again(Vec<Deleted>),
    /// With the answer, where it is not the documents' own.
    Busy(Vec<Deleted>, Option<es::error::Error>),
}

async fn round(
    es: &Es,
    order: Order<'_>,
    left: Vec<Deleted>,
    done: &mut Deletions,
) -> Result<Round, Error> {
    let wanted: Vec<Wanted<'_>> =
        left.iter().map(|one| Wanted { id: &one.id, routing: one.routing.as_deref() }).collect();
    let found = match es.mget(&order.to.index, &wanted, false).await {
        Ok(found) => found,
        Err(error) => return Ok(Round::Busy(left, Some(error))),
    };
    let (mut due, mut lines) = (Vec::new(), String::new());
    for (one, found) in left.into_iter().zip(&found) {
        match there(order.to, &one, found) {
            There::Nothing => done.already += 1,
            There::Changed => done.changed += 1,
            There::Same(_) if order.dry_run => done.deleted += 1,
            There::Same(place) => {
                lines += &line(order.to, &one, place);
                due.push(one);
            }
        }
    }
    if due.is_empty() {
        return Ok(Round::Again(Vec::new()));
    }
    match es.bulk(lines).await {
        Ok(items) => settle(order.to, due, items, done),
        // Whatever was deleted is seen by the next look.
        Err(error) => Ok(Round::Busy(due, Some(error))),
    }
}

/// What stands in the place of a document that is to be deleted.
enum There {
    Nothing,
    /// What both sides had.
    Same(Place),
    /// Its clients have written it since.
    Changed,
}

fn there(to: &Destination, one: &Deleted, found: &Found) -> There {
    let Some(seq_no) = found.seq_no.filter(|_| found.found) else { return There::Nothing };
    if seq_no > to.promoted_max(one.shard) {
        return There::Changed;
    }
    There::Same(Place {
        version: found.version.unwrap_or_default(),
        seq_no,
        primary_term: found.primary_term.unwrap_or_default(),
    })
}

fn line(to: &Destination, one: &Deleted, place: Place) -> String {
    let mut meta = Map::new();
    meta.insert("_index".into(), json!(to.index));
    if to.has_types {
        meta.insert("_type".into(), json!(one.kind.as_deref().unwrap_or("_doc")));
    }
    meta.insert("_id".into(), json!(one.id));
    if let Some(routing) = &one.routing {
        meta.insert("routing".into(), json!(routing));
    }
    meta.insert("if_seq_no".into(), json!(place.seq_no));
    meta.insert("if_primary_term".into(), json!(place.primary_term));
    format!("{}\n", json!({"delete": Value::Object(meta)}))
}

/// Takes the answers in; what is to be looked at again comes back.
fn settle(
    to: &Destination,
    due: Vec<Deleted>,
    items: Vec<BulkItem>,
    done: &mut Deletions,
) -> Result<Round, Error> {
    let (mut again, mut is_busy) = (Vec::new(), false);
    for (one, item) in due.into_iter().zip(items) {
        match item.status {
            200..=299 => done.deleted += 1,
            404 => done.already += 1,
            409 => again.push(one),
            429 | 503 => {
                is_busy = true;
                again.push(one);
            }
            _ => {
                let Destination { cluster, index, .. } = to.clone();
                let is_block =
                    item.error.as_ref().is_some_and(|it| it.has_kind("cluster_block_exception"));
                if is_block {
                    return Err(Error::Blocked { cluster, index });
                }
                let why = item.error.map(|error| error.to_string()).unwrap_or_default();
                let detail = format!("{index} does not let {} be deleted: {why}", one.id);
                return Err(Error::Undeleted { cluster, detail });
            }
        }
    }
    Ok(if is_busy { Round::Busy(again, None) } else { Round::Again(again) })
}

/// A while, where the server has too much to do or did not answer.
async fn wait(es: &Es, error: Option<es::error::Error>, until: Instant) -> Result<(), Error> {
    let cluster = || es.name().to_owned();
    let is_late = Instant::now() >= until;
    match error {
        Some(error) if is_late || !(error.is_busy() || error.is_unanswered()) => {
            return Err(Error::Cluster { cluster: cluster(), error });
        }
        None if is_late => {
            return Err(Error::Busy { cluster: cluster(), why: "it refuses deletes".to_owned() });
        }
        _ => {}
    }
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
