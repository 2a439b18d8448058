use super::*;

const HEAD: &str = "name = \"n\"\nsummary = \"s\"\npromise = \"p\"\n";

fn refusal(steps: &str) -> String {
    parse("own.toml", &format!("{HEAD}{steps}")).unwrap_err().to_string()
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
            Step::Promote { on: Role::Target, batch: 50, within },
            Step::Remote { on: Role::Target, both: false, within: Duration::from_secs(30) },
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
