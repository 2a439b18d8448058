//! The simulated pair behind loopback HTTP, as a scenario sees it.

use std::sync::Arc;

use esdr::{
    es::transport::Method,
    sandbox::{self, Fault, Misbehaviour, Pace, Rule},
};
use serde_json::json;

use super::{
    faults::ClusterFault,
    http,
    pair::{Clusters, Site},
};

pub struct Simulated {
    /// Of a pair that can be made anew; a broken one is kept.
    personality: Option<sandbox::Personality>,
    pair: Arc<sandbox::Pair>,
    served: [sandbox::Served; 2],
}

impl Simulated {
    pub fn start(personality: sandbox::Personality) -> Self {
        Self { personality: Some(personality), ..Self::of(sandbox::Pair::new(personality)) }
    }

    /// A pair that the test has made, and may break in its own ways.
    pub fn of(pair: Arc<sandbox::Pair>) -> Self {
        let serve = |site| http::runtime().block_on(pair.serve(site, 0)).expect("a free port");
        let served = [serve(sandbox::Site::A), serve(sandbox::Site::B)];
        Self { personality: None, pair, served }
    }
}

fn of(site: Site) -> sandbox::Site {
    match site {
        Site::A => sandbox::Site::A,
        Site::B => sandbox::Site::B,
    }
}

impl Clusters for Simulated {
    fn url(&self, site: Site) -> String {
        format!("http://{}", self.served[site as usize].addr)
    }

    fn seed(&self, site: Site) -> Option<String> {
        Some(self.pair.seed(of(site)))
    }

    fn is_real(&self) -> bool {
        false
    }

    fn can_harm(&self) -> bool {
        true
    }

    fn freeze(&mut self, site: Site) {
        self.pair.fault(Fault::Freeze(of(site)));
    }

    fn thaw(&mut self, site: Site) {
        self.pair.fault(Fault::Thaw(of(site)));
    }

    fn kill(&mut self, site: Site) {
        self.pair.fault(Fault::Kill(of(site)));
    }

    fn restart(&mut self, site: Site) {
        self.pair.fault(Fault::Restart(of(site)));
    }

    fn cut_link(&mut self, from: Site) {
        self.pair.fault(Fault::Cut { from: of(from), to: of(from.other()) });
    }

    fn freeze_link(&mut self, from: Site) {
        self.pair.fault(Fault::FreezeLink { from: of(from), to: of(from.other()) });
    }

    fn mend_link(&mut self, from: Site) {
        self.pair.fault(Fault::Mend { from: of(from), to: of(from.other()) });
    }

    fn heal(&mut self) {
        for site in Site::BOTH {
            self.mend_link(site);
            self.thaw(site);
            self.restart(site);
            self.relieve(site);
        }
    }

    fn fault(&mut self, site: Site, fault: &ClusterFault) -> bool {
        let site = of(site);
        let fault = match fault {
            ClusterFault::NoMaster => Fault::Ill(site),
            ClusterFault::Unlicensed => {
                Fault::License { site, kind: "basic".to_owned(), is_active: true }
            }
            ClusterFault::Busy => {
                let is_old = self.personality == Some(sandbox::Personality::V6_8);
                let status = if is_old { 503 } else { 429 };
                Fault::Request(
                    Rule::next(site, "", busy(status)).method(Method::Put).times(usize::MAX),
                )
            }
            ClusterFault::Red { index } => Fault::Red { site, index: index.clone(), is_red: true },
            ClusterFault::GivenUp { index } => Fault::GivenUp { site, index: index.clone() },
            ClusterFault::Fatal { index } => {
                let exception =
                    json!({"type": "index_not_found_exception", "reason": "no such index"});
                Fault::Fatal { site, index: index.clone(), exception }
            }
            ClusterFault::Snapshot { index } => Fault::Request(held(site, index)),
            ClusterFault::Disk { available_bytes } => {
                Fault::Disk { site, available_bytes: *available_bytes }
            }
            ClusterFault::SlowCopies => Fault::SlowBootstrap { site, requests: SLOW_REQUESTS },
            ClusterFault::Slow => Fault::Pace { site, pace: Pace::StopAt(-1) },
        };
        self.pair.fault(fault);
        true
    }

    fn relieve(&mut self, site: Site) {
        let site = of(site);
        self.pair.fault(Fault::Well(site));
        self.pair.fault(Fault::Pace { site, pace: Pace::Free });
        self.pair.fault(Fault::Disk { site, available_bytes: PLENTY_BYTES });
        self.pair.fault(Fault::SlowBootstrap { site, requests: 0 });
        self.pair.fault(Fault::NoRules);
    }

    fn salvages_into(&self, folder: &std::path::Path) {
        self.pair.salvages_into(folder);
    }

    fn expect_two_writable(&self) {
        self.pair.allow_two_writable(true);
    }

    /// What the old pair saw is forgotten with it.
    fn renew(&mut self) -> bool {
        let Some(personality) = self.personality else { return false };
        *self = Self::start(personality);
        true
    }

    fn violations(&self) -> Vec<String> {
        self.pair.violations()
    }
}

/// Half of the disk.
/// More requests than a test sends in minutes.
const SLOW_REQUESTS: u32 = 100_000;

const PLENTY_BYTES: u64 = 100 * 1024 * 1024 * 1024;

/// What a server answers that has too much to do: 503 up to 6.8, 429 since.
pub fn busy(status: u16) -> Misbehaviour {
    let reason = "[in_flight_requests] Data too large, data for [<http_request>] would be \
                  [16440/16kb], which is larger than the limit of [1/1b]";
    let error = json!({"type": "circuit_breaking_exception", "reason": reason});
    let body = json!({"error": {"root_cause": [error], "type": "circuit_breaking_exception",
        "reason": reason}, "status": status});
    Misbehaviour::Refused { status, body: body.to_string() }
}

/// Every close is refused as a cluster does that takes a snapshot of the index. One of many
/// in the same call refuses the call.
fn held(site: sandbox::Site, index: &str) -> Rule {
    let reason = format!(
        "Cannot close indices that are being snapshotted: [[{index}/0]]. Try again after snapshot \
         finishes or cancel the currently running snapshot."
    );
    let error = json!({"type": "snapshot_in_progress_exception", "reason": reason});
    let body = json!({"error": error, "status": 400}).to_string();
    Rule::next(site, "/_close", Misbehaviour::Refused { status: 400, body }).times(usize::MAX)
}
