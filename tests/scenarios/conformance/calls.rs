//! A list of calls with what is expected of each; all differences are told at the end.

use std::env;

use serde_json::Value;

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
    differ: Vec<String>,
    print: bool,
}

impl<'a> Calls<'a> {
    /// `None` where another version answers: the lists are of 6.8.
    pub fn on(pair: &'a Pair) -> Option<Self> {
        let print = env::var_os("ESDR_CONFORMANCE_PRINT").is_some();
        pair.is_6_8().then_some(Self {
            pair,
            differ: Vec::new(),
            print,
        })
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
            self.differ.push(format!(
                "{B} {line}\n    expected no answer, got {status} {body}"
            ));
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
        assert!(
            count == 0,
            "{count} calls were answered otherwise:\n{}",
            self.differ.join("\n")
        );
    }

    fn call(&mut self, site: Site, line: &str, body: Payload, status: u16, expected: &Value) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
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
            self.differ.push(format!(
                "{site} {shown}\n    {}\n    in {all}",
                found.join("\n    ")
            ));
        }
    }
}
