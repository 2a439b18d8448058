//! Who holds, or wants to hold, the locks of a run's sets.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::{
    process,
    watch::{Verdict, Watch},
};
use crate::model::lock::Lock;

/// One run's locks, one a set, as they are written next, and what befell them.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) owner: String,
    locks: Mutex<Vec<Lock>>,
    lost: Mutex<Option<Lost>>,
    /// Owners from whom a lock may be taken at once: named by the operator, or taken from on one
    /// cluster already.
    beaten: Mutex<BTreeSet<String>>,
}

/// That a lock is somebody else's by now, or gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Lost {
    pub cluster: String,
    pub set: String,
    /// Whose it is; `None`: it was not there any more.
    pub by: Option<Box<Lock>>,
}

impl Holder {
    /// Locks of an owner of its own, whatever stands in them.
    pub(super) fn new(locks: Vec<Lock>, broken: Option<&String>) -> Self {
        let owner = random_owner();
        let held_by = process::own();
        let own = |lock: Lock| Lock { owner: owner.clone(), held_by: held_by.clone(), ..lock };
        let locks = locks.into_iter().map(own).collect();
        Self {
            locks: Mutex::new(locks),
            lost: Mutex::default(),
            beaten: Mutex::new(broken.cloned().into_iter().collect()),
            owner,
        }
    }

    /// The names of the sets, in the order in which they are taken.
    pub(super) fn sets(&self) -> Vec<String> {
        held(&self.locks).iter().map(|lock| lock.set.clone()).collect()
    }

    /// The lock of a set as it is to be written next; each differs from the one before.
    pub(super) fn next(&self, set: &str) -> Lock {
        let mut locks = held(&self.locks);
        let Some(lock) = locks.iter_mut().find(|lock| lock.set == set) else {
            return Lock::default();
        };
        lock.renewals += 1;
        lock.clone()
    }

    /// What is done now, for whoever reads the lock.
    pub(super) fn note(&self, set: &str, step: &str, waits_for: &str) {
        for lock in held(&self.locks).iter_mut() {
            let (step, waits_for) = if lock.set == set { (step, waits_for) } else { ("", "") };
            step.clone_into(&mut lock.step);
            waits_for.clone_into(&mut lock.waits_for);
        }
    }

    /// What is to be thought of somebody else's lock that was read at a moment.
    pub(super) fn judge(
        &self,
        watch: &mut Watch,
        cluster: &str,
        lock: &Lock,
        now: Instant,
    ) -> Verdict {
        let is_beaten = held(&self.beaten).contains(&lock.owner);
        if is_beaten || lock.held_by.as_ref().is_some_and(process::is_gone) {
            return Verdict::Silent;
        }
        watch.note(cluster, lock, now)
    }

    /// A lock was taken from this owner.
    pub(super) fn beat(&self, owner: &str) {
        held(&self.beaten).insert(owner.to_owned());
    }

    /// It is lost, and stays so.
    pub(super) fn lose(&self, lost: Lost) {
        held(&self.lost).get_or_insert(lost);
    }

    pub(super) fn lost(&self) -> Option<Lost> {
        held(&self.lost).clone()
    }
}

/// What a panic elsewhere leaves behind is whole.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sixteen digits that nobody else draws: seeded by the system, for each call anew.
fn random_owner() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lock(owner: &str, renewals: u64) -> Lock {
        Lock { owner: owner.into(), renewals, set: "orders".into(), ..Lock::default() }
    }

    #[test]
    fn each_writing_differs_and_says_what_is_done() {
        let payments = Lock { set: "payments".into(), ..Lock::default() };
        let holder = Holder::new(vec![lock("", 0), payments], None);
        holder.note("orders", "drain", "2 shards");
        let written = holder.next("orders");
        assert_eq!((written.renewals, written.step.as_str()), (1, "drain"));
        assert_eq!((written.waits_for.as_str(), &written.owner), ("2 shards", &holder.owner));
        assert_eq!(holder.next("orders").renewals, 2);
        assert_eq!(holder.next("payments").step, "");
        holder.note("payments", "fence", "");
        assert_eq!(holder.next("orders").step, "", "it is over with the first set");
    }

    #[test]
    fn no_two_owners_are_alike() {
        let owner = || Holder::new(Vec::new(), None).owner;
        let owners: BTreeSet<String> = (0..1000).map(|_| owner()).collect();
        assert_eq!(owners.len(), 1000);
        assert!(owners.iter().all(|owner| owner.len() == 16));
    }

    #[test]
    fn the_owner_that_the_operator_names_and_no_other_is_passed_at_once() {
        let (now, mut watch) = (Instant::now(), Watch::default());
        let holder = Holder::new(vec![lock("", 0)], Some(&"a".to_owned()));
        let mut judge = |owner| holder.judge(&mut watch, "clusterA", &lock(owner, 3), now);
        assert_eq!(judge("a"), Verdict::Silent);
        assert_eq!(judge("b"), Verdict::Unproven(Duration::ZERO));
    }

    #[test]
    fn what_is_lost_stays_lost_to_the_first() {
        let holder = Holder::new(vec![lock("", 0)], None);
        assert_eq!(holder.lost(), None);
        let lost = |cluster: &str| Lost { cluster: cluster.into(), set: "orders".into(), by: None };
        holder.lose(lost("clusterA"));
        holder.lose(lost("clusterB"));
        assert_eq!(holder.lost(), Some(lost("clusterA")));
    }
}
