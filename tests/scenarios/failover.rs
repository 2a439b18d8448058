//! The planned switch.

use serde_json::json;

use super::sets::leader;
use crate::support::{
    esdr::Esdr,
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders*"]
"#;

pub fn one_index_is_protected_and_failed_over_with_nothing_lost(pair: &mut Pair) {
    leader(pair, "orders", 2);
    let esdr = Esdr::on(pair).toml(ORDERS);
    let writer = Writer::start(&pair.url(A), "orders");
    writer.until_acked_more(200);

    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    writer.until_acked_more(200);
    let output =
        esdr.args(["failover", "--to", "clusterB", "--yes", "--canary"]).json().run().status(0);
    let result = output.result();
    assert_eq!(result["outcome"], "converged");
    assert_eq!(result["indices"], json!({"total": 1, "done": 1}));

    let ledger = writer.stop();
    assert!(ledger.refused_with(403) > 0, "the old leader refuses writes");
    ledger.assert_all_on(&pair.url(B), "orders");
    let (status, _) = pair.post(A, "/orders/_doc", json!({"n": 1}));
    assert_eq!(status, 403, "the old leader goes on refusing writes");
    let (status, _) = pair.post(B, "/orders/_doc", json!({"n": 1}));
    assert_eq!(status, 201, "the new leader takes them");

    let again = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0);
    assert_eq!(again.events(), Vec::<serde_json::Value>::new(), "nothing is left to do");
}
