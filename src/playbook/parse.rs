//! Text → [`Playbook`], strictly: each mistake with line, column and the nearest word.

use std::time::Duration;

use super::{
    DataLoss, GATE_WITHIN, PROMOTE_BATCH, Playbook, Role, Step, Verb, keys, kind::Written,
};
use crate::toml_reader::{Document, Key, Mistake, Table, Value, Word};

/// Reads a playbook; `file` is its name for messages. Whether the order of its steps is
/// safe is for [`super::lint`] to say.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(file: &str, text: &str) -> Result<Playbook, Mistake> {
    let document = Document::parse(file, text)?;
    let root = document.root();
    root.allow(&Key::names(keys::HEAD))?;
    let entries = root.need("step")?.some_members()?;
    let tables = entries.iter().map(Value::table).collect::<Result<Vec<_>, _>>()?;
    let data_loss = match root.get("data_loss") {
        Some(value) => value.word()?,
        None => DataLoss::None,
    };
    let written = Written {
        name: text_of(&root, "name")?,
        summary: text_of(&root, "summary")?,
        promise: text_of(&root, "promise")?,
        accepts_data_loss: data_loss == DataLoss::Accepted,
        steps: tables.iter().map(step).collect::<Result<_, _>>()?,
        lines: tables.iter().map(Table::line).collect(),
    };
    Ok(written.into())
}

fn step(table: &Table) -> Result<Step, Mistake> {
    let verb = table.need("do")?.word::<Verb>()?;
    table.allow(&Key::names(verb.keys()))?;
    match verb {
        Verb::Record => Ok(Step::Record { within: within_or_default(table)? }),
        Verb::Carry => Ok(Step::Carry { within: within(table)? }),
        Verb::DropCopies => Ok(Step::DropCopies { within: within_or_default(table)? }),
        Verb::Drain => Ok(Step::Drain { max_lag_ops: max_lag_ops(table)?, within: within(table)? }),
        Verb::Hook => Ok(Step::Hook { name: table.need("name")?.word()?, within: within(table)? }),
        Verb::Require => {
            Ok(Step::Require { what: what(table)?, within: within_or_default(table)? })
        }
        Verb::Verify => Ok(Step::Verify { what: what(table)?, within: within_or_default(table)? }),
        Verb::Manual => Ok(Step::Manual {
            name: text_of(table, "name")?,
            say: text_of(table, "say")?,
            within: table.get("within").map(|value| value.duration()).transpose()?,
        }),
        _ => step_on_a_side(verb, table.need("on")?.word()?, table),
    }
}

/// A step whose verb takes the key `on`.
fn step_on_a_side(verb: Verb, on: Role, table: &Table) -> Result<Step, Mistake> {
    Ok(match verb {
        Verb::Fence => Step::Fence { on, within: within(table)? },
        Verb::Unfence => Step::Unfence { on, within: within_or_default(table)? },
        Verb::Promote => Step::Promote { on, batch: batch(table)?, within: within(table)? },
        Verb::Salvage => Step::Salvage { on, within: within(table)? },
        Verb::Discard => Step::Discard { on, within: within_or_default(table)? },
        Verb::Resume => Step::Resume { on, within: within(table)? },
        Verb::Seed => Step::Seed { on, within: within(table)? },
        Verb::Remote => {
            let both = table.get("both").map(|value| value.boolean()).transpose()?;
            let both = both.unwrap_or(false);
            Step::Remote { on, both, within: within_or_default(table)? }
        }
        Verb::Pattern => {
            let state = table.need("state")?.word()?;
            Step::Pattern { on, state, within: within_or_default(table)? }
        }
        Verb::Alias => Step::Alias { on, within: within_or_default(table)? },
        Verb::Canary => Step::Canary { on, within: within_or_default(table)? },
        Verb::Index => Step::Index { on, within: within_or_default(table)? },
        Verb::Span => Step::Span { on, within: within_or_default(table)? },
        Verb::Unspan => Step::Unspan { on, within: within_or_default(table)? },
        Verb::Echo => Step::Echo { on, within: within_or_default(table)? },
        Verb::Remove => Step::Remove { on, within: within_or_default(table)? },
        Verb::Release => Step::Release { on, within: within_or_default(table)? },
        Verb::Join => Step::Join { on, within: within(table)? },
        Verb::Retain => Step::Retain { on, within: within_or_default(table)? },
        Verb::Record
        | Verb::Drain
        | Verb::Carry
        | Verb::DropCopies
        | Verb::Hook
        | Verb::Require
        | Verb::Verify
        | Verb::Manual => {
            return Err(table.invalid(format!("{verb} is about no side")));
        }
    })
}

fn text_of(table: &Table, key: &str) -> Result<String, Mistake> {
    table.need(key)?.name().map(str::to_owned)
}

fn within(table: &Table) -> Result<Duration, Mistake> {
    table.need("within")?.duration()
}

fn within_or_default(table: &Table) -> Result<Duration, Mistake> {
    table.get("within").map_or(Ok(GATE_WITHIN), |value| value.duration())
}

fn max_lag_ops(table: &Table) -> Result<u64, Mistake> {
    let Some(value) = table.get("max_lag_ops") else {
        return Ok(0);
    };
    let number = value.integer_within(0, i64::MAX)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn batch(table: &Table) -> Result<usize, Mistake> {
    let Some(value) = table.get("batch") else {
        return Ok(PROMOTE_BATCH);
    };
    let number = value.integer_within(1, keys::BATCH_MAX)?;
    Ok(usize::try_from(number).unwrap_or(PROMOTE_BATCH))
}

/// A list of words, each at most once.
fn what<W: Word + PartialEq>(table: &Table) -> Result<Vec<W>, Mistake> {
    let mut words = Vec::new();
    for value in table.need("what")?.some_members()? {
        let word: W = value.word()?;
        if words.contains(&word) {
            return Err(value.invalid(format!("names \"{}\" twice", word.as_str())));
        }
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests;
