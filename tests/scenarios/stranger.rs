//! Another cluster answers at a cluster's address, with indices of the same names: it is known
//! by the record, and nothing is sent to it that changes anything.

use std::sync::Arc;

use esdr::sandbox::{self, Personality};

use super::{
    emergency::{assert_tells, planned},
    sets::{INDICES, follows, protect, takes_writes},
};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
    simulated::Simulated,
    stand_in,
};

/// A protected set, and another pair of clusters beside it.
struct Beside {
    stranger: Arc<sandbox::Pair>,
    other: Pair,
    esdr: Esdr,
}

/// The other pair's cluster A has indices of the same names, and a record of its own or none.
fn beside(pair: &Pair, has_record: bool) -> Beside {
    let personality = if pair.is_6_8() { Personality::V6_8 } else { Personality::V8_19 };
    let stranger = sandbox::Pair::others(personality);
    let other = Pair::of(Simulated::of(Arc::clone(&stranger)));
    if has_record {
        drop(protect(&other));
    } else {
        for (index, _) in INDICES {
            other.ok("PUT", A, &format!("/{index}"), ());
        }
    }
    let esdr = protect(pair);
    Beside { stranger, other, esdr }
}

fn changes(stranger: &sandbox::Pair) -> Vec<String> {
    let lines = stranger.requests(sandbox::Site::A).into_iter();
    lines.filter(|line| !line.starts_with("GET") && !line.contains("/_search")).collect()
}

const COMMANDS: [&[&str]; 10] = [
    &["fence", "clusterA", "--yes"],
    &["unfence", "clusterA", "--yes"],
    &["failover", "--to", "clusterB", "--yes"],
    &["failover", "--to", "clusterB", "--accept-data-loss", "--yes"],
    &["failover", "--to", "clusterB", "--leader-is-fenced", "--yes"],
    &["failover", "--to", "clusterA", "--yes"],
    &["replicate", "--yes"],
    &["reprotect", "--yes"],
    &["failback", "--yes"],
    &["undo", "--yes"],
];

pub fn a_stranger_at_the_leaders_address_is_refused_by_every_command(pair: &mut Pair) {
    let Beside { stranger, other, esdr } = beside(pair, true);
    let esdr = esdr.instead_of(&pair.url(A), &other.url(A));
    for forgets in [false, true] {
        if forgets {
            // The record on the standby says so too.
            esdr.forget_state();
        }
        for command in COMMANDS {
            let before = changes(&stranger).len();
            let run = command.iter().fold(esdr.args([]), |run, arg| run.arg(arg)).json();
            let result = run.run().status(3).result();
            assert_eq!(result["problems"][0]["code"], "wrong_uuid", "{command:?}: {result}");
            assert_eq!(changes(&stranger)[before..], [""; 0], "{command:?}");
        }
        let status = esdr.args(["status"]).json().run().status(5);
        let status: serde_json::Value = serde_json::from_str(status.stdout.trim()).expect("JSON");
        assert_tells(&status, "wrong_uuid");
    }
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index) && follows(pair, B, index), "{index}");
        assert!(takes_writes(&other, A, index), "{index}");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

/// A cluster that was made again is meant where the file says so.
pub fn what_the_file_pins_outranks_the_record(pair: &mut Pair) {
    let Beside { other, esdr, .. } = beside(pair, false);
    let uuid = other.ok("GET", A, "/", ())["cluster_uuid"].as_str().unwrap().to_owned();
    let url = format!("urls = [{:?}]", pair.url(A));
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    let pinned = format!("urls = [{:?}]\nuuid = {uuid:?}", other.url(A));
    assert!(text.contains(&url), "{text}");
    esdr.write("esdr.toml", &text.replace(&url, &pinned));
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    for (index, _) in INDICES {
        assert!(!takes_writes(&other, A, index) && takes_writes(pair, A, index), "{index}");
    }
}

/// What may stand before the address that is the cluster's: a node of it without a master, the
/// stranger, a gateway, nobody.
pub fn of_two_addresses_the_one_that_has_a_master_is_asked(pair: &mut Pair) {
    let Beside { stranger, other, esdr } = beside(pair, false);
    let lost = r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#;
    let answers = |status, kind, body| format!("http://{}", stand_in::answers(status, kind, body));
    let firsts = [
        answers("503 Service Unavailable", "application/json", lost),
        answers("301 Moved Permanently", "text/html", ""),
        answers("502 Bad Gateway", "text/html", "<html>502</html>"),
        other.url(A),
        "http://127.0.0.1:1".to_owned(),
    ];
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    let own = format!("{:?}", pair.url(A));
    for first in &firsts {
        esdr.write("esdr.toml", &text.replace(&own, &format!("{first:?}, {own}")));
        let status = esdr.args(["status"]).json().run().status(0);
        let status: serde_json::Value = serde_json::from_str(status.stdout.trim()).expect("JSON");
        assert_tells(&status, "address_passed_over");
        assert_eq!(status["clusters"][0]["state"], "ok", "{first}: {status}");
    }
    let before = changes(&stranger).len();
    esdr.write("esdr.toml", &text.replace(&own, &format!("{:?}, {own}", other.url(A))));
    drop(planned(&esdr).run().status(0));
    assert_eq!(changes(&stranger)[before..], [""; 0]);
    for (index, _) in INDICES {
        assert!(takes_writes(pair, B, index) && !takes_writes(pair, A, index), "{index}");
    }
}
