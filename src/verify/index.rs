//! One index on both sides: counts and content.

use std::collections::BTreeMap;

use futures_util::{future::join_all, join};
use tokio::sync::Semaphore;

use super::{
    judge::Footing,
    report::{IndexReport, Scale, ShardReport, Verdict},
    subject::{Ground, Obstacle, Subject},
    tally::Tally,
    walk::{Sides, walk},
};
use crate::{
    es::{api::Es, error::Error},
    model::{lag::ops_between, problem::Code, world::Shard},
    observe::{Reading, Watched, observe_shards},
};

/// Compares one index; what cannot be compared is told as unknown.
pub(super) async fn index(
    subject: &Subject,
    clusters: &[Watched],
    scale: Scale,
    at_once: &Semaphore,
) -> IndexReport {
    let mut report = blank(subject);
    let grounds = match &subject.shards {
        Ok(grounds) => grounds,
        Err(Obstacle { code, why }) => {
            report.reason = Some(*code);
            report.why.clone_from(why);
            return report;
        }
    };
    let of = |name: &str| clusters.iter().find(|watched| watched.name == name);
    let (Some(leader), Some(follower)) = (of(&subject.leader), of(&subject.follower)) else {
        report.reason = Some(Code::Unreachable);
        return report;
    };
    let sides = Sides {
        leader: &leader.es,
        follower: &follower.es,
        leader_index: &subject.leader_index,
        follower_index: &subject.follower_index,
    };
    report.shards = grounds.iter().map(|ground| ground.at).collect();
    alone(&mut report, grounds);
    let tally = match counts(sides, &mut report, at_once).await {
        Ok(is_ahead) => Tally { is_ahead, ..content(sides, grounds, scale, at_once).await },
        Err(error) => Tally { error: Some(error), ..Tally::default() },
    };
    conclude(&mut report, tally, scale);
    report
}

fn blank(subject: &Subject) -> IndexReport {
    IndexReport {
        leader_index: subject.leader_index.clone(),
        follower_index: subject.follower_index.clone(),
        leader: subject.leader.clone(),
        follower: subject.follower.clone(),
        state: Verdict::Unknown,
        reason: None,
        why: None,
        lag_ops: subject.lag_ops,
        shards: Vec::new(),
        total_documents: None,
        follower_documents: None,
        is_still: false,
        checked_documents: 0,
        differing: Vec::new(),
        differing_count: 0,
        gone_count: 0,
        leader_only_ops: None,
        follower_only_ops: None,
    }
}

/// What either side did alone since the leader was promoted.
fn alone(report: &mut IndexReport, grounds: &[Ground]) {
    let above = |of: fn(&ShardReport) -> i64| -> Option<u64> {
        let ops = grounds.iter().map(|ground| match ground.footing {
            Footing::Apart { promoted } => Some(ops_between(promoted, of(&ground.at))),
            Footing::Following { .. } | Footing::Twins => None,
        });
        ops.sum()
    };
    if !grounds.is_empty() {
        report.leader_only_ops = above(|at| at.leader_max_seq_no);
        report.follower_only_ops = above(|at| at.follower_max_seq_no);
    }
}

/// Refreshes both sides, so that searches see what the checkpoints say, and counts both.
/// The counts can be compared only where neither side moved meanwhile. Returns whether the
/// follower had, before, more than its leader has now.
async fn counts(
    sides: Sides<'_>,
    report: &mut IndexReport,
    at_once: &Semaphore,
) -> Result<bool, Error> {
    // Never closed, so that the permit is always given.
    let _permit = at_once.acquire().await;
    let (ours, theirs) =
        join!(count(sides.leader, sides.leader_index), count(sides.follower, sides.follower_index));
    let ((ours, leader), (theirs, follower)) = (ours?, theirs?);
    report.total_documents = Some(ours);
    report.follower_documents = Some(theirs);
    let now = |shards: &[Shard], at: &ShardReport| {
        let shard = shards.iter().find(|shard| shard.number == at.shard);
        shard.map(|shard| (shard.max_seq_no, shard.global_checkpoint))
    };
    report.is_still = report.shards.iter().all(|at| {
        let last = at.leader_max_seq_no;
        let all = [at.leader_checkpoint, at.follower_checkpoint, at.follower_max_seq_no];
        all.iter().all(|position| *position == last)
            && now(&leader, at) == Some((last, last))
            && now(&follower, at) == Some((last, last))
    });
    let is_behind =
        |at: &ShardReport| now(&leader, at).is_some_and(|(last, _)| last < at.follower_max_seq_no);
    Ok(report.follower_only_ops.is_none()
        && report.lag_ops.is_some()
        && report.shards.iter().any(is_behind))
}

/// Live documents after a refresh, and where the shards stood after that.
async fn count(es: &Es, index: &str) -> Result<(u64, Vec<Shard>), Error> {
    let names = [index.to_owned()];
    es.refresh(&names).await?;
    let documents = es.count(index).await?;
    let readings: BTreeMap<String, Reading> = observe_shards(es, &names).await?;
    let shards = readings.into_iter().next().map(|(_, reading)| reading.shards);
    Ok((documents, shards.unwrap_or_default()))
}

async fn content(sides: Sides<'_>, grounds: &[Ground], scale: Scale, at_once: &Semaphore) -> Tally {
    let shares = shares(scale, grounds.len());
    let walks = grounds.iter().zip(shares);
    let walks = walks.map(|(ground, scale)| walk(sides, *ground, scale, at_once));
    let mut tally = Tally::default();
    for shard in join_all(walks).await {
        tally.add(shard);
    }
    tally
}

/// The share of each shard in a sample: together as many as were asked for, at least one each.
fn shares(scale: Scale, shards: usize) -> Vec<Scale> {
    let count = u64::try_from(shards).unwrap_or(u64::MAX).max(1);
    let share = |at: u64| match scale {
        Scale::Full => Scale::Full,
        Scale::Sample { documents } => {
            let more = u64::from(at < documents % count);
            Scale::Sample { documents: (documents / count + more).max(1) }
        }
    };
    (0..count).take(shards).map(share).collect()
}

/// The worst of what was found.
fn conclude(report: &mut IndexReport, tally: Tally, scale: Scale) {
    report.checked_documents = tally.checked;
    report.differing = tally.differing;
    report.differing_count = tally.differing_count;
    report.gone_count = tally.gone;
    let counts_differ = report.is_still && report.total_documents != report.follower_documents;
    let is_ahead = tally.is_ahead;
    let has_own = report.follower_only_ops.is_some_and(|ops| ops > 0);
    let unknown = if let Some(error) = tally.error {
        report.why = Some(error.to_string());
        Some(Code::Unread)
    } else if tally.unresolved > 0 {
        Some(Code::Unresolved)
    } else if has_own && scale != Scale::Full {
        Some(Code::Diverged)
    } else if tally.gone > 0 {
        Some(Code::DeletedSince)
    } else {
        None
    };
    report.reason = match unknown {
        _ if is_ahead => Some(Code::FollowerAhead),
        None if counts_differ && report.differing_count == 0 => Some(Code::CountsDiffer),
        unknown => unknown,
    };
    report.state = if report.differing_count > 0 || counts_differ || is_ahead {
        Verdict::Different
    } else if unknown.is_some() {
        Verdict::Unknown
    } else {
        Verdict::Equal
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_shared_out_among_the_shards() {
        let of = |documents, shards| -> Vec<u64> {
            let shares = shares(Scale::Sample { documents }, shards);
            let documents = shares.iter().map(|share| match share {
                Scale::Sample { documents } => *documents,
                Scale::Full => panic!("a sample"),
            });
            documents.collect()
        };
        assert_eq!(of(1000, 3), [334, 333, 333]);
        assert_eq!(of(2, 4), [1, 1, 1, 1]);
        assert_eq!(of(5, 0), [0; 0]);
    }
}
