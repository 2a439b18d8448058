//! What the pages repeat of the code is printed from the code. With `UPDATE_EXPECT` set the parts
//! that differ are written anew, without it they are told.

use std::{env, fs};

use esdr::outcome::exit;

use crate::readme::{pages, read, root};

/// The end of every printed part.
const END: &str = "<!-- end -->";

/// A part of a page, from the marker that names its source to the next [`END`].
struct Part {
    page: &'static str,
    /// The file, and which of its lists where it has several.
    source: &'static str,
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
    vec![Part { page: "README.md", source: "src/outcome.rs", text: exit_statuses() }]
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
        let Part { page, source, .. } = part;
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
}

#[test]
fn no_page_says_that_it_is_printed_where_it_is_not() {
    let parts = parts();
    for page in pages() {
        let path = page.path.display().to_string();
        let known: Vec<_> =
            parts.iter().filter(|part| part.page == path).map(Part::marker).collect();
        let of_page = page.text.lines().filter(|line| line.starts_with("<!-- printed from "));
        let mut markers: Vec<_> = of_page.collect();
        assert_eq!(markers.len(), known.len(), "{path}: {markers:?}");
        markers.retain(|marker| !known.iter().any(|it| it == marker));
        assert_eq!(markers, [""; 0], "{path}");
    }
}

#[test]
fn a_part_is_put_between_its_marker_and_the_next_end() {
    let part = Part { page: "", source: "b", text: table(["x"], [["1 | 2".to_owned()]]) };
    let page = "a\n<!-- printed from b -->\nold\n<!-- end -->\nc\n<!-- end -->\n";
    let should = "a\n<!-- printed from b -->\n\n| x |\n| --- |\n| 1 \\| 2 |\n\n<!-- end -->\nc\n\
                  <!-- end -->\n";
    assert_eq!(part.put_into(page).as_deref(), Some(should));
    assert_eq!(part.put_into(should).as_deref(), Some(should));
    assert_eq!(part.put_into("<!-- printed from c -->\n<!-- end -->\n"), None);
    assert_eq!(difference("p", "a\nb\n", "a\nc\n"), ["p: - b", "p: + c"]);
}
