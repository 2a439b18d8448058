//! The lock as a document of the state index: created only where there is none, and changed only
//! as it was read last.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    es::{
        error::Error,
        path::encode,
        transport::{Method, Request},
    },
    model::{lock::Lock, membership::state_index},
    record::{RecordStore, remote},
};

/// Nothing on the emergency path may wait longer for a cluster.
const DEADLINE: Duration = Duration::from_secs(2);

/// Where a document stood when it was read or written last.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub(super) struct Stamp {
    #[serde(rename = "_seq_no", default)]
    seq_no: i64,
    #[serde(rename = "_primary_term", default)]
    term: i64,
}

/// A lock as it was read.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) lock: Lock,
    pub(super) stamp: Stamp,
}

/// What stands where the lock of a set belongs.
#[derive(Clone, Debug)]
pub(super) enum Spot {
    /// Not even the state index.
    NoIndex,
    Free,
    Taken(Box<Found>),
}

impl Spot {
    pub(super) fn found(&self) -> Option<&Found> {
        match self {
            Self::Taken(found) => Some(found),
            Self::NoIndex | Self::Free => None,
        }
    }
}

/// Why a lock was not written.
#[derive(Debug)]
pub(super) enum Failed {
    /// Another one stands there, or none where one was expected.
    Conflict,
    Call(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        if error.status() == Some(409) { Self::Conflict } else { Self::Call(error) }
    }
}

/// Reads the lock of a set, up to date whatever was refreshed.
///
/// # Errors
/// Everything that does not say that there is none.
pub(super) async fn read(store: &RecordStore, set: &str) -> Result<Spot, Error> {
    let request = Request::new(Method::Get, path(store, set)).within(DEADLINE);
    let answer: Value = match store.es.find_doc(request).await {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(Spot::Free),
        Err(error) if error.is_missing_index() => return Ok(Spot::NoIndex),
        Err(error) => return Err(error),
    };
    let stamp = serde_json::from_value(answer.clone()).unwrap_or_default();
    let mut lock: Lock =
        serde_json::from_value(answer["_source"]["data"].clone()).unwrap_or_default();
    // One that cannot be read, for a newer esdr wrote it, is a lock all the same.
    set.clone_into(&mut lock.set);
    Ok(Spot::Taken(Box::new(Found { lock, stamp })))
}

/// Writes a lock where there is none, or in the place of the one that was read; makes the state
/// index where it is missing.
pub(super) async fn take(store: &RecordStore, lock: &Lock, spot: &Spot) -> Result<Stamp, Failed> {
    match spot {
        Spot::Taken(found) => return replace(store, lock, found.stamp).await,
        Spot::NoIndex => remote::make_index(store, &state_index(&store.uuid)).await?,
        Spot::Free => {}
    }
    put(store, lock, "op_type=create").await
}

/// Writes a lock in the place of the one that was written last.
pub(super) async fn replace(
    store: &RecordStore,
    lock: &Lock,
    stamp: Stamp,
) -> Result<Stamp, Failed> {
    put(store, lock, &unchanged(stamp)).await
}

/// Removes the lock that was written last.
pub(super) async fn remove(store: &RecordStore, set: &str, stamp: Stamp) -> Result<(), Failed> {
    let path = format!("{}?{}", path(store, set), unchanged(stamp));
    store.es.send(Request::new(Method::Delete, path).within(DEADLINE)).await?;
    Ok(())
}

async fn put(store: &RecordStore, lock: &Lock, condition: &str) -> Result<Stamp, Failed> {
    let document = json!({"kind": "lock", "run": lock.run, "set": lock.set, "n": -1, "data": lock});
    let path = format!("{}?{condition}", path(store, &lock.set));
    let request = Request::new(Method::Put, path).json(document).within(DEADLINE);
    let answer = store.es.send(request).await?;
    Ok(serde_json::from_value(answer).unwrap_or_default())
}

fn path(store: &RecordStore, set: &str) -> String {
    format!("/{}/_doc/{}", state_index(&store.uuid), encode(&format!("lock.{set}")))
}

fn unchanged(stamp: Stamp) -> String {
    format!("if_seq_no={}&if_primary_term={}", stamp.seq_no, stamp.term)
}
