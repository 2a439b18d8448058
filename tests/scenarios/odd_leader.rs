//! Something odd answers at the address of a healthy leader, from which the standby reads: it is
//! alive, and nothing that is typed on one machine makes a second one. One that begins to do so in
//! the middle of a run is in `tests/worlds/odd.rs`.

use super::{
    emergency::{assert_refused, forced, planned},
    sets::{INDICES, follows, protect, running_patterns, takes_writes},
};
use crate::support::{
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
    stand_in,
};

/// What stands between this machine and the leader: status, kind of content, content.
const ODD: [(&str, &str, &str); 14] = [
    ("301 Moved Permanently", "text/html", ""),
    ("302 Found", "text/html", "<html>moved</html>"),
    ("307 Temporary Redirect", "application/json", "{}"),
    ("204 No Content", "text/plain", ""),
    ("200 OK", "text/html", "<html>It works!</html>"),
    ("200 OK", "application/json", "[]"),
    ("200 OK", "application/json", r#"{"version":{"number":"banana"}}"#),
    ("404 Not Found", "application/json", r#"{"error":"not found","status":404}"#),
    (
        "429 Too Many Requests",
        "application/json",
        r#"{"error":{"type":"circuit_breaking_exception","reason":"too large"},"status":429}"#,
    ),
    ("500 Internal Server Error", "application/json", r#"{"error":{"type":"exception"}}"#),
    ("502 Bad Gateway", "text/html", "<html>502</html>"),
    ("503 Service Unavailable", "application/json", r#"{"message":"no healthy upstream"}"#),
    (
        "503 Service Unavailable",
        "application/json",
        r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#,
    ),
    ("504 Gateway Timeout", "text/plain", ""),
];

/// The leader leads and takes writes, the standby follows it, and no second side was ever seen.
#[track_caller]
fn assert_as_before(pair: &Pair, because: &str) {
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}, {because}");
        assert!(follows(pair, B, index), "{index}, {because}");
    }
    assert_eq!(running_patterns(pair, B), ["orders"], "{because}");
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

pub fn a_leader_that_the_standby_reads_from_is_alive_whatever_answers_in_its_place(
    pair: &mut Pair,
) {
    let mut esdr = protect(pair);
    let mut url = pair.url(A);
    for (status, kind, body) in ODD {
        let odd = format!("http://{}", stand_in::answers(status, kind, body));
        esdr = esdr.instead_of(&url, &odd);
        url = odd;
        let before = Snapshot::of(pair, &esdr);
        for run in [planned(&esdr), forced(&esdr)] {
            assert_refused(&run.run().status(3).result(), "leader_alive");
            before.assert_unchanged(pair, &esdr);
        }
        assert_as_before(pair, status);
    }
}

/// Where nobody reads from it, what answers oddly is neither dead nor ill: that is for the
/// operator to mend.
pub fn what_answers_oddly_is_neither_dead_nor_ill_where_nobody_reads_from_it(pair: &mut Pair) {
    let mut esdr = protect(pair);
    pair.cut_link(B);
    let mut url = pair.url(A);
    for (status, kind, body) in ODD.into_iter().filter(|(status, ..)| !status.starts_with("50")) {
        let odd = format!("http://{}", stand_in::answers(status, kind, body));
        esdr = esdr.instead_of(&url, &odd);
        url = odd;
        for run in [planned(&esdr), forced(&esdr)] {
            let result = run.run().status(2).result();
            assert_eq!(result["problems"][0]["code"], "usage", "{status}: {result}");
        }
    }
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index) && follows(pair, B, index), "{index}");
    }
    assert_eq!(pair.violations(), [""; 0]);
}
