//! Refusals that are no part of a plan, and every other error, in the same three parts.

pub(crate) use crate::report::Failure as Refusal;

use crate::{
    config::{ConfigError, SecretError},
    es::http::HttpSetupError,
    model::topology::UnknownName,
    record::NotAnEntry,
    toml_reader::Mistake,
};

/// No terminal to ask in, and no `--yes`.
pub(crate) fn nobody_to_ask() -> Refusal {
    Refusal::refused(
        "there is no terminal to ask in, and --yes was not given",
        "look at the plan with --dry-run, then run again with --yes",
    )
}

/// No terminal to type a name in, and no `--confirm` with it.
pub(crate) fn nobody_to_name(name: &str) -> Refusal {
    Refusal::refused(
        format!("there is no terminal to ask in, and --confirm {name} was not given"),
        format!("look at the plan with --dry-run, then run again with --confirm {name}"),
    )
}

/// Any error of a command in its three parts. What is neither a refusal nor a matter of
/// configuration is a defect, and what it left behind is not known here.
pub(crate) fn refusal_of(error: &anyhow::Error) -> Refusal {
    if let Some(foreign) = error.chain().find_map(|cause| cause.downcast_ref::<NotAnEntry>()) {
        let refused = Refusal::refused(foreign.to_string(), NotAnEntry::NEXT.to_owned());
        return Refusal { meaning: NotAnEntry::MEANING.to_owned(), ..refused };
    }
    match error.chain().find_map(parts) {
        Some((meaning, next)) => {
            Refusal { meaning: meaning.to_owned(), ..Refusal::usage(format!("{error:#}"), next) }
        }
        None => Refusal::of(error),
    }
}

/// Meaning and advice of an error that the configuration is to blame for.
fn parts(cause: &(dyn std::error::Error + 'static)) -> Option<(&'static str, String)> {
    if let Some(error) = cause.downcast_ref::<ConfigError>() {
        return Some((error.meaning(), error.next()));
    }
    if let Some(error) = cause.downcast_ref::<SecretError>() {
        return Some((error.meaning(), error.next()));
    }
    let meaning = "Nothing was contacted or changed.";
    if cause.is::<Mistake>() {
        return Some((meaning, "correct the line, then run the same command again".to_owned()));
    }
    if cause.is::<UnknownName>() {
        return Some((meaning, "correct the name, or add it to esdr.toml".to_owned()));
    }
    let setup = cause.downcast_ref::<HttpSetupError>()?;
    Some((setup.meaning(), setup.next()))
}
