//! The rules of the house that no compiler knows, held by reading the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// No file of the product is as long as this.
const LINES_MAX: usize = 400;

/// One source file.
#[derive(Clone)]
struct Source {
    /// Below the repository's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Whether it lies in one of these folders, or is one of these files.
    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            let rest = self.path.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Its lines without comments, and without its unit tests, which stand last.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        let lines = self.text.lines().enumerate();
        lines
            .take_while(move |(_, line)| !is_test && line.trim() != "#[cfg(test)]")
            .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
    }
}

/// Every Rust file below a folder of the repository, in order.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root).unwrap().display().to_string(),
    };
    paths.into_iter().map(source).collect()
}

/// What is built, of all crates.
fn product() -> Vec<Source> {
    [sources("src"), sources("crates")].concat()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Whether a line holds a word that is no part of a longer one.
fn holds(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let starts = !line[..at].chars().next_back().is_some_and(part);
        let after = line[at + word.len()..].chars().next();
        starts && !(word.ends_with(part) && after.is_some_and(part))
    })
}

/// Where any of the words stands in the code of these files.
fn found<'s>(sources: impl IntoIterator<Item = &'s Source>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            for word in words.iter().filter(|word| holds(line, word)) {
                found.push(format!("{}:{number}: {word}", source.path));
            }
        }
    }
    found
}

const NONE: [&str; 0] = [];

/// Where everything is decided: plain data and pure functions.
const CORE: [&str; 4] = ["src/model", "src/playbook", "src/plan", "src/status"];

#[test]
fn the_core_does_no_input_or_output_and_knows_no_time() {
    let src = sources("src");
    let core = src.iter().filter(|source| source.is_in(&CORE));
    let words = [
        "tokio",
        "reqwest",
        "fs",
        "env",
        "process",
        "net",
        "SystemTime",
        "Instant",
        "now(",
        "now_ms",
        "clock",
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
    ];
    assert_eq!(found(core, &words), NONE);
}

#[test]
fn only_report_prints() {
    let product = product();
    let others = product.iter().filter(|source| !source.is_in(&["src/report"]));
    let words = ["println!", "eprintln!", "print!", "eprint!"];
    assert_eq!(found(others, &words), NONE);
}

#[test]
fn of_the_wire_the_plan_knows_the_requests_only() {
    let src = sources("src");
    let core = src.iter().filter(|source| source.is_in(&CORE));
    let words = ["es::api", "es::http", "es::error", "Transport"];
    assert_eq!(found(core, &words), NONE);
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let later = [
        concat!("to", "do!"),
        concat!("un", "implemented!"),
        concat!("d", "bg!"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
    ];
    let mut left = Vec::new();
    for source in product().iter().chain(&sources("tests")) {
        // Comments and unit tests as well.
        for (number, line) in source.text.lines().enumerate() {
            for word in later.iter().filter(|word| holds(line, word)) {
                left.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    assert_eq!(left, NONE);
}

#[test]
fn files_are_short() {
    let product = product();
    let long: Vec<&str> = product
        .iter()
        .filter(|source| source.text.lines().count() >= LINES_MAX)
        .map(|source| source.path.as_str())
        .collect();
    assert_eq!(long, [""; 0], "files of {LINES_MAX} lines and more: cut them up");
}

#[test]
fn the_readme_begins_with_the_two_commands_of_a_fresh_machine() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let (_, rest) = readme.split_once("```console\n").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    assert_eq!(block, "$ cargo run --release -- drill --sandbox\n$ cargo test\n");
}

#[test]
fn every_playbook_file_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let builtin = fs::read_to_string(root.join("src/playbook/builtin.rs")).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(root.join("playbooks")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let embedded = format!("include_str!(\"../../playbooks/{name}\")");
        assert!(builtin.contains(&embedded), "{name} is not built in");
        files += 1;
    }
    assert_eq!(files, esdr::playbook::builtin::names().len());
}

#[test]
fn no_test_sleeps_but_to_ask_again() {
    let tests = sources("tests");
    let others = tests.iter().filter(|source| !source.is_in(&["tests/support"]));
    let words = [concat!("thread::", "sleep"), concat!("time::", "sleep")];
    assert_eq!(found(others, &words), NONE);
}
