//! The two clusters that a scenario sees, whatever stands behind them.

use std::{fmt, io::Write as _, path::Path};

use serde_json::Value;

use super::{external::Given, faults::ClusterFault, http, real::Real, reset};

/// Which of the two clusters. A leads in normal times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Site {
    A,
    B,
}

impl Site {
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// The name in `esdr.toml`, and of the remote by which the other side knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "clusterA",
            Self::B => "clusterB",
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a kind of pair has to offer. Harm that it cannot do panics; ask [`Clusters::can_harm`].
pub trait Clusters: Send {
    fn url(&self, site: Site) -> String;
    /// The transport address by which the other side reaches `site`, if it is known.
    fn seed(&self, site: Site) -> Option<String>;
    fn is_real(&self) -> bool;
    fn can_harm(&self) -> bool;
    fn freeze(&mut self, site: Site);
    fn thaw(&mut self, site: Site);
    fn kill(&mut self, site: Site);
    fn restart(&mut self, site: Site);
    /// Starts it again, and waits until it has taken up what it can.
    fn start_again(&mut self, site: Site) {
        self.restart(site);
    }
    fn cut_link(&mut self, from: Site);
    fn freeze_link(&mut self, from: Site);
    fn mend_link(&mut self, from: Site);
    /// Undoes every harm, so that both sides answer and see each other.
    fn heal(&mut self);
    /// Does this to the cluster; false where this kind of pair cannot.
    fn fault(&mut self, site: Site, fault: &ClusterFault) -> bool;
    /// Ends what can be ended of the troubles; [`Clusters::heal`] does it too.
    fn relieve(&mut self, site: Site);
    /// Becomes another pair, empty and whole, where that is cheap; false where it is not.
    fn renew(&mut self) -> bool {
        false
    }
    /// From now on two writable sides are nothing to report, where somebody watches.
    fn expect_two_writable(&self) {}
    /// What is in salvage files below this folder is not lost, where somebody watches.
    fn salvages_into(&self, _folder: &Path) {}
    /// What was seen that must never happen, where somebody watches.
    fn violations(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The pair that a scenario is given: empty, whole, licensed, and not yet connected.
pub struct Pair {
    clusters: Box<dyn Clusters>,
    version: String,
}

impl Pair {
    pub fn of(clusters: impl Clusters + 'static) -> Self {
        let mut pair = Self { clusters: Box::new(clusters), version: String::new() };
        let root = http::ok("GET", &pair.url(Site::A), "/", ());
        root["version"]["number"].as_str().expect("a version").clone_into(&mut pair.version);
        pair
    }

    /// Two clusters of the unpacked distribution, started side by side.
    pub fn real(distribution: &Path) -> Self {
        Self::of(Real::start(distribution))
    }

    /// The clusters that `ESDR_TEST_A` and `ESDR_TEST_B` name, if they do.
    pub fn given() -> Option<Self> {
        Given::from_environment().map(Self::of)
    }

    /// Base address, such as `http://127.0.0.1:9200`.
    pub fn url(&self, site: Site) -> String {
        self.clusters.url(site)
    }

    pub fn seed(&self, site: Site) -> Option<String> {
        self.clusters.seed(site)
    }

    /// True where Elasticsearch itself answers.
    pub fn is_real(&self) -> bool {
        self.clusters.is_real()
    }

    /// False for clusters given by address, which the tests can neither stop nor part: what
    /// would is left out then, and says so.
    pub fn can_harm(&self) -> bool {
        let can = self.clusters.can_harm();
        if !can {
            left_out("a pair given by address cannot be stopped or parted");
        }
        can
    }

    /// As `GET /` says it: `6.8.23`.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn is_6_8(&self) -> bool {
        self.version.starts_with("6.8.")
    }

    /// Stops the process where it stands: connections stay open, nothing answers.
    pub fn freeze(&mut self, site: Site) {
        self.clusters.freeze(site);
    }

    pub fn thaw(&mut self, site: Site) {
        self.clusters.thaw(site);
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self, site: Site) {
        self.clusters.kill(site);
    }

    /// Starts it again on its data, and waits until it answers.
    pub fn restart(&mut self, site: Site) {
        self.clusters.restart(site);
    }

    /// Starts it again on its data, and waits until it has taken up what it can: a copy that was being
    /// made when it was killed may be red for good.
    pub fn start_again(&mut self, site: Site) {
        self.clusters.start_again(site);
    }

    /// From now on `from` cannot reach the other side: its connections close, new ones are
    /// refused. Both go on answering HTTP, and the other direction is as it was.
    pub fn cut_link(&mut self, from: Site) {
        self.clusters.cut_link(from);
    }

    /// As [`Pair::cut_link`], with connections that stay open and carry nothing.
    pub fn freeze_link(&mut self, from: Site) {
        self.clusters.freeze_link(from);
    }

    pub fn mend_link(&mut self, from: Site) {
        self.clusters.mend_link(from);
    }

    /// Brings a cluster into fault. False where this kind of pair cannot: then that part of
    /// a scenario is left out, and says so.
    pub fn fault(&mut self, site: Site, fault: &ClusterFault) -> bool {
        let can = self.clusters.fault(site, fault);
        if !can {
            left_out(&format!("{fault:?} cannot be brought about on this pair"));
        }
        can
    }

    /// Ends every fault of a cluster that ends by itself one day: its master is back, the
    /// snapshot is taken, its followers copy at their own pace.
    pub fn relieve(&mut self, site: Site) {
        self.clusters.relieve(site);
    }

    /// What is in salvage files below this folder is not lost when a copy is given up.
    pub fn salvages_into(&self, folder: &Path) {
        self.clusters.salvages_into(folder);
    }

    /// A forced run makes two writable sides where the leader returns: the simulator is not
    /// to count them, until the pair is reset.
    pub fn expect_two_writable(&self) {
        self.clusters.expect_two_writable();
    }

    /// What the simulator saw that must never happen.
    pub fn violations(&self) -> Vec<String> {
        self.clusters.violations()
    }

    /// Whole and empty again: no index, no auto-follow pattern, no remote.
    pub fn reset(&mut self) {
        if !self.clusters.renew() {
            self.clusters.heal();
            reset::reset(self);
        }
    }

    /// Makes `from` know the other side by its name, as an operator would by hand.
    pub fn connect(&self, from: Site) {
        let seed = self.seed(from.other()).expect("the seed of the other side is known");
        let setting = format!("cluster.remote.{}.seeds", from.other());
        let body = serde_json::json!({ "persistent": { setting: [seed] } });
        http::ok("PUT", &self.url(from), "/_cluster/settings", body);
    }

    pub fn get(&self, site: Site, path: &str) -> http::Answer {
        http::get(&self.url(site), path)
    }

    pub fn put(&self, site: Site, path: &str, body: impl Into<http::Payload>) -> http::Answer {
        http::put(&self.url(site), path, body)
    }

    pub fn post(&self, site: Site, path: &str, body: impl Into<http::Payload>) -> http::Answer {
        http::post(&self.url(site), path, body)
    }

    pub fn delete(&self, site: Site, path: &str) -> http::Answer {
        http::delete(&self.url(site), path)
    }

    /// Fails the test unless the status is 2xx.
    pub fn ok(
        &self,
        method: &str,
        site: Site,
        path: &str,
        body: impl Into<http::Payload>,
    ) -> Value {
        http::ok(method, &self.url(site), path, body)
    }

    /// Documents in an index or alias, as a search sees them after a refresh. `None` while
    /// it is not there, closed, or still being copied.
    pub fn count(&self, site: Site, index: &str) -> Option<u64> {
        self.post(site, &format!("/{index}/_refresh"), ());
        let (status, body) = self.get(site, &format!("/{index}/_count"));
        (status == 200).then(|| body["count"].as_u64()).flatten()
    }
}

/// Not by `println!`, which a test that passes keeps to itself.
fn left_out(why: &str) {
    let line = format!("left out: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output");
}
