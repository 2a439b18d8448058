//! A pair that somebody else started: `ESDR_TEST_A` and `ESDR_TEST_B` are its addresses,
//! `ESDR_TEST_A_SEED` and `ESDR_TEST_B_SEED` its transport addresses.

use std::env;

use super::{
    faults::ClusterFault,
    http,
    pair::{Clusters, Site},
};

pub struct Given {
    urls: [String; 2],
    seeds: [Option<String>; 2],
}

impl Given {
    /// The tests delete every index, so a pair that holds any is refused, unless
    /// `ESDR_TEST_WIPE` says that they may go.
    pub fn from_environment() -> Option<Self> {
        let urls = [env::var("ESDR_TEST_A").ok()?, env::var("ESDR_TEST_B").ok()?];
        let seeds = [env::var("ESDR_TEST_A_SEED").ok(), env::var("ESDR_TEST_B_SEED").ok()];
        let given = Self { urls: urls.map(|url| url.trim_end_matches('/').to_owned()), seeds };
        if env::var_os("ESDR_TEST_WIPE").is_none() {
            given.refuse_unless_empty();
        }
        Some(given)
    }

    fn refuse_unless_empty(&self) {
        for url in &self.urls {
            let indices = http::ok("GET", url, "/_cat/indices?format=json&h=index", ());
            let names: Vec<&str> = indices
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|row| row["index"].as_str())
                .filter(|name| !name.starts_with('.'))
                .collect();
            assert!(
                names.is_empty(),
                "{url} holds {names:?}; the tests delete every index: set ESDR_TEST_WIPE=1 if they may"
            );
        }
    }
}

impl Clusters for Given {
    fn url(&self, site: Site) -> String {
        self.urls[site as usize].clone()
    }

    fn seed(&self, site: Site) -> Option<String> {
        self.seeds[site as usize].clone()
    }

    fn is_real(&self) -> bool {
        true
    }

    fn can_harm(&self) -> bool {
        false
    }

    fn freeze(&mut self, site: Site) {
        cannot("freeze", site);
    }

    fn thaw(&mut self, site: Site) {
        cannot("thaw", site);
    }

    fn kill(&mut self, site: Site) {
        cannot("kill", site);
    }

    fn restart(&mut self, site: Site) {
        cannot("restart", site);
    }

    fn cut_link(&mut self, from: Site) {
        cannot("cut the link from", from);
    }

    fn freeze_link(&mut self, from: Site) {
        cannot("freeze the link from", from);
    }

    fn mend_link(&mut self, from: Site) {
        cannot("mend the link from", from);
    }

    fn heal(&mut self) {}

    fn fault(&mut self, _: Site, _: &ClusterFault) -> bool {
        false
    }

    fn relieve(&mut self, _: Site) {}
}

fn cannot(what: &str, site: Site) {
    panic!("cannot {what} {site}: the pair was given by address; ask `can_harm` first");
}
