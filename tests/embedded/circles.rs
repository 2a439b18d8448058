//! Imports among the files of a crate form no circle: each can be read from what it knows upwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Modules by their path below the root, as `plan/goal/drain`, with their code.
type Modules = BTreeMap<String, String>;

fn modules(folder: &Path, at: &str, into: &mut Modules) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let below = |name: &str| if at.is_empty() { name.into() } else { format!("{at}/{name}") };
        if entry.path().is_dir() {
            modules(&entry.path(), &below(&name), into);
        } else if let Some(stem) = name.strip_suffix(".rs") {
            let path = if stem == "mod" { at.to_owned() } else { below(stem) };
            into.insert(path, code(&fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Without comments, and without the unit tests, which stand last.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    lines.map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths that a tree of imports names: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tree: &str, before: &str, into: &mut Vec<String>) {
    let (mut depth, mut start) = (0, 0);
    let mut parts = Vec::new();
    for (at, letter) in tree.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[start..]);
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((head, rest)) => {
                let rest = rest.trim_end().strip_suffix('}').unwrap_or(rest);
                paths(rest, &format!("{before}{}", head.trim()), into);
            }
            None => into.push(format!("{before}{}", part.split(" as ").next().unwrap().trim())),
        }
    }
}

/// The module of the crate that a path leads to; none where it leads out of it.
fn resolve(from: &str, path: &str, modules: &Modules) -> Option<String> {
    let mut words: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut place: Vec<&str> = from.split('/').filter(|word| !word.is_empty()).collect();
    match *words.first()? {
        "crate" => place.clear(),
        "self" | "super" => {}
        _ => return None,
    }
    while words.first().is_some_and(|word| ["crate", "self", "super"].contains(word)) {
        if words.remove(0) == "super" {
            place.pop();
        }
    }
    place.extend(words);
    (1..=place.len())
        .rev()
        .map(|length| place[..length].join("/"))
        .find(|it| modules.contains_key(it))
}

/// What each module imports. What a module gives on of those below it is no import.
fn imports(modules: &Modules) -> BTreeMap<&str, BTreeSet<String>> {
    let of_one = |(from, code): (&'_ String, &'_ String)| {
        let mut named = Vec::new();
        for tree in code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()) {
            paths(tree, "", &mut named);
        }
        let is_below = |to: &String| to.starts_with(&format!("{from}/")) || to == from;
        named
            .iter()
            .filter_map(|path| resolve(from, path, modules))
            .filter(|to| !is_below(to))
            .collect()
    };
    modules.iter().map(|module| (module.0.as_str(), of_one(module))).collect()
}

/// The modules of a crate, by the folder of its sources, but for its tests.
fn modules_of(folder: &str) -> Modules {
    let mut all = Modules::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), "", &mut all);
    all.retain(|path, _| !path.split('/').any(|part| part == "tests"));
    all
}

/// Those that are in a circle, and those that import one that is.
fn in_circles(modules: &Modules) -> Vec<&str> {
    let mut left = imports(modules);
    // What imports nothing that is left is in no circle.
    loop {
        let known: BTreeSet<String> = left.keys().map(ToString::to_string).collect();
        left.retain(|_, imports| imports.iter().any(|it| known.contains(it)));
        if left.len() == known.len() {
            return left.into_keys().collect();
        }
    }
}

#[test]
fn imports_form_no_circle() {
    let product = modules_of("src");
    let drain = &imports(&product)["plan/goal/drain"];
    assert!(drain.contains("plan/pair"), "an import is seen: {drain:?}");
    for modules in [product, modules_of("crates/es/src")] {
        let found = in_circles(&modules);
        assert!(found.is_empty(), "these import one another, or one that does: {found:#?}");
    }
}
