//! How each goal is carried out: what is sent, and what is waited for until it is seen.

pub(super) mod alias_placeholder;
pub(super) mod canary;
pub(super) mod carried;
pub(super) mod carry;
pub(super) mod checkpoints;
pub(super) mod choices;
pub(super) mod copies;
pub(super) mod discard;
pub(super) mod drain;
pub(super) mod echo;
pub(super) mod fence;
pub(super) mod fenced;
pub(super) mod hooks;
pub(super) mod join;
pub(super) mod keep;
pub(super) mod names;
pub(super) mod newcomers;
pub(super) mod promote;
pub(super) mod protection;
pub(super) mod quiesce;
pub(super) mod renew;
pub(super) mod safety;
pub(super) mod salvage;
pub(super) mod seed;
pub(super) mod unfollow;
