//! What the pages repeat of the code is printed from the code. With `UPDATE_EXPECT` set the parts
//! that differ are written anew, without it they are told.

use std::{env, fs};

use esdr::{
    config::keys,
    outcome::exit,
    playbook::{self, Check, DataLoss, HookName, PatternState, Requirement, Role, Verb},
    toml_reader::{Absent, Key, Word},
};

use crate::readme::{pages, read, root};

/// The end of every printed part.
const END: &str = "<!-- end -->";

/// A part of a page, from the marker that names its source to the next [`END`].
struct Part {
    page: &'static str,
    /// The file, and which of its lists where it has several.
    source: String,
    text: String,
}

impl Part {
    fn marker(&self) -> String {
        format!("<!-- printed from {} -->", self.source)
    }

    /// The page with this part as it should be; none where the page has no place for it.
    fn put_into(&self, page: &str) -> Option<String> {
        let marker = self.marker();
        let (before, rest) = page.split_once(&marker)?;
        let (_, after) = rest.split_once(END)?;
        Some(format!("{before}{marker}\n\n{}\n{END}{after}", self.text))
    }
}

fn parts() -> Vec<Part> {
    let mut parts =
        vec![Part { page: "README.md", source: "src/outcome.rs".into(), text: exit_statuses() }];
    parts.extend(keys::ALL.iter().map(|section| Part {
        page: "docs/configuration.md",
        source: format!("src/config/keys.rs: {}", section.title),
        text: keys_of_the_file(section.keys),
    }));
    parts.extend(vocabulary().map(|(source, text)| Part {
        page: "docs/playbooks.md",
        source: format!("src/playbook/{source}"),
        text,
    }));
    parts
}

/// A table in markdown. Without a blank line around it, it would not be one everywhere.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text.push_str(&line(&head.map(|_| "---".to_owned())));
    for row in rows {
        text.push_str(&line(&row.map(|cell| cell.replace('|', "\\|"))));
    }
    text
}

fn exit_statuses() -> String {
    let row = |status: &exit::Status| {
        [status.number.to_string(), status.name.to_lowercase(), status.meaning.to_owned()]
    };
    table(["status", "in short", "meaning"], exit::ALL.iter().map(row))
}

fn keys_of_the_file(keys: &[Key]) -> String {
    let row = |key: &Key| {
        let absent = match key.absent {
            Absent::Refused => "required".to_owned(),
            Absent::Is(value) => format!("`{value}`"),
            Absent::Means(words) => words.to_owned(),
        };
        [format!("`{}`", key.name), key.kind.shown(), key.meaning.to_owned(), absent]
    };
    table(["key", "value", "meaning", "without it"], keys.iter().map(row))
}

fn vocabulary() -> [(&'static str, String); 8] {
    let goals = |is_bidi: bool| {
        let goals = Verb::ALL.iter().filter(move |verb| !verb.is_gate());
        verbs("the goal holds when", goals.filter(move |verb| verb.is_bidi() == is_bidi))
    };
    let gates = verbs("passes when", Verb::ALL.iter().filter(|verb| verb.is_gate()));
    let values = words("on", Role::ALL)
        .chain(words("state", PatternState::ALL))
        .chain(words("name", HookName::ALL))
        .chain(words("data_loss", DataLoss::ALL))
        .map(|[key, word, meaning]| [key, format!("`\"{word}\"`"), meaning]);
    [
        ("keys.rs: the head", keys_of_the_file(playbook::keys::HEAD)),
        ("keys.rs: steps", keys_of_steps()),
        ("words.rs: values", table(["key", "value", "meaning"], values)),
        ("verb.rs: goals", goals(false)),
        ("verb.rs: goals of a bi-directional alias", goals(true)),
        ("verb.rs: gates", gates),
        ("words.rs: requirements", what("`what` of `require`", Requirement::ALL)),
        ("words.rs: checks", what("`what` of `verify`", Check::ALL)),
    ]
}

/// Each key that a step may have, once for each meaning. Whether it may be left out is the verb's.
fn keys_of_steps() -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for key in Verb::ALL.iter().flat_map(|verb| verb.keys()) {
        let row = [format!("`{}`", key.name), key.kind.shown(), key.meaning.to_owned()];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    table(["key", "value", "meaning"], rows)
}

/// Verbs with the keys that each takes beside its `do`.
fn verbs<'v>(head: &str, verbs: impl Iterator<Item = &'v Verb>) -> String {
    let key = |key: &Key| match key.absent {
        Absent::Refused => format!("`{}`", key.name),
        Absent::Is(value) => format!("`{}` optional ({})", key.name, value.replace('"', "")),
        Absent::Means(words) => format!("`{}` optional ({words})", key.name),
    };
    let row = |verb: &Verb| {
        let keys: Vec<_> = verb.keys().iter().filter(|it| it.name != "do").map(key).collect();
        [format!("`{verb}`"), keys.join(", "), verb.meaning().to_owned()]
    };
    table(["`do`", "keys", head], verbs.map(row))
}

fn words<W: Word>(key: &str, words: &[W]) -> impl Iterator<Item = [String; 3]> {
    let row =
        move |word: &W| [format!("`{key}`"), word.as_str().to_owned(), word.meaning().to_owned()];
    words.iter().map(row).collect::<Vec<_>>().into_iter()
}

fn what<W: Word>(head: &str, all: &[W]) -> String {
    let rows = words("", all).map(|[_, word, meaning]| [format!("`{word}`"), meaning]);
    table([head, "holds when"], rows)
}

/// What is different, line by line.
fn difference(page: &str, is: &str, should: &str) -> Vec<String> {
    let only = |sign: char, lines: &str, others: &str| -> Vec<String> {
        let lines = lines.lines().filter(|line| !others.lines().any(|other| other == *line));
        lines.map(|line| format!("{page}: {sign} {line}")).collect()
    };
    [only('-', is, should), only('+', should, is)].concat()
}

#[test]
fn what_the_pages_repeat_of_the_code_is_what_the_code_says() {
    let mut drifted = Vec::new();
    for part in parts() {
        let Part { page, source, .. } = &part;
        let is = read(page);
        let should = part.put_into(&is);
        let should = should.unwrap_or_else(|| panic!("{page} has no place for {source}"));
        if is == should {
            continue;
        }
        if env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(root().join(page), should).unwrap();
        } else {
            drifted.push(format!("{page} differs from {source}"));
            drifted.extend(difference(page, &is, &should));
        }
    }
    let command = "UPDATE_EXPECT=1 cargo test --test embedded -- pages";
    assert!(drifted.is_empty(), "{}\nto write them: {command}", drifted.join("\n"));
    // Not a test of its own: it would read pages while they are written.
    let known: Vec<(&str, String)> =
        parts().iter().map(|part| (part.page, part.marker())).collect();
    assert_eq!(markers_of_no_part(&known), [""; 0]);
}

/// Markers in the pages beyond one for each part.
fn markers_of_no_part(known: &[(&str, String)]) -> Vec<String> {
    let mut left = Vec::new();
    for page in pages() {
        let path = page.path.display().to_string();
        let mut of_page: Vec<_> = known.iter().filter(|(on, _)| *on == path).collect();
        for line in page.text.lines().filter(|line| line.starts_with("<!-- printed from ")) {
            match of_page.iter().position(|(_, marker)| marker == line) {
                Some(at) => drop(of_page.remove(at)),
                None => left.push(format!("{path}: {line}")),
            }
        }
    }
    left
}

#[test]
fn a_part_is_put_between_its_marker_and_the_next_end() {
    let part = Part { page: "", source: "b".into(), text: table(["x"], [["1 | 2".to_owned()]]) };
    let page = "a\n<!-- printed from b -->\nold\n<!-- end -->\nc\n<!-- end -->\n";
    let should = "a\n<!-- printed from b -->\n\n| x |\n| --- |\n| 1 \\| 2 |\n\n<!-- end -->\nc\n\
                  <!-- end -->\n";
    assert_eq!(part.put_into(page).as_deref(), Some(should));
    assert_eq!(part.put_into(should).as_deref(), Some(should));
    assert_eq!(part.put_into("<!-- printed from c -->\n<!-- end -->\n"), None);
    assert_eq!(difference("p", "a\nb\n", "a\nc\n"), ["p: - b", "p: + c"]);
}

#[test]
fn the_hooks_of_the_file_are_those_that_a_playbook_may_name() {
    let hooks = keys::ALL.iter().find(|section| section.title == "[hooks]").unwrap();
    let of_the_file: Vec<_> = hooks.keys.iter().map(|key| (key.name, key.meaning)).collect();
    let names = HookName::ALL.iter().map(|name| (name.as_str(), name.meaning()));
    assert_eq!(of_the_file, names.collect::<Vec<_>>());
}
