//! Two installations with the same names of clusters and sets, on one machine with one state folder:
//! the record of the one is nothing to the other.

use std::{collections::BTreeMap, fs, path::Path};

use esdr::sandbox::{self, Personality};
use serde_json::{Value, json};

use super::sets::{leader, takes_writes, write};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    simulated::Simulated,
    snapshot::Snapshot,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders*"]
"#;

/// Two pairs, each with a protected set of the same name, and the state folder of the first.
struct Two<'p> {
    production: &'p Pair,
    sandbox: Pair,
    esdr: Esdr,
    other: Esdr,
}

impl<'p> Two<'p> {
    fn of(production: &'p Pair) -> Self {
        let sandbox = Pair::of(Simulated::of(sandbox::Pair::unlike_any(Personality::V8_19)));
        let [esdr, other] = [production, &sandbox].map(|pair| {
            leader(pair, "orders", 1);
            write(pair, A, "orders", "first");
            Esdr::on(pair).toml(ORDERS)
        });
        let two = Self { production, sandbox, esdr, other };
        drop(two.in_production(["replicate", "--yes"]).run().status(0));
        drop(two.in_sandbox(["replicate", "--yes"]).run().status(0));
        two
    }

    fn in_production<const N: usize>(&self, args: [&str; N]) -> Invocation<'_> {
        self.esdr.args(args).json()
    }

    fn in_sandbox<const N: usize>(&self, args: [&str; N]) -> Invocation<'_> {
        let state = self.esdr.path("state").display().to_string();
        self.other.args(args).json().env("ESDR_STATE_DIR", &state)
    }

    /// The local record, file by file.
    fn records(&self) -> BTreeMap<String, String> {
        files(&self.esdr.path("state/records"))
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read =
        |path: std::path::PathBuf| (path.display().to_string(), fs::read_to_string(&path).unwrap());
    files.map(read).collect()
}

/// Every file that was there is as it was.
#[track_caller]
fn assert_kept(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) {
    for (name, text) in before {
        assert_eq!(now.get(name), Some(text), "{name}");
    }
}

fn leads(status: &Value) -> &Value {
    &status["sets"][0]["leader"]
}

pub fn a_failback_of_one_installation_leaves_the_others_record_alone(pair: &mut Pair) {
    let two = Two::of(pair);
    drop(two.in_production(["failover", "--to", "clusterB", "--yes"]).run().status(0));
    let (records, before) = (two.records(), Snapshot::of(two.production, &Esdr::bare()));
    let production = two.in_production(["status"]).run().status(0).result();

    // In the sandbox nothing was switched yet.
    let status = two.in_sandbox(["status"]).run().status(0).result();
    assert_eq!(leads(&status), "clusterA", "{status}");
    let back = two.in_sandbox(["failback", "--yes"]).run().status(0).result();
    assert_eq!((&back["run"], &back["problems"]), (&Value::Null, &json!([])), "it is at home");
    let back = two.in_sandbox(["undo", "--max-carry", "9", "--yes"]).run().status(3).result();
    assert_eq!(back["problems"][0]["code"], "no_record", "{back}");

    drop(two.in_sandbox(["failover", "--to", "clusterB", "--yes"]).run().status(0));
    drop(two.in_sandbox(["failback", "--yes"]).run().status(0));
    assert!(takes_writes(&two.sandbox, A, "orders"));
    assert_kept(&records, &two.records());
    before.assert_unchanged(two.production, &Esdr::bare());
    let now = two.in_production(["status"]).run().status(0).result();
    assert_eq!((leads(&now), &now["problems"]), (leads(&production), &production["problems"]));

    let records = two.records();
    drop(two.in_production(["failback", "--yes"]).run().status(0));
    assert!(takes_writes(two.production, A, "orders"));
    let sandbox = two.in_sandbox(["status"]).run().status(0).result();
    assert_eq!(leads(&sandbox), "clusterA", "{sandbox}");
    let sandboxs = |name: &str| is_of(name, &two.sandbox);
    let records = records.into_iter().filter(|(name, _)| sandboxs(name)).collect();
    assert_kept(&records, &two.records());
}

/// Whether the file is named by the cluster's UUID.
fn is_of(name: &str, pair: &Pair) -> bool {
    let uuid = pair.ok("GET", A, "/", ())["cluster_uuid"].as_str().unwrap().to_owned();
    name.contains(&uuid)
}

pub fn a_run_of_another_installation_is_not_taken_back(pair: &mut Pair) {
    let two = Two::of(pair);
    // Killed behind its fence.
    let all = two.in_sandbox(["failover", "--to", "clusterB", "--yes"]);
    let killed = all.env("ESDR_DIE_AFTER_LINES", "12").run();
    let sandbox = two.in_sandbox(["status"]).run().status(5).result();
    let run = sandbox["runs"][0]["run"].as_str().unwrap_or_else(|| panic!("{}", killed.stdout));

    let before = Snapshot::of(two.production, &two.esdr);
    let status = two.in_production(["status"]).run().status(0).result();
    assert_eq!(status["runs"], json!([]));
    for args in [&["undo", run][..], &["undo", run, "--max-carry", "9"]] {
        let typed = args.iter().fold(two.in_production([]), |typed, arg| typed.arg(arg));
        let refused = typed.arg("--yes").run().status(3).result();
        let detail = refused["problems"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("belongs to other clusters"), "{detail}");
    }
    before.assert_unchanged(two.production, &two.esdr);
    assert!(takes_writes(two.production, A, "orders"));

    drop(two.in_production(["failover", "--to", "clusterB", "--yes"]).run().status(0));
    drop(two.in_sandbox(["undo", "--yes"]).run().status(0));
    for (pair, site) in [(two.production, B), (&two.sandbox, A)] {
        assert!(takes_writes(pair, site, "orders"), "{site}");
    }
    assert!(!takes(two.production, A) && !takes(&two.sandbox, B));
}

fn takes(pair: &Pair, site: Site) -> bool {
    takes_writes(pair, site, "orders")
}

pub fn a_failover_without_the_leader_names_the_leader_that_it_left(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    leader(pair, "orders", 1);
    write(pair, A, "orders", "first");
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let uuid = pair.ok("GET", A, "/", ())["cluster_uuid"].clone();
    pair.kill(A);
    let forced = esdr.args(["failover", "--to", "clusterB", "--accept-data-loss", "--yes"]);
    drop(forced.json().run());
    let texts = files(&esdr.path("state/records")).into_values();
    let entries: Vec<Value> = texts.map(|text| serde_json::from_str(&text).unwrap()).collect();
    let switch =
        entries.iter().find(|entry| entry["target"] == "clusterB" && entry["state"] == "done");
    let switch = switch.unwrap_or_else(|| panic!("{entries:?}"));
    assert_eq!(switch["source_uuid"], uuid);
}
