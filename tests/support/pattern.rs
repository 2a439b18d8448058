//! Comparing an answer with what is expected of it, field by field.
//!
//! The expected value names the fields that count; others may be there. `*` in a string
//! stands for any text, `"<int>"`, `"<string>"`, `"<bool>"`, `"<list>"` and `"<object>"` for
//! any value of that kind, and `"<absent>"` for a field that must not be there.

use serde_json::Value;

/// Where `actual` differs from `expected`, one line a difference.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, actual, &mut found);
    found
}

fn compare(at: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(actual)) => {
            for (name, expected) in fields {
                let at = format!("{at}/{name}");
                match actual.get(name) {
                    Some(value) => compare(&at, expected, value, found),
                    None if expected == "<absent>" => {}
                    None => found.push(format!("{at}: missing")),
                }
            }
        }
        (Value::Array(items), Value::Array(actual)) if items.len() == actual.len() => {
            for (number, (expected, actual)) in items.iter().zip(actual).enumerate() {
                compare(&format!("{at}/{number}"), expected, actual, found);
            }
        }
        (Value::String(pattern), actual) if stands_for(pattern, actual) => {}
        (expected, actual) if expected == actual => {}
        _ => found.push(format!("{at}: expected {expected}, got {actual}")),
    }
}

fn stands_for(pattern: &str, actual: &Value) -> bool {
    match (pattern, actual) {
        ("<int>", actual) => actual.is_i64() || actual.is_u64(),
        ("<bool>", actual) => actual.is_boolean(),
        ("<string>", actual) => actual.is_string(),
        ("<list>", actual) => actual.is_array(),
        ("<object>", actual) => actual.is_object(),
        (pattern, Value::String(text)) => glob(pattern, text),
        _ => false,
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(head) else {
        return false;
    };
    (0..=rest.len()).any(|skip| rest.is_char_boundary(skip) && glob(tail, &rest[skip..]))
}
