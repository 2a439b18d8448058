//! Two clusters, the file that names them, and the clients that write.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use esdr::{
    config,
    es::transport::{Method, Request, Response},
    model::topology::Topology,
    sandbox::{self, Pair, Personality, Site, Standing},
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::folder;

/// The indices of the set `orders`, with their shards. The last takes the writes of its alias.
pub const INDICES: [(&str, u32); 2] = [("orders-000001", 1), ("orders-000002", 2)];

/// Clients write through it, too.
const WRITE_ALIAS: &str = "orders-write";

/// The clusters in the file of every machine.
const CLUSTERS: &str = r#"
[clusters.clusterA]
urls = ["http://127.0.0.1:9200"]
remote = { seeds = ["127.0.0.1:9300"] }

[clusters.clusterB]
urls = ["http://127.0.0.1:9201"]
remote = { seeds = ["127.0.0.1:9301"] }
"#;

/// One side leads, and the other follows.
const SET: &str = r#"
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
    /// What the file says beside the clusters.
    meant: &'static str,
    pub topology: Topology,
    clients: Arc<Clients>,
}

/// A world at one moment, to be made from as often as is wanted.
pub struct Still {
    pair: sandbox::Still,
    folder: TempDir,
    meant: &'static str,
    written: usize,
    has_deleted: bool,
}

/// Who writes to the clusters, and changes them.
pub struct Clients {
    pair: Arc<Pair>,
    written: AtomicUsize,
    /// That the oldest index went.
    has_deleted: AtomicBool,
}

impl World {
    /// Two clusters of a version, with the set's indices on A and nothing on B.
    pub fn new(personality: Personality) -> Self {
        let world = Self::of(Pair::new(personality), SET);
        for (name, shards) in INDICES {
            world.create(Site::A, name, shards);
        }
        let (last, _) = INDICES[INDICES.len() - 1];
        let add = json!({"index": last, "alias": "orders-write", "is_write_index": true});
        world.ok(Site::A, Method::Post, "/_aliases", json!({"actions": [{"add": add}]}));
        world.write_everywhere();
        world
    }

    /// Two clusters of a version with nothing on them, and a file that means this.
    pub fn empty(personality: Personality, meant: &'static str) -> Self {
        Self::of(Pair::new(personality), meant)
    }

    fn of(pair: Arc<Pair>, meant: &'static str) -> Self {
        let folder = folder::temporary("esdr-world-");
        pair.salvages_into(&folder.path().join("salvage"));
        let topology = config::parse(Path::new("esdr.toml"), &format!("{CLUSTERS}{meant}"));
        let topology = topology.unwrap();
        let clients = Clients {
            pair: Arc::clone(&pair),
            written: AtomicUsize::new(0),
            has_deleted: AtomicBool::new(false),
        };
        Self { pair, folder, meant, topology, clients: Arc::new(clients) }
    }

    /// As it is now, with what the machines have in their folders.
    pub fn still(&self) -> Still {
        let folder = folder::temporary("esdr-world-");
        copy(self.folder.path(), folder.path());
        let written = self.clients.written.load(Ordering::Relaxed);
        let has_deleted = self.clients.has_deleted.load(Ordering::Relaxed);
        Still { pair: self.pair.still(), folder, meant: self.meant, written, has_deleted }
    }

    /// Another world that is as this one, and goes its own way from here.
    pub fn fork(&self) -> Self {
        self.still().world()
    }

    /// Who writes here.
    pub fn clients(&self) -> Arc<Clients> {
        Arc::clone(&self.clients)
    }

    /// A folder of this world, which goes with it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Clients write to each index on each side, and take what they are answered.
    pub fn write_everywhere(&self) {
        for site in Site::BOTH {
            self.write_side(site);
        }
    }

    /// Clients write to each index on one side.
    pub fn write_side(&self, site: Site) {
        for (name, _) in INDICES {
            self.clients.write(site, name);
        }
    }

    /// An index that can be followed.
    pub fn create(&self, site: Site, name: &str, shards: u32) {
        assert!(self.clients.create(site, name, shards) < 300);
    }

    /// A client's request that works.
    pub fn ok(&self, site: Site, method: Method, path: &str, body: Value) {
        let response = self.clients.ask(site, method, path, body);
        assert!(response.status < 300, "{path}: {} {}", response.status, response.body);
    }
}

impl Still {
    /// A world that goes its own way from that moment.
    pub fn world(&self) -> World {
        let world = World::of(self.pair.pair(), self.meant);
        copy(self.folder.path(), world.folder.path());
        world.clients.written.store(self.written, Ordering::Relaxed);
        world.clients.has_deleted.store(self.has_deleted, Ordering::Relaxed);
        world
    }
}

impl Clients {
    /// Whether a cluster runs.
    pub fn answers(&self, site: Site) -> bool {
        let root = self.pair.transport(site);
        root.send(Request::new(Method::Get, "/")).now_or_never().is_some_and(|it| it.is_ok())
    }

    /// A request, answered at once.
    pub fn ask(&self, site: Site, method: Method, path: &str, body: Value) -> Response {
        let request = Request::new(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let transport = self.pair.transport(site);
        transport.send(request).now_or_never().expect("an answer at once").expect("an answer")
    }

    /// An index that can be followed. The status of the answer.
    fn create(&self, site: Site, name: &str, shards: u32) -> u16 {
        let settings = json!({"index.number_of_shards": shards, "index.number_of_replicas": 0,
            "index.soft_deletes.enabled": true});
        self.ask(site, Method::Put, &format!("/{name}"), json!({ "settings": settings })).status
    }

    /// The clusters.
    pub fn pair(&self) -> &Pair {
        &self.pair
    }

    /// Whether the index that takes the writes of the alias takes them on this side.
    pub fn leads(&self, site: Site) -> bool {
        let leads = |it: &Standing| it.is_writable && it.aliases.iter().any(|it| it == WRITE_ALIAS);
        self.answers(site) && self.pair.standing(site).iter().any(leads)
    }

    /// The write of this turn: an index after the other, a side after the other.
    pub fn write_in_turn(&self, turn: usize) {
        let (name, _) = INDICES[turn / 2 % INDICES.len()];
        self.write(Site::BOTH[turn % 2], name);
    }

    /// One document to one of the indices that there are on a side, or by the alias.
    pub fn write_to_any(&self, site: Site, turn: usize) -> bool {
        let standing = self.pair.standing(site);
        let has_alias = |it: &Standing| it.aliases.iter().any(|alias| alias == WRITE_ALIAS);
        let mut names: Vec<&str> = standing.iter().map(|it| it.index.as_str()).collect();
        names.extend(standing.iter().any(has_alias).then_some(WRITE_ALIAS));
        let Some(name) = names.get(turn % names.len().max(1)).filter(|_| self.answers(site)) else {
            return false;
        };
        self.put(site, name)
    }

    /// A rollover of the write alias, by hand or by lifecycle management, where it takes writes.
    pub fn roll_over(&self) {
        for site in Site::BOTH.into_iter().filter(|site| self.answers(*site)) {
            let settings =
                json!({"index.number_of_replicas": 0, "index.soft_deletes.enabled": true});
            let body = json!({"settings": settings});
            self.ask(site, Method::Post, "/orders-write/_rollover", body);
        }
    }

    /// Whether a client has deleted an index.
    pub fn has_deleted(&self, index: &str) -> bool {
        self.has_deleted.load(Ordering::Relaxed) && index == INDICES[0].0
    }

    /// Tomorrow's index, on home.
    pub fn create_newcomer(&self) {
        if !self.answers(Site::A) {
            return;
        }
        self.create(Site::A, "orders-000009", 1);
        self.write(Site::A, "orders-000009");
    }

    /// The oldest index goes where it leads, as retention does it.
    pub fn delete_one(&self) {
        self.delete_on(Site::A);
    }

    /// The same on this side.
    pub fn delete_on(&self, site: Site) {
        let (oldest, _) = INDICES[0];
        let standing = self.pair.standing(site);
        let leads = |it: &Standing| it.index == oldest && it.follows.is_none();
        if self.answers(site) && standing.iter().any(leads) {
            self.pair.allow_discard(oldest);
            self.has_deleted.store(true, Ordering::Relaxed);
            self.ask(site, Method::Delete, &format!("/{oldest}"), Value::Null);
        }
    }

    /// An index of this name, and a first write to it.
    pub fn create_on(&self, site: Site, name: &str) {
        if self.answers(site) {
            self.create(site, name, 1);
            self.write(site, name);
        }
    }

    /// One document. Whether it was acknowledged.
    pub fn write(&self, site: Site, index: &str) -> bool {
        if !self.answers(site) || self.pair.standing(site).iter().all(|it| it.index != index) {
            return false;
        }
        self.put(site, index)
    }

    fn put(&self, site: Site, index: &str) -> bool {
        let id = self.written.fetch_add(1, Ordering::Relaxed);
        let path = format!("/{index}/_doc/{id}");
        self.ask(site, Method::Put, &path, json!({"n": id})).status < 300
    }
}

/// Everything in a folder, into another.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
