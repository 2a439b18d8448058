//! One table of a file.

use std::ops::Range;

use toml::de::DeTable;

use super::{Fault, Mistake, Value, document::Source};

/// One table, with its path and its place in the file.
#[derive(Clone)]
pub struct Table<'d> {
    source: Source<'d>,
    /// Keys from the root, joined by dots; empty for the root.
    path: String,
    span: Range<usize>,
    entries: &'d DeTable<'d>,
}

impl<'d> Table<'d> {
    pub(super) fn new(
        source: Source<'d>,
        path: &str,
        span: Range<usize>,
        entries: &'d DeTable<'d>,
    ) -> Self {
        Self { source, path: path.to_owned(), span, entries }
    }

    /// The value of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        self.values().into_iter().find(|value| value.key() == key)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`Fault::Missing`] at the table's place.
    pub fn need(&self, key: &str) -> Result<Value<'d>, Mistake> {
        self.get(key).ok_or_else(|| self.missing(key))
    }

    /// All values in the order of the file.
    pub fn values(&self) -> Vec<Value<'d>> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| Value::new(self.source, &self.path, key, value))
            .collect()
    }

    /// Refuses every key that is not in the list.
    ///
    /// # Errors
    /// [`Fault::UnknownKey`] at the first such key.
    pub fn allow(&self, known: &[&'static str]) -> Result<(), Mistake> {
        match self.values().into_iter().find(|value| !known.contains(&value.key())) {
            None => Ok(()),
            Some(value) => Err(value.mistake_at_key(Fault::UnknownKey {
                key: value.key().to_owned(),
                within: self.title(),
                known: known.to_vec(),
            })),
        }
    }

    /// The table as messages name it: `[sets.orders]`, or `the file` for the root.
    pub fn title(&self) -> String {
        if self.path.is_empty() { "the file".to_owned() } else { format!("[{}]", self.path) }
    }

    /// A mistake about the table as a whole; `why` is a whole clause.
    pub fn invalid(&self, why: impl Into<String>) -> Mistake {
        self.mistake(Fault::InvalidTable { within: self.title(), why: why.into() })
    }

    /// The mistake that a key is not there.
    pub fn missing(&self, key: &str) -> Mistake {
        self.mistake(Fault::Missing { key: key.to_owned(), within: self.title() })
    }

    /// A fault at the table's place.
    pub fn mistake(&self, fault: Fault) -> Mistake {
        self.source.mistake(&self.span, fault)
    }

    /// The line on which the table begins, from 1.
    pub fn line(&self) -> usize {
        self.source.place(&self.span).0
    }
}
