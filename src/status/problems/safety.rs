//! Safety copies that stand: what was kept beside the salvage file until nobody needs it.

use std::{collections::BTreeMap, time::Duration};

use super::names;
use crate::{
    bytes, duration,
    model::{
        problem::{Code, Problem},
        safety::is_safety_index,
        world::{Index, View, World},
    },
    plan::safety::{Recorded, recorded},
};

/// By set, as far as the record knows them; what no record knows is told by itself.
pub(super) fn problems(cluster: &str, view: &View, world: &World) -> Vec<Problem> {
    let mut of_sets: BTreeMap<&str, Vec<Standing<'_>>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for index in view.indices.values().filter(|index| is_safety_index(&index.name)) {
        match recorded(world, cluster, index) {
            Some(Recorded { entry, copy, .. }) => {
                let begun_ms = Some(copy.at_ms);
                of_sets.entry(&entry.set).or_default().push(Standing { index, begun_ms });
            }
            None => unknown.push(Standing { index, begun_ms: None }),
        }
    }
    let mut problems: Vec<Problem> = of_sets
        .into_iter()
        .map(|(set, copies)| {
            let hint = format!("esdr reprotect --set {set} --drop-safety-copies");
            told(cluster, &format!(" of {set}"), &copies, world.at_ms, hint)
        })
        .collect();
    if let Some(first) = unknown.first() {
        // Not known for esdr's, so esdr does not delete them.
        let hint =
            format!("no record says whose they are: DELETE /{} on {cluster}", first.index.name);
        problems.push(told(cluster, "", &unknown, world.at_ms, hint));
    }
    problems
}

struct Standing<'w> {
    index: &'w Index,
    begun_ms: Option<i64>,
}

fn told(cluster: &str, of: &str, copies: &[Standing<'_>], seen_ms: i64, hint: String) -> Problem {
    let stored: Option<u64> = copies.iter().map(|it| it.index.stored_bytes).sum();
    let size = stored.map_or_else(String::new, |stored| format!(", {}", bytes::format(stored)));
    let (number, made) = match copies.len() {
        1 => ("a safety copy".to_owned(), "made"),
        many => (format!("{many} safety copies"), "the oldest made"),
    };
    let oldest_ms = copies.iter().filter_map(|it| it.begun_ms).min();
    let age_ms = oldest_ms.and_then(|begun_ms| u64::try_from(seen_ms - begun_ms).ok());
    let age = age_ms.map_or_else(String::new, |ms| {
        format!(", {made} {} ago", duration::format(Duration::from_millis(ms)))
    });
    let listed = names(copies.iter().map(|it| it.index.name.as_str()));
    let detail = format!("{cluster} keeps {number}{of}{size}{age}: {listed}");
    Problem::new(Code::SafetyCopy, cluster, detail, hint).warning()
}
