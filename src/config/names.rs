//! What Elasticsearch takes as a name.

use crate::{
    model::index_pattern::exclusion,
    toml_reader::{Mistake, Value},
};

/// The longest name of an index, in bytes.
const INDEX_NAME_BYTES_MAX: usize = 255;

/// Characters that no index or alias may have in its name.
const FORBIDDEN: &str = "\\/?\"<>| ,#:";

/// A pattern of index names; a leading `-` excludes.
pub(super) fn index_pattern(value: &Value) -> Result<String, Mistake> {
    let whole = value.name()?;
    let pattern = exclusion(whole).unwrap_or(whole);
    check(value, pattern, pattern.replace('*', "x").as_str())?;
    Ok(whole.to_owned())
}

/// The name of one index or alias.
pub(super) fn index_name(value: &Value) -> Result<String, Mistake> {
    let name = value.name()?;
    check(value, name, name)?;
    Ok(name.to_owned())
}

/// Refuses what cannot be a name; `sample` is the text with its wildcards or
/// placeholders filled in.
pub(super) fn check(value: &Value, text: &str, sample: &str) -> Result<(), Mistake> {
    let wrong = if sample.is_empty() {
        "an exclusion must name what it excludes".to_owned()
    } else if let Some(upper) = sample.chars().find(|c| c.is_uppercase()) {
        format!("\"{text}\" has an upper-case {upper}; names of indices are lower-case")
    } else if let Some(bad) = sample.chars().find(|c| FORBIDDEN.contains(*c) || *c == '*') {
        format!("\"{text}\" has a \"{bad}\", which no name of an index may have")
    } else if let Some(first) = sample.chars().next().filter(|c| "-_+".contains(*c)) {
        format!("\"{text}\" begins with \"{first}\", as no name of an index may")
    } else if sample == "." || sample == ".." {
        format!("\"{text}\" cannot be the name of an index")
    } else if sample.len() > INDEX_NAME_BYTES_MAX {
        format!("the name is longer than {INDEX_NAME_BYTES_MAX} bytes")
    } else {
        return Ok(());
    };
    Err(value.invalid(wrong))
}
