//! Whether the licences cover cross-cluster replication.

use crate::{
    model::world::View,
    plan::reason::{Code, Reason},
};

pub(super) fn licence(name: &str, view: &View) -> Option<Reason> {
    let licence = &view.license;
    (licence.is_known() && !licence.allows_ccr()).then(|| {
        Reason::new(
            Code::Licence,
            name,
            format!("{name} has a {} licence, {}", licence.kind, licence.status),
        )
        .hint("cross-cluster replication needs an active trial, platinum or enterprise licence on both clusters")
    })
}
