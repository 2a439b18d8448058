//! Why the primaries of an index are not started.

use serde_json::{Value, json};

use super::{index::Index, refusal::Refusal};

/// What a server tells of such a primary, in its routing table and where it refuses a call.
pub(super) struct Unstarted {
    state: &'static str,
    reason: &'static str,
    /// Whether it is, or was, being restored from its leader, and not from its own disk.
    is_restore: bool,
    failed_attempts: Option<u32>,
    allocation_status: &'static str,
}

impl Unstarted {
    /// `None` where they are started. A restore is tried once, a start five times.
    pub(super) fn of(index: &Index) -> Option<Self> {
        let is_restore = index.half_copied;
        if index.given_up {
            return Some(Self {
                state: "UNASSIGNED",
                reason: "ALLOCATION_FAILED",
                is_restore,
                failed_attempts: Some(if is_restore { 1 } else { 5 }),
                allocation_status: "deciders_no",
            });
        }
        if index.red {
            return Some(Self {
                state: "UNASSIGNED",
                reason: "CLUSTER_RECOVERED",
                is_restore,
                failed_attempts: None,
                allocation_status: "no_valid_shard_copy",
            });
        }
        (index.starting > 0 || index.restoring > 0).then_some(Self {
            state: "INITIALIZING",
            reason: "NEW_INDEX_RESTORED",
            is_restore: true,
            failed_attempts: None,
            allocation_status: "deciders_throttled",
        })
    }

    /// What is added to the row of a primary in the routing table.
    pub(super) fn add_to(&self, row: &mut Value) {
        row["recovery_source"] =
            json!({"type": if self.is_restore { "SNAPSHOT" } else { "EXISTING_STORE" }});
        let mut info = json!({"reason": self.reason});
        if let Some(attempts) = self.failed_attempts {
            info["failed_attempts"] = json!(attempts);
        }
        info["delayed"] = json!(false);
        info["allocation_status"] = json!(self.allocation_status);
        row["unassigned_info"] = info;
    }

    /// How a call that needs the primary of a follower is refused.
    pub(super) fn refusal(&self, name: &str) -> Refusal {
        let Self { state, reason, allocation_status, .. } = self;
        let node = if *state == "UNASSIGNED" { "node[null], " } else { "" };
        let source = if self.is_restore {
            "snapshot recovery"
        } else {
            "existing store recovery; bootstrap_history_uuid=false"
        };
        let (attempts, details) = self.failed_attempts.map_or_else(Default::default, |attempts| {
            (format!("failed_attempts[{attempts}], "), "details[failed recovery], ")
        });
        Refusal::argument(format!(
            "The primary shard of a follower index [{name}][0], {node}[P], \
             recovery_source[{source}], s[{state}], unassigned_info[[reason={reason}], {attempts}\
             delayed=false, {details}allocation_status[{allocation_status}]] is not active"
        ))
    }
}
