//! Machines whose clocks are wrong: what follows what is counted, so nothing that is decided
//! depends on the time.

use serde_json::{Value, json};

use super::sets::{leader, takes_writes, write};
use crate::support::{
    esdr::{Esdr, Output},
    pair::{
        Pair,
        Site::{self, A, B},
    },
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders*"]
"#;

const MINUTES_10_MS: i64 = 10 * 60 * 1_000;
const DAYS_2_MS: i64 = 2 * 86_400_000;

/// Typed on a machine whose clock is so far ahead.
fn typed<const N: usize>(esdr: &Esdr, args: [&str; N], ahead_ms: i64) -> Output {
    let run = esdr.args(args).arg("--yes").json();
    run.env("ESDR_CLOCK_OFFSET_MS", &ahead_ms.to_string()).run()
}

fn is_blocked(pair: &Pair, site: Site, index: &str) -> bool {
    let settings = pair.ok("GET", site, &format!("/{index}/_settings?flat_settings=true"), ());
    settings[index]["settings"]["index.blocks.write"] == "true"
}

/// Status has nothing to say but that this side leads, and it does.
fn is_led_by(pair: &Pair, esdr: &Esdr, site: Site) {
    let status = esdr.args(["status"]).json().run().status(0).result();
    assert_eq!(status["sets"][0]["leader"], json!(site.name()), "{status}");
    let codes: Vec<&Value> =
        status["problems"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert!(!codes.contains(&&json!("stray")), "{status}");
    assert!(takes_writes(pair, site, "orders"), "{site} leads");
}

fn goes_away_and_comes_home(pair: &Pair, esdr: &Esdr, (away_ms, home_ms): (i64, i64)) {
    drop(typed(esdr, ["failover", "--to", "clusterB"], away_ms).status(0));
    is_led_by(pair, esdr, B);
    drop(typed(esdr, ["failback"], home_ms).status(0));
    is_led_by(pair, esdr, A);
    assert!(!is_blocked(pair, A, "orders"), "no block of esdr's is left");
    assert!(!is_blocked(pair, B, "orders"), "no block of esdr's is left");
}

/// How far the clocks are ahead of the machines that type the way there and the way home.
const CLOCKS: [(i64, i64); 5] = [
    (MINUTES_10_MS, 0),
    (0, MINUTES_10_MS),
    (0, -DAYS_2_MS),
    (DAYS_2_MS, 0),
    (-DAYS_2_MS, DAYS_2_MS),
];

/// Real servers see one of them, for they know nothing of the machines' clocks; the simulated pair
/// sees all.
pub fn whatever_the_clocks_say_a_set_goes_away_comes_home_and_goes_again(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(typed(&esdr, ["replicate"], DAYS_2_MS).status(0));
    let seen = if pair.is_real() { &CLOCKS[3..4] } else { &CLOCKS[..] };
    for (nth, &clocks) in seen.iter().enumerate() {
        write(pair, A, "orders", &format!("before-{nth}"));
        goes_away_and_comes_home(pair, &esdr, clocks);
        if clocks == (DAYS_2_MS, 0) {
            // Another machine knows what the clusters do.
            esdr.forget_state();
        }
    }
    // It is drained, as the first one was.
    write(pair, A, "orders", "last");
    let last = typed(&esdr, ["failover", "--to", "clusterB"], 0).status(0);
    let drained = |event: &Value| event["step"] == "drain" && event["type"] == "done";
    assert!(last.events().iter().any(drained), "{}", last.stdout);
    assert_eq!(last.result()["lost_ops"], json!({"known": 0, "at_most": 0}));
    is_led_by(pair, &esdr, B);
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn an_undo_by_a_machine_whose_clock_is_behind_takes_the_newest_run_back(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(typed(&esdr, ["replicate"], 0).status(0));
    goes_away_and_comes_home(pair, &esdr, (DAYS_2_MS, 0));
    drop(typed(&esdr, ["failover", "--to", "clusterB"], -DAYS_2_MS).status(0));
    let back = typed(&esdr, ["undo", "--max-carry", "1000"], 0).status(0).result();
    assert_eq!(back["outcome"], "converged");
    assert!(takes_writes(pair, A, "orders"), "{back}");
    assert_eq!(pair.violations(), [""; 0]);
}
