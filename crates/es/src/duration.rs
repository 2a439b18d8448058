//! Lengths of time as people type and read them: `1m30s` in, `1 m 30 s` out.

use std::time::Duration;

/// Units from the longest to the shortest, with their length in milliseconds.
const UNITS_MS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Why a text is not a length of time.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DurationError {
    #[error("\"{text}\" has no unit; write it as 90s, 2m or 1m30s")]
    NoUnit { text: String },
    #[error("\"{unit}\" in \"{text}\" is no unit of time; known are d, h, m, s, ms")]
    UnknownUnit { text: String, unit: String },
    #[error("\"{text}\" is no length of time; write it as 90s, 2m or 1m30s")]
    NotADuration { text: String },
    #[error("the units of \"{text}\" are not in order; write the longest first, as in 1m30s")]
    Disordered { text: String },
    #[error("\"{text}\" is longer than esdr can count")]
    TooLong { text: String },
}

/// Reads `90s`, `2m`, `1m30s`, `48h`, `250ms`; spaces between the parts are allowed,
/// so that what [`format()`] prints without a fraction can be typed again.
///
/// # Errors
/// When the text is empty, lacks a unit, names an unknown one, or has the units out of order.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let whole = || text.to_owned();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::NotADuration { text: whole() });
    }
    let mut total_ms: u64 = 0;
    let mut units_left = UNITS_MS.as_slice();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return Err(DurationError::NotADuration { text: whole() });
        }
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_alphabetic()).len();
        let (unit, after) = after.split_at(letters);
        if unit.is_empty() {
            return Err(match after {
                "" => DurationError::NoUnit { text: whole() },
                _ => DurationError::NotADuration { text: whole() },
            });
        }
        if !UNITS_MS.iter().any(|(name, _)| *name == unit) {
            return Err(DurationError::UnknownUnit { text: whole(), unit: unit.to_owned() });
        }
        let Some(position) = units_left.iter().position(|(name, _)| *name == unit) else {
            return Err(DurationError::Disordered { text: whole() });
        };
        total_ms = number
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(units_left[position].1))
            .and_then(|part_ms| part_ms.checked_add(total_ms))
            .ok_or_else(|| DurationError::TooLong { text: whole() })?;
        units_left = &units_left[position + 1..];
        rest = after.trim_start();
    }
    Ok(Duration::from_millis(total_ms))
}

/// The time for a person, in at most two units: `250 ms`, `8.4 s`, `31 s`, `4 m 02 s`,
/// `2 h`, `3 d 05 h`. Tenths of a second below ten seconds only; the rest is cut off.
pub fn format(time: Duration) -> String {
    let seconds = time.as_secs();
    if time.is_zero() {
        return "0 s".to_owned();
    }
    if seconds == 0 {
        return format!("{} ms", time.as_millis());
    }
    if seconds < 10 {
        return match time.subsec_millis() / 100 {
            0 => format!("{seconds} s"),
            tenths => format!("{seconds}.{tenths} s"),
        };
    }
    let (long, long_s, short, short_s) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3600 => ("m", 60, "s", 1),
        3600..86_400 => ("h", 3600, "m", 60),
        _ => ("d", 86_400, "h", 3600),
    };
    match seconds % long_s / short_s {
        0 => format!("{} {long}", seconds / long_s),
        part => format!("{} {long} {part:02} {short}", seconds / long_s),
    }
}

/// The time as it can be typed in one unit, days aside: `48h`, `90s`, `250ms`.
pub fn typed(time: Duration) -> String {
    let ms = time.as_millis();
    let fits = |(_, unit_ms): &&(&str, u64)| ms.is_multiple_of(u128::from(*unit_ms));
    let (unit, unit_ms) = UNITS_MS[1..].iter().find(fits).unwrap_or(&("ms", 1));
    format!("{}{unit}", ms / u128::from(*unit_ms))
}

/// A length of time as whole milliseconds, for `#[serde(with = "crate::duration::as_ms")]`.
pub mod as_ms {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the time as an integer of milliseconds.
    pub fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Reads an integer of milliseconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

/// The same for a time that may be missing.
pub mod as_ms_option {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the time as an integer of milliseconds, or null.
    pub fn serialize<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::as_ms::serialize(time, to),
            None => to.serialize_none(),
        }
    }

    /// Reads an integer of milliseconds, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read() {
        for (text, ms) in [
            ("90s", 90_000),
            ("2m", 120_000),
            ("1m30s", 90_000),
            ("1 m 30 s", 90_000),
            ("48h", 172_800_000),
            ("1d12h", 129_600_000),
            ("250ms", 250),
            ("1s250ms", 1250),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused_with_the_reason() {
        for (text, message) in [
            ("", "\"\" is no length of time; write it as 90s, 2m or 1m30s"),
            ("90", "\"90\" has no unit; write it as 90s, 2m or 1m30s"),
            ("soon", "\"soon\" is no length of time; write it as 90s, 2m or 1m30s"),
            ("1.5m", "\"1.5m\" is no length of time; write it as 90s, 2m or 1m30s"),
            ("-3s", "\"-3s\" is no length of time; write it as 90s, 2m or 1m30s"),
            ("5min", "\"min\" in \"5min\" is no unit of time; known are d, h, m, s, ms"),
            (
                "30s1m",
                "the units of \"30s1m\" are not in order; write the longest first, as in 1m30s",
            ),
            ("99999999999999999999s", "\"99999999999999999999s\" is longer than esdr can count"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_time_is_typed_in_one_unit_and_read_back() {
        for text in ["48h", "90s", "2m", "250ms", "1500ms", "0h"] {
            assert_eq!(typed(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn a_time_is_told_in_at_most_two_units() {
        for (ms, text) in [
            (0, "0 s"),
            (250, "250 ms"),
            (1000, "1 s"),
            (8_440, "8.4 s"),
            (9_990, "9.9 s"),
            (31_700, "31 s"),
            (60_000, "1 m"),
            (90_000, "1 m 30 s"),
            (242_000, "4 m 02 s"),
            (7_200_000, "2 h"),
            (7_505_000, "2 h 05 m"),
            (277_200_000, "3 d 05 h"),
        ] {
            assert_eq!(format(Duration::from_millis(ms)), text);
        }
    }
}
