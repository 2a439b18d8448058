//! The literal requests of an action: what the plan prints is what goes out.

use serde_json::json;

use crate::es::{
    path::encode,
    requests::{
        aliases_request, clone_request, close_request, create_index_request,
        delete_auto_follow_request, delete_doc_request, delete_index_request,
        delete_template_request, follow_request, forget_follower_request, lease_period_request,
        lift_blocks_request, open_request, pause_auto_follow_request, pause_request,
        put_auto_follow_request, put_block_request, put_blocks_request, put_doc_request,
        put_mapping_request, put_settings_request, put_template_request,
        resume_auto_follow_request, resume_request, retry_lifecycle_request, snapshot_request,
        unfollow_request,
    },
    transport::{Method, Request},
};

use super::action::{Action, Follower};

/// The id of the document that proves that a new leader takes writes.
pub(crate) const CANARY: &str = "esdr-canary";

impl Follower {
    fn forget_request(&self, leader: &str) -> Request {
        let Self { cluster_name, index, uuid, remote } = self;
        forget_follower_request(leader, cluster_name, index, uuid, remote)
    }
}

impl Action {
    /// The requests that change something on a cluster, in order, as for one index each;
    /// what goes to several indices alike is sent with as many names as a request line
    /// takes. Empty for what only reads, and for the operator's programs. Of the record only
    /// the lines are told: what is in it is known when it is written.
    pub fn requests(&self) -> Vec<Request> {
        match self {
            Self::Alias { actions, .. } => vec![aliases_request(actions)],
            // What is in them is known when they are written.
            Self::Carry { index, has_types, ops, .. } if *ops != Some(0) => vec![
                put_mapping_request(index, &json!({}), has_types.then_some("_doc")),
                Request::new(Method::Post, "/_bulk"),
            ],
            Self::Close { index, takes_wait, .. } => vec![close_request(&[index], *takes_wait)],
            Self::Create { index, body, has_types, .. } => {
                vec![create_index_request(index, body, *has_types)]
            }
            Self::Delete { index, .. } => vec![delete_index_request(index)],
            Self::Drop { copies, .. } => {
                copies.iter().map(|copy| delete_index_request(copy)).collect()
            }
            Self::Follow { index, remote, leader_index, parameters, .. } => {
                vec![follow_request(index, remote, leader_index, parameters.as_ref())]
            }
            Self::Forget { index, follower, .. } => vec![follower.forget_request(index)],
            Self::HoldPattern { pattern, pauses: true, .. } => {
                vec![pause_auto_follow_request(&pattern.name)]
            }
            Self::HoldPattern { pattern, pauses: false, .. } => {
                vec![delete_auto_follow_request(&pattern.name)]
            }
            Self::Open { index, .. } => vec![open_request(&[index], 1)],
            Self::Pause { index, .. } => vec![pause_request(index)],
            Self::PutPattern { name, body, .. } => vec![put_auto_follow_request(name, body)],
            Self::Remote { settings, .. } => vec![put_settings_request(settings)],
            Self::Resume { index, parameters, .. } => {
                vec![resume_request(index, parameters.as_ref())]
            }
            Self::ResumePattern { name, .. } => vec![resume_auto_follow_request(name)],
            Self::Shield { index, aliases, .. } => vec![shield_request(index, aliases)],
            Self::Salvage { index, safety: Some(copy), .. } => vec![clone_request(index, copy)],
            Self::Snapshot { repository, name, indices, .. } => {
                vec![snapshot_request(repository, name, indices)]
            }
            Self::Unfollow { index, .. } => vec![unfollow_request(index)],
            Self::Canary { index, .. } => vec![
                put_doc_request(index, CANARY, &json!({}), false),
                Request::new(Method::Get, format!("/{}/_doc/{CANARY}", encode(index))),
                delete_doc_request(index, CANARY),
            ],
            Self::Echo { alias, .. } => {
                vec![
                    put_doc_request(alias, CANARY, &json!({}), true),
                    delete_doc_request(alias, CANARY),
                ]
            }
            Self::Fence { .. }
            | Self::Loosen { .. }
            | Self::Placeholder { .. }
            | Self::Template { .. }
            | Self::Unfence { .. } => self.fence_requests(),
            Self::Record { index, exists, .. } => record_requests(index, *exists),
            Self::Renew { .. } => self.renew_requests(),
            Self::Retain { index, period, .. } => vec![lease_period_request(index, period)],
            Self::Carry { .. }
            | Self::CatchUp { .. }
            | Self::Checkpoints { .. }
            | Self::Hook { .. }
            | Self::Prove { .. }
            | Self::Salvage { safety: None, .. } => Vec::new(),
        }
    }

    /// What keeps writers off, and lets them in again.
    fn fence_requests(&self) -> Vec<Request> {
        match self {
            Self::Fence { index, closed: true, .. } => vec![put_block_request(&[index], false)],
            Self::Fence { index, waits, .. } => {
                let drained = waits.then(|| put_block_request(&[index], true));
                drained.into_iter().chain([put_blocks_request(&[index])]).collect()
            }
            Self::Loosen { index, .. } => vec![lift_blocks_request(&[index], true, false)],
            Self::Placeholder { index, .. } => vec![delete_index_request(index)],
            Self::Template { name, is_legacy, body: Some(body), .. } => {
                vec![put_template_request(name, body, *is_legacy)]
            }
            Self::Template { name, is_legacy, body: None, .. } => {
                vec![delete_template_request(name, *is_legacy)]
            }
            Self::Unfence { index, keeps, is_managed, .. } => {
                let lift = lift_blocks_request(&[index], keeps.write, keeps.read_only);
                let retry = is_managed.then(|| retry_lifecycle_request(index));
                [lift].into_iter().chain(retry).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// An index that bears aliases and takes no writes.
fn shield_request(index: &str, aliases: &[String]) -> Request {
    let aliases: serde_json::Map<_, _> =
        aliases.iter().map(|alias| (alias.clone(), json!({}))).collect();
    let settings = json!({
        "index.number_of_shards": 1,
        "index.number_of_replicas": 0,
        "index.blocks.write": true
    });
    create_index_request(index, &json!({"settings": settings, "aliases": aliases}), false)
}

fn record_requests(index: &str, exists: bool) -> Vec<Request> {
    let write = Request::new(Method::Post, "/_bulk?refresh=true");
    if exists {
        return vec![write];
    }
    vec![Request::new(Method::Put, format!("/{index}")), write]
}
