//! Secrets, fetched only when they are needed.

use std::{ffi::OsString, fmt, fs, io, path::PathBuf, process::Command};

use crate::model::topology::Secret;

/// A secret in the clear. Its `Debug` form hides it.
#[derive(Clone, Eq, PartialEq)]
pub struct Revealed(String);

impl Revealed {
    /// The secret itself, for the request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("[secret]")
    }
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the environment variable {variable} is not set")]
    EnvUnset { variable: String },
    #[error("the environment variable {variable} is not valid UTF-8")]
    EnvNotText { variable: String },
    #[error("cannot read the secret from {}: {error}", file.display())]
    File { file: PathBuf, error: io::Error },
    #[error("cannot run {program}, which is to print the secret: {error}")]
    CommandNotRun { program: String, error: io::Error },
    #[error("{program}, which is to print the secret, failed with {status}: {said}")]
    CommandFailed { program: String, status: String, said: String },
    #[error("{place} holds no secret, it is empty")]
    Empty { place: String },
}

impl SecretError {
    /// What it means for the data.
    pub fn meaning(&self) -> &'static str {
        "Nothing was contacted or changed."
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            Self::EnvUnset { variable } | Self::EnvNotText { variable } => {
                format!("Set {variable} and run the same command again.")
            }
            Self::File { file, .. } => {
                format!("Check that {} exists and that you may read it.", file.display())
            }
            Self::CommandNotRun { program, .. } | Self::CommandFailed { program, .. } => {
                format!("Run {program} by hand: it must print the secret and end with 0.")
            }
            Self::Empty { place } => format!("Put the secret into {place}."),
        }
    }
}

/// Fetches a secret from where the file says it is. A line end after it is cut off.
///
/// # Errors
/// Where it cannot be had, or is empty; names the variable, file or program, and
/// never a part of the secret.
pub fn reveal(secret: &Secret) -> Result<Revealed, SecretError> {
    reveal_with(secret, |variable| std::env::var_os(variable))
}

fn reveal_with(
    secret: &Secret,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<Revealed, SecretError> {
    let (text, place) = match secret {
        Secret::Env(variable) => {
            let value = env(variable)
                .ok_or_else(|| SecretError::EnvUnset { variable: variable.clone() })?;
            let text = value
                .into_string()
                .map_err(|_| SecretError::EnvNotText { variable: variable.clone() })?;
            (text, format!("the environment variable {variable}"))
        }
        Secret::File(file) => {
            let text = fs::read_to_string(file)
                .map_err(|error| SecretError::File { file: file.clone(), error })?;
            (text, file.display().to_string())
        }
        Secret::Command(words) => run(words)?,
    };
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(SecretError::Empty { place }),
        text => Ok(Revealed(text.to_owned())),
    }
}

/// What the program prints, and how messages name it.
fn run(words: &[String]) -> Result<(String, String), SecretError> {
    let program = words.first().cloned().unwrap_or_default();
    let output = Command::new(&program)
        .args(words.iter().skip(1))
        .output()
        .map_err(|error| SecretError::CommandNotRun { program: program.clone(), error })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(SecretError::CommandFailed {
            program,
            status: output.status.to_string(),
            said: said.lines().next().unwrap_or("it said nothing").to_owned(),
        });
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((text, format!("the output of {program}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_env(value: Option<&str>) -> Result<Revealed, SecretError> {
        reveal_with(&Secret::Env("ESDR_A_PASSWORD".into()), |_| value.map(OsString::from))
    }

    #[test]
    fn a_secret_comes_from_the_environment_a_file_or_a_program_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, "s3cret\r\n").unwrap();
        let command = ["printf", "s3cret\\n"].map(str::to_owned).to_vec();
        assert_eq!(from_env(Some("s3cret")).unwrap().expose(), "s3cret");
        assert_eq!(reveal(&Secret::File(file)).unwrap().expose(), "s3cret");
        assert_eq!(reveal(&Secret::Command(command)).unwrap().expose(), "s3cret");
    }

    #[test]
    fn a_secret_that_cannot_be_had_names_its_place_and_what_to_do() {
        let told = |error: SecretError| format!("{error}. {} {}", error.meaning(), error.next());
        assert_eq!(
            told(from_env(None).unwrap_err()),
            "the environment variable ESDR_A_PASSWORD is not set. Nothing was contacted or \
             changed. Set ESDR_A_PASSWORD and run the same command again."
        );
        assert_eq!(
            from_env(Some("\n")).unwrap_err().to_string(),
            "the environment variable ESDR_A_PASSWORD holds no secret, it is empty"
        );
        let failing = ["sh", "-c", "echo locked >&2; exit 3"].map(str::to_owned).to_vec();
        assert_eq!(
            reveal(&Secret::Command(failing)).unwrap_err().to_string(),
            "sh, which is to print the secret, failed with exit status: 3: locked"
        );
        assert_eq!(
            reveal(&Secret::File("no/such/file".into())).unwrap_err().to_string(),
            "cannot read the secret from no/such/file: No such file or directory (os error 2)"
        );
    }

    #[test]
    fn a_revealed_secret_is_not_shown_by_accident() {
        assert_eq!(format!("{:?}", from_env(Some("s3cret")).unwrap()), "[secret]");
    }
}
