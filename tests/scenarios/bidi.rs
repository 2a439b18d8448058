//! Two sites that both write, behind one alias.

use serde_json::{Value, json};

use crate::support::{
    esdr::{Esdr, Invocation},
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    picture::Picture,
    until::until_true,
};

const LOGS: &str = "[bidi.logs]\nclusters = [\"clusterA\", \"clusterB\"]\n";

/// What a site writes, and the other copies.
pub fn own(site: Site) -> String {
    format!("logs-{}", site.name().to_lowercase())
}

fn setup(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["bidi", "setup", "logs", "--yes"]).json()
}

/// Set up on two empty clusters.
fn set_up(pair: &Pair) -> Esdr {
    let esdr = Esdr::on(pair).toml(LOGS);
    let result = setup(&esdr).run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    esdr
}

/// The alias as a site has it: each index that bears it, with its write flag.
pub fn spanned(pair: &Pair, site: Site) -> Vec<(String, Value)> {
    let (_, answer) = pair.get(site, "/_all/_alias?expand_wildcards=all");
    let rows = answer.as_object().expect("indices").iter();
    let mut borne: Vec<(String, Value)> = rows
        .filter_map(|(index, row)| {
            let alias = row["aliases"].get("logs")?;
            Some((index.clone(), alias["is_write_index"].clone()))
        })
        .collect();
    borne.sort_by(|one, other| one.0.cmp(&other.0));
    borne
}

fn assert_spanned(pair: &Pair) {
    for site in Site::BOTH {
        let mut wanted = vec![(own(site), json!(true)), (own(site.other()), json!(false))];
        wanted.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(spanned(pair, site), wanted, "on {site}");
    }
}

fn follows(pair: &Pair, site: Site) -> bool {
    let (_, info) = pair.get(site, &format!("/{}/_ccr/info", own(site.other())));
    info["follower_indices"][0]["status"] == "active"
}

/// The second run has nothing to do, and does nothing.
fn assert_settled(pair: &Pair, esdr: &Esdr) {
    let dry = esdr.args(["bidi", "setup", "logs", "--dry-run"]).json().run().status(0);
    assert_eq!(dry.result()["outcome"], "planned", "{}", dry.stdout);
    let before = Picture::of(pair, esdr);
    let result = setup(esdr).run().status(0).result();
    assert_eq!((&result["outcome"], &result["run"]), (&json!("converged"), &Value::Null));
    before.assert_unchanged(pair, esdr);
}

/// Show 1: on two empty clusters, with writers on both; and run again.
pub fn both_sites_write_and_both_read_everything(pair: &mut Pair) {
    let esdr = set_up(pair);
    assert_spanned(pair);
    assert!(follows(pair, A) && follows(pair, B));
    for site in Site::BOTH {
        assert_eq!(pair.count(site, "logs"), Some(0), "no canary is left on {site}");
    }
    let load = || Load { updates_of_ten: 0, ..Load::default() };
    let writers = Site::BOTH.map(|site| Writer::with(&pair.url(site), "logs", load()));
    for writer in &writers {
        writer.until_acked_more(500);
    }
    // While they write it changes nothing, and refuses nobody.
    assert_settled_under_load(&esdr);
    let ledgers = writers.map(Writer::stop);
    let documents: usize = ledgers.iter().map(|ledger| ledger.documents()).sum();
    for (site, ledger) in Site::BOTH.into_iter().zip(&ledgers) {
        assert!(ledger.refused().is_empty(), "{:?}", ledger.refused_last());
        until_true(60, "both sides count both", || {
            pair.count(site, "logs") == Some(documents as u64)
        });
        for reader in Site::BOTH {
            ledger.assert_all_on(&pair.url(reader), &own(site));
        }
    }
    assert_settled(pair, &esdr);
}

fn assert_settled_under_load(esdr: &Esdr) {
    let result = setup(esdr).run().status(0).result();
    assert_eq!((&result["outcome"], &result["run"]), (&json!("converged"), &Value::Null));
}
