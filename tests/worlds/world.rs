//! Two clusters, the file that names them, and the clients that write.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use esdr::{
    config,
    es::transport::{Method, Request, Response},
    model::topology::Topology,
    sandbox::{Pair, Personality, Site},
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The indices of the set `orders`, with their shards. The last takes the writes of its alias.
pub const INDICES: [(&str, u32); 2] = [("orders-000001", 1), ("orders-000002", 2)];

/// The file of every machine.
const FILE: &str = r#"
[clusters.clusterA]
urls = ["http://127.0.0.1:9200"]
remote = { seeds = ["127.0.0.1:9300"] }

[clusters.clusterB]
urls = ["http://127.0.0.1:9201"]
remote = { seeds = ["127.0.0.1:9301"] }

[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
auto_follow = true
"#;

/// Everything that there is, but for the operators' machines.
pub struct World {
    pub pair: Arc<Pair>,
    folder: TempDir,
    pub topology: Topology,
    written: AtomicUsize,
}

impl World {
    /// Two clusters of a version, with the set's indices on A and nothing on B.
    pub fn new(personality: Personality) -> Self {
        let world = Self::of(Pair::new(personality));
        for (name, shards) in INDICES {
            world.create(Site::A, name, shards);
        }
        let (last, _) = INDICES[INDICES.len() - 1];
        let add = json!({"index": last, "alias": "orders-write", "is_write_index": true});
        world.ok(Site::A, Method::Post, "/_aliases", json!({"actions": [{"add": add}]}));
        world.write_everywhere();
        world
    }

    fn of(pair: Arc<Pair>) -> Self {
        let folder = tempfile::Builder::new().prefix("esdr-world-").tempdir_in(memory()).unwrap();
        pair.salvages_into(&folder.path().join("salvage"));
        let topology = config::parse(Path::new("esdr.toml"), FILE).unwrap();
        Self { pair, folder, topology, written: AtomicUsize::new(0) }
    }

    /// Another world that is as this one, with machines of its own.
    pub fn fork(&self) -> Self {
        let written = self.written.load(Ordering::Relaxed);
        Self { written: AtomicUsize::new(written), ..Self::of(self.pair.fork()) }
    }

    /// A folder of this world, which goes with it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client's request, answered at once.
    pub fn ask(&self, site: Site, method: Method, path: &str, body: Value) -> Response {
        let request = Request::new(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let transport = self.pair.transport(site);
        transport.send(request).now_or_never().expect("an answer at once").expect("an answer")
    }

    /// The same, where it works.
    pub fn ok(&self, site: Site, method: Method, path: &str, body: Value) -> Value {
        let response = self.ask(site, method, path, body);
        assert!(response.status < 300, "{path}: {} {}", response.status, response.body);
        serde_json::from_str(&response.body).unwrap()
    }

    /// An index that can be followed.
    pub fn create(&self, site: Site, name: &str, shards: u32) {
        let settings = json!({"index.number_of_shards": shards, "index.number_of_replicas": 0,
            "index.soft_deletes.enabled": true});
        self.ok(site, Method::Put, &format!("/{name}"), json!({ "settings": settings }));
    }

    /// Clients write to each index on each side, and take what they are answered.
    pub fn write_everywhere(&self) {
        for site in Site::BOTH {
            for (name, _) in INDICES {
                self.write(site, name);
            }
        }
    }

    /// One document. Whether it was acknowledged.
    pub fn write(&self, site: Site, index: &str) -> bool {
        if self.pair.standing(site).iter().all(|it| it.index != index) {
            return false;
        }
        let id = self.written.fetch_add(1, Ordering::Relaxed);
        let path = format!("/{index}/_doc/{id}");
        self.ask(site, Method::Put, &path, json!({"n": id})).status < 300
    }
}

/// Where a sync costs nothing, if there is such a place.
fn memory() -> PathBuf {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() }
}
