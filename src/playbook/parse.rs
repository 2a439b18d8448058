//! Text → [`Playbook`], strictly: each mistake with line, column and the nearest word.

use std::time::Duration;

use super::{
    DataLoss, GATE_WITHIN, Goal, PROMOTE_BATCH, Playbook, Role, Step, Verb, keys, kind::Written,
};
use crate::toml_reader::{Absent, Document, Key, Mistake, Table, Value, Word};

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
    Ok(Step { goal: goal(verb, table)?, on: on(verb, table)?, within: within(verb, table)? })
}

fn goal(verb: Verb, table: &Table) -> Result<Goal, Mistake> {
    Ok(match verb {
        Verb::Record => Goal::Record,
        Verb::Fence => Goal::Fence,
        Verb::Unfence => Goal::Unfence,
        Verb::Drain => Goal::Drain { max_lag_ops: max_lag_ops(table)? },
        Verb::Carry => Goal::Carry,
        Verb::Promote => Goal::Promote { batch: batch(table)? },
        Verb::Salvage => Goal::Salvage,
        Verb::Discard => Goal::Discard,
        Verb::Resume => Goal::Resume,
        Verb::Seed => Goal::Seed,
        Verb::Remote => {
            let both = table.get("both").map(|value| value.boolean()).transpose()?;
            Goal::Remote { both: both.unwrap_or(false) }
        }
        Verb::Pattern => Goal::Pattern { state: table.need("state")?.word()? },
        Verb::Alias => Goal::Alias,
        Verb::Canary => Goal::Canary,
        Verb::DropCopies => Goal::DropCopies,
        Verb::Index => Goal::Index,
        Verb::Span => Goal::Span,
        Verb::Unspan => Goal::Unspan,
        Verb::Echo => Goal::Echo,
        Verb::Remove => Goal::Remove,
        Verb::Release => Goal::Release,
        Verb::Join => Goal::Join,
        Verb::Retain => Goal::Retain,
        Verb::Hook => Goal::Hook { name: table.need("name")?.word()? },
        Verb::Require => Goal::Require { what: what(table)? },
        Verb::Verify => Goal::Verify { what: what(table)? },
        Verb::Manual => Goal::Manual { name: text_of(table, "name")?, say: text_of(table, "say")? },
    })
}

fn on(verb: Verb, table: &Table) -> Result<Option<Role>, Mistake> {
    verb.takes_side().then(|| table.need("on")?.word()).transpose()
}

/// What the list of the verb's keys says of `within`: it is needed, or has a default, or not even that.
fn within(verb: Verb, table: &Table) -> Result<Option<Duration>, Mistake> {
    if let Some(value) = table.get("within") {
        return value.duration().map(Some);
    }
    let key = verb.keys().iter().find(|key| key.name == "within");
    match key.map(|key| key.absent) {
        Some(Absent::Is(_)) => Ok(Some(GATE_WITHIN)),
        Some(Absent::Means(_)) => Ok(None),
        _ => table.need("within")?.duration().map(Some),
    }
}

fn text_of(table: &Table, key: &str) -> Result<String, Mistake> {
    table.need(key)?.name().map(str::to_owned)
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
