//! Index expressions: lists, wildcards, aliases.

use super::{ask::Ask, cluster::Cluster, refusal::Refusal, wildcard};

/// What an expression may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Whether an index that is named is taken although it is closed.
    pub(super) closed: bool,
    /// Whether wildcards reach closed indices.
    pub(super) closed_by_wildcard: bool,
    /// Whether aliases are resolved.
    pub(super) aliases: bool,
    /// Whether missing names are skipped.
    pub(super) missing_ok: bool,
}

impl Wanted {
    /// Anything: closed indices and aliases too; missing names are refused.
    pub(super) const ALL: Self =
        Self { closed: true, closed_by_wildcard: true, aliases: true, missing_ok: false };
    /// Open indices only; a closed one that is named is refused.
    pub(super) const OPEN: Self =
        Self { closed: false, closed_by_wildcard: false, aliases: true, missing_ok: false };
    /// Open indices, and closed ones that are named.
    pub(super) const NAMED: Self = Self { closed: true, ..Self::OPEN };

    /// The same, with what the request's parameters change.
    pub(super) fn asked(mut self, ask: &Ask) -> Self {
        self.missing_ok = self.missing_ok || ask.flag("ignore_unavailable");
        match ask.parameter("expand_wildcards") {
            Some(text) if text.contains("all") || text.contains("closed") => {
                (self.closed, self.closed_by_wildcard) = (true, true);
            }
            Some(_) => self.closed_by_wildcard = false,
            None => {}
        }
        self
    }
}

/// Whether an expression stands for more than concrete names.
pub(super) fn is_pattern(expression: &str) -> bool {
    expression.is_empty()
        || expression == "_all"
        || expression.split(',').any(|part| part.contains('*') || part.starts_with('-'))
}

/// Names of the indices that an expression stands for, sorted, each once.
pub(super) fn resolve(
    cluster: &Cluster,
    expression: &str,
    wanted: Wanted,
) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    let expression = if expression.is_empty() { "_all" } else { expression };
    for part in expression.split(',') {
        if let Some(excluded) = part.strip_prefix('-') {
            found.retain(|name| !wildcard::matches(excluded, name));
        } else if part == "_all" || part.contains('*') {
            let pattern = if part == "_all" { "*" } else { part };
            for index in cluster.indices.values() {
                let named = wildcard::matches(pattern, &index.name)
                    || (wanted.aliases
                        && index.aliases.keys().any(|alias| wildcard::matches(pattern, alias)));
                if named && (index.open || wanted.closed_by_wildcard) {
                    found.push(index.name.clone());
                }
            }
        } else {
            found.extend(concrete(cluster, part, wanted)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn concrete(cluster: &Cluster, name: &str, wanted: Wanted) -> Result<Vec<String>, Refusal> {
    if let Some(index) = cluster.indices.get(name) {
        if index.open || wanted.closed {
            return Ok(vec![name.to_owned()]);
        }
        if wanted.missing_ok {
            return Ok(Vec::new());
        }
        return Err(Refusal::closed(name, &index.uuid));
    }
    let behind = cluster.behind(name);
    if wanted.aliases && !behind.is_empty() {
        return Ok(behind.into_iter().map(|index| index.name.clone()).collect());
    }
    if wanted.missing_ok {
        return Ok(Vec::new());
    }
    Err(Refusal::missing_resource(cluster.personality, "index_or_alias", name))
}

/// Like [`resolve`] for calls that destroy: from 8.0 on wildcards are refused.
pub(super) fn resolve_destructive(
    cluster: &Cluster,
    expression: &str,
    wanted: Wanted,
) -> Result<Vec<String>, Refusal> {
    let guard =
        cluster.setting("action.destructive_requires_name").and_then(|value| value.as_str());
    let refused = match guard {
        Some(text) => text == "true",
        None => !cluster.personality.is_old(),
    };
    if refused && is_pattern(expression) {
        return Err(Refusal::argument("Wildcard expressions or all indices are not allowed"));
    }
    resolve(cluster, expression, wanted)
}
