//! Who is asked, and answers.

use std::{fmt, io::IsTerminal};

/// Somebody who may be there to answer questions.
pub trait Person: Send + Sync {
    /// Whether anybody can be asked.
    fn is_there(&self) -> bool;

    /// The answer, as it was typed.
    ///
    /// # Errors
    /// Where nothing can be read.
    fn answer(&self, question: &str) -> anyhow::Result<String>;
}

/// Whoever sits at the terminal; nobody where standard input is none.
pub struct AtTheTerminal;

impl Person for AtTheTerminal {
    fn is_there(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    fn answer(&self, question: &str) -> anyhow::Result<String> {
        let input = dialoguer::Input::with_theme(&Below).with_prompt(question).allow_empty(true);
        Ok(input.interact_text()?)
    }
}

/// An answer stands below a long question: in a line that is broken at the edge of the screen
/// `dialoguer` would leave half of it there twice.
struct Below;

/// What a question and its answer have together on one line, of eighty columns.
const BESIDE_COLUMNS_MAX: usize = 50;

impl dialoguer::theme::Theme for Below {
    fn format_input_prompt(
        &self,
        to: &mut dyn fmt::Write,
        question: &str,
        _default: Option<&str>,
    ) -> fmt::Result {
        let last = question.lines().next_back().unwrap_or_default();
        let is_long = last.chars().count() > BESIDE_COLUMNS_MAX;
        write!(to, "{question}:{}", if is_long { '\n' } else { ' ' })
    }

    fn format_input_prompt_selection(
        &self,
        to: &mut dyn fmt::Write,
        question: &str,
        answer: &str,
    ) -> fmt::Result {
        self.format_input_prompt(to, question, None)?;
        to.write_str(answer)
    }
}
