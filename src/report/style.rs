//! What colour says, and it says nothing that the text does not.

use std::io::IsTerminal;

use crate::cli::Color;

/// What a piece of text is, not how it looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Role {
    /// The first line: what was asked for.
    Answer,
    /// As it should be.
    Good,
    /// Names of columns and of parts.
    Heading,
    #[default]
    Plain,
    /// Wants action.
    Problem,
    /// Of less weight.
    Quiet,
    /// Could not be known.
    Unknown,
    /// Worth knowing, and no action is needed now.
    Warning,
}

/// Paints, or leaves as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Decides by what was typed, by `NO_COLOR`, and by whether standard output is a
    /// terminal that can show colour.
    pub fn choose(color: Color) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb,
        };
        Self { on }
    }

    /// Colour always, or never.
    pub fn fixed(on: bool) -> Self {
        Self { on }
    }

    /// The text in its role's colour, where colour is on.
    pub fn paint(self, role: Role, text: &str) -> String {
        match code(role) {
            Some(code) if self.on && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}

/// The ANSI code: the eight basic colours only, which every theme keeps readable.
fn code(role: Role) -> Option<&'static str> {
    match role {
        Role::Answer => Some("1"),
        Role::Good => Some("32"),
        Role::Heading | Role::Quiet => Some("2"),
        Role::Plain => None,
        Role::Problem => Some("1;31"),
        Role::Unknown => Some("35"),
        Role::Warning => Some("33"),
    }
}
