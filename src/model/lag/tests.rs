use super::{Evidence, drained, lag};
use crate::model::world::{Following, Index, Shard, Task};

fn index(checkpoints: &[i64]) -> Index {
    let shards = checkpoints.iter().zip(0..).map(|(&at, number)| Shard {
        number,
        max_seq_no: at,
        local_checkpoint: at,
        global_checkpoint: at,
        ..Shard::default()
    });
    Index { shard_count: 2, shards: shards.collect(), open: true, ..Index::default() }
}

/// A task that last heard of the leader at `leader`, `since_read_ms` ago.
fn task(shard: u32, leader: i64, follower: i64, since_read_ms: i64) -> Task {
    Task {
        shard,
        leader_checkpoint: leader,
        leader_max_seq_no: leader,
        follower_checkpoint: follower,
        since_read_ms,
        ..Task::default()
    }
}

fn follower(checkpoints: &[i64], tasks: Vec<Task>) -> Index {
    let following = Following { active: true, tasks, ..Following::default() };
    Index { following: Some(following), ..index(checkpoints) }
}

#[test]
fn both_sides_read_is_measured_and_a_follower_read_later_is_never_ahead() {
    let lag = lag(Some(&index(&[10, 5])), &follower(&[7, 6], Vec::new()));
    assert_eq!((lag.lag_ops, lag.at_least, lag.evidence), (Some(3), None, Evidence::Measured));
    let positions: Vec<_> =
        lag.shards.iter().map(|it| (it.leader_checkpoint, it.follower_checkpoint)).collect();
    assert_eq!(positions, [(Some(10), Some(7)), (Some(5), Some(6))]);
}

#[test]
fn an_empty_shard_has_no_lag_though_its_checkpoint_is_minus_one() {
    let lag = lag(Some(&index(&[-1, -1])), &follower(&[-1, -1], Vec::new()));
    assert_eq!((lag.lag_ops, lag.evidence), (Some(0), Evidence::Measured));
}

#[test]
fn the_word_of_healthy_tasks_is_a_lower_bound_with_the_oldest_age() {
    let tasks = vec![task(0, 10, 7, 400), task(1, 5, 5, 59_000)];
    let lag = lag(None, &follower(&[8, 5], tasks));
    assert_eq!((lag.lag_ops, lag.at_least), (None, Some(2)));
    assert_eq!((lag.evidence, lag.age_ms), (Evidence::Reported, Some(59_000)));
}

#[test]
fn a_restarted_task_that_says_lag_0_and_has_read_nothing_says_nothing() {
    let tasks = vec![task(0, 7, 7, -1), task(1, 5, 5, 100)];
    let lag = lag(None, &follower(&[7, 5], tasks));
    assert_eq!((lag.lag_ops, lag.at_least, lag.evidence), (None, None, Evidence::Unknown));
    assert_eq!(lag.shards[0].leader_checkpoint, None);
}

#[test]
fn a_task_whose_reads_are_refused_says_nothing_however_young() {
    let mut refused = task(0, 7, 7, 20);
    refused.read_errors.push("connect_transport_exception".into());
    let lag = lag(None, &follower(&[7, 5], vec![refused, task(1, 5, 5, 20)]));
    assert_eq!(lag.evidence, Evidence::Unknown);
}

#[test]
fn a_read_that_hangs_beyond_the_long_poll_says_nothing_though_no_error_shows() {
    let tasks = vec![task(0, 7, 7, 110_000), task(1, 5, 5, 20)];
    assert_eq!(lag(None, &follower(&[7, 5], tasks)).evidence, Evidence::Unknown);
}

#[test]
fn a_fatal_task_of_an_active_follower_says_nothing() {
    let mut fatal = task(0, 7, 7, 20);
    fatal.fatal = Some("index_not_found_exception".into());
    let lag = lag(None, &follower(&[7, 5], vec![fatal, task(1, 5, 5, 20)]));
    assert_eq!(lag.evidence, Evidence::Unknown);
}

#[test]
fn a_shard_without_a_task_hides_its_lag() {
    assert_eq!(lag(None, &follower(&[7, 5], vec![task(1, 5, 5, 20)])).evidence, Evidence::Unknown);
    let twice = vec![task(1, 5, 5, 20), task(1, 5, 5, 20)];
    assert_eq!(lag(None, &follower(&[7, 5], twice)).evidence, Evidence::Unknown);
}

#[test]
fn paused_and_leaderless_is_unknown() {
    let lag = lag(None, &follower(&[7, 5], Vec::new()));
    assert_eq!((lag.lag_ops, lag.evidence), (None, Evidence::Unknown));
}

#[test]
fn right_after_an_open_no_shard_is_listed_and_that_is_not_lag_0() {
    let leader = index(&[7, 5]);
    for checkpoints in [&[][..], &[7][..]] {
        let follower = follower(checkpoints, Vec::new());
        assert_eq!(lag(Some(&leader), &follower).evidence, Evidence::Unknown);
        assert!(!drained(&leader, &follower));
        assert_eq!(lag(Some(&index(checkpoints)), &leader).lag_ops, None);
    }
    assert!(!drained(&Index::default(), &Index::default()));
}

#[test]
fn drained_needs_all_five_positions_equal_on_every_shard() {
    let (leader, copy) = (index(&[7, 5]), follower(&[7, 5], Vec::new()));
    assert!(drained(&leader, &copy));
    let mut unconfirmed = leader.clone();
    unconfirmed.shards[1].max_seq_no = 6;
    assert!(!drained(&unconfirmed, &copy));
    let mut gap = leader.clone();
    gap.shards[0].local_checkpoint = 6;
    assert!(!drained(&gap, &copy));
    let mut ahead = copy.clone();
    ahead.shards[0].max_seq_no = 8;
    assert!(!drained(&leader, &ahead));
    assert!(!drained(&leader, &follower(&[7, 4], Vec::new())));
}
