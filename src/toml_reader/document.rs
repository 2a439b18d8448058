//! A whole file, parsed with the places of everything in it.

use std::ops::Range;

use toml::{Spanned, de::DeTable};

use super::{Fault, Mistake, Table};

/// One parsed TOML file.
pub struct Document<'s> {
    source: Source<'s>,
    root: Spanned<DeTable<'s>>,
}

/// The text that spans point into, and the name of its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'s> {
    pub(super) file: &'s str,
    pub(super) text: &'s str,
}

impl Source<'_> {
    /// The fault as a mistake at the beginning of the span.
    pub(super) fn mistake(self, span: &Range<usize>, fault: Fault) -> Mistake {
        let (line, column) = self.place(span);
        Mistake { file: self.file.to_owned(), line, column, fault: Box::new(fault) }
    }

    /// Line and column of the span's beginning, both from 1.
    pub(super) fn place(self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

impl<'s> Document<'s> {
    /// Parses the text of a file; `file` is its name for messages.
    ///
    /// # Errors
    /// [`Fault::Syntax`] where the text is not TOML.
    pub fn parse(file: &'s str, text: &'s str) -> Result<Self, Mistake> {
        let source = Source { file, text };
        let root = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            source.mistake(&error.span().unwrap_or(0..0), Fault::Syntax { message })
        })?;
        Ok(Self { source, root })
    }

    /// The table that is the whole file.
    pub fn root(&self) -> Table<'_> {
        Table::new(self.source, "", 0..0, self.root.get_ref())
    }
}
