//! What a run's transports and its renewals know of its locks.

use std::{sync::Arc, time::Duration};

use super::{
    holder::Holder,
    site::{Check, Site, Standing},
};

/// A change goes out if the lock was proved on its cluster not longer ago. Nobody takes over what
/// moved within the last seconds, and `--break-lock` waits for longer before it changes anything.
pub(super) const FRESH: Duration = Duration::from_millis(250);

/// The same on the other clusters of the run, which are renewed beside it.
const FRESH_ELSEWHERE: Duration = Duration::from_millis(2500);

/// A cluster that did not answer is not waited for again within this time, where something is to
/// be changed on another one.
pub(super) const SILENT: Duration = Duration::from_secs(5);

pub(super) struct Shared {
    pub(super) holder: Holder,
    pub(super) sites: Vec<Arc<Site>>,
    /// An emergency: it goes on also where no cluster takes a lock.
    pub(super) goes_without: bool,
}

impl Shared {
    /// Whether something may be changed on a cluster now.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn permit(&self, cluster: &str) -> Result<(), String> {
        self.refuse_if_lost()?;
        let (own, others): (Vec<_>, Vec<_>) =
            self.sites.iter().partition(|site| site.watched.name == cluster);
        let mut is_proved = false;
        if let Some(site) = own.first() {
            let known = site.standing();
            let check = match known {
                // Asked again beside the run.
                Standing::NotTaken(reason) => Check::Unreadable(reason),
                Standing::Held | Standing::Unseen => site.check(&self.holder, FRESH).await,
            };
            match check {
                Check::Verified => is_proved = true,
                Check::Unanswered(why) => return Err(format!("the lock was not proved: {why}")),
                Check::Unreadable(_) | Check::Lost => {}
            }
        }
        for site in others {
            let is_asked = site.standing() == Standing::Held && !site.has_failed(SILENT);
            if is_asked {
                let check = site.check(&self.holder, FRESH_ELSEWHERE).await;
                is_proved |= matches!(check, Check::Verified);
            }
        }
        self.refuse_if_lost()?;
        if is_proved || self.goes_without {
            return Ok(());
        }
        Err("the lock can be read on no cluster".to_owned())
    }

    fn refuse_if_lost(&self) -> Result<(), String> {
        match self.holder.lost() {
            Some(lost) => Err(format!("the lock of {} was lost on {}", lost.set, lost.cluster)),
            None => Ok(()),
        }
    }
}
