//! Whether two texts are the same JSON.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

type Object = BTreeMap<String, Box<RawValue>>;
type List = Vec<Box<RawValue>>;

/// True for the same content, whatever the order of keys, the white space and the way in which
/// strings are escaped. Numbers are compared as they are written: `1.0` and `1` are not the
/// same, and no digit of a large one is lost.
pub(super) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one == other {
        return true;
    }
    match (one.as_bytes().first(), other.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => match both::<Object>(one, other) {
            Some((one, other)) => {
                one.len() == other.len()
                    && one.iter().zip(&other).all(|((key, value), (other_key, other))| {
                        key == other_key && same(value.get(), other.get())
                    })
            }
            None => false,
        },
        (Some(b'['), Some(b'[')) => match both::<List>(one, other) {
            Some((one, other)) => {
                one.len() == other.len()
                    && one.iter().zip(&other).all(|(one, other)| same(one.get(), other.get()))
            }
            None => false,
        },
        (Some(b'"'), Some(b'"')) => {
            both::<String>(one, other).is_some_and(|(one, other)| one == other)
        }
        _ => false,
    }
}

fn both<T: serde::de::DeserializeOwned>(one: &str, other: &str) -> Option<(T, T)> {
    Some((serde_json::from_str(one).ok()?, serde_json::from_str(other).ok()?))
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn content_counts_and_not_its_form() {
        assert!(same(r#"{"a":1,"b":[ "x", {}]}"#, r#"{ "b":["\u0078",{ }], "a":1 }"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
        assert!(!same(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#));
        assert!(!same(r#"{"a":null}"#, "{}"));
    }

    #[test]
    fn no_digit_of_a_number_is_lost() {
        assert!(!same("123456789012345678901234567890", "123456789012345678901234567891"));
        assert!(!same("0.10000000000000000000001", "0.10000000000000000000002"));
    }
}
