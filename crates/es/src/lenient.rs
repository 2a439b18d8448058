//! Numbers that one version writes as a number and another as a string.

use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Float(f64),
    Text(String),
    Flag(bool),
    Null,
}

/// A number from a number, a string or null (0).
pub(crate) fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64> + Default,
{
    let number = match Either::deserialize(deserializer)? {
        Either::Number(number) => number,
        // Large floats cannot occur in the fields that are read.
        #[allow(clippy::cast_possible_truncation)]
        Either::Float(number) => number as i64,
        Either::Text(text) => text.trim().parse().unwrap_or_default(),
        Either::Flag(_) | Either::Null => return Ok(T::default()),
    };
    Ok(T::try_from(number).unwrap_or_default())
}

/// A text from a string, number, flag or null (empty).
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Either::deserialize(deserializer)? {
        Either::Number(number) => number.to_string(),
        Either::Float(number) => number.to_string(),
        Either::Text(text) => text,
        Either::Flag(flag) => flag.to_string(),
        Either::Null => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Row {
        #[serde(deserialize_with = "number")]
        pri: u32,
        #[serde(default, deserialize_with = "text")]
        rep: String,
    }

    #[test]
    fn numbers_come_as_numbers_strings_or_null() {
        let read = |json: &str| serde_json::from_str::<Row>(json).unwrap();
        assert_eq!(read(r#"{"pri":"2","rep":1}"#).pri, 2);
        assert_eq!(read(r#"{"pri":2}"#).pri, 2);
        assert_eq!(read(r#"{"pri":null}"#).pri, 0);
        assert_eq!(read(r#"{"pri":2,"rep":1}"#).rep, "1");
    }
}
