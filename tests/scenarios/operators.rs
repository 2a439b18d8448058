//! Operators who share two clusters and nothing else: what they type, what must be so when they
//! are told that it is done, and how they get out of what they have got into.

use fastrand::Rng;
use serde_json::json;

use super::{
    sets::{follows, leader_with, write},
    tries::Story,
};
use crate::support::{
    esdr::{Esdr, Invocation, Output},
    pair::{
        Pair,
        Site::{self, A},
    },
};

/// The set of [`protected`]: its first index is the clients'.
pub const ORDERS: [(&str, u32); 2] = [("orders-1", 1), ("orders-2", 2)];

const TOML: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
auto_follow = true
"#;

/// Every step's own deadline comes to less.
const RUN_LIMIT_S: u64 = 600;

/// No way out is longer.
const WAY_MAX: usize = 10;

/// Two small indices and an alias, followed.
pub fn protected(pair: &Pair) -> Esdr {
    for (index, shards) in ORDERS {
        leader_with(
            pair,
            index,
            shards,
            json!({"orders": {"is_write_index": index == "orders-1"}}),
        );
        write(pair, A, index, "first");
    }
    let esdr = Esdr::on(pair).toml(TOML);
    drop(Operator::of(&esdr, "first").carries_out("esdr replicate").run().status(0));
    esdr
}

/// Who types, on a machine of their own: another state folder, another salvage folder.
#[derive(Clone, Copy)]
pub struct Operator<'e> {
    esdr: &'e Esdr,
    pub name: &'static str,
}

impl<'e> Operator<'e> {
    pub fn of(esdr: &'e Esdr, name: &'static str) -> Self {
        Self { esdr, name }
    }

    pub fn types(&self, line: &str) -> Invocation<'e> {
        let own = |folder: &str| self.esdr.path(folder).join(self.name).display().to_string();
        let words = line.split_whitespace().skip(1);
        words
            .fold(self.esdr.args([]), Invocation::arg)
            .arg("--salvage-dir")
            .arg(&own("esdr-salvage"))
            .env("ESDR_STATE_DIR", &own("state"))
            .env("ESDR_OPERATOR", self.name)
            .limit_s(RUN_LIMIT_S)
    }

    pub fn carries_out(&self, line: &str) -> Invocation<'e> {
        self.types(line).arg("--yes").json()
    }
}

/// What a command that says that it is done has brought about, in every index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// This side takes writes and the other does not.
    Leads(Site),
    /// The same, and the other copies it.
    Protected(Site),
    /// One side takes writes, and the other copies it.
    Followed,
    /// One side takes writes.
    Led,
    /// This side refuses writes.
    Refuses(Site),
    /// Whatever it found.
    Anything,
}

pub fn holds(pair: &Pair, wanted: Wanted) -> bool {
    let leads = leader(pair);
    match wanted {
        Wanted::Leads(site) => leads == Some(site),
        Wanted::Protected(site) => leads == Some(site) && copies(pair, site.other()),
        Wanted::Followed => leads.is_some_and(|site| copies(pair, site.other())),
        Wanted::Led => leads.is_some(),
        Wanted::Refuses(site) => ORDERS.iter().all(|(index, _)| !takes(pair, site, index)),
        Wanted::Anything => true,
    }
}

fn copies(pair: &Pair, site: Site) -> bool {
    ORDERS.iter().all(|(index, _)| follows(pair, site, index))
}

/// The side that takes the writes of all indices, while the other takes those of none.
pub fn leader(pair: &Pair) -> Option<Site> {
    let taken =
        Site::BOTH.map(|site| ORDERS.iter().filter(|(index, _)| takes(pair, site, index)).count());
    let all = ORDERS.len();
    Site::BOTH
        .into_iter()
        .find(|site| taken[*site as usize] == all && taken[site.other() as usize] == 0)
}

/// A closed index takes none, and one that is not there is not to be made by the question.
fn takes(pair: &Pair, site: Site, index: &str) -> bool {
    pair.get(site, &format!("/{index}")).0 == 200
        && pair.put(site, &format!("/{index}/_doc/probe"), json!({"n": 1})).0 < 300
}

/// The commands under `Next` that change something.
pub fn ways(status: &Output) -> Vec<String> {
    let lines = status.stdout.lines().skip_while(|line| !line.starts_with("Next"));
    let commands = lines.filter_map(|line| {
        let line = line.trim_start_matches("Next").trim_start();
        line.split("   ").next().map(|command| command.trim().to_owned())
    });
    let is_way = |command: &String| {
        command.starts_with("esdr ")
            && !command.starts_with("esdr status")
            && !command.contains("--dry-run")
    };
    commands.filter(is_way).collect()
}

/// Types what is printed under `Next`, now one operator and now the other, until one side leads,
/// the other copies it and `status` finds nothing wrong, or nothing more is proposed. Returns the
/// side that leads.
pub fn settle(pair: &Pair, both: [Operator<'_>; 2], dice: &mut Rng, story: &mut Story) -> Site {
    let mut typed: Vec<String> = Vec::new();
    loop {
        let operator = both[dice.usize(..2)];
        let status = operator.types("esdr status").run();
        story.tell_run(operator.name, "esdr status", &status);
        let leads = leader(pair);
        assert!(status.code != 0 || leads.is_some(), "status ends with 0: {}", status.stdout);
        let ways = ways(&status);
        if let Some(site) = leads
            && (ways.is_empty() || (status.code == 0 && copies(pair, site.other())))
        {
            return site;
        }
        let way = ways.iter().find(|way| !typed.contains(way)).or(ways.first());
        let way = way.unwrap_or_else(|| panic!("no way out of\n{}", status.stdout)).clone();
        assert!(typed.len() < WAY_MAX, "{typed:?} leads nowhere");
        let output = operator.carries_out(&way).run();
        story.tell_run(operator.name, &way, &output);
        assert!([0, 3, 4, 6].contains(&output.code), "{way} ends with {}", output.code);
        typed.push(way);
    }
}
