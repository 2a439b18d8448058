//! Ports that are kept while nobody listens there.

use std::{
    net::TcpListener,
    ops::Range,
    sync::atomic::{AtomicU16, Ordering::Relaxed},
};

/// None of those that the system hands out: a node that is down, or a link that is cut, would
/// find its port with another pair when it is back, which would answer in its place.
const PORTS: Range<u16> = 10_000..32_768;

/// A port that nobody uses now. Another program may take it before it is listened at; a node
/// then ends at once and the test says so.
pub fn free_port() -> u16 {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    let all = PORTS.end - PORTS.start;
    // Test programs that run side by side begin far from each other.
    let first = std::process::id().wrapping_mul(97) % u32::from(all);
    let first = u16::try_from(first).unwrap();
    (0..all)
        .map(|_| PORTS.start + (first + COUNT.fetch_add(1, Relaxed)) % all)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
