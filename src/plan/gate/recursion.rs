//! Who would follow what, under which name, and what would come of that: followed through to
//! the end before anything is written. A copy that is copied back doubles what readers of an
//! alias see, and where its name grows with each hop it never ends.

use std::collections::VecDeque;

use crate::model::{membership::pattern_matches, topology::LEADER_INDEX};

/// So many hops of one chain are told: enough to see where it leads.
const HOPS_MAX: usize = 4;

/// So many names are followed through; more are not taken for proved.
const NAMES_MAX: usize = 10_000;

/// One side of two.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Site {
    First,
    Second,
}

impl Site {
    /// The opposite side.
    #[must_use]
    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// What makes followers on a side of what the other side has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Rule {
    /// The side that follows.
    pub on: Site,
    pub maker: Maker,
    /// Names on the other side that it takes, as an auto-follow pattern has them: plain
    /// wildcards, an exclusion wins.
    pub takes: Vec<String>,
    pub exclusions: Vec<String>,
    /// The follower's name, with [`LEADER_INDEX`] for the leader's.
    pub follower: String,
}

/// Who makes followers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Maker {
    /// The run that is planned, index by index.
    Run,
    /// An auto-follow pattern of this name: it takes every index that is born with a name that
    /// it matches, unless another pattern matches it too.
    Pattern(String),
}

impl Rule {
    fn matches(&self, name: &str) -> bool {
        pattern_matches(&self.takes, &self.exclusions, name)
    }
}

/// One following: an index, and what follows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Hop {
    pub from: Site,
    pub leader: String,
    /// On the other side of `from`.
    pub follower: String,
    pub maker: Maker,
}

/// Why following would not end well.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The last hops follow what is itself a copy.
    FollowedBack { chain: Vec<Hop> },
    /// Several patterns match one name, and then none of them follows it.
    Ambiguous { on: Site, name: String, patterns: Vec<String> },
    /// One side would have several copies of one index.
    FollowedTwice { hops: Vec<Hop> },
    /// More names than are followed through.
    Endless,
}

/// Follows every index through to the end; empty where each is followed once at most, and no
/// copy is. `born` are the indices that are written, by the side that writes them, existing ones
/// and names that are yet to come.
pub(crate) fn faults(rules: &[Rule], born: &[(Site, String)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut waiting: VecDeque<(Site, String, Vec<Hop>)> =
        born.iter().map(|(site, name)| (*site, name.clone(), Vec::new())).collect();
    let mut count = 0;
    while let Some((site, name, chain)) = waiting.pop_front() {
        count += 1;
        if count > NAMES_MAX {
            faults.push(Fault::Endless);
            break;
        }
        let hops = match hops(rules, site, &name) {
            Ok(hops) => hops,
            Err(fault) => {
                add(&mut faults, fault);
                continue;
            }
        };
        if hops.len() > 1 {
            add(&mut faults, Fault::FollowedTwice { hops: hops.clone() });
        }
        if hops.is_empty() && chain.len() > 1 {
            add(&mut faults, Fault::FollowedBack { chain: chain.clone() });
        }
        for hop in hops {
            let is_known = chain.contains(&hop);
            let (follower, chain) = (hop.follower.clone(), [chain.clone(), vec![hop]].concat());
            if is_known || chain.len() >= HOPS_MAX {
                add(&mut faults, Fault::FollowedBack { chain });
            } else {
                waiting.push_back((site.other(), follower, chain));
            }
        }
    }
    faults
}

/// What follows one index on the other side, each copy by its own name.
fn hops(rules: &[Rule], site: Site, name: &str) -> Result<Vec<Hop>, Fault> {
    let matching: Vec<&Rule> =
        rules.iter().filter(|rule| rule.on == site.other() && rule.matches(name)).collect();
    let patterns: Vec<String> = matching
        .iter()
        .filter_map(|rule| match &rule.maker {
            Maker::Pattern(pattern) => Some(pattern.clone()),
            Maker::Run => None,
        })
        .collect();
    if patterns.len() > 1 {
        return Err(Fault::Ambiguous { on: site.other(), name: name.to_owned(), patterns });
    }
    let mut hops: Vec<Hop> = Vec::new();
    for rule in matching {
        let follower = rule.follower.replacen(LEADER_INDEX, name, 1);
        // A pattern leaves alone what is followed under its name already.
        if !hops.iter().any(|hop| hop.follower == follower) {
            let (leader, maker) = (name.to_owned(), rule.maker.clone());
            hops.push(Hop { from: site, leader, follower, maker });
        }
    }
    Ok(hops)
}

fn add(faults: &mut Vec<Fault>, fault: Fault) {
    if !faults.contains(&fault) {
        faults.push(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::{Site::*, *};

    fn rule(on: Site, maker: Maker, takes: &str, follower: &str) -> Rule {
        let (exclusions, takes): (Vec<&str>, Vec<&str>) =
            takes.split(' ').partition(|name| name.starts_with('-'));
        let exclusions = exclusions.into_iter().map(|name| name[1..].to_owned()).collect();
        let takes = takes.into_iter().map(str::to_owned).collect();
        Rule { on, maker, takes, exclusions, follower: follower.to_owned() }
    }

    fn pattern(on: Site, name: &str, takes: &str, follower: &str) -> Rule {
        rule(on, Maker::Pattern(name.to_owned()), takes, follower)
    }

    /// Both indices of a set-up, as the run makes them followed, beside what is there.
    fn beside(patterns: &[Rule]) -> Vec<Fault> {
        let run = |on, name| rule(on, Maker::Run, name, LEADER_INDEX);
        let rules = [&[run(Second, "logs-a"), run(First, "logs-b")], patterns].concat();
        faults(&rules, &[(First, "logs-a".into()), (Second, "logs-b".into())])
    }

    fn told(faults: &[Fault]) -> Vec<String> {
        let hop = |hop: &Hop| format!("{:?}:{}>{}", hop.from, hop.leader, hop.follower);
        let told = |fault: &Fault| match fault {
            Fault::FollowedBack { chain } => {
                format!("back {}", chain.iter().map(hop).collect::<Vec<_>>().join(" "))
            }
            Fault::FollowedTwice { hops } => {
                format!("twice {}", hops.iter().map(hop).collect::<Vec<_>>().join(" "))
            }
            Fault::Ambiguous { on, name, patterns } => {
                format!("neither {on:?} {name} {}", patterns.join(" "))
            }
            Fault::Endless => "endless".to_owned(),
        };
        faults.iter().map(told).collect()
    }

    #[test]
    fn two_indices_that_follow_each_other_end_there() {
        assert_eq!(beside(&[]), []);
        let own = [
            pattern(Second, "a", "logs-a*", LEADER_INDEX),
            pattern(First, "b", "logs-b*", LEADER_INDEX),
            pattern(First, "orders", "orders-*", "copy-{{leader_index}}"),
        ];
        assert_eq!(beside(&own), []);
        let excluding = [pattern(Second, "all", "logs-* -logs-b*", LEADER_INDEX)];
        assert_eq!(beside(&excluding), []);
    }

    #[test]
    fn a_pattern_that_takes_a_copy_follows_it_back() {
        assert_eq!(
            told(&beside(&[pattern(Second, "all", "logs-*", LEADER_INDEX)])),
            ["back Second:logs-b>logs-b First:logs-b>logs-b Second:logs-b>logs-b"]
        );
        assert_eq!(
            told(&beside(&[pattern(First, "again", "*-a", "again-{{leader_index}}")])),
            ["back First:logs-a>logs-a Second:logs-a>again-logs-a"]
        );
    }

    #[test]
    fn names_that_grow_are_shown_growing() {
        let copies = [
            pattern(Second, "there", "*", "{{leader_index}}-copy"),
            pattern(First, "here", "*", "{{leader_index}}-copy"),
        ];
        assert_eq!(
            told(&faults(&copies, &[(First, "logs-a".into())])),
            ["back First:logs-a>logs-a-copy Second:logs-a-copy>logs-a-copy-copy \
              First:logs-a-copy-copy>logs-a-copy-copy-copy \
              Second:logs-a-copy-copy-copy>logs-a-copy-copy-copy-copy"]
        );
        // What the tutorial meant to say.
        let excluding = [
            pattern(Second, "there", "* -*-copy", "{{leader_index}}-copy"),
            pattern(First, "here", "* -*-copy", "{{leader_index}}-copy"),
        ];
        assert_eq!(faults(&excluding, &[(First, "logs-a".into())]), []);
    }

    #[test]
    fn what_two_patterns_match_neither_follows() {
        let two = [
            pattern(Second, "one", "logs-a*", LEADER_INDEX),
            pattern(Second, "two", "logs-*", LEADER_INDEX),
        ];
        assert_eq!(told(&beside(&two))[0], "neither Second logs-a one two");
    }

    #[test]
    fn a_second_copy_under_another_name_is_told() {
        assert_eq!(
            told(&beside(&[pattern(Second, "more", "logs-a", "more-{{leader_index}}")])),
            ["twice First:logs-a>logs-a First:logs-a>more-logs-a"]
        );
    }

    /// Every world of two patterns over a few names: it is proved where, and only where, a plain
    /// walk of three rounds finds no copy that is followed.
    #[test]
    fn the_proof_agrees_with_a_plain_walk_over_every_small_world() {
        let takes = ["logs-a", "logs-b", "logs-*", "*-copy", "logs-* -*-copy", "other"];
        let followers = [LEADER_INDEX, "{{leader_index}}-copy"];
        let mut worlds = 0;
        let mut proved = 0;
        for on in [(First, Second), (First, First), (Second, Second)] {
            for one in takes.iter().flat_map(|takes| followers.map(|name| (takes, name))) {
                for two in takes.iter().flat_map(|takes| followers.map(|name| (takes, name))) {
                    let rules =
                        [pattern(on.0, "one", one.0, one.1), pattern(on.1, "two", two.0, two.1)];
                    let born = [(First, "logs-a".to_owned()), (Second, "logs-b".to_owned())];
                    let is_proved = faults(&rules, &born).is_empty();
                    assert_eq!(is_proved, walk(&rules, &born), "{rules:?}");
                    worlds += 1;
                    proved += usize::from(is_proved);
                }
            }
        }
        assert_eq!(worlds, 432);
        assert!((1..worlds).contains(&proved), "{proved}");
    }

    /// Whether nothing is followed by two patterns and no copy is followed at all.
    fn walk(rules: &[Rule], born: &[(Site, String)]) -> bool {
        let takers = |site: Site, name: &str| -> Vec<String> {
            let it = rules.iter().filter(|rule| rule.on != site && rule.matches(name));
            it.map(|rule| rule.follower.replace(LEADER_INDEX, name)).collect()
        };
        born.iter().all(|(site, name)| match takers(*site, name).as_slice() {
            [] => true,
            [copy] => takers(site.other(), copy).is_empty(),
            _ => false,
        })
    }
}
