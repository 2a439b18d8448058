//! Every changing request as a pure function: the plan prints what the executor sends.

mod fence;
mod index;
mod replication;
mod snapshot;

pub use fence::{
    RANK, RANK_LEFT_OUT, delete_template_request, fence_template, is_own_template,
    lift_blocks_request, put_block_request, put_blocks_request, put_template_request,
    retry_lifecycle_request,
};
pub use index::{
    LEASE_PERIOD, add_alias_action, aliases_request, clone_request, close_request,
    create_index_request, delete_doc_request, delete_index_request, lease_period_request,
    open_request, put_doc_request, put_mapping_request, reindex_request, remove_alias_action,
};
pub use replication::{
    RemoteAddress, delete_auto_follow_request, follow_request, forget_follower_request,
    pause_auto_follow_request, pause_request, put_auto_follow_request, put_settings_request,
    remote_settings, resume_auto_follow_request, resume_request, unfollow_request,
};
pub use snapshot::{snapshot_request, verify_repository_request};

use std::time::Duration;

/// Deadline of a change that the elected master answers.
const CHANGE_DEADLINE: Duration = Duration::from_secs(30);
