//! Changes of replication, sent as [`crate::requests`] builds them.

use serde::Deserialize;
use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    requests::{
        follow_request, forget_follower_request, pause_request, resume_request, unfollow_request,
    },
};

/// The answer to forget-follower, which is 200 even where nothing was removed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Forgotten {
    pub successful: u32,
    /// Shards whose lease was not there counts as failed too.
    pub failed: u32,
}

impl Es {
    /// See [`follow_request`].
    pub async fn follow(
        &self,
        follower: &str,
        remote: &str,
        leader_index: &str,
        parameters: Option<&Value>,
    ) -> Result<(), Error> {
        self.send(follow_request(follower, remote, leader_index, parameters)).await.map(drop)
    }

    /// See [`pause_request`]. Answered with an error where it is paused already:
    /// [`Error::is_not_following`].
    pub async fn pause(&self, index: &str) -> Result<(), Error> {
        self.send(pause_request(index)).await.map(drop)
    }

    /// See [`resume_request`]. [`Error::is_task_exists`] where it is active or fatal.
    pub async fn resume(&self, index: &str, parameters: Option<&Value>) -> Result<(), Error> {
        self.send(resume_request(index, parameters)).await.map(drop)
    }

    /// See [`unfollow_request`]. Neither an error nor silence says that it did not work:
    /// look at [`Es::ccr_info_all`], while it is in flight.
    pub async fn unfollow(&self, index: &str) -> Result<(), Error> {
        self.send(unfollow_request(index)).await.map(drop)
    }

    /// See [`forget_follower_request`].
    pub async fn forget_follower(
        &self,
        leader_index: &str,
        follower_cluster_name: &str,
        follower_index: &str,
        follower_uuid: &str,
        remote: &str,
    ) -> Result<Forgotten, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            #[serde(rename = "_shards")]
            shards: Forgotten,
        }
        let request = forget_follower_request(
            leader_index,
            follower_cluster_name,
            follower_index,
            follower_uuid,
            remote,
        );
        Ok(self.read::<Answer>(request).await?.shards)
    }
}
