//! The literal requests of an action: what the plan prints is what goes out.

use serde_json::json;

use crate::es::{
    requests::{
        aliases_request, close_request, delete_auto_follow_request, follow_request,
        lift_block_request, open_request, pause_auto_follow_request, pause_request,
        put_auto_follow_request, put_block_request, resume_auto_follow_request, resume_request,
        unfollow_request,
    },
    transport::{Method, Request},
};

use super::action::Action;

impl Action {
    /// The requests that change something on a cluster, in order, as for one index each;
    /// what goes to several indices alike is sent with as many names as a request line
    /// takes. Empty for what only reads, and for the record and the operator's programs.
    pub fn requests(&self) -> Vec<Request> {
        match self {
            Self::Alias { actions, .. } => vec![aliases_request(actions)],
            Self::Close {
                index, takes_wait, ..
            } => vec![close_request(&[index], *takes_wait)],
            Self::Fence { index, waits, .. } => vec![put_block_request(&[index], *waits)],
            Self::Follow {
                index,
                remote,
                leader_index,
                parameters,
                ..
            } => {
                vec![follow_request(
                    index,
                    remote,
                    leader_index,
                    parameters.as_ref(),
                )]
            }
            Self::HoldPattern {
                pattern,
                pauses: true,
                ..
            } => {
                vec![pause_auto_follow_request(&pattern.name)]
            }
            Self::HoldPattern {
                pattern,
                pauses: false,
                ..
            } => {
                vec![delete_auto_follow_request(&pattern.name)]
            }
            Self::Open { index, .. } => vec![open_request(&[index], 1)],
            Self::Pause { index, .. } => vec![pause_request(index)],
            Self::PutPattern { name, body, .. } => vec![put_auto_follow_request(name, body)],
            Self::Remote { settings, .. } => {
                let body = json!({"persistent": settings});
                vec![Request::new(Method::Put, "/_cluster/settings").json(body)]
            }
            Self::Resume {
                index, parameters, ..
            } => {
                vec![resume_request(index, parameters.as_ref())]
            }
            Self::ResumePattern { name, .. } => vec![resume_auto_follow_request(name)],
            Self::Unfence { index, .. } => vec![lift_block_request(&[index])],
            Self::Unfollow { index, .. } => vec![unfollow_request(index)],
            Self::Canary { .. }
            | Self::Checkpoints { .. }
            | Self::Hook { .. }
            | Self::Prove { .. }
            | Self::Record { .. } => Vec::new(),
        }
    }
}
