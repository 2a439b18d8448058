//! Whether the world is still the one that was planned. Drift is a change of UUIDs,
//! membership, roles, blocks or versions, never of lag or counts; and what this very
//! plan has done is no drift.

use std::collections::BTreeMap;

use crate::model::world::Version;

use super::{Planned, Switch, action::Action};

/// One difference that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Drift {
    pub subject: String,
    pub planned: String,
    pub now: String,
}

/// What differs between a planned switch and the same one planned now. `now` continues
/// the plan's own entry where the plan has been begun (`own`).
pub(crate) fn drift(planned: &Switch, now: &Switch, own: bool) -> Vec<Drift> {
    let mut drifts = clusters(planned, now);
    drifts.extend(members(planned, now));
    // What a client that is refused leaves behind is no change of the world.
    let beyond = now.actions().filter(|action| {
        !own && !matches!(action, Action::Placeholder { .. })
            && !planned.actions().any(|known| known.key() == action.key())
    });
    drifts.extend(beyond.filter_map(|action| {
        let (word, cluster, name) = action.key();
        differs(format!("{name} on {cluster}"), "as it should be", &format!("asks for: {word}"))
    }));
    let against = now.blocked.iter().filter(|reason| !planned.blocked.contains(reason));
    drifts.extend(against.filter_map(|reason| {
        differs(reason.subject.clone(), "nothing against it", &reason.detail)
    }));
    drifts
}

fn differs(subject: String, planned: &str, now: &str) -> Option<Drift> {
    (planned != now).then(|| Drift { subject, planned: planned.to_owned(), now: now.to_owned() })
}

fn clusters(planned: &Switch, now: &Switch) -> Vec<Drift> {
    let version = |value: Option<Version>| value.map_or_else(String::new, |v| v.to_string());
    let uuids = [
        (&planned.source, &planned.source_uuid, &now.source_uuid),
        (&planned.target, &planned.target_uuid, &now.target_uuid),
    ];
    let versions = [
        (&planned.source, planned.source_version, now.source_version),
        (&planned.target, planned.target_version, now.target_version),
    ];
    uuids
        .into_iter()
        .filter_map(|(name, was, is)| {
            differs(format!("UUID of {name}"), text(was.as_ref()), text(is.as_ref()))
        })
        .chain(versions.into_iter().filter_map(|(name, was, is)| {
            differs(format!("version of {name}"), &version(was), &version(is))
        }))
        .collect()
}

fn members(planned: &Switch, now: &Switch) -> Vec<Drift> {
    let (was, is) = (by_name(&planned.members), by_name(&now.members));
    let mut drifts = Vec::new();
    for (name, member) in &was {
        let Some(other) = is.get(name) else {
            drifts.extend(differs((*name).to_owned(), "of the set", "not there"));
            continue;
        };
        let uuid = |cluster: &str| format!("UUID of {name} on {cluster}");
        let (source, target) = (member.source_uuid.as_ref(), member.target_uuid.as_ref());
        drifts.extend(differs(
            uuid(&planned.source),
            text(source),
            text(other.source_uuid.as_ref()),
        ));
        // What was not there when the plan was made is what it makes.
        if target.is_some() {
            let now = text(other.target_uuid.as_ref());
            drifts.extend(differs(uuid(&planned.target), text(target), now));
        }
        drifts.extend(differs(format!("write block on {name}"), block(member), block(other)));
    }
    let born = is.keys().filter(|name| !was.contains_key(*name));
    drifts.extend(born.filter_map(|name| differs((*name).to_owned(), "not there", "of the set")));
    drifts
}

fn text(value: Option<&String>) -> &str {
    value.map_or("not there", String::as_str)
}

fn by_name(members: &[Planned]) -> BTreeMap<&str, &Planned> {
    members.iter().map(|member| (member.source_index.as_str(), member)).collect()
}

fn block(member: &Planned) -> &'static str {
    if member.blocked_before { "found there" } else { "none" }
}
