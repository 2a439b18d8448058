//! A short stand-in for a JSON value, made while it is read: no tree is kept.

use std::{
    fmt,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::LazyLock,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// Drawn anew by each process, so that nobody can prepare two values that look alike.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Equal for JSON values that say the same, whatever the order of their keys and the blanks
/// between them. `1` and `1.0` differ; numbers that fit neither 64 bits nor a double are taken
/// as the nearest double, as Elasticsearch itself indexes them. 64 bits under a key of this
/// process: of values that differ, one in 2^64 is missed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Digest(u64);

/// What kind of value it is comes first, so that `"1"` and `1` differ.
#[derive(Clone, Copy)]
enum Kind {
    Null,
    Flag,
    Signed,
    Unsigned,
    Double,
    Text,
    List,
    Map,
}

fn digest(kind: Kind, bytes: &[u8]) -> Digest {
    let mut hash = KEY.build_hasher();
    hash.write_u8(kind as u8);
    hash.write(bytes);
    Digest(hash.finish())
}

/// Of digests, each of the same length: where one ends needs no mark.
fn digest_all(kind: Kind, parts: impl IntoIterator<Item = u64>) -> Digest {
    let mut hash = KEY.build_hasher();
    hash.write_u8(kind as u8);
    for part in parts {
        hash.write_u64(part);
    }
    Digest(hash.finish())
}

struct Reader;

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Digest;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Digest, E> {
        Ok(digest(Kind::Null, &[]))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Digest, E> {
        Ok(digest(Kind::Flag, &[u8::from(flag)]))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Digest, E> {
        Ok(digest(Kind::Signed, &number.to_be_bytes()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Digest, E> {
        Ok(digest(Kind::Unsigned, &number.to_be_bytes()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Digest, E> {
        Ok(digest(Kind::Double, &number.to_bits().to_be_bytes()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Digest, E> {
        Ok(digest(Kind::Text, text.as_bytes()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Digest, A::Error> {
        let mut all = Vec::new();
        while let Some(Digest(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(digest_all(Kind::List, all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Digest, A::Error> {
        let mut all = Vec::new();
        while let Some((Digest(key), Digest(value))) = fields.next_entry()? {
            all.push((key, value));
        }
        all.sort_unstable();
        Ok(digest_all(Kind::Map, all.into_iter().flat_map(|(key, value)| [key, value])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Digest {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_order_of_keys_and_blanks_say_nothing() {
        assert_eq!(
            of(r#"{"a":1,"b":{"c":[1,2],"d":null}}"#),
            of(r#"{"b":{"d":null, "c":[1,2]}, "a":1}"#)
        );
    }

    #[test]
    fn everything_else_does() {
        let all = [
            "{}",
            "[]",
            "null",
            "false",
            "true",
            "0",
            "1",
            "-1",
            "1.0",
            "\"1\"",
            "\"\"",
            "[1]",
            "[[1]]",
            "[1,2]",
            "[2,1]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":[1]}"#,
            r#"{"a":null}"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            r#"{"b":1}"#,
            "18446744073709551615",
        ];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(of(one), of(other), "{one} {other}");
            }
        }
    }
}
