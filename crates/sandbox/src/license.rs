//! The licence and the features it opens.

use serde_json::{Value, json};

use super::{
    ask::Ask,
    refusal::Refusal,
    reply::{Handled, Reply, ok},
    site::Site,
    world::World,
};

/// `GET /_license`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["local", "accept_enterprise", "master_timeout"])?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let license = &cluster.license;
    let now_ms = world.now_ms();
    let expiry = if license.is_active { now_ms + 30 * 86_400_000 } else { now_ms - 1000 };
    let mut out = json!({
        "status": if license.is_active { "active" } else { "expired" },
        "uid": cluster.uuid,
        "type": license.kind,
        "issue_date": "2026-01-01T00:00:00.000Z",
        "issue_date_in_millis": 1_767_225_600_000_u64,
    });
    if license.kind != "basic" {
        out["expiry_date"] = json!("2027-01-01T00:00:00.000Z");
        out["expiry_date_in_millis"] = json!(expiry);
    }
    out["max_nodes"] = json!(1000);
    if !is_old {
        out["max_resource_units"] = Value::Null;
    }
    out["issued_to"] = json!(cluster.name);
    out["issuer"] = json!("elasticsearch");
    out["start_date_in_millis"] = json!(-1);
    ok(json!({"license": out}))
}

/// `POST /_license/start_trial`: once per major version.
pub(super) fn start_trial(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["acknowledge", "type", "master_timeout"])?;
    if !ask.flag("acknowledge") {
        return Ok(Reply::Json(
            403,
            json!({"acknowledged": false, "trial_was_started": false,
            "error_message": "Operation failed: Needs acknowledgement."}),
        ));
    }
    let license = &mut world.at_mut(site).license;
    if license.trial_used {
        return Ok(Reply::Json(
            403,
            json!({"acknowledged": true, "trial_was_started": false,
            "error_message": "Operation failed: Trial was already activated."}),
        ));
    }
    license.trial_used = true;
    license.is_active = true;
    "trial".clone_into(&mut license.kind);
    ok(json!({"acknowledged": true, "trial_was_started": true, "type": "trial"}))
}

/// `GET /_license/trial_status`; on 6.8 only below `_xpack`.
pub(super) fn trial_status(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["master_timeout"])?;
    let cluster = world.at(site);
    if cluster.personality.is_old() && ask.segment(0) != "_xpack" {
        return Err(super::route::wrong_method(ask));
    }
    ok(json!({"eligible_to_start_trial": !cluster.license.trial_used}))
}

/// `GET /_xpack`
pub(super) fn xpack(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["categories", "accept_enterprise"])?;
    let cluster = world.at(site);
    let license = &cluster.license;
    ok(json!({
        "build": {"hash": "4f67856", "date": "2022-01-06T21:30:50.087716Z"},
        "license": {"uid": cluster.uuid, "type": license.kind, "mode": license.kind,
                    "status": if license.is_active { "active" } else { "expired" }},
        "features": {
            "ccr": {"available": license.allows_ccr(), "enabled": true},
            "security": {"available": true, "enabled": false},
        },
        "tagline": "You know, for X",
    }))
}

/// `GET /_xpack/usage`
pub(super) fn usage(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["master_timeout"])?;
    let cluster = world.at(site);
    let followers = cluster.indices.values().filter(|index| index.following.is_some()).count();
    let mut ccr = json!({
        "available": cluster.license.allows_ccr(),
        "enabled": true,
        "follower_indices_count": followers,
        "auto_follow_patterns_count": cluster.patterns.len(),
    });
    if let Some(at_ms) = cluster.last_follow_ms {
        ccr["last_follow_time_in_millis"] = json!(world.now_ms().saturating_sub(at_ms));
    }
    ok(json!({"ccr": ccr, "security": {"available": true, "enabled": false}}))
}

/// `GET /_security/_authenticate` while security is off: no such handler for `GET`.
pub(super) fn authenticate(ask: &Ask) -> Refusal {
    super::route::wrong_method(ask)
}
