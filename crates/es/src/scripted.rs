//! A transport with canned answers, for tests. The first rule that fits answers.
#![allow(
    clippy::unwrap_used,
    clippy::return_self_not_must_use,
    reason = "of tests, whichever crate's"
)]

use std::sync::{Arc, Mutex};

use super::{
    api::Es,
    recognise::PRODUCT,
    transport::{Method, Request, Response, Sending, Transport, Unanswered},
};

enum Answer {
    Json(u16, String),
    Gone(Unanswered),
    Silence,
}

/// Rules by method and path prefix, and every request that came.
#[derive(Default)]
pub struct Scripted {
    rules: Vec<(Method, String, Answer)>,
    pub seen: Mutex<Vec<String>>,
}

impl Scripted {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn on(self, method: Method, prefix: &str, status: u16, body: &str) -> Self {
        self.rule(method, prefix, Answer::Json(status, body.to_owned()))
    }

    pub fn get(self, prefix: &str, body: &str) -> Self {
        self.on(Method::Get, prefix, 200, body)
    }

    /// What no rule of this one fits is answered as the other one does.
    pub fn or(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        self
    }

    pub fn silent(self, method: Method, prefix: &str) -> Self {
        self.rule(method, prefix, Answer::Silence)
    }

    pub fn gone(self, cause: Unanswered) -> Self {
        self.rule(Method::Get, "/", Answer::Gone(cause))
    }

    pub fn es(self, name: &str) -> Es {
        Es::new(name, Arc::new(self))
    }

    fn rule(mut self, method: Method, prefix: &str, answer: Answer) -> Self {
        self.rules.push((method, prefix.to_owned(), answer));
        self
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request) -> Sending<'_> {
        let line = format!("{} {}", request.method.as_str(), request.path);
        self.seen.lock().unwrap().push(line.clone());
        let fits = |method: &Method, prefix: &String| {
            *method == request.method
                && match prefix.strip_suffix('$') {
                    Some(exact) => request.path == exact,
                    None => request.path.starts_with(prefix.as_str()),
                }
        };
        let answer = self.rules.iter().find(|(method, prefix, _)| fits(method, prefix));
        match answer.map(|(_, _, answer)| answer) {
            Some(Answer::Json(status, body)) => {
                let response = answer_of(*status, body);
                Box::pin(async move { Ok(response) })
            }
            Some(Answer::Gone(cause)) => {
                let cause = cause.clone();
                Box::pin(async move { Err(cause) })
            }
            Some(Answer::Silence) => Box::pin(std::future::pending()),
            None => {
                let body =
                    format!(r#"{{"error":"no handler found for uri [{line}]","status":400}}"#);
                let response = answer_of(400, &body);
                Box::pin(async move { Ok(response) })
            }
        }
    }
}

fn answer_of(status: u16, body: &str) -> Response {
    Response { status, body: body.to_owned(), product: Some(PRODUCT.to_owned()) }
}

/// Several addresses of one cluster, each with its own answers.
#[derive(Default)]
pub struct Several(Vec<(String, Scripted)>);

impl Several {
    pub fn at(mut self, address: &str, script: Scripted) -> Self {
        self.0.push((address.to_owned(), script));
        self
    }

    /// What an address was asked.
    pub fn seen(&self, address: &str) -> Vec<String> {
        let (_, script) = self.0.iter().find(|(own, _)| own == address).unwrap();
        script.seen.lock().unwrap().clone()
    }
}

impl Transport for Several {
    fn send(&self, request: Request) -> Sending<'_> {
        let fits = |own: &String| request.at.as_ref().is_none_or(|at| at == own);
        let script = self.0.iter().find(|(own, _)| fits(own));
        script.map(|(_, script)| script).unwrap().send(request)
    }

    fn addresses(&self) -> Vec<String> {
        self.0.iter().map(|(address, _)| address.clone()).collect()
    }
}
