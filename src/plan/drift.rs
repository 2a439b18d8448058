//! Whether the world is still the one that was planned. Drift is a change of UUIDs,
//! membership, roles, blocks or versions, never of lag or counts; and what this very
//! plan has done is no drift.

use std::collections::BTreeMap;

use super::{Planned, Switch};

/// One difference that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Drift {
    pub subject: String,
    pub planned: String,
    pub now: String,
}

/// What differs between a planned switch and the same one planned now. `now` continues
/// the plan's own entry where the plan has been begun (`own`).
pub fn drift(planned: &Switch, now: &Switch, own: bool) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut compare = |subject: String, planned: String, now: String| {
        if planned != now {
            drifts.push(Drift {
                subject,
                planned,
                now,
            });
        }
    };
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "not there".to_owned());
    let version = |value: Option<super::Version>| value.map_or_else(String::new, |v| v.to_string());
    for (name, was, is) in [
        (&planned.source, &planned.source_uuid, &now.source_uuid),
        (&planned.target, &planned.target_uuid, &now.target_uuid),
    ] {
        compare(
            format!("UUID of {name}"),
            text(was.as_ref()),
            text(is.as_ref()),
        );
    }
    for (name, was, is) in [
        (&planned.source, planned.source_version, now.source_version),
        (&planned.target, planned.target_version, now.target_version),
    ] {
        compare(format!("version of {name}"), version(was), version(is));
    }
    let was = by_name(&planned.members);
    let is = by_name(&now.members);
    for (name, member) in &was {
        match is.get(name) {
            None => compare(
                (*name).to_owned(),
                "of the set".to_owned(),
                "not there".to_owned(),
            ),
            Some(other) => {
                compare(
                    format!("UUID of {name} on {}", planned.source),
                    text(member.source_uuid.as_ref()),
                    text(other.source_uuid.as_ref()),
                );
                if member.target_uuid.is_some() {
                    compare(
                        format!("UUID of {name} on {}", planned.target),
                        text(member.target_uuid.as_ref()),
                        text(other.target_uuid.as_ref()),
                    );
                }
                compare(
                    format!("write block on {name}"),
                    block(member),
                    block(other),
                );
            }
        }
    }
    for name in is.keys().filter(|name| !was.contains_key(*name)) {
        compare(
            (*name).to_owned(),
            "not there".to_owned(),
            "of the set".to_owned(),
        );
    }
    for action in now.actions() {
        if !planned.actions().any(|known| known.key() == action.key()) && !own {
            let (word, cluster, name) = action.key();
            compare(
                format!("{name} on {cluster}"),
                "as it should be".to_owned(),
                format!("asks for: {word}"),
            );
        }
    }
    for reason in &now.blocked {
        if !planned.blocked.contains(reason) {
            compare(
                reason.subject.clone(),
                "nothing against it".to_owned(),
                reason.detail.clone(),
            );
        }
    }
    drifts
}

fn by_name(members: &[Planned]) -> BTreeMap<&str, &Planned> {
    members
        .iter()
        .map(|member| (member.source_index.as_str(), member))
        .collect()
}

fn block(member: &Planned) -> String {
    if member.blocked_before {
        "found there"
    } else {
        "none"
    }
    .to_owned()
}
