use super::*;

const A: (&str, &str) = ("clusterA", "uA");
const B: (&str, &str) = ("clusterB", "uB");

/// A finished switch of `orders`, from before entries were counted.
fn entry(run: &str, from: (&str, &str), to: (&str, &str)) -> Entry {
    Entry {
        run: run.into(),
        set: "orders".into(),
        source: from.0.into(),
        source_uuid: from.1.into(),
        target: to.0.into(),
        target_uuid: to.1.into(),
        state: State::Done,
        revision: 1,
        ..Entry::default()
    }
}

fn counted(run: &str, number: u64, follows: &[&str]) -> Entry {
    let follows = follows.iter().map(|&run| run.to_owned()).collect();
    Entry { number, follows, ..entry(run, A, B) }
}

fn seen(clusters: &[(&str, &str)]) -> Vec<Identity> {
    let uuid = |uuid: &str| (!uuid.is_empty()).then(|| uuid.to_owned());
    let identity = |(name, id): &(&str, &str)| Identity { name: (*name).into(), uuid: uuid(id) };
    clusters.iter().map(identity).collect()
}

fn runs(lineage: &[Entry]) -> Vec<&str> {
    lineage.iter().map(|entry| entry.run.as_str()).collect()
}

fn forked(entries: Vec<Entry>) -> Vec<String> {
    let lineage = Lineage::from(entries);
    let forked = fork(&lineage, "orders").unwrap_or_default();
    let mut runs: Vec<String> = forked.iter().map(|entry| entry.run.clone()).collect();
    runs.sort();
    runs
}

#[test]
fn numbers_order_entries_and_times_only_those_without_one() {
    const DAYS_MS: i64 = 2 * 86_400_000;
    let at = |entry: Entry, at_ms: i64| Entry { at_ms, ..entry };
    // The machine of the second was two days behind the others.
    let entries = vec![
        at(counted("c2", 2, &["c1"]), 1_000),
        at(entry("old2", B, A), 20),
        at(counted("c1", 1, &["old2"]), 1_000 + DAYS_MS),
        at(entry("old1", A, B), 10),
    ];
    let both = seen(&[A, B]);
    assert_eq!(runs(&Lineage::of(entries.clone(), &both)), ["old1", "old2", "c1", "c2"]);
    let turned = entries.into_iter().rev().collect();
    assert_eq!(runs(&Lineage::of(turned, &both)), ["old1", "old2", "c1", "c2"]);
}

#[test]
fn an_entry_is_opened_behind_all_that_was_seen_and_keeps_its_place() {
    let mut lineage = Lineage::from(vec![entry("old", A, B)]);
    let open = |run: &str, set: &str, at_ms: i64| Entry {
        set: set.into(),
        revision: 0,
        at_ms,
        ..entry(run, A, B)
    };
    lineage.push(open("1", "orders", -5));
    lineage.push(open("2", "other", -6));
    lineage.push(open("3", "orders", -7));
    let places: Vec<(&str, u64, Vec<String>)> =
        lineage.iter().map(|it| (it.run.as_str(), it.number, it.follows.clone())).collect();
    let follows = |run: &str| vec![run.to_owned()];
    let expected =
        [("old", 0, vec![]), ("1", 1, follows("old")), ("2", 2, vec![]), ("3", 3, follows("1"))];
    assert_eq!(places, expected);

    let mut again = lineage[1].clone();
    again.revision = 2;
    lineage.place_last(&mut again);
    assert_eq!(again.number, 1);
    let mut old = lineage[0].clone();
    lineage.place_last(&mut old);
    assert_eq!(old.number, 0, "what was written before counting stays where it is");
}

#[test]
fn what_moves_no_lead_follows_nothing_and_is_followed_by_nothing() {
    let mut lineage = Lineage::from(vec![counted("1", 1, &[])]);
    lineage.push(Entry { state: State::Protected, revision: 0, ..entry("p", A, B) });
    lineage.push(Entry { state: State::Open, revision: 0, ..entry("2", B, A) });
    assert_eq!(lineage[1].follows, [""; 0]);
    assert_eq!((lineage[2].number, lineage[2].follows.as_slice()), (3, &["1".to_owned()][..]));
}

#[test]
fn two_switches_that_follow_the_same_are_a_fork_until_one_entry_follows_both() {
    let first = || vec![counted("1", 1, &[]), counted("2a", 2, &["1"])];
    let with = |more: Vec<Entry>| forked([first(), more].concat());
    assert_eq!(with(vec![]), [""; 0]);
    assert_eq!(with(vec![counted("3", 3, &["2a"])]), [""; 0]);
    // Numbers say nothing: another set's entries may have been seen meanwhile.
    for number in [2, 9] {
        assert_eq!(with(vec![counted("2b", number, &["1"])]), ["2a", "2b"], "{number}");
    }
    let undone = Entry { state: State::Undone, ..counted("2b", 2, &["1"]) };
    assert_eq!(with(vec![undone.clone()]), [""; 0]);
    assert_eq!(with(vec![undone, counted("3", 3, &["2b"])]), ["2a", "3"], "behind an undone one");
    let other_set = Entry { set: "other".into(), ..counted("2b", 2, &["1"]) };
    assert_eq!(with(vec![other_set]), [""; 0]);
    let other_pair = Entry { target: "clusterC".into(), ..counted("2b", 2, &["1"]) };
    assert_eq!(with(vec![other_pair]), [""; 0]);
    let decided = vec![counted("2b", 2, &["1"]), counted("3", 3, &["2a", "2b"])];
    assert_eq!(with(decided), [""; 0]);
    let turned = Entry { number: 2, follows: vec!["1".into()], ..entry("2b", B, A) };
    assert_eq!(with(vec![turned]), ["2a", "2b"], "the other way");
}

#[test]
fn two_first_switches_are_a_fork_and_old_ones_never_are() {
    assert_eq!(forked(vec![counted("1", 1, &[]), counted("2", 7, &[])]), ["1", "2"]);
    assert_eq!(forked(vec![entry("1", A, B), entry("2", B, A)]), [""; 0]);
    assert_eq!(forked(vec![entry("1", A, B), counted("2", 1, &["1"])]), [""; 0]);
    // Opened where the old ones were not seen: it stands behind them all the same.
    assert_eq!(forked(vec![entry("1", A, B), counted("2", 1, &[])]), [""; 0]);
}

#[test]
fn a_line_with_a_gap_is_no_fork_unless_both_begin_behind_the_gap() {
    let behind = |number: u64| counted("3", number, &["gone"]);
    assert_eq!(forked(vec![counted("1", 1, &[]), behind(3)]), [""; 0]);
    assert_eq!(forked(vec![counted("2b", 2, &["gone"]), behind(3)]), ["2b", "3"]);
}

#[test]
fn entries_are_of_the_clusters_that_their_uuids_name() {
    let own = entry("own", A, B);
    let sandbox = entry("sandbox", ("clusterA", "sA"), ("clusterB", "sB"));
    let half = entry("half", ("clusterA", ""), ("clusterB", "sB"));
    let elsewhere = entry("elsewhere", ("clusterX", "uX"), B);
    let all = vec![own, sandbox, half, elsewhere];
    for clusters in [[A, B], [A, ("clusterB", "")], [("clusterA", ""), B]] {
        let lineage = Lineage::of(all.clone(), &seen(&clusters));
        assert_eq!(runs(&lineage), ["own"], "{clusters:?}");
        assert!(lineage.is_foreign("sandbox") && !lineage.is_foreign("own"));
        assert_eq!(
            (lineage.uuid_of("clusterA"), lineage.uuid_of("clusterB")),
            (Some("uA"), Some("uB"))
        );
    }
    let dark = Lineage::of(all, &seen(&[("clusterA", ""), ("clusterB", "")]));
    assert_eq!(runs(&dark), [""; 0]);
    assert!(dark.unmatched().contains("own") && !dark.is_foreign("own"), "not known is not no");
}

#[test]
fn one_run_name_of_two_installations_is_two_entries() {
    let sandbox = entry("1", ("clusterA", "sA"), ("clusterB", "sB"));
    let newer = Entry { revision: 9, state: State::Undone, ..sandbox };
    let lineage = Lineage::of(vec![newer, entry("1", A, B)], &seen(&[A, B]));
    assert_eq!((lineage.len(), lineage[0].state), (1, State::Done));
    assert!(!lineage.is_foreign("1"));
}

#[test]
fn of_an_unseen_cluster_the_newest_entry_that_names_the_seen_one_says_which_it_is() {
    let former = ("clusterA", "uA-before");
    let entries = vec![counted("2", 2, &["1"]), Entry { number: 1, ..entry("1", former, B) }];
    let lineage = Lineage::of(entries.clone(), &seen(&[("clusterA", ""), B]));
    assert_eq!((runs(&lineage), lineage.uuid_of("clusterA")), (vec!["2"], Some("uA")));
    // The file knows better.
    let lineage = Lineage::of(entries, &seen(&[former, B]));
    assert_eq!((runs(&lineage), lineage.uuid_of("clusterA")), (vec!["1"], Some("uA-before")));
}

#[test]
fn an_entry_of_which_a_side_is_unknown_never_outranks_one_that_names_both() {
    // Without any evidence whose it is: clusterA was another one then, for all that is known.
    let half = Entry { at_ms: 99, ..entry("half", ("clusterA", ""), B) };
    let whole = Entry { at_ms: 1, ..entry("whole", ("clusterC", "uC"), B) };
    let lineage = Lineage::of(vec![half, whole], &seen(&[A, B, ("clusterC", "uC")]));
    assert_eq!(runs(&lineage), ["half", "whole"]);
}

#[test]
fn a_side_that_was_dark_is_what_other_entries_name_beside_the_same_cluster() {
    // A failover without the leader by an esdr of before.
    let half = Entry { at_ms: 99, ..entry("half", ("clusterA", ""), B) };
    let whole = Entry { at_ms: 1, ..entry("whole", A, B) };
    for clusters in [[A, B], [("clusterA", ""), B]] {
        let lineage = Lineage::of(vec![half.clone(), whole.clone()], &seen(&clusters));
        assert_eq!(runs(&lineage), ["whole", "half"]);
        assert_eq!(lineage[1].source_uuid, "uA");
    }
}

#[test]
fn clusters_keep_their_record_under_other_names() {
    let lineage = Lineage::of(vec![entry("1", A, B)], &seen(&[("dc1", "uA"), ("clusterA", "uB")]));
    assert_eq!((lineage[0].source.as_str(), lineage[0].target.as_str()), ("dc1", "clusterA"));
}
