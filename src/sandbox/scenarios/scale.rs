//! A thousand followers, so that a test of many does not take minutes.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{joined, ok};
use crate::sandbox::{Pair, Personality, Site};

const FOLLOWERS: usize = 1000;

/// The time that `FOLLOWERS` times one call takes.
async fn each(pair: &std::sync::Arc<Pair>, line: &str, body: serde_json::Value) -> Duration {
    let began = Instant::now();
    for at in 0..FOLLOWERS {
        let name = format!("i-{at}");
        let body = json!(body.to_string().replace("NAME", &name));
        let body = serde_json::from_str(body.as_str().unwrap()).unwrap();
        ok(pair, Site::B, &line.replace("NAME", &name), body).await;
    }
    let taken = began.elapsed();
    println!("{line}: {} us each", taken.as_micros() / FOLLOWERS as u128);
    taken
}

#[tokio::test(start_paused = true)]
async fn a_thousand_followers_are_promoted_in_seconds() {
    let pair = joined(Personality::V6_8).await;
    let settings = json!({"settings": {"number_of_shards": 1, "soft_deletes.enabled": true}});
    for at in 0..FOLLOWERS {
        ok(&pair, Site::A, &format!("PUT /i-{at}"), settings.clone()).await;
    }
    let none = json!(null);
    let mut taken = Duration::ZERO;
    let follow = json!({"remote_cluster": "a", "leader_index": "NAME"});
    taken += each(&pair, "PUT /NAME/_ccr/follow", follow).await;
    taken += each(&pair, "GET /NAME/_ccr/info", none.clone()).await;
    let began = Instant::now();
    ok(&pair, Site::B, "GET /_ccr/stats", none.clone()).await;
    ok(
        &pair,
        Site::A,
        "GET /_stats/indexing?level=shards&filter_path=indices.*.uuid,indices.*.shards.*.seq_no",
        none.clone(),
    )
    .await;
    println!(
        "stats of all, both sides: {} ms",
        began.elapsed().as_millis()
    );
    for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        taken += each(&pair, &format!("POST /NAME/{call}"), none.clone()).await;
    }
    // Much less on a machine with nothing else to do.
    assert!(taken < Duration::from_secs(20), "{taken:?}");
}
