//! A screen in the making: lines that fit the width.

use super::{
    columns::{Columns, Mark},
    style::{Paint, Role},
    text::{sentence, wrap},
};
use crate::{
    model::problem::{Level, Problem},
    outcome::Next,
};

/// Lines of one screen.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) width: usize,
    pub(crate) paint: Paint,
    lines: Vec<String>,
}

impl Page {
    /// An empty screen of this width.
    pub(crate) fn new(width: usize, paint: Paint) -> Self {
        Self { width, paint, lines: Vec::new() }
    }

    /// The first line: a whole sentence that stands alone.
    pub(crate) fn answer(&mut self, mark: Mark, text: &str) {
        let (sign, role) = match mark {
            Mark::Fine => ("", Role::Answer),
            _ => (if mark == Mark::Action { "! " } else { "? " }, mark.role()),
        };
        self.hanging(role, sign, text);
    }

    /// The first line of an end that is not the one that was asked for.
    pub(crate) fn verdict(&mut self, text: &str) {
        self.hanging(Role::Problem, "", text);
    }

    /// One line as it is.
    pub(crate) fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// One line in a role's colour.
    pub(crate) fn painted(&mut self, role: Role, text: &str) {
        self.lines.push(self.paint.paint(role, text));
    }

    /// An empty line, unless the last one is.
    pub(crate) fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// A text behind its label, going on below itself.
    pub(crate) fn hanging(&mut self, role: Role, label: &str, text: &str) {
        let indent = label.chars().count();
        let width = self.width.saturating_sub(indent).max(20);
        for (at, part) in wrap(text, width).into_iter().enumerate() {
            let start = if at == 0 { label.to_owned() } else { " ".repeat(indent) };
            self.lines.push(self.paint.paint(role, format!("{start}{part}").trim_end()));
        }
    }

    /// A table.
    pub(crate) fn table(&mut self, columns: &Columns) {
        self.lines.extend(columns.lines(self.width, self.paint));
    }

    /// Problems, the worst first, each with its code in brackets and what to do.
    pub(crate) fn problems(&mut self, problems: &[Problem]) {
        let mut problems: Vec<&Problem> = problems.iter().collect();
        problems.sort_by_key(|problem| problem.level);
        for problem in problems {
            let (sign, role) = match problem.level {
                Level::Problem => ("! ", Role::Problem),
                Level::Warning => ("  ", Role::Warning),
            };
            let level = if problem.level == Level::Warning { "warning: " } else { "" };
            let text = format!("{level}{} [{}]", sentence(&problem.detail), problem.code);
            self.hanging(role, sign, &text);
            if !problem.hint.is_empty() {
                self.hanging(Role::Plain, "    ", &format!("Do: {}", problem.hint));
            }
        }
    }

    /// The last lines: whole commands, the safest first.
    pub(crate) fn next(&mut self, next: &[Next]) {
        if next.is_empty() {
            return;
        }
        self.blank();
        let length = |next: &Next| next.command.chars().count();
        let fits =
            |next: &&Next| 10 + length(next) + next.consequence.chars().count() <= self.width;
        let beside = next.iter().filter(fits).map(length).max().unwrap_or(0);
        for (at, next) in next.iter().enumerate() {
            let start = if at == 0 { "Next  " } else { "      " };
            if next.consequence.is_empty() {
                self.lines.push(format!("{start}{}", next.command));
            } else if length(next) <= beside
                && 10 + beside + next.consequence.chars().count() <= self.width
            {
                self.lines
                    .push(format!("{start}{:<beside$}    {}", next.command, next.consequence));
            } else {
                self.lines.push(format!("{start}{}", next.command));
                self.hanging(Role::Plain, "          ", &next.consequence);
            }
        }
    }

    /// The screen as one text.
    pub(crate) fn finish(self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }
}
