//! What was found of each index before its former leader's copy goes.

use serde_json::{Value, json};

use crate::{
    model::comparison::{Compared, Deleted, Diverged, Finding},
    plan::{Plan, Switch},
    report::text::rfc3339,
};

/// One object an index. A figure that is not known is null.
pub(crate) fn comparison(plan: &Plan, switch: &Switch) -> Vec<Value> {
    let one = |compared: &Compared| {
        let choice = plan.choice(compared);
        let mut value = json!({
            "former_index": compared.former_index,
            "leader_index": compared.leader_index,
            "run": compared.run,
            "choice": choice.as_deref().and_then(|typed| typed.rsplit_once('=')).map(|(_, word)| word),
        });
        let figures = finding(&compared.finding);
        if let (Some(value), Value::Object(figures)) = (value.as_object_mut(), figures) {
            value.extend(figures);
        }
        value
    };
    switch.compared.iter().map(one).collect()
}

fn finding(finding: &Finding) -> Value {
    match finding {
        Finding::Clean => json!({"kind": "clean"}),
        Finding::Diverged(figures) => diverged(figures),
        Finding::Deleted(Deleted { ops, documents, switched_ms, unread }) => json!({
            "kind": "deleted",
            "ops": ops,
            "documents": documents,
            "switched_at": rfc3339(*switched_ms),
            "unread": unread,
        }),
        Finding::Born => json!({"kind": "born"}),
        Finding::Complete => json!({"kind": "complete"}),
        Finding::Unrelated => json!({"kind": "unrelated"}),
        Finding::Unknown { why } => json!({"kind": "unknown", "why": why}),
    }
}

/// What was changed on both sides is a number only where every document was looked up; else it
/// is null, and there is a lower bound.
fn diverged(figures: &Diverged) -> Value {
    let Diverged { shards, shard_count, ops, leader_ops_since, documents, overlap, unread } =
        figures;
    let whole = overlap.filter(|overlap| overlap.is_whole);
    let part = overlap.filter(|overlap| !overlap.is_whole);
    json!({
        "kind": "diverged",
        "shards": shards,
        "shard_count": shard_count,
        "ops": ops,
        "documents": documents,
        "overwritten_or_deleted": figures.hidden_ops(),
        "changed_on_both": whole.map(|overlap| overlap.changed_documents),
        "changed_on_both_at_least": part.map(|overlap| overlap.changed_documents),
        "compared_documents": overlap.map(|overlap| overlap.compared_documents),
        "leader_ops_since": leader_ops_since,
        "unread": unread,
    })
}
