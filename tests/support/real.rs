//! The pair of Elasticsearch clusters that the tests start themselves.

use std::{mem::take, path::Path};

use super::{
    faults::{self, ClusterFault},
    http,
    node::Node,
    pair::{Clusters, Site},
    relay::Relay,
};

pub struct Real {
    a: Node,
    b: Node,
    /// Where a snapshot may still be under way.
    holds_snapshot: [bool; 2],
    /// Where new copies come over slowly.
    slows_copies: [bool; 2],
    /// Where the next start ends what ails the cluster.
    needs_restart: [bool; 2],
    /// Where only a new cluster has a licence.
    needs_licence: [bool; 2],
}

impl Real {
    /// Starts both side by side, and a trial licence on each: replication needs one.
    pub fn start(distribution: &Path) -> Self {
        let mut pair = Self {
            a: Node::start(Site::A.name(), distribution),
            b: Node::start(Site::B.name(), distribution),
            holds_snapshot: [false; 2],
            slows_copies: [false; 2],
            needs_restart: [false; 2],
            needs_licence: [false; 2],
        };
        for site in Site::BOTH {
            pair.node_mut(site).wait();
            pair.license(site);
        }
        pair
    }

    fn license(&self, site: Site) {
        let path = "/_xpack/license/start_trial?acknowledge=true";
        http::ok("POST", &self.url(site), path, ());
    }

    fn node(&self, site: Site) -> &Node {
        match site {
            Site::A => &self.a,
            Site::B => &self.b,
        }
    }

    fn node_mut(&mut self, site: Site) -> &mut Node {
        match site {
            Site::A => &mut self.a,
            Site::B => &mut self.b,
        }
    }

    /// What `from` reaches the other side through.
    fn link(&self, from: Site) -> &Relay {
        self.node(from.other()).relay()
    }
}

impl Clusters for Real {
    fn url(&self, site: Site) -> String {
        self.node(site).url()
    }

    fn seed(&self, site: Site) -> Option<String> {
        Some(self.node(site).seed())
    }

    fn is_real(&self) -> bool {
        true
    }

    fn can_harm(&self) -> bool {
        true
    }

    fn freeze(&mut self, site: Site) {
        self.node(site).freeze();
    }

    fn thaw(&mut self, site: Site) {
        self.node(site).thaw();
    }

    fn kill(&mut self, site: Site) {
        self.node_mut(site).kill();
    }

    fn restart(&mut self, site: Site) {
        self.node_mut(site).restart();
    }

    fn start_again(&mut self, site: Site) {
        self.node_mut(site).start_again();
    }

    fn cut_link(&mut self, from: Site) {
        self.link(from).cut();
    }

    fn freeze_link(&mut self, from: Site) {
        self.link(from).freeze();
    }

    fn mend_link(&mut self, from: Site) {
        self.link(from).mend();
    }

    fn heal(&mut self) {
        for site in Site::BOTH {
            self.mend_link(site);
            if self.node_mut(site).is_running() {
                self.thaw(site);
            } else {
                self.restart(site);
            }
            self.relieve(site);
            if take(&mut self.needs_licence[site as usize]) {
                self.node_mut(site).begin_anew();
                self.license(site);
            }
        }
    }

    fn fault(&mut self, site: Site, fault: &ClusterFault) -> bool {
        match fault {
            ClusterFault::Snapshot { index } => {
                self.holds_snapshot[site as usize] = true;
                faults::take_snapshot(&self.url(site), &self.node(site).repo(), index);
            }
            ClusterFault::Red { index } => {
                let settings = http::ok("GET", &self.url(site), &format!("/{index}/_settings"), ());
                let uuid = settings[index]["settings"]["index"]["uuid"].as_str();
                self.node_mut(site).lose(uuid.expect("a UUID"));
                faults::until_only_red(&self.url(site), index);
            }
            ClusterFault::GivenUp { index } => {
                let settings = http::ok("GET", &self.url(site), &format!("/{index}/_settings"), ());
                let uuid = settings[index]["settings"]["index"]["uuid"].as_str();
                self.node_mut(site).spoil(uuid.expect("a UUID"));
                faults::until_given_up(&self.url(site), index, 5);
            }
            ClusterFault::Fatal { index } => {
                // For a while its leader is a cluster that has no such index.
                let leader = site.other();
                self.node_mut(leader).forget();
                faults::until_fatal(&self.url(site), index);
                self.node_mut(leader).remember();
            }
            ClusterFault::NoMaster => {
                self.needs_restart[site as usize] = true;
                self.node_mut(site).lose_master();
            }
            ClusterFault::Busy => {
                self.needs_restart[site as usize] = true;
                faults::overload(&self.url(site));
            }
            ClusterFault::Unlicensed => {
                self.needs_licence[site as usize] = true;
                faults::give_licence_up(&self.url(site));
            }
            ClusterFault::SlowCopies => {
                self.slows_copies[site as usize] = true;
                faults::slow_copies_down(&self.url(site));
            }
            ClusterFault::Slow | ClusterFault::Disk { .. } => return false,
        }
        true
    }

    fn relieve(&mut self, site: Site) {
        if take(&mut self.slows_copies[site as usize]) {
            faults::let_copies_go(&self.url(site));
        }
        if take(&mut self.holds_snapshot[site as usize]) {
            faults::give_snapshot_up(&self.url(site));
        }
        if take(&mut self.needs_restart[site as usize]) {
            self.restart(site);
        }
    }
}
