//! A set as the sum of its indices.

use super::{IndexStatus, SetStatus, Situation, State};
use crate::{
    model::{lag::Evidence, membership::Scope},
    outcome::LostOps,
};

/// The worst situation, the sum of the lags, the weakest evidence.
pub(super) fn sum_up(
    scope: Scope<'_>,
    indices: Vec<IndexStatus>,
    uncovered: Vec<String>,
) -> SetStatus {
    let leaders = |cluster: &str| {
        indices
            .iter()
            .filter(|index| index.situation != Situation::Late)
            .any(|index| index.leader.as_deref() == Some(cluster))
    };
    let mixed = leaders(scope.source) && leaders(scope.target);
    let is_unseen =
        [scope.source, scope.target].iter().any(|name| scope.world.view(name).is_none());
    let worst = indices.iter().map(|index| index.situation).min();
    let situation = match worst {
        // Danger is named before the mixture that it comes with.
        Some(worst) if !mixed || worst < Situation::HalfPromoted => worst,
        Some(_) => Situation::Mixed,
        // Nothing is seen of it where nothing can be seen, which is not that there is nothing.
        None if is_unseen => Situation::Unknown,
        None => Situation::Unprotected,
    };
    let has_leader = indices.iter().any(|index| index.leader.is_some());
    let nobody = !has_leader && (!indices.is_empty() || is_unseen);
    let leader = (!mixed && !nobody).then(|| scope.source.to_owned());
    let follows: Vec<&IndexStatus> = indices.iter().filter(|index| can_lag(index)).collect();
    let well = |index: &IndexStatus| {
        let seen =
            matches!(index.situation, Situation::InSync | Situation::Lagging | Situation::Drained);
        let follows = seen && index.state == Some(State::Following) && index.refuses.is_none();
        follows || index.situation == Situation::Complete
    };
    let parted = indices.iter().any(is_parted);
    let all_measured =
        !parted && !follows.is_empty() && follows.iter().all(|index| index.lag_ops.is_some());
    let lag_ops: u64 = follows.iter().filter_map(|index| index.lag_ops).sum();
    let bounds = follows.iter().filter_map(|index| index.lag_ops.or(index.lag_ops_at_least));
    let at_least: Option<u64> = bounds.reduce(|sum, ops| sum + ops);
    let weakest = follows.iter().map(|index| index.evidence).max();
    SetStatus {
        name: scope.set.name.clone(),
        follower: leader.is_some().then(|| scope.target.to_owned()),
        leader,
        situation,
        protected: !indices.is_empty() && uncovered.is_empty() && indices.iter().all(well),
        lag_ops: all_measured.then_some(lag_ops),
        lag_ops_at_least: at_least.filter(|_| !all_measured),
        evidence: weakest.filter(|_| !parted).unwrap_or(Evidence::Unknown),
        evidence_age_ms: follows.iter().filter_map(|index| index.evidence_age_ms).max(),
        would_lose: LostOps {
            known: at_least,
            at_most: (all_measured && uncovered.is_empty()).then_some(lag_ops),
        },
        indices,
        uncovered,
    }
}

/// Each copy may have what the other lacks: what the loss of one would cost is not a lag.
fn is_parted(index: &IndexStatus) -> bool {
    index.state == Some(State::Regular) && index.situation != Situation::Complete
}

/// Whether a lag is a notion for this index: it follows, or cannot be seen.
fn can_lag(index: &IndexStatus) -> bool {
    index.state.is_none_or(State::follows)
        && !matches!(index.situation, Situation::Promoted | Situation::Complete)
}
