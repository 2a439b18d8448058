//! A list of calls with what is expected of each; all differences are told at the end.

use std::{env, io::Write as _};

use serde_json::{Value, json};

use crate::support::{
    http::{self, Payload},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    pattern::differences,
    until::{seconds, until_true},
};

pub struct Calls<'a> {
    pair: &'a Pair,
    pub is_6_8: bool,
    differ: Vec<String>,
    print: bool,
}

impl<'a> Calls<'a> {
    /// A list is written as 6.8 answers it. Where 8.19 says the same otherwise (the index in
    /// a sentence, no types, a total that is an object) the list says it so by itself; where it
    /// answers otherwise the list asks for [`Self::is_6_8`].
    pub fn on(pair: &'a Pair) -> Self {
        Self {
            pair,
            is_6_8: pair.is_6_8(),
            differ: Vec::new(),
            print: env::var_os("ESDR_CONFORMANCE_PRINT").is_some(),
        }
    }

    /// What 6.8 expects, or else what 8.19 expects.
    pub fn either<T>(&self, on_6_8: T, on_8_19: T) -> T {
        if self.is_6_8 { on_6_8 } else { on_8_19 }
    }

    /// Whether 6.8 answers; otherwise says that no transcript of 8.19 tells what it answers.
    pub fn is_known(&self, what: &str) -> bool {
        if !self.is_6_8 {
            // Not by `println!`, which a test that passes keeps to itself.
            let line = format!("left out on 8.19, of which no transcript tells: {what}\n");
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
        self.is_6_8
    }

    /// A call to cluster A, such as `PUT /orders`, its body, and what it answers.
    pub fn a(&mut self, line: &str, body: impl Into<Payload>, status: u16, expected: Value) {
        self.call(A, line, body.into(), status, &expected);
    }

    /// The same to cluster B.
    pub fn b(&mut self, line: &str, body: impl Into<Payload>, status: u16, expected: Value) {
        self.call(B, line, body.into(), status, &expected);
    }

    /// A call to cluster B that nothing answers: not within two seconds, which is as long as
    /// esdr waits where it must not be held up.
    pub fn b_unanswered(&mut self, line: &str, body: impl Into<Payload>) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let answer = http::send(method, &self.pair.url(B), path, body, seconds(2));
        if let Ok((status, body)) = answer {
            self.differ.push(format!("{B} {line}\n    expected no answer, got {status} {body}"));
        }
    }

    /// Waits until B holds so many documents.
    pub fn until_copied(&self, index: &str, count: u64) {
        let what = format!("{index} holds {count} documents on B");
        until_true(60, &what, || self.pair.count(B, index) == Some(count));
    }

    /// Fails the scenario if any call was answered otherwise.
    #[track_caller]
    pub fn done(self) {
        let count = self.differ.len();
        assert!(count == 0, "{count} calls were answered otherwise:\n{}", self.differ.join("\n"));
    }

    fn call(&mut self, site: Site, line: &str, body: Payload, status: u16, expected: &Value) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let (path, expected) = &if self.is_6_8 {
            (path.to_owned(), expected.clone())
        } else {
            (path.replace("/_doc/_bulk", "/_bulk"), newer(expected))
        };
        let answer = match method {
            "GET" => self.pair.get(site, path),
            "PUT" => self.pair.put(site, path, body),
            "POST" => self.pair.post(site, path, body),
            "DELETE" => self.pair.delete(site, path),
            _ => panic!("{method} is not a method of these lists"),
        };
        let (answered, body) = answer;
        let mut found = differences(expected, &body);
        if answered != status {
            found.insert(0, format!("status: expected {status}, got {answered}"));
        }
        let shown: String = line.chars().take(100).collect();
        if self.print {
            println!("{site} {shown}\n    {answered} {body}");
        }
        if !found.is_empty() {
            let all: String = body.to_string().chars().take(600).collect();
            self.differ.push(format!("{site} {shown}\n    {}\n    in {all}", found.join("\n    ")));
        }
    }
}

/// An expected answer as 8.19 words it.
fn newer(expected: &Value) -> Value {
    match expected {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "_type");
            Value::Object(
                fields
                    .map(|(name, value)| match (name.as_str(), value) {
                        ("hits", Value::Object(hits))
                            if hits.get("total").is_some_and(Value::is_u64) =>
                        {
                            let mut hits = newer(value);
                            hits["total"] = json!({"value": hits["total"], "relation": "eq"});
                            (name.clone(), hits)
                        }
                        ("reason", Value::String(text)) if text == "no such index" => {
                            (name.clone(), json!("no such index [*]"))
                        }
                        _ => (name.clone(), newer(value)),
                    })
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(newer).collect(),
        value => value.clone(),
    }
}
