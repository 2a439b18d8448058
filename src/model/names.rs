//! Names of what esdr makes beside a set's indices.

/// A name of an index has at most so many bytes.
const NAME_BYTES_MAX: usize = 255;

/// The template of a set's fence: by it what is born under the set's patterns is blocked.
pub(crate) fn fence_template(set: &str) -> String {
    format!("esdr-fence-{}", plain(set))
}

/// A set's name as a part of other names.
pub(super) fn plain(set: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    set.chars().map(plain).collect()
}

/// As long as a name may be.
pub(super) fn cut_to_a_name(mut name: String) -> String {
    while name.len() > NAME_BYTES_MAX {
        name.pop();
    }
    name
}
