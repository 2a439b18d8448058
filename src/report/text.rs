//! Figures, times and names as people read them.

use std::time::Duration;

use crate::{duration, model::lag::Evidence};

/// A count with thousands separators: `1,204`.
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 index`, `40 indices`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// So many indices.
pub fn indices(number: usize) -> String {
    counted(number, "index", "indices")
}

/// A lag, never without its evidence: `202`, `>= 204`, `unknown`.
pub fn lag(measured: Option<u64>, at_least: Option<u64>, evidence: Evidence) -> String {
    match (evidence, measured, at_least) {
        (Evidence::Measured, Some(ops), _) => count(ops),
        (Evidence::Reported, _, Some(ops)) => format!(">= {}", count(ops)),
        _ => "unknown".to_owned(),
    }
}

/// A figure that may not be known.
pub fn known(number: Option<u64>) -> String {
    number.map_or_else(|| "unknown".to_owned(), count)
}

/// A length of time in at most two units.
pub fn took(ms: impl TryInto<u64>) -> String {
    duration::format(Duration::from_millis(ms.try_into().unwrap_or_default()))
}

/// Date and time: `2026-11-20 14:02:11 UTC`.
pub fn moment(at_ms: i64) -> String {
    format(at_ms, "%Y-%m-%d %H:%M:%S UTC")
}

/// The time of day: `14:02:11`.
pub fn clock(at_ms: i64) -> String {
    format(at_ms, "%H:%M:%S")
}

/// As the JSON contract has it: RFC 3339 in UTC with milliseconds.
pub fn rfc3339(at_ms: i64) -> String {
    format(at_ms, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

fn format(at_ms: i64, pattern: &str) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or_else(|_| "unknown".to_owned(), |at| at.strftime(pattern).to_string())
}

/// A text from outside without anything that a terminal would obey.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name cut in the middle, where names of one kind differ least.
pub fn cut(name: &str, width: usize) -> String {
    let name = safe(name);
    let length = name.chars().count();
    if length <= width {
        return name;
    }
    let rest = width.saturating_sub(3);
    let (head, tail) = (rest.div_ceil(2), rest / 2);
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - tail).collect();
    format!("{start}...{end}")
}

/// At most so many names, each cut, and how many more there are.
pub fn some<'n>(names: impl IntoIterator<Item = &'n str>, at_most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(at_most).map(|name| cut(name, 40)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(at_most) {
        0 => shown,
        more => format!("{shown} and {} more", count(more)),
    }
}

/// Lines of at most `width` characters, broken between words; a longer word stands alone.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in safe(paragraph).split(' ').filter(|word| !word.is_empty()) {
            let would = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && would > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The first letter as a capital, as at the beginning of a sentence. Names of clusters
/// and indices stay as they are: only for words of esdr's own.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(count(40_usize), "40");
        assert_eq!(indices(1), "1 index");
    }

    #[test]
    fn a_lag_is_a_number_only_when_measured() {
        assert_eq!(lag(Some(0), None, Evidence::Measured), "0");
        assert_eq!(lag(Some(0), None, Evidence::Unknown), "unknown");
        assert_eq!(lag(None, Some(204), Evidence::Reported), ">= 204");
        assert_eq!(lag(None, None, Evidence::Measured), "unknown");
    }

    #[test]
    fn names_are_cut_in_the_middle_and_tamed() {
        assert_eq!(cut("catalog-eu-of-some-length-0187", 18), "catalog-...th-0187");
        assert_eq!(cut("orders", 6), "orders");
        assert_eq!(cut("a\x1b[2Jb", 9), "a [2Jb");
        assert_eq!(cut(&"n".repeat(200), 24).len(), 24);
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(moment(1_795_183_331_000), "2026-11-20 14:02:11 UTC");
        assert_eq!(clock(1_795_183_331_000), "14:02:11");
        assert_eq!(rfc3339(1_795_183_331_042), "2026-11-20T14:02:11.042Z");
    }
}
