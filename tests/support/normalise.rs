//! Replacing what differs from run to run, so that a test can hold a whole screen.

/// Replaces times, durations, run ids, UUIDs, checksums, ports and the operator by
/// placeholders. Columns are as wide as their widest cell, so that runs of spaces inside a
/// line vary too: they become two.
pub fn normalise(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| columns(&words(line))).collect();
    let mut whole = lines.join("\n");
    if text.ends_with('\n') {
        whole.push('\n');
    }
    whole
}

/// How many bytes of the text's beginning vary, and what stands for them.
type Matcher = fn(&str) -> Option<(usize, &'static str)>;

/// The longer ones first: a date holds what looks like a run id.
const MATCHERS: [Matcher; 9] =
    [moment, clock, checksum, long_uuid, uuid, run_id, address, operator, duration];

fn words(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let inside_word = out.chars().next_back().is_some_and(is_word);
        let found = if inside_word { None } else { MATCHERS.iter().find_map(|m| m(rest)) };
        if let Some((length, placeholder)) = found {
            out.push_str(placeholder);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn columns(line: &str) -> String {
    let text = line.trim_start_matches(' ');
    let mut out = " ".repeat(line.len() - text.len());
    let mut spaces = 0;
    for character in text.chars() {
        if character == ' ' {
            spaces += 1;
            continue;
        }
        out.push_str(["", " ", "  "][spaces.min(2)]);
        spaces = 0;
        out.push(character);
    }
    out
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Matches a shape: `d` a digit, `x` a lower-case hexadecimal digit, anything else itself.
fn shape(text: &str, shape: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let fits = shape.bytes().enumerate().all(|(at, wanted)| {
        bytes.get(at).is_some_and(|&byte| match wanted {
            b'd' => byte.is_ascii_digit(),
            b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            _ => byte == wanted,
        })
    });
    fits.then_some(shape.len())
}

/// A shape that no letter, digit or hyphen follows.
fn whole(text: &str, wanted: &str) -> Option<usize> {
    let length = shape(text, wanted)?;
    let after = text[length..].chars().next();
    (!after.is_some_and(|next| is_word(next) || next == '-')).then_some(length)
}

/// `2026-11-20 14:02:11 UTC`, `2026-11-20T14:02:11.123Z`, `2026-11-20`.
fn moment(text: &str) -> Option<(usize, &'static str)> {
    let Some(mut length) =
        shape(text, "dddd-dd-dd dd:dd:dd").or_else(|| shape(text, "dddd-dd-ddTdd:dd:dd"))
    else {
        return whole(text, "dddd-dd-dd").map(|length| (length, "<date>"));
    };
    length += fraction(&text[length..]);
    for zone in [" UTC", "Z"] {
        if text[length..].starts_with(zone) {
            length += zone.len();
        }
    }
    Some((length, "<time>"))
}

/// `14:02:11`, with or without a fraction.
fn clock(text: &str) -> Option<(usize, &'static str)> {
    let length = shape(text, "dd:dd:dd")?;
    Some((length + fraction(&text[length..]), "<clock>"))
}

fn fraction(text: &str) -> usize {
    let digits = text.strip_prefix('.').map_or(0, leading_digits);
    if digits == 0 { 0 } else { digits + 1 }
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// SHA-256 in hexadecimal.
fn checksum(text: &str) -> Option<(usize, &'static str)> {
    whole(text, &"x".repeat(64)).map(|length| (length, "<sha256>"))
}

fn long_uuid(text: &str) -> Option<(usize, &'static str)> {
    whole(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx").map(|length| (length, "<uuid>"))
}

/// Elasticsearch's own: 22 characters of URL-safe base 64. Names of indices have no upper case.
fn uuid(text: &str) -> Option<(usize, &'static str)> {
    let run = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).count();
    let word = &text[..run];
    let mixed = word.contains(|c: char| c.is_ascii_uppercase())
        && word.contains(|c: char| c.is_ascii_lowercase());
    (run == 22 && mixed).then_some((run, "<uuid>"))
}

/// `1122-b0c4f19a3e`: month and day, then ten hexadecimal digits.
fn run_id(text: &str) -> Option<(usize, &'static str)> {
    whole(text, "dddd-xxxxxxxxxx").map(|length| (length, "<run>"))
}

fn address(text: &str) -> Option<(usize, &'static str)> {
    let host = ["127.0.0.1:", "localhost:"].into_iter().find(|host| text.starts_with(host))?;
    let digits = leading_digits(&text[host.len()..]);
    (digits > 0).then_some((host.len() + digits, "<address>"))
}

/// `deploy@bastion-1`.
fn operator(text: &str) -> Option<(usize, &'static str)> {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let user = text.bytes().take_while(name).count();
    let host = text.get(user..)?.strip_prefix('@')?.bytes().take_while(name).count();
    (user > 0 && host > 0).then_some((user + 1 + host, "<operator>"))
}

/// `31 ms`, `0.8 s`, `11 m 30 s`; only what is measured should pass through here, but a
/// deadline of the plan looks alike.
fn duration(text: &str) -> Option<(usize, &'static str)> {
    let mut length = one_duration(text)?;
    while let Some(next) = text[length..].strip_prefix(' ').and_then(one_duration) {
        length += 1 + next;
    }
    Some((length, "<duration>"))
}

fn one_duration(text: &str) -> Option<usize> {
    let digits = leading_digits(text);
    if digits == 0 {
        return None;
    }
    let number = digits + fraction(&text[digits..]);
    let rest = &text[number..];
    let (space, rest) = rest.strip_prefix(' ').map_or((0, rest), |rest| (1, rest));
    let unit = ["ms", "us", "s", "m", "h", "d"]
        .into_iter()
        .find(|unit| rest.strip_prefix(unit).is_some_and(|after| !after.starts_with(is_word)))?;
    Some(number + space + unit.len())
}

#[test]
fn a_screen_holds_no_trace_of_its_run() {
    let screen = "\
Plan 1120-7f3a02c914 of 2026-11-20 14:02:11 UTC, by deploy@bastion-1, 0.4 s ago
  clusterA  yes, 4 ms      http://127.0.0.1:40213   YWJjZGVmZ2hpamtsbW5vcA
  lag       1,204 ops      held up to 03:10:02, 11 m 30 s; logs-2026.11.20, 30 followers
";
    let expected = "\
Plan <run> of <time>, by <operator>, <duration> ago
  clusterA  yes, <duration>  http://<address>  <uuid>
  lag  1,204 ops  held up to <clock>, <duration>; logs-2026.11.20, 30 followers
";
    assert_eq!(normalise(screen), expected);
}
