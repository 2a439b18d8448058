//! The keys of a playbook: what the parser allows, and what docs/playbooks.md prints.

use crate::toml_reader::{
    Absent::{Is, Means},
    Key,
    Kind::{Between, Boolean, ListOf, Text, Time, Word},
};

/// The most indices that may be promoted side by side.
pub(super) const BATCH_MAX: i64 = 1000;

/// The keys of the whole file.
pub const HEAD: &[Key] = &[
    Key::needed("name", Text, "what it is called in plans and records"),
    Key::needed("summary", Text, "what it does, in one sentence"),
    Key::needed("promise", Text, "what holds when it has ended well, in one sentence"),
    Key::needed("data_loss", Word, "whether acknowledged writes may be lost").or(Is("\"none\"")),
    Key::needed("step", ListOf("tables"), "`[[step]]` for each step, in order; at least one"),
];

pub(super) const DO: Key = Key::needed("do", Word, "the step's verb");
pub(super) const ON: Key = Key::needed("on", Word, "the side that the step is about");
pub(super) const WITHIN: Key =
    Key::needed("within", Time, "the step's deadline; the plan shows it");
/// Of a step that is done in one or a few bounded calls: `GATE_WITHIN`.
pub(super) const WITHIN_30S: Key = WITHIN.or(Is("\"30s\""));
/// Of a step that waits for a person.
pub(super) const WITHIN_ANY: Key = WITHIN.or(Means("no limit"));
pub(super) const MAX_LAG_OPS: Key =
    Key::needed("max_lag_ops", Between(0, i64::MAX), "operations that may be missing").or(Is("0"));
pub(super) const BATCH: Key =
    Key::needed("batch", Between(1, BATCH_MAX), "indices that go side by side").or(Is("50"));
pub(super) const BOTH: Key =
    Key::needed("both", Boolean, "whether the other way round too").or(Is("false"));
pub(super) const STATE: Key = Key::needed("state", Word, "what becomes of the auto-follow pattern");
pub(super) const HOOK: Key =
    Key::needed("name", Word, "of `hook`: which of the programs in `esdr.toml`");
pub(super) const GATE: Key = Key::needed("name", Text, "of `manual`: what `--confirm` takes");
pub(super) const SAY: Key = Key::needed("say", Text, "what the person is told");
pub(super) const REQUIREMENTS: Key =
    Key::needed("what", ListOf("words"), "of `require`: what must be so, each once");
pub(super) const CHECKS: Key =
    Key::needed("what", ListOf("words"), "of `verify`: what is proved, each once");
