//! Retention leases that followers hold on their leaders.

use std::time::Duration;

use super::{
    shard::Lease,
    site::Site,
    world::{Deferred, Reach, World},
};
use esdr_es::{duration, requests::LEASE_PERIOD};

/// How often a running follower renews its leases.
pub(super) const RENEW_MS: u64 = 30_000;
/// When a lease that nobody renews is dropped, unless the index says otherwise.
const EXPIRE: Duration = Duration::from_secs(12 * 60 * 60);

/// The lease id of a follower.
pub(super) fn id(
    cluster: &str,
    follower: (&str, &str),
    remote: &str,
    leader: (&str, &str),
) -> String {
    let (follower, follower_uuid) = follower;
    let (leader, leader_uuid) = leader;
    format!("{cluster}/{follower}/{follower_uuid}-following-{remote}/{leader}/{leader_uuid}")
}

impl World {
    /// Adds or renews a lease on every shard of a leader. `retain` gives the sequence
    /// number per shard from which the follower still needs operations.
    pub(super) fn lease(&mut self, site: Site, leader: &str, id: &str, retain: &[i64]) {
        let now_ms = self.now_ms();
        let Some(index) = self.at_mut(site).indices.get_mut(leader) else {
            return;
        };
        for (shard, retaining_seq_no) in index.shards.iter_mut().zip(retain) {
            match shard.leases.iter_mut().find(|lease| lease.id == id) {
                Some(lease) if now_ms < lease.timestamp_ms + RENEW_MS => {}
                Some(lease) => {
                    lease.retaining_seq_no = *retaining_seq_no;
                    lease.timestamp_ms = now_ms;
                    shard.leases_version += 1;
                }
                None => {
                    let (id, retaining_seq_no) = (id.to_owned(), *retaining_seq_no);
                    shard.leases.push(Lease { id, retaining_seq_no, timestamp_ms: now_ms });
                    shard.leases_version += 1;
                }
            }
        }
    }

    /// Removes a lease from every shard that has it and returns how many had.
    pub(super) fn unlease(&mut self, site: Site, leader: &str, id: &str) -> usize {
        let Some(index) = self.at_mut(site).indices.get_mut(leader) else {
            return 0;
        };
        let mut removed = 0;
        for shard in &mut index.shards {
            let before = shard.leases.len();
            shard.leases.retain(|lease| lease.id != id);
            if shard.leases.len() < before {
                shard.leases_version += 1;
                removed += 1;
            }
        }
        removed
    }

    /// Drops leases that nobody has renewed for as long as their leader keeps them.
    pub(super) fn expire_leases(&mut self) {
        let now_ms = self.now_ms();
        for site in Site::BOTH {
            let indices = self.at_mut(site).indices.values_mut();
            for index in indices {
                let period =
                    index.setting(LEASE_PERIOD).and_then(|text| duration::parse(text).ok());
                let period_ms = u64::try_from(period.unwrap_or(EXPIRE).as_millis()).unwrap_or(0);
                for shard in &mut index.shards {
                    shard.leases.retain(|lease| now_ms < lease.timestamp_ms + period_ms);
                }
            }
        }
    }

    /// Carries out what a silent leader was asked while it was silent.
    pub(super) fn carry_out_deferred(&mut self) {
        let mut left: Vec<Deferred> = Vec::new();
        for deferred in std::mem::take(&mut self.deferred) {
            match self.reach(deferred.from, &deferred.remote) {
                Reach::To(site) => {
                    self.unlease(site, &deferred.leader, &deferred.lease);
                }
                Reach::Silent => left.push(deferred),
                Reach::Unknown | Reach::Refused => {}
            }
        }
        self.deferred = left;
    }
}
