//! Settings in their two shapes: nested objects and flat dotted keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Settings by full dotted key; values are strings or arrays of strings.
pub(super) type Flat = BTreeMap<String, Value>;

/// Flattens nested settings. Scalars become strings, as the server stores them; `null`
/// stays, for it deletes.
pub(super) fn flatten(prefix: &str, value: &Value, into: &mut Flat) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let full = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&full, value, into);
            }
        }
        Value::Number(number) => {
            into.insert(prefix.to_owned(), Value::String(number.to_string()));
        }
        Value::Bool(flag) => {
            into.insert(prefix.to_owned(), Value::String(flag.to_string()));
        }
        other => {
            into.insert(prefix.to_owned(), other.clone());
        }
    }
}

/// Nests flat settings at their dots.
pub(super) fn nest(flat: &Flat) -> Value {
    let mut root = Map::new();
    for (key, value) in flat {
        let parts: Vec<&str> = key.split('.').collect();
        plant(&mut root, &parts, value);
    }
    Value::Object(root)
}

fn plant(at: &mut Map<String, Value>, path: &[&str], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        at.insert((*first).to_owned(), value.clone());
        return;
    }
    let slot = at.entry(*first).or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(inner) = slot {
        plant(inner, rest, value);
    }
}

/// Either shape, as `flat_settings` asks.
pub(super) fn shaped(flat: &Flat, as_flat: bool) -> Value {
    if as_flat {
        Value::Object(flat.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    } else {
        nest(flat)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_survive_both_shapes() {
        let mut flat = Flat::new();
        flatten("", &json!({"index": {"number_of_shards": 2, "blocks.write": true}}), &mut flat);
        assert_eq!(
            shaped(&flat, true),
            json!({"index.blocks.write": "true", "index.number_of_shards": "2"})
        );
        assert_eq!(
            nest(&flat),
            json!({"index": {"blocks": {"write": "true"}, "number_of_shards": "2"}})
        );
    }
}
