//! Sizes as servers write them and people read them: `10gb` in, `12.4 GB` out. As in
//! Elasticsearch a kilobyte has 1,024 bytes.

/// Units from the smallest to the largest, each 1,024 times the one before.
const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];

/// Reads `512b`, `10gb`, `1.5TB`, `20g`, and a bare `0`, as the server's settings have them.
/// `None` where the text is no size; so is `-1`, which stands for none.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    let is_meant = |known: &str| known == unit || known.strip_suffix('B') == Some(unit);
    let power = match unit {
        "" if number == "0" => 0,
        "" => return None,
        _ => UNITS.iter().position(|known| is_meant(known))?,
    };
    let size = number.parse::<f64>().ok()? * 1024_f64.powi(i32::try_from(power).ok()?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "neither negative nor infinite, and the fraction of a byte is nothing"
    )]
    let bytes = size as u64;
    Some(bytes)
}

/// A size with at most one decimal, which is cut and not rounded: `980 B`, `12.4 GB`.
pub fn format(bytes: u64) -> String {
    let (mut scale, mut unit) = (1, 0);
    while bytes / scale >= 1024 && unit + 1 < UNITS.len() {
        scale *= 1024;
        unit += 1;
    }
    match bytes % scale * 10 / scale {
        0 => format!("{} {}", bytes / scale, UNITS[unit]),
        tenths => format!("{}.{tenths} {}", bytes / scale, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_the_server_reads_them() {
        let sizes = ["0", "512b", "1kb", "1.5gb", "20G", "10000gb", "1 TB"].map(parse);
        let gb = 1024 * 1024 * 1024;
        let wanted = [0, 512, 1024, gb * 3 / 2, 20 * gb, 10_000 * gb, 1024 * gb].map(Some);
        assert_eq!(sizes, wanted);
        assert_eq!(["-1", "", "85%", "0.85", "12", "gb", "3xb"].map(parse), [None; 7]);
    }

    #[test]
    fn sizes_are_told_with_one_decimal_at_most() {
        let told = [0, 980, 1024, 1_300, 13_314_398_618, u64::MAX].map(format);
        assert_eq!(told, ["0 B", "980 B", "1 KB", "1.2 KB", "12.4 GB", "16383.9 PB"]);
    }
}
