//! Errors of configuration and usage, with the three parts that people are told.

use crate::{
    config::{ConfigError, SecretError},
    es::http::HttpSetupError,
    model::topology::UnknownName,
    outcome::exit,
    report::Failure,
    toml_reader::Mistake,
};

/// The error with its three parts and its exit status, where they are known; any other
/// one as it is.
pub fn told(error: anyhow::Error) -> anyhow::Error {
    let failed = format!("{error:#}");
    let usage = |meaning: &str, next: String| Failure {
        failed: failed.clone(),
        meaning: meaning.to_owned(),
        next,
        exit: exit::USAGE,
    };
    if let Some(config) = error.downcast_ref::<ConfigError>() {
        usage(config.meaning(), config.next()).into()
    } else if let Some(secret) = error.downcast_ref::<SecretError>() {
        usage(secret.meaning(), secret.next()).into()
    } else if error.is::<Mistake>() {
        Failure::usage(failed, "correct the line and run the same command again").into()
    } else if error.is::<UnknownName>() {
        Failure::usage(
            failed,
            "esdr status lists the sets and clusters of esdr.toml",
        )
        .into()
    } else if error.is::<HttpSetupError>() {
        Failure::usage(failed, "mend the cluster's urls, auth or tls in esdr.toml").into()
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn an_unknown_name_is_a_matter_of_usage_also_under_a_context() {
        let unknown = UnknownName {
            kind: "set",
            name: "logs".into(),
            known: vec!["orders".into()],
        };
        let error = Err::<(), _>(unknown).context("failover").unwrap_err();
        let failure = Failure::of(&told(error));
        assert_eq!(failure.exit, exit::USAGE);
        assert_eq!(failure.meaning, "Nothing was contacted or changed.");
        assert!(
            failure
                .failed
                .starts_with("failover: there is no set \"logs\"")
        );
        assert_eq!(
            Failure::of(&told(anyhow::anyhow!("a defect"))).exit,
            exit::UNEXPECTED
        );
    }
}
