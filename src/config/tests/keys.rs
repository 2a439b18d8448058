//! What the list of keys says of each key is what the parser does with it.

use std::path::Path;

use crate::{
    config::{
        keys::{self, Section},
        parse,
    },
    model::topology::Topology,
    toml_reader::{Absent, Fault, Key, Kind, Mistake},
};

/// A file with these lines in one of its tables.
fn table(section: &Section, lines: &str) -> Result<Topology, Mistake> {
    let cluster = |body: &str| {
        format!(
            "[clusters.a]\nurls = [\"https://a\"]\n[clusters.b]\nurls = [\"https://b\"]\n\
             [clusters.c]\n{body}\n"
        )
    };
    let other = || cluster("urls = [\"https://c\"]");
    let text = match section.title {
        "the file" => format!("{lines}\n{}", other()),
        "[clusters.NAME]" => cluster(lines),
        "auth" | "tls" | "remote" => {
            format!("{}[clusters.c.{}]\n{lines}\n", other(), section.title)
        }
        "[sets.NAME]" => format!("{}[sets.s]\n{lines}\n", other()),
        "[bidi.NAME]" => format!("{}[bidi.s]\n{lines}\n", other()),
        title => format!("{}{title}\n{lines}\n", other()),
    };
    parse(Path::new("esdr.toml"), &text)
}

/// The needed keys of a table, without one of them. Those of the file stand there anyway.
fn needed(section: &Section, but: &Key) -> String {
    let line = |key: &Key| {
        let value = match key.name {
            "urls" => "[\"https://c\"]",
            "home" => "\"a\"",
            "standby" => "\"b\"",
            "indices" => "[\"x\"]",
            "clusters" => "[\"a\", \"b\"]",
            name => panic!("{name} has no value in this test"),
        };
        format!("{} = {value}\n", key.name)
    };
    let is_needed = |key: &&Key| key.absent == Absent::Refused && key.name != but.name;
    let is_file = section.title == keys::FILE.title;
    section.keys.iter().filter(|key| !is_file && is_needed(key)).map(line).collect()
}

/// What must stand beside a key for it to be looked at.
fn beside(key: &Key) -> &'static str {
    match key.name {
        "username" => "password_env = \"P\"\n",
        name if name.starts_with("password") => "username = \"u\"\n",
        "server_name" => "proxy = \"p:1\"\n",
        _ => "",
    }
}

#[test]
fn every_key_of_the_list_is_read_as_what_the_list_says() {
    let mut count = 0;
    for section in keys::ALL {
        for key in section.keys {
            let name = key.name;
            // The clusters are asked for before a file can be read at all.
            let lines = match (section.title, name) {
                ("the file", "clusters") => continue,
                _ => format!("{}{}{name} = 2000-01-01\n", needed(section, key), beside(key)),
            };
            let mistake = table(section, &lines).expect_err(name);
            let expected = key.kind.expected();
            let wrong = Fault::WrongType { key: name.to_owned(), expected, found: "a date" };
            assert_eq!(*mistake.fault, wrong, "{} {name}", section.title);
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn what_may_be_left_out_may_be_and_means_what_the_list_says() {
    for section in keys::ALL {
        // Their keys ask for each other, and one at least must be there: `tests.rs` has them.
        if ["auth", "remote"].contains(&section.title) {
            continue;
        }
        for key in section.keys {
            if (section.title, key.name) == ("the file", "clusters") {
                assert!(parse(Path::new("esdr.toml"), "").is_err());
                continue;
            }
            let rest = needed(section, key);
            let without = table(section, &rest);
            match key.absent {
                Absent::Refused => {
                    let fault = *without.expect_err(key.name).fault;
                    assert!(matches!(fault, Fault::Missing { key: name, .. } if name == key.name));
                }
                Absent::Is(value) => {
                    let with = table(section, &format!("{rest}{} = {value}\n", key.name));
                    assert_eq!(with, without, "{} {}", section.title, key.name);
                }
                Absent::Means(_) => assert!(without.is_ok(), "{} {}", section.title, key.name),
            }
        }
    }
}

#[test]
fn a_number_is_refused_outside_the_bounds_of_the_list() {
    for section in keys::ALL {
        for key in section.keys {
            let Kind::Between(least, most) = key.kind else {
                continue;
            };
            let given = |number: i64| table(section, &format!("{} = {number}\n", key.name));
            assert!(given(least).is_ok() && given(most).is_ok(), "{}", key.name);
            assert!(given(least - 1).is_err() && given(most + 1).is_err(), "{}", key.name);
        }
    }
}
