//! One value of a file.

use std::{ops::Range, time::Duration};

use toml::{Spanned, de::DeValue};

use super::{Fault, Kind, Mistake, Table, Word, document::Source};
use crate::duration;

/// One value, with its key and its place in the file.
#[derive(Clone)]
pub struct Value<'d> {
    source: Source<'d>,
    /// The path of the table that holds it.
    parent: String,
    key: &'d str,
    key_span: Range<usize>,
    content: &'d Spanned<DeValue<'d>>,
}

impl<'d> Value<'d> {
    pub(super) fn new(
        source: Source<'d>,
        parent: &str,
        key: &'d Spanned<std::borrow::Cow<'d, str>>,
        content: &'d Spanned<DeValue<'d>>,
    ) -> Self {
        let parent = parent.to_owned();
        Self { source, parent, key: key.get_ref().as_ref(), key_span: key.span(), content }
    }

    /// The key that the value stands under; for a member of an array, the array's.
    pub fn key(&self) -> &'d str {
        self.key
    }

    /// The value as a text.
    pub fn text(&self) -> Result<&'d str, Mistake> {
        match self.content.get_ref() {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.wrong_type(Kind::Text)),
        }
    }

    /// The value as a text that is not empty.
    pub fn name(&self) -> Result<&'d str, Mistake> {
        match self.text()? {
            "" => Err(self.invalid("must not be empty")),
            text => Ok(text),
        }
    }

    /// The value as true or false.
    pub fn boolean(&self) -> Result<bool, Mistake> {
        self.content.get_ref().as_bool().ok_or_else(|| self.wrong_type(Kind::Boolean))
    }

    /// The value as a whole number.
    pub fn integer(&self) -> Result<i64, Mistake> {
        match self.content.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| self.invalid("the number is too large")),
            _ => Err(self.wrong_type(Kind::Number)),
        }
    }

    /// The value as a whole number between two bounds, both included.
    pub fn integer_within(&self, least: i64, most: i64) -> Result<i64, Mistake> {
        match self.integer()? {
            number if (least..=most).contains(&number) => Ok(number),
            number => Err(self.invalid(format!("{number} is not between {least} and {most}"))),
        }
    }

    /// The value as a length of time above zero.
    pub fn duration(&self) -> Result<Duration, Mistake> {
        let DeValue::String(text) = self.content.get_ref() else {
            return Err(self.wrong_type(Kind::Time));
        };
        match duration::parse(text) {
            Ok(time) if time.is_zero() => Err(self.invalid("must be longer than zero")),
            Ok(time) => Ok(time),
            Err(error) => Err(self.invalid(error.to_string())),
        }
    }

    /// The value as one word of a closed list.
    pub fn word<W: Word>(&self) -> Result<W, Mistake> {
        let text = self.text()?;
        W::from_text(text).ok_or_else(|| {
            self.mistake(Fault::UnknownWord {
                key: self.key.to_owned(),
                word: text.to_owned(),
                known: W::spellings(),
            })
        })
    }

    /// The members of an array.
    pub fn members(&self) -> Result<Vec<Self>, Mistake> {
        let Some(members) = self.content.get_ref().as_array() else {
            return Err(self.wrong_type(Kind::ListOf("")));
        };
        Ok(members.iter().map(|content| Self { content, ..self.clone() }).collect())
    }

    /// The members of an array that must have at least one.
    pub fn some_members(&self) -> Result<Vec<Self>, Mistake> {
        match self.members()? {
            members if members.is_empty() => Err(self.invalid("must not be empty")),
            members => Ok(members),
        }
    }

    /// A command line: a text split at white space (no quoting, no shell), or a list of
    /// texts, each one argument as it stands.
    pub fn command_line(&self) -> Result<Vec<String>, Mistake> {
        let words: Vec<String> = if self.content.get_ref().is_array() {
            self.members()?
                .iter()
                .map(|word| word.text().map(str::to_owned))
                .collect::<Result<_, _>>()?
        } else {
            self.text()?.split_whitespace().map(str::to_owned).collect()
        };
        match words.first() {
            Some(program) if !program.is_empty() => Ok(words),
            _ => Err(self.invalid("names no program")),
        }
    }

    /// The value as a table.
    pub fn table(&self) -> Result<Table<'d>, Mistake> {
        let Some(entries) = self.content.get_ref().as_table() else {
            return Err(self.wrong_type(Kind::Table));
        };
        let path = match self.parent.as_str() {
            "" => self.key.to_owned(),
            parent => format!("{parent}.{}", self.key),
        };
        Ok(Table::new(self.source, &path, self.content.span(), entries))
    }

    /// A mistake about this value; `why` is a whole clause.
    pub fn invalid(&self, why: impl Into<String>) -> Mistake {
        self.mistake(Fault::Invalid { key: self.key.to_owned(), why: why.into() })
    }

    /// A fault at the value's place.
    pub fn mistake(&self, fault: Fault) -> Mistake {
        self.source.mistake(&self.content.span(), fault)
    }

    /// A fault at the place of the value's key.
    pub fn mistake_at_key(&self, fault: Fault) -> Mistake {
        self.source.mistake(&self.key_span, fault)
    }

    fn wrong_type(&self, kind: Kind) -> Mistake {
        let found = match self.content.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.mistake(Fault::WrongType {
            key: self.key.to_owned(),
            expected: kind.expected(),
            found,
        })
    }
}
