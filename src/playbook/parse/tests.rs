use super::*;
use crate::toml_reader::{Absent, Fault, Kind};

const HEAD: &str = "name = \"n\"\nsummary = \"s\"\npromise = \"p\"\n";

fn refusal(steps: &str) -> String {
    parse("own.toml", &format!("{HEAD}{steps}")).unwrap_err().to_string()
}

#[test]
fn a_step_is_read_with_what_it_may_leave_out() {
    let text = "\n[[step]]\ndo = \"promote\"\non = \"target\"\nwithin = \"90s\"\n\n[[step]]\n\
                do = \"remote\"\non = \"target\"\n";
    let playbook = parse("own.toml", &format!("{HEAD}{text}")).unwrap();
    assert_eq!(
        playbook.steps,
        [
            Step {
                goal: Goal::Promote { batch: 50 },
                on: Some(Role::Target),
                within: Some(Duration::from_secs(90)),
            },
            Step {
                goal: Goal::Remote { both: false },
                on: Some(Role::Target),
                within: Some(Duration::from_secs(30)),
            },
        ]
    );
    assert_eq!(playbook.lines, [5, 10]);
    assert!(!playbook.accepts_data_loss);
}

#[test]
fn a_playbook_survives_the_way_through_a_plan_file() {
    for playbook in crate::playbook::builtin::all() {
        let json = serde_json::to_string(&playbook).unwrap();
        assert_eq!(serde_json::from_str::<Playbook>(&json).unwrap(), playbook, "{json}");
    }
}

#[test]
fn a_mistake_is_told_with_its_place_and_the_nearest_known_word() {
    for (step, message) in [
        ("do = \"fnece\"", "5:6: \"fnece\" is no value of \"do\"; did you mean \"fence\"?"),
        (
            "do = \"delete\"",
            "5:6: \"delete\" is no value of \"do\"; known are record, fence, unfence, drain, carry, promote, \
             salvage, discard, resume, seed, remote, pattern, alias, canary, drop_copies, index, span, unspan, echo, remove, release, join, retain, hook, require, verify, \
             manual",
        ),
        ("on = \"source\"", "4:1: [step] lacks \"do\""),
        ("do = \"fence\"\non = \"source\"", "4:1: [step] lacks \"within\""),
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
        ("do = \"drain\"\nwithin = \"0s\"", "6:10: \"within\": must be longer than zero"),
        (
            "do = \"drain\"\nmax_lag_ops = -1\nwithin = \"60s\"",
            "6:15: \"max_lag_ops\": -1 is not between 0 and 9223372036854775807",
        ),
        (
            "do = \"require\"\nwhat = [\"link\", \"license\"]",
            "6:17: \"license\" is no value of \"what\"; did you mean \"licences\"?",
        ),
        ("do = \"verify\"\nwhat = []", "6:8: \"what\": must not be empty"),
        ("do = \"verify\"\nwhat = [\"proof\", \"proof\"]", "6:18: \"what\": names \"proof\" twice"),
        (
            "do = \"hook\"\nname = \"befor_fence\"\nwithin = \"1m\"",
            "6:8: \"befor_fence\" is no value of \"name\"; did you mean \"before_fence\"?",
        ),
        (
            "do = \"pattern\"\non = \"target\"\nstate = \"on\"",
            "7:9: \"on\" is no value of \"state\"; known are running, off",
        ),
    ] {
        assert_eq!(refusal(&format!("[[step]]\n{step}\n")), format!("own.toml:{message}"));
    }
}

#[test]
fn a_playbook_without_steps_or_with_a_foreign_key_is_refused() {
    assert_eq!(refusal(""), "own.toml:1:1: the file lacks \"step\"");
    assert_eq!(refusal("step = []"), "own.toml:4:8: \"step\": must not be empty");
    assert_eq!(
        refusal("[[steps]]\ndo = \"fence\"\n"),
        "own.toml:4:3: unknown key \"steps\" in the file; did you mean \"step\"?"
    );
    assert_eq!(
        refusal("data_loss = \"yes\"\n[[step]]\ndo = \"record\"\n"),
        "own.toml:4:13: \"yes\" is no value of \"data_loss\"; known are none, accepted"
    );
    assert_eq!(refusal("[[step]\ndo = 1\n"), "own.toml:4:8: unclosed array table, expected `]`");
}

/// A line for a key of a step, as the list of keys says that it may be.
fn line(verb: Verb, key: &Key) -> String {
    let value = match (key.name, verb) {
        ("do", _) => format!("\"{verb}\""),
        ("on", _) => "\"target\"".to_owned(),
        ("within", _) => "\"7s\"".to_owned(),
        ("state", _) => "\"off\"".to_owned(),
        ("name", _) => "\"on_undo\"".to_owned(),
        ("say", _) => "\"go?\"".to_owned(),
        ("what", Verb::Require) => "[\"link\"]".to_owned(),
        ("what", _) => "[\"proof\"]".to_owned(),
        ("both", _) => "true".to_owned(),
        (_, _) => "7".to_owned(),
    };
    format!("{} = {value}\n", key.name)
}

fn one_step(lines: &str) -> Result<Step, Mistake> {
    let playbook = parse("own.toml", &format!("{HEAD}[[step]]\n{lines}"))?;
    Ok(playbook.steps[0].clone())
}

/// Every verb with every key of it, and a step's lines with all of its keys but this one.
fn verbs_and_keys() -> Vec<(Verb, Key, String)> {
    let mut all = Vec::new();
    for verb in Verb::ALL.iter().copied() {
        for key in verb.keys() {
            let others = verb.keys().iter().filter(|other| other.name != key.name);
            all.push((verb, *key, others.map(|other| line(verb, other)).collect()));
        }
    }
    all
}

#[test]
fn every_key_of_every_verb_is_read_as_what_the_list_says() {
    for (verb, key, others) in verbs_and_keys() {
        assert!(one_step(&format!("{others}{}", line(verb, &key))).is_ok(), "{verb} {}", key.name);
        let mistake = one_step(&format!("{others}{} = 2000-01-01\n", key.name)).unwrap_err();
        let (key, expected) = (key.name.to_owned(), key.kind.expected());
        assert_eq!(*mistake.fault, Fault::WrongType { key, expected, found: "a date" }, "{verb}");
    }
}

#[test]
fn what_a_step_may_leave_out_means_what_the_list_says() {
    for (verb, key, others) in verbs_and_keys() {
        let without = one_step(&others);
        match key.absent {
            Absent::Refused => {
                let fault = *without.unwrap_err().fault;
                assert!(matches!(fault, Fault::Missing { key: name, .. } if name == key.name));
            }
            Absent::Is(value) => {
                let with = one_step(&format!("{others}{} = {value}\n", key.name));
                assert_eq!(with.unwrap(), without.unwrap(), "{verb} {}", key.name);
            }
            Absent::Means(_) => assert_eq!(without.unwrap().within, None, "{verb}"),
        }
    }
}

#[test]
fn a_number_of_a_step_is_refused_outside_the_bounds_of_the_list() {
    for (verb, key, others) in verbs_and_keys() {
        let Kind::Between(least, most) = key.kind else {
            continue;
        };
        let given = |number: i128| one_step(&format!("{others}{} = {number}\n", key.name));
        let (least, most) = (i128::from(least), i128::from(most));
        assert!(given(least).is_ok() && given(most).is_ok(), "{verb} {}", key.name);
        assert!(given(least - 1).is_err() && given(most + 1).is_err(), "{verb} {}", key.name);
    }
}

#[test]
fn the_head_is_read_as_what_the_list_says() {
    let value = |key: &Key| match key.name {
        "step" => "[{ do = \"record\" }]".to_owned(),
        "data_loss" => "\"accepted\"".to_owned(),
        name => format!("\"{name}\""),
    };
    let line = |key: &Key| format!("{} = {}\n", key.name, value(key));
    let read = |text: &str| parse("own.toml", text).map_err(|mistake| *mistake.fault);
    for key in keys::HEAD {
        let others = keys::HEAD.iter().filter(|other| other.name != key.name);
        let others: String = others.map(line).collect();
        let with = |value: &str| read(&format!("{others}{} = {value}\n", key.name));
        assert!(with(&value(key)).is_ok(), "{}", key.name);
        let (name, expected) = (key.name.to_owned(), key.kind.expected());
        let wrong = Fault::WrongType { key: name, expected, found: "a date" };
        assert_eq!(with("2000-01-01").unwrap_err(), wrong);
        match key.absent {
            Absent::Is(value) => {
                let (with, without) = (with(value).unwrap(), read(&others).unwrap());
                assert_eq!(with.accepts_data_loss, without.accepts_data_loss);
            }
            _ => assert!(matches!(read(&others), Err(Fault::Missing { .. })), "{}", key.name),
        }
    }
}
