//! Aligned columns without borders: two spaces between, the mark in front.

use super::{
    style::{Paint, Role},
    text::{count, cut, wrap},
};

/// A table has at most so many rows; what is left is counted.
pub(crate) const ROWS_MAX: usize = 12;

/// A longer word in prose stands over the edge rather than alone.
const WORD_WIDTH_MAX: usize = 24;

/// The narrowest that a name is cut to.
const NAME_WIDTH_MIN: usize = 24;

/// How a column is laid out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    Left,
    Right,
    /// A name: cut in the middle where there is no room.
    Name,
    /// A sentence: goes on below itself.
    Prose,
}

/// What a row wants of the reader. In order of weight.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Mark {
    /// Wants action.
    Action,
    /// Not known.
    Unknown,
    #[default]
    Fine,
}

impl Mark {
    /// The sign in the first column.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Action => "!",
            Self::Unknown => "?",
            Self::Fine => " ",
        }
    }

    /// The colour that repeats it.
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Action => Role::Problem,
            Self::Unknown => Role::Unknown,
            Self::Fine => Role::Plain,
        }
    }
}

#[derive(Clone, Debug)]
enum Row {
    Cells {
        mark: Mark,
        cells: Vec<String>,
    },
    /// A line across the whole table.
    Rule(String),
}

/// A table in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    heads: Vec<(String, Fit)>,
    rows: Vec<Row>,
    /// Said of the rows that are left out, as in `all in step`.
    rest: Option<(usize, String)>,
    /// Stands below the others and is never left out.
    tail: Option<Vec<String>>,
    marked: bool,
}

impl Columns {
    /// A table with these columns.
    pub(crate) fn new(heads: &[(&str, Fit)]) -> Self {
        let heads = heads.iter().map(|(name, fit)| ((*name).to_owned(), *fit)).collect();
        Self { heads, ..Self::default() }
    }

    /// Keeps the place of the mark free though no row has one.
    #[must_use]
    pub(crate) fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// One more row.
    pub(crate) fn row<S: Into<String>>(&mut self, mark: Mark, cells: impl IntoIterator<Item = S>) {
        let cells = cells.into_iter().map(Into::into).collect();
        self.rows.push(Row::Cells { mark, cells });
    }

    /// A line across the table.
    pub(crate) fn rule(&mut self, text: &str) {
        self.rows.push(Row::Rule(text.to_owned()));
    }

    /// Keeps the first rows only, `said` being what is true of all others.
    pub(crate) fn keep(&mut self, rows: usize, said: &str) {
        let more = self.rows.len().saturating_sub(rows);
        if more > 0 {
            self.rows.truncate(rows);
            self.rest = Some((more, said.to_owned()));
        }
    }

    /// A row below all others.
    pub(crate) fn tail<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.tail = Some(cells.into_iter().map(Into::into).collect());
    }

    /// The lines, none longer than `width` as far as names and sentences can give way.
    pub(crate) fn lines(&self, width: usize, paint: Paint) -> Vec<String> {
        let is_marked = |row: &Row| matches!(row, Row::Cells { mark, .. } if *mark != Mark::Fine);
        let indent = if self.marked || self.rows.iter().any(is_marked) { 2 } else { 0 };
        let widths = self.widths(width.saturating_sub(indent));
        let mut lines = Vec::new();
        let heads: Vec<String> = self.heads.iter().map(|(name, _)| name.clone()).collect();
        if heads.iter().any(|head| !head.is_empty()) {
            for head in self.cells(&heads, &widths) {
                let head = format!("{}{head}", " ".repeat(indent));
                lines.push(paint.paint(Role::Heading, head.trim_end()));
            }
        }
        for row in &self.rows {
            match row {
                Row::Rule(text) => lines.push(paint.paint(Role::Quiet, &ruler(text, width))),
                Row::Cells { mark, cells } => {
                    for (at, line) in self.cells(cells, &widths).into_iter().enumerate() {
                        let sign = match (indent, at) {
                            (0, _) => String::new(),
                            (_, 0) => paint.paint(mark.role(), mark.sign()) + " ",
                            _ => "  ".to_owned(),
                        };
                        lines.push(format!("{sign}{line}").trim_end().to_owned());
                    }
                }
            }
        }
        if let Some((more, said)) = &self.rest {
            let said = if said.is_empty() { String::new() } else { format!(", {said}") };
            let line = format!("{}... and {} more{said}", " ".repeat(indent), count(*more));
            lines.push(paint.paint(Role::Quiet, &line));
        }
        for line in self.tail.iter().flat_map(|cells| self.cells(cells, &widths)) {
            lines.push(format!("{}{line}", " ".repeat(indent)));
        }
        lines
    }

    /// One row as lines: prose goes on below itself.
    fn cells(&self, cells: &[String], widths: &[usize]) -> Vec<String> {
        let fit = |at: usize| self.heads.get(at).map_or(Fit::Left, |(_, fit)| *fit);
        let width = |at: usize| widths.get(at).copied().unwrap_or_default();
        let parts: Vec<Vec<String>> = cells
            .iter()
            .enumerate()
            .map(|(at, cell)| match fit(at) {
                Fit::Prose => wrap(cell, width(at)),
                Fit::Name => vec![cut(cell, width(at))],
                Fit::Left | Fit::Right => vec![cell.clone()],
            })
            .collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let line = |below: usize| {
            let mut line = String::new();
            for (at, parts) in parts.iter().enumerate() {
                let part = parts.get(below).map_or("", String::as_str);
                let free = " ".repeat(width(at).saturating_sub(part.chars().count()));
                line += &if fit(at) == Fit::Right { free + part } else { part.to_owned() + &free };
                line += "  ";
            }
            line.trim_end().to_owned()
        };
        (0..height).map(line).collect()
    }

    /// Prose can give way down to its longest word.
    fn longest_word(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| match row {
            Row::Cells { cells, .. } => cells.get(at).map(String::as_str),
            Row::Rule(_) => None,
        });
        let longest = |text: &str| text.split(' ').map(|word| word.chars().count()).max();
        let head = longest(&self.heads[at].0).unwrap_or(0);
        cells.filter_map(longest).max().unwrap_or(0).min(WORD_WIDTH_MAX).max(head)
    }

    /// The columns that are laid out so.
    fn all(&self, wanted: Fit) -> Vec<usize> {
        (0..self.heads.len()).filter(|at| self.heads[*at].1 == wanted).collect()
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heads.iter().map(|(name, _)| name.len()).collect();
        let rows = self.rows.iter().filter_map(|row| match row {
            Row::Cells { cells, .. } => Some(cells),
            Row::Rule(_) => None,
        });
        for cells in rows.chain(&self.tail) {
            for (at, cell) in cells.iter().enumerate().take(widths.len()) {
                widths[at] = widths[at].max(cell.chars().count());
            }
        }
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        for at in self.all(Fit::Name) {
            let over = total(&widths).saturating_sub(width);
            let least = NAME_WIDTH_MIN.max(self.heads[at].0.len()).min(widths[at]);
            widths[at] = widths[at].saturating_sub(over).max(least);
        }
        // The widest gives way first, so that sentences side by side stay about as high.
        let least: Vec<(usize, usize)> =
            self.all(Fit::Prose).into_iter().map(|at| (at, self.longest_word(at))).collect();
        while total(&widths) > width {
            let wide = least.iter().filter(|(at, least)| widths[*at] > *least);
            let Some((widest, _)) = wide.max_by_key(|(at, _)| widths[*at]) else { break };
            widths[*widest] -= 1;
        }
        widths
    }
}

/// A sentence in the middle of a line.
fn ruler(text: &str, width: usize) -> String {
    let dashes = width.saturating_sub(text.chars().count() + 2);
    format!("{} {text} {}", "-".repeat(dashes.div_ceil(2)), "-".repeat(dashes / 2))
}
