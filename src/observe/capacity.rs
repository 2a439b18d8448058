//! The room of clusters: two requests to each, for plans that make copies.

use std::time::Duration;

use futures_util::{future::join_all, join};

use super::Watched;
use crate::{
    es::api::{CatAllocation, ClusterSettings, Es},
    model::{
        capacity::{Capacity, Disk, Watermark},
        world::{Version, World},
    },
};

/// Deadline of each request.
const DEADLINE: Duration = Duration::from_secs(5);

const THRESHOLDS: &str = "cluster.routing.allocation.disk.threshold_enabled";
const WATERMARKS: &str = "cluster.routing.allocation.disk.watermark";

/// Asks every cluster of a world that answered for its room, side by side, and notes it there,
/// or why it could not be seen.
pub(crate) async fn observe_capacities(clusters: &[Watched], world: &mut World) {
    let answering = clusters.iter().filter_map(|watched| {
        let version = world.view(&watched.name)?.version;
        Some(async move { (watched.name.clone(), look(&watched.es, version).await) })
    });
    world.capacities = join_all(answering).await.into_iter().collect();
}

async fn look(es: &Es, version: Version) -> Result<Capacity, String> {
    let timed = es.with_deadline(DEADLINE);
    let (rows, settings) = join!(timed.cat_allocation(), timed.cluster_settings_in_full());
    let rows = rows.map_err(|error| error.to_string())?;
    room(&rows, &settings.map_err(|error| error.to_string())?, version)
}

fn room(
    rows: &[CatAllocation],
    settings: &ClusterSettings,
    version: Version,
) -> Result<Capacity, String> {
    // A node that holds frozen indices only has a cache where others have shards.
    let nodes = rows.iter().filter(|row| !row.ip.is_empty() && row.roles != "f");
    let disks: Vec<Disk> = nodes.map(disk).collect::<Result<_, _>>()?;
    if disks.is_empty() {
        return Err("it names no data node".to_owned());
    }
    let is_heeded = settings.text(THRESHOLDS) != Some("false");
    // Up to 7.17 a data node that is alone is given shards whatever its disk; then it has no
    // other to move them to, so that esdr keeps to the high watermark there as well.
    let alone = format!("{WATERMARKS}.enable_for_single_data_node");
    let is_lenient = disks.len() == 1 && version.major < 8 && settings.text(&alone) != Some("true");
    let (low, high) = (watermark(settings, "low")?, watermark(settings, "high")?);
    let per_node = settings.text("cluster.max_shards_per_node").and_then(|it| it.parse().ok());
    Ok(Capacity {
        disks,
        low: low.filter(|_| is_heeded && !is_lenient),
        high: high.filter(|_| is_heeded),
        // 6.8 warns of it.
        shards_per_node: per_node.filter(|_| version.major >= 7),
    })
}

fn disk(row: &CatAllocation) -> Result<Disk, String> {
    let bytes = |text: &str| {
        text.parse().map_err(|_| format!("the disk of node {} is not known", row.node))
    };
    Ok(Disk {
        available_bytes: bytes(&row.available_bytes)?,
        total_bytes: bytes(&row.total_bytes)?,
    })
}

fn watermark(settings: &ClusterSettings, which: &str) -> Result<Option<Watermark>, String> {
    let key = format!("{WATERMARKS}.{which}");
    let Some(text) = settings.text(&key) else {
        return Ok(None);
    };
    let read = Watermark::read(text, settings.text(&format!("{key}.max_headroom")));
    read.map(Some).ok_or_else(|| format!("{key} is {text}, which is no watermark"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::es::{scripted::Scripted, transport::Method};

    const SETTINGS: &str = r#"{"persistent":{"cluster.routing.allocation.disk.watermark.high":"5gb"},
        "transient":{"cluster.routing.allocation.disk.watermark.low":"10gb"},
        "defaults":{"cluster.max_shards_per_node":"1000","cluster.routing.allocation.disk.threshold_enabled":"true",
        "cluster.routing.allocation.disk.watermark.low":"85%"}}"#;
    const ONE: &str = r#"[{"shards":"2","disk.avail":"25","disk.total":"100","ip":"::1","node":"n"},
        {"shards":"2","disk.avail":null,"disk.total":null,"ip":null,"node":"UNASSIGNED"}]"#;
    const TWO: &str = r#"[{"disk.avail":"25","disk.total":"100","ip":"::1","node":"n","node.role":"dm"},
        {"disk.avail":"1","disk.total":"100","ip":"::2","node":"cold","node.role":"f"},
        {"disk.avail":"75","disk.total":"100","ip":"::3","node":"o","node.role":"dfm"}]"#;

    async fn seen(rows: &str, major: u16) -> Result<Capacity, String> {
        let script = Scripted::new()
            .get("/_cat/allocation?format=json&bytes=b$", rows)
            .get("/_cluster/settings?include_defaults=true&flat_settings=true$", SETTINGS);
        look(&script.es("a"), Version { major, ..Version::default() }).await
    }

    #[tokio::test]
    async fn disks_watermarks_and_the_shard_limit_are_read() {
        let room = seen(TWO, 8).await.unwrap();
        let disk = |available_bytes| Disk { available_bytes, total_bytes: 100 };
        assert_eq!(room.disks, [disk(25), disk(75)], "but for the frozen node");
        let gb = 1024 * 1024 * 1024;
        assert_eq!(room.low, Some(Watermark::FreeBytes(10 * gb)), "transient wins");
        assert_eq!(room.high, Some(Watermark::FreeBytes(5 * gb)));
        assert_eq!(room.shards_per_node, Some(1_000));
    }

    #[tokio::test]
    async fn before_8_0_a_node_that_is_alone_minds_no_low_watermark_and_6_8_no_shard_limit() {
        let room = seen(ONE, 6).await.unwrap();
        assert_eq!((room.disks.len(), room.low, room.shards_per_node), (1, None, None));
        assert!(room.high.is_some());
        let room = seen(ONE, 8).await.unwrap();
        assert!(room.low.is_some());
    }

    #[tokio::test]
    async fn what_cannot_be_seen_is_said() {
        let untold = r#"[{"disk.avail":null,"disk.total":null,"ip":"::1","node":"n"}]"#;
        assert_eq!(seen(untold, 8).await, Err("the disk of node n is not known".to_owned()));
        let forbidden = Scripted::new()
            .on(Method::Get, "/_cat/allocation", 403, r#"{"error":"no","status":403}"#)
            .get("/_cluster/settings", SETTINGS);
        let why = look(&forbidden.es("a"), Version::default()).await.unwrap_err();
        assert!(why.contains("403"), "{why}");
    }
}
