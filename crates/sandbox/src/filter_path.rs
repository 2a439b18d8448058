//! The `filter_path` parameter: which parts of an answer to keep.

use serde_json::{Map, Value};

use super::wildcard;

/// The field names of a path that are still to be gone down.
type Path<'a> = &'a [&'a str];

/// Keeps of `value` what any of the comma-separated paths names; `*` matches within one
/// field name, `**` any depth, a leading `-` drops instead.
pub(super) fn apply(value: Value, paths: &str) -> Value {
    let (drop, keep): (Vec<&str>, Vec<&str>) =
        paths.split(',').filter(|path| !path.is_empty()).partition(|path| path.starts_with('-'));
    let mut value = value;
    if !keep.is_empty() {
        let keep: Vec<Vec<&str>> = keep.iter().map(|path| path.split('.').collect()).collect();
        let keep: Vec<Path<'_>> = keep.iter().map(Vec::as_slice).collect();
        if !keep_in(&mut value, &keep) {
            value = Value::Object(Map::new());
        }
    }
    for path in drop {
        let path: Vec<&str> = path.trim_start_matches('-').split('.').collect();
        dropped(&mut value, &path);
    }
    value
}

/// Whether anything that stands at this place, or below it, is kept: else it need not be made.
pub(super) fn keeps(paths: &str, at: &[&str]) -> bool {
    let positive = paths.split(',').filter(|path| !path.is_empty() && !path.starts_with('-'));
    let keep: Vec<Vec<&str>> = positive.map(|path| path.split('.').collect()).collect();
    let mut left: Vec<Path<'_>> = keep.iter().map(Vec::as_slice).collect();
    for key in at {
        if left.iter().any(|path| path.is_empty()) {
            return true;
        }
        let mut next = Vec::new();
        for path in left {
            step(path, key, &mut next);
        }
        left = next;
    }
    keep.is_empty() || !left.is_empty()
}

/// Drops what is not below any of the remaining paths. Whether something is left.
fn keep_in(value: &mut Value, paths: &[Path<'_>]) -> bool {
    if paths.iter().any(|path| path.is_empty()) {
        return true;
    }
    match value {
        Value::Object(map) => {
            let mut next: Vec<Path<'_>> = Vec::new();
            map.retain(|key, inner| {
                next.clear();
                for path in paths {
                    step(path, key, &mut next);
                }
                !next.is_empty() && keep_in(inner, &next)
            });
            !map.is_empty()
        }
        Value::Array(items) => {
            // Arrays are transparent: a path goes on inside their elements.
            items.retain_mut(|item| keep_in(item, paths));
            !items.is_empty()
        }
        _ => false,
    }
}

/// Adds the paths that remain after descending into `key`.
fn step<'a>(path: Path<'a>, key: &str, next: &mut Vec<Path<'a>>) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if *first == "**" {
        next.push(path);
        step(rest, key, next);
    } else if wildcard::matches(first, key) {
        next.push(rest);
    } else if key.contains('.') {
        // A path may name a key that holds dots itself, as flat settings do.
        let named =
            (2..=path.len()).filter(|taken| wildcard::matches(&path[..*taken].join("."), key));
        next.extend(named.map(|taken| &path[taken..]));
    }
}

fn dropped(value: &mut Value, path: &[&str]) {
    match value {
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for key in keys {
                let mut next = Vec::new();
                step(path, &key, &mut next);
                for rest in next {
                    if rest.is_empty() {
                        map.remove(&key);
                    } else if let Some(inner) = map.get_mut(&key) {
                        dropped(inner, rest);
                    }
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| dropped(item, path)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{apply, keeps};

    #[test]
    fn keeps_what_is_named() {
        let whole = json!({"indices": {"a": {"uuid": "u", "shards": {"0": [{"seq_no": {"max": 1}, "docs": 2}]}}}, "x": 1});
        assert_eq!(
            apply(whole.clone(), "indices.*.shards.*.seq_no,indices.*.uuid"),
            json!({"indices": {"a": {"uuid": "u", "shards": {"0": [{"seq_no": {"max": 1}}]}}}})
        );
        assert_eq!(
            apply(whole.clone(), "**.docs"),
            json!({"indices": {"a": {"shards": {"0": [{"docs": 2}]}}}})
        );
        assert_eq!(apply(whole.clone(), "none"), json!({}));
        assert_eq!(apply(whole, "-indices"), json!({"x": 1}));
    }

    #[test]
    fn tells_what_need_not_be_made() {
        let paths = "indices.*.uuid,*.b.shards.*.seq_no,-indices.c";
        let kept = |at: &str| keeps(paths, &at.split('.').collect::<Vec<_>>());
        assert!(kept("indices") && kept("indices.a.uuid") && kept("indices.a.uuid.below"));
        assert!(kept("indices.b.shards.0.seq_no") && !kept("indices.a.shards.0.seq_no"));
        assert!(!kept("indices.b.shards.0.commit"));
        assert!(keeps("-indices", &["indices"]), "what is only dropped is made first");
    }
}
