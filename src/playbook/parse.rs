//! Text → [`Playbook`], strictly: each mistake with line, column and the nearest word.

use std::time::Duration;

use super::{DataLoss, GATE_WITHIN, PROMOTE_BATCH, Playbook, Role, Step, Verb};
use crate::toml_reader::{Document, Mistake, Table, Word};

/// The most indices that may be promoted side by side.
const BATCH_MAX: i64 = 1000;

/// Reads a playbook; `file` is its name for messages. Whether the order of its steps is
/// safe is for [`super::lint`] to say.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(file: &str, text: &str) -> Result<Playbook, Mistake> {
    let document = Document::parse(file, text)?;
    let root = document.root();
    root.allow(&["name", "summary", "promise", "data_loss", "step"])?;
    let entries = root.need("step")?.some_members()?;
    let tables = entries
        .iter()
        .map(|entry| entry.table())
        .collect::<Result<Vec<_>, _>>()?;
    let data_loss = match root.get("data_loss") {
        Some(value) => value.word()?,
        None => DataLoss::None,
    };
    Ok(Playbook {
        name: text_of(&root, "name")?,
        summary: text_of(&root, "summary")?,
        promise: text_of(&root, "promise")?,
        accepts_data_loss: data_loss == DataLoss::Accepted,
        steps: tables.iter().map(step).collect::<Result<_, _>>()?,
        lines: tables.iter().map(Table::line).collect(),
    })
}

fn step(table: &Table) -> Result<Step, Mistake> {
    let verb = table.need("do")?.word::<Verb>()?;
    table.allow(verb.keys())?;
    Ok(match verb {
        Verb::Record => Step::Record {
            within: within_or_default(table)?,
        },
        Verb::Fence => Step::Fence {
            on: on(table)?,
            within: within(table)?,
        },
        Verb::Drain => Step::Drain {
            max_lag_ops: max_lag_ops(table)?,
            within: within(table)?,
        },
        Verb::Promote => Step::Promote {
            on: on(table)?,
            batch: batch(table)?,
            within: within(table)?,
        },
        Verb::Salvage => Step::Salvage {
            on: on(table)?,
            within: within(table)?,
        },
        Verb::Discard => Step::Discard {
            on: on(table)?,
            within: within_or_default(table)?,
        },
        Verb::Seed => Step::Seed {
            on: on(table)?,
            within: within(table)?,
        },
        Verb::Remote => {
            let both = match table.get("both") {
                Some(value) => value.boolean()?,
                None => false,
            };
            Step::Remote {
                on: on(table)?,
                both,
                within: within_or_default(table)?,
            }
        }
        Verb::Pattern => Step::Pattern {
            on: on(table)?,
            state: table.need("state")?.word()?,
            within: within_or_default(table)?,
        },
        Verb::Alias => Step::Alias {
            on: on(table)?,
            within: within_or_default(table)?,
        },
        Verb::Canary => Step::Canary {
            on: on(table)?,
            within: within_or_default(table)?,
        },
        Verb::Hook => Step::Hook {
            name: table.need("name")?.word()?,
            within: within(table)?,
        },
        Verb::Require => Step::Require {
            what: what(table)?,
            within: within_or_default(table)?,
        },
        Verb::Verify => Step::Verify {
            what: what(table)?,
            within: within_or_default(table)?,
        },
        Verb::Manual => Step::Manual {
            name: text_of(table, "name")?,
            say: text_of(table, "say")?,
            within: table
                .get("within")
                .map(|value| value.duration())
                .transpose()?,
        },
    })
}

fn text_of(table: &Table, key: &str) -> Result<String, Mistake> {
    table.need(key)?.name().map(str::to_owned)
}

fn on(table: &Table) -> Result<Role, Mistake> {
    table.need("on")?.word()
}

fn within(table: &Table) -> Result<Duration, Mistake> {
    table.need("within")?.duration()
}

fn within_or_default(table: &Table) -> Result<Duration, Mistake> {
    table
        .get("within")
        .map_or(Ok(GATE_WITHIN), |value| value.duration())
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
    let number = value.integer_within(1, BATCH_MAX)?;
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
mod tests {
    use super::*;

    const HEAD: &str = "name = \"n\"\nsummary = \"s\"\npromise = \"p\"\n";

    fn refusal(steps: &str) -> String {
        parse("own.toml", &format!("{HEAD}{steps}"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_step_is_read_with_what_it_may_leave_out() {
        let text = "\n[[step]]\ndo = \"promote\"\non = \"target\"\nwithin = \"90s\"\n\n[[step]]\n\
                    do = \"remote\"\non = \"target\"\n";
        let playbook = parse("own.toml", &format!("{HEAD}{text}")).unwrap();
        let within = Duration::from_secs(90);
        assert_eq!(
            playbook.steps,
            [
                Step::Promote {
                    on: Role::Target,
                    batch: 50,
                    within
                },
                Step::Remote {
                    on: Role::Target,
                    both: false,
                    within: Duration::from_secs(30)
                },
            ]
        );
        assert_eq!(playbook.lines, [5, 10]);
        assert!(!playbook.accepts_data_loss);
    }

    #[test]
    fn a_playbook_survives_the_way_through_a_plan_file() {
        for playbook in super::super::builtin::all() {
            let json = serde_json::to_string(&playbook).unwrap();
            assert_eq!(
                serde_json::from_str::<Playbook>(&json).unwrap(),
                playbook,
                "{json}"
            );
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_the_nearest_known_word() {
        for (step, message) in [
            (
                "do = \"fnece\"",
                "5:6: \"fnece\" is no value of \"do\"; did you mean \"fence\"?",
            ),
            (
                "do = \"delete\"",
                "5:6: \"delete\" is no value of \"do\"; known are record, fence, drain, promote, \
                 salvage, discard, seed, remote, pattern, alias, canary, hook, require, verify, \
                 manual",
            ),
            ("on = \"source\"", "4:1: [step] lacks \"do\""),
            (
                "do = \"fence\"\non = \"source\"",
                "4:1: [step] lacks \"within\"",
            ),
            (
                "do = \"fence\"\non = \"sorce\"\nwithin = \"60s\"",
                "6:6: \"sorce\" is no value of \"on\"; did you mean \"source\"?",
            ),
            (
                "do = \"fence\"\non = \"source\"\nwithn = \"60s\"",
                "7:1: unknown key \"withn\" in [step]; did you mean \"within\"?",
            ),
            (
                "do = \"drain\"\nwithin = 60",
                "6:10: \"within\" must be a time in quotes, such as \"90s\", not a number",
            ),
            (
                "do = \"drain\"\nwithin = \"60\"",
                "6:10: \"within\": \"60\" has no unit; write it as 90s, 2m or 1m30s",
            ),
            (
                "do = \"drain\"\nwithin = \"0s\"",
                "6:10: \"within\": must be longer than zero",
            ),
            (
                "do = \"drain\"\nmax_lag_ops = -1\nwithin = \"60s\"",
                "6:15: \"max_lag_ops\": -1 is not between 0 and 9223372036854775807",
            ),
            (
                "do = \"require\"\nwhat = [\"link\", \"license\"]",
                "6:17: \"license\" is no value of \"what\"; did you mean \"licences\"?",
            ),
            (
                "do = \"verify\"\nwhat = []",
                "6:8: \"what\": must not be empty",
            ),
            (
                "do = \"verify\"\nwhat = [\"proof\", \"proof\"]",
                "6:18: \"what\": names \"proof\" twice",
            ),
            (
                "do = \"hook\"\nname = \"befor_fence\"\nwithin = \"1m\"",
                "6:8: \"befor_fence\" is no value of \"name\"; did you mean \"before_fence\"?",
            ),
            (
                "do = \"pattern\"\non = \"target\"\nstate = \"on\"",
                "7:9: \"on\" is no value of \"state\"; known are running, off",
            ),
        ] {
            assert_eq!(
                refusal(&format!("[[step]]\n{step}\n")),
                format!("own.toml:{message}")
            );
        }
    }

    #[test]
    fn a_playbook_without_steps_or_with_a_foreign_key_is_refused() {
        assert_eq!(refusal(""), "own.toml:1:1: the file lacks \"step\"");
        assert_eq!(
            refusal("step = []"),
            "own.toml:4:8: \"step\": must not be empty"
        );
        assert_eq!(
            refusal("[[steps]]\ndo = \"fence\"\n"),
            "own.toml:4:3: unknown key \"steps\" in the file; did you mean \"step\"?"
        );
        assert_eq!(
            refusal("data_loss = \"yes\"\n[[step]]\ndo = \"record\"\n"),
            "own.toml:4:13: \"yes\" is no value of \"data_loss\"; known are none, accepted"
        );
        assert_eq!(
            refusal("[[step]\ndo = 1\n"),
            "own.toml:4:8: unclosed array table, expected `]`"
        );
    }
}
