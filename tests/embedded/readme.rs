//! What the pages say is so: their commands parse, their files are read, their links lead
//! somewhere, and their lists of words are whole.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use esdr::{cli::Cli, config, model::problem::Code, playbook};

/// One page, below the repository's root.
pub(super) struct Page {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A fenced block of a page.
struct Block {
    language: String,
    text: String,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

pub(super) fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    for folder in ["", "docs"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = Path::new(folder).join(entry.unwrap().file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = read(&path);
                pages.push(Page { path, text });
            }
        }
    }
    assert!(pages.len() >= 8, "README, CHANGELOG, CONTRIBUTING, docs/");
    pages
}

impl Page {
    /// The fenced blocks, and all text outside them as one line.
    fn parts(&self) -> (Vec<Block>, String) {
        let mut blocks = Vec::new();
        let mut prose = String::new();
        let mut open: Option<Block> = None;
        for line in self.text.lines() {
            match (line.strip_prefix("```"), open.as_mut()) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    open = Some(Block { language: language.to_owned(), text: String::new() });
                }
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {
                    prose.push_str(line);
                    prose.push(' ');
                }
            }
        }
        assert!(open.is_none(), "{}: a block is open", self.path.display());
        (blocks, prose)
    }

    /// Every command line of esdr's, from `console` blocks and from the text.
    fn command_lines(&self) -> Vec<String> {
        let (blocks, prose) = self.parts();
        let mut lines: Vec<String> = prose
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|span| *span == "esdr" || span.starts_with("esdr "))
            .map(str::to_owned)
            .collect();
        let typed = blocks
            .iter()
            .filter(|block| block.language == "console")
            .flat_map(|block| block.text.lines());
        for line in typed {
            let line = line.strip_prefix("$ ");
            let line = line.unwrap_or_else(|| panic!("{}: not typed", self.path.display()));
            if let Some((_, arguments)) = line.split_once("cargo run --release -- ") {
                lines.push(format!("esdr {arguments}"));
            } else if let Some(at) = line.find("esdr ").filter(|at| begins_a_word(line, *at)) {
                lines.push(line[at..].to_owned());
            }
        }
        lines
    }
}

fn begins_a_word(line: &str, at: usize) -> bool {
    at == 0 || line[..at].ends_with(' ')
}

/// A line split as a shell does it, quotes and all that these pages need.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the words name a command, without what it takes: `esdr plan`.
fn names_a_command(words: &[String]) -> bool {
    let mut command = Cli::command();
    words[1..].iter().all(|word| match command.find_subcommand(word).cloned() {
        Some(found) => {
            command = found;
            true
        }
        None => false,
    })
}

#[test]
fn every_command_line_of_the_pages_is_understood() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for line in page.command_lines() {
            count += 1;
            let words = words(&line);
            let understood = match Cli::try_parse_from(&words) {
                Ok(_) => true,
                Err(error) => error.kind() == ErrorKind::DisplayHelp || names_a_command(&words),
            };
            if !understood {
                wrong.push(format!("{}: {line}", page.path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count > 50, "{count} command lines were found");
}

#[test]
fn a_command_that_does_not_exist_would_be_found() {
    for line in ["esdr bide", "esdr failover", "esdr failover --too b"] {
        assert!(Cli::try_parse_from(words(line)).is_err(), "{line}");
    }
    assert!(names_a_command(&words("esdr failover")));
    assert!(!names_a_command(&words("esdr bide")));
    assert_eq!(words("esdr x --index '-a b' c"), ["esdr", "x", "--index", "-a b", "c"]);
}

#[test]
fn every_toml_of_the_pages_is_read() {
    let mut configurations = 0;
    let mut playbooks = 0;
    for page in pages() {
        let name = page.path.display().to_string();
        for block in page.parts().0 {
            if block.language != "toml" {
                continue;
            }
            if block.text.contains("[clusters.") {
                config::parse(Path::new("esdr.toml"), &block.text)
                    .unwrap_or_else(|mistake| panic!("{name}: {mistake}"));
                configurations += 1;
            } else {
                let playbook = playbook::parse("own.toml", &block.text)
                    .unwrap_or_else(|mistake| panic!("{name}: {mistake}"));
                assert_eq!(playbook::lint(&playbook), [], "{name}");
                playbooks += 1;
            }
        }
    }
    assert!(configurations > 0 && playbooks > 0);
}

#[test]
fn the_configuration_for_docker_compose_is_read() {
    let file = Path::new("docs/compose/esdr.toml");
    let topology = config::parse(file, &read(file)).unwrap_or_else(|mistake| panic!("{mistake}"));
    let compose = read("docker-compose.yml");
    for cluster in &topology.clusters {
        let name = format!("- cluster.name={}\n", cluster.name);
        assert!(compose.contains(&name), "{name}");
        let url = &cluster.connection.urls[0];
        let port = url.strip_prefix("http://").unwrap();
        assert!(compose.contains(&format!("\"{port}:9200\"")), "{port}");
        let seed = &cluster.remote.as_ref().unwrap().seeds[0];
        let service = seed.strip_suffix(":9300").unwrap();
        assert!(compose.contains(&format!("\n  {service}:\n    image:")), "{seed}");
    }
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let mut dead = Vec::new();
    for page in pages() {
        let folder = page.path.parent().unwrap();
        for (_, rest) in page.text.match_indices("](").map(|(at, _)| page.text.split_at(at + 2)) {
            let link = rest.split(')').next().unwrap();
            let file = link.split('#').next().unwrap();
            if !link.contains("://") && !root().join(folder).join(file).exists() {
                dead.push(format!("{}: {link}", page.path.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
}

/// Every word of a closed list stands in a page as `word` or `"word"`.
fn missing(page: &str, words: impl IntoIterator<Item = String>) -> Vec<String> {
    words
        .into_iter()
        .filter(|word| !page.contains(&format!("`{word}`")))
        .filter(|word| !page.contains(&format!("`\"{word}\"`")))
        .collect()
}

#[test]
fn the_page_of_playbooks_has_every_built_in_one() {
    let page = read("docs/playbooks.md");
    let names = playbook::builtin::names().into_iter().map(str::to_owned);
    assert_eq!(missing(&page, names), Vec::<String>::new());
}

/// Whole string literals of a source that look like codes.
fn codes(source: &str) -> BTreeSet<String> {
    let is_code =
        |text: &str| text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    code.split('"').skip(1).step_by(2).filter(|text| is_code(text)).map(str::to_owned).collect()
}

#[test]
fn the_page_of_playbooks_has_every_code_of_the_linter() {
    let page = read("docs/playbooks.md");
    let mut known = BTreeSet::new();
    for file in ["order", "promote", "copies", "outcome"] {
        known.extend(codes(&read(format!("src/playbook/lint/{file}.rs"))));
    }
    assert!(known.len() > 15, "{known:?}");
    assert_eq!(missing(&page, known), Vec::<String>::new());
}

/// The rows themselves are written by hand. A code is told in up to four contexts, in each with
/// words and often a level of its own; its meaning in the code is one sentence for all of them.
#[test]
fn the_page_of_problems_has_a_row_for_every_code_and_no_other_row() {
    let page = read("docs/problems.md");
    let rows: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(code, _)| code)
        .collect();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    let without_row: Vec<_> = codes.difference(&rows).collect();
    let without_code: Vec<_> = rows.difference(&codes).collect();
    assert_eq!((without_row, without_code), (vec![], vec![]));
}
