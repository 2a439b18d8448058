//! Who is asked, and answers.

use std::io::IsTerminal;

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
        let input = dialoguer::Input::new().with_prompt(question).allow_empty(true);
        Ok(input.interact_text()?)
    }
}
