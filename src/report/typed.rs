//! Command lines that are printed, as they are to be typed here.

use std::borrow::Cow;

/// What a command line needs here that nobody writes into each: where the configuration and the
/// state are, if that was typed. By the environment or by themselves they are found again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    /// ` -c FILE --state-dir DIR`, quoted for a shell; empty: nothing is to be added.
    places: String,
    /// The subcommands that there are: by these a command is told from a sentence about esdr.
    commands: Vec<String>,
}

/// How each command begins.
const PROGRAM: &str = "esdr ";

impl Typed {
    pub(crate) fn new(places: String, commands: Vec<String>) -> Self {
        Self { places, commands }
    }

    /// A text for people, whose commands can be typed as they stand.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.with(&self.places, text)
    }

    /// The same of JSON.
    pub(crate) fn json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let quoted = serde_json::Value::from(self.places.as_str()).to_string();
        self.with(quoted.trim_matches('"'), text)
    }

    fn with<'t>(&self, places: &str, text: &'t str) -> Cow<'t, str> {
        if places.is_empty() || !text.contains(PROGRAM) {
            return text.into();
        }
        let mut typed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(PROGRAM) {
            let (before, after) = rest.split_at(at);
            let (program, after) = after.split_at(PROGRAM.len());
            typed += before;
            let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "/-_.".contains(c));
            if begins && self.is_command(after) {
                typed += program.trim_end();
                typed += places;
                typed.push(' ');
            } else {
                typed += program;
            }
            rest = after;
        }
        (typed + rest).into()
    }

    fn is_command(&self, text: &str) -> bool {
        let is_end = |c: char| !c.is_alphanumeric() && c != '-';
        let word = text.split(is_end).next().unwrap_or_default();
        self.commands.iter().any(|command| command == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(places: &str) -> Typed {
        Typed::new(places.to_owned(), vec!["status".to_owned(), "undo".to_owned()])
    }

    #[test]
    fn each_command_says_where_the_file_and_the_state_are_and_no_sentence_does() {
        let text = "Next: esdr status   looks\n(esdr undo 1122-b0c4f1), and esdr may write; no \
                    esdr undone, my-esdr status";
        assert_eq!(
            typed(" -c 'dr site.toml'").text(text),
            "Next: esdr -c 'dr site.toml' status   looks\n(esdr -c 'dr site.toml' undo \
             1122-b0c4f1), and esdr may write; no esdr undone, my-esdr status"
        );
        assert_eq!(typed("").text(text), text);
    }

    #[test]
    fn in_json_the_places_are_a_part_of_its_strings() {
        let json = typed(" -c 'a\"b.toml'").json(r#"{"command":"esdr status"}"#).into_owned();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["command"], "esdr -c 'a\"b.toml' status");
    }
}
