//! Sets as an operator has them before a switch, and how they look after one.

use serde_json::{Value, json};

use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::until_true,
};

/// The set of [`protect`]: indices and their shards.
pub const INDICES: [(&str, u32); 3] = [("orders-1", 1), ("orders-2", 2), ("orders-3", 3)];

/// The documents that each of them has.
pub const IDS: [&str; 3] = ["1", "2", "3"];

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
auto_follow = true
hooks = { before_fence = ["./before.sh"], after_promote = ["./after.sh"] }
"#;

/// Three indices, one with an alias that takes writes, a pattern, two hooks.
pub fn protect(pair: &Pair) -> Esdr {
    let esdr = Esdr::on(pair).toml(ORDERS);
    for hook in ["before", "after"] {
        logging_hook(&esdr, hook);
    }
    for (index, shards) in INDICES {
        let takes_writes = index == "orders-3";
        let alias = json!({"orders": {"is_write_index": takes_writes}});
        // Real servers take long to make a shard and its copy.
        let shards = if pair.is_real() { shards.div_ceil(2) } else { shards };
        leader_with(pair, index, shards, alias);
        for id in IDS {
            write(pair, A, index, id);
        }
    }
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert_eq!(running_patterns(pair, B), ["orders"]);
    esdr
}

/// An index that can be replicated.
pub fn leader(pair: &Pair, name: &str, shards: u32) {
    leader_with(pair, name, shards, json!({}));
}

/// The same with aliases.
pub fn leader_with(pair: &Pair, name: &str, shards: u32, aliases: Value) {
    let settings = json!({
        "index.number_of_shards": shards,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true
    });
    let body = json!({ "settings": settings, "aliases": aliases });
    pair.ok("PUT", A, &format!("/{name}"), body);
}

/// An index on A that takes writes from its birth, whatever a fence's template says of its name: as
/// an administrator makes it, never a client's first write.
pub fn born_writable(pair: &Pair, name: &str) {
    let settings = json!({
        "index.blocks.write": false,
        "index.number_of_shards": 1,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true
    });
    pair.ok("PUT", A, &format!("/{name}"), json!({ "settings": settings }));
}

/// A document that is there for good.
pub fn write(pair: &Pair, site: Site, index: &str, id: &str) {
    pair.ok("PUT", site, &format!("/{index}/_doc/{id}"), json!({"id": id}));
}

/// Whether a write to an index is taken.
pub fn takes_writes(pair: &Pair, site: Site, index: &str) -> bool {
    let (status, body) = pair.put(site, &format!("/{index}/_doc/probe"), json!({"n": 1}));
    assert!([200, 201, 403].contains(&status), "{status} {body}");
    status != 403
}

/// The index follows the other side's with a running task.
pub fn follows(pair: &Pair, site: Site, index: &str) -> bool {
    let (_, body) = pair.get(site, &format!("/{index}/_ccr/info"));
    body["follower_indices"][0]["status"] == "active"
}

/// The index is one that follows nothing.
pub fn is_regular(pair: &Pair, site: Site, index: &str) -> bool {
    let (status, body) = pair.get(site, &format!("/{index}/_ccr/info"));
    status == 404 || body["follower_indices"].as_array().is_none_or(Vec::is_empty)
}

/// Every alias of the indices that match, without what was never said.
pub fn aliases(pair: &Pair, site: Site, indices: &str) -> Value {
    pair.ok("GET", site, &format!("/{indices}/_alias"), ())
}

/// The names of the auto-follow patterns that run.
/// The index in which a cluster keeps its copy of the record.
pub fn state_index(pair: &Pair, site: Site) -> String {
    let rows = pair.ok("GET", site, "/_cat/indices/esdr-state-*?format=json&h=index", ());
    rows[0]["index"].as_str().unwrap().to_owned()
}

pub fn running_patterns(pair: &Pair, site: Site) -> Vec<String> {
    let (_, body) = pair.get(site, "/_ccr/auto_follow");
    body["patterns"]
        .as_array()
        .into_iter()
        .flatten()
        // Before 7.9 none can be paused, and nothing is said of it.
        .filter(|pattern| pattern["pattern"]["active"] != false)
        .map(|pattern| pattern["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The same failover again has nothing to do: the result is all that it prints.
#[track_caller]
pub fn assert_nothing_left(esdr: &Esdr, to: &str) {
    let again = esdr.args(["failover", "--to", to, "--yes"]).json().run();
    let again = again.status(0);
    assert_eq!(again.lines().len(), 1, "{}", again.stdout);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");
    assert_eq!(again.result()["outcome"], "converged");
}

/// How often a hook that [`logging_hook`] made was run.
pub fn hook_runs(esdr: &Esdr, name: &str) -> usize {
    std::fs::read_to_string(esdr.path("hooks.log"))
        .unwrap_or_default()
        .lines()
        .filter(|line| *line == name)
        .count()
}

/// A hook that notes its name, for the `[sets.NAME]` that it stands in.
pub fn logging_hook(esdr: &Esdr, name: &str) {
    let log = esdr.path("hooks.log");
    let text = format!("#!/bin/sh\necho {name} >> '{}'\n", log.display());
    esdr.script(&format!("{name}.sh"), &text);
}

/// A hook that stops the run until the test lets it go on: what the test does in between
/// happens exactly there.
pub struct Turnstile {
    reached: std::path::PathBuf,
    open: std::path::PathBuf,
}

impl Turnstile {
    /// Makes `./NAME.sh`, for the `[sets.NAME]` that it stands in.
    pub fn at(esdr: &Esdr, name: &str) -> Self {
        let (reached, open) =
            (esdr.path(&format!("{name}.reached")), esdr.path(&format!("{name}.open")));
        // The run is given up by its own limit where the test ended early.
        let text = format!(
            "#!/bin/sh\ntouch '{}'\nwhile [ ! -e '{}' ]; do sleep 0.02; done\n",
            reached.display(),
            open.display()
        );
        esdr.script(&format!("{name}.sh"), &text);
        Self { reached, open }
    }

    pub fn until_reached(&self) {
        until_true(60, "the run reaches the hook", || self.reached.exists());
    }

    pub fn open(&self) {
        std::fs::write(&self.open, "").unwrap();
    }

    /// The next run stops there again.
    pub fn shut(&self) {
        for file in [&self.reached, &self.open] {
            std::fs::remove_file(file).unwrap();
        }
    }
}

/// Every event of every run so far, as the journals have them, run by run.
pub fn journalled(esdr: &Esdr) -> Vec<Value> {
    let Ok(runs) = std::fs::read_dir(esdr.path("state/runs")) else {
        return Vec::new();
    };
    runs.map(|run| run.unwrap().path().join("journal.jsonl"))
        // A run makes its folder first.
        .filter(|journal| journal.exists())
        .flat_map(|journal| {
            let text = std::fs::read_to_string(journal).unwrap();
            // The last line may be half written.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            let parse = |line: &str| serde_json::from_str(line).unwrap();
            whole.lines().map(parse).collect::<Vec<Value>>()
        })
        .filter(|line| line.get("kind").is_some())
        .collect()
}
