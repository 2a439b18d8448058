//! The simulated pair behind loopback HTTP, as a scenario sees it.

use std::sync::Arc;

use esdr::sandbox::{self, Fault};

use super::{
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
        }
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
