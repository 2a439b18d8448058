//! Numbers that one version writes as a number and another as a string.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// A number from a number, a string or null (0).
pub(crate) fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64> + Default,
{
    let number = match Value::deserialize(deserializer)? {
        // Large floats cannot occur in the fields that are read.
        #[allow(clippy::cast_possible_truncation)]
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|it| it as i64)).unwrap_or_default()
        }
        Value::String(text) => text.trim().parse().unwrap_or_default(),
        Value::Bool(_) | Value::Null => return Ok(T::default()),
        other => return Err(D::Error::custom(format!("{other} is no number"))),
    };
    Ok(T::try_from(number).unwrap_or_default())
}

/// A text from a string, number, flag or null (empty).
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        Value::Bool(flag) => flag.to_string(),
        Value::Null => String::new(),
        other => return Err(D::Error::custom(format!("{other} is no text"))),
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
        assert!(serde_json::from_str::<Row>(r#"{"pri":[]}"#).is_err());
    }
}
