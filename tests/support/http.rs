//! A small blocking JSON client, so that a test reads as a list of requests.
//!
//! It shares no code with esdr's own client: a defect there must not hide itself here.

use std::{sync::OnceLock, time::Duration};

use reqwest::{Client, Method};
use serde_json::Value;
use tokio::runtime::Runtime;

/// What a request carries.
pub enum Payload {
    None,
    Json(Value),
    /// Newline-delimited JSON, for `_bulk`.
    Lines(String),
}

impl From<()> for Payload {
    fn from((): ()) -> Self {
        Self::None
    }
}

impl From<Value> for Payload {
    fn from(body: Value) -> Self {
        Self::Json(body)
    }
}

impl From<String> for Payload {
    fn from(lines: String) -> Self {
        Self::Lines(lines)
    }
}

/// Status and body; a body that is not JSON is kept as a string.
pub type Answer = (u16, Value);

/// How long a request of a test may take unless it says otherwise.
const DEADLINE: Duration = Duration::from_secs(40);

pub fn get(url: &str, path: &str) -> Answer {
    must("GET", url, path, ())
}

pub fn put(url: &str, path: &str, body: impl Into<Payload>) -> Answer {
    must("PUT", url, path, body)
}

pub fn post(url: &str, path: &str, body: impl Into<Payload>) -> Answer {
    must("POST", url, path, body)
}

pub fn delete(url: &str, path: &str) -> Answer {
    must("DELETE", url, path, ())
}

/// As the others, and fails the test unless the status is 2xx.
pub fn ok(method: &str, url: &str, path: &str, body: impl Into<Payload>) -> Value {
    let (status, body) = must(method, url, path, body);
    assert!((200..300).contains(&status), "{method} {path} on {url}: {status} {body}");
    body
}

fn must(method: &str, url: &str, path: &str, body: impl Into<Payload>) -> Answer {
    send(method, url, path, body, DEADLINE)
        .unwrap_or_else(|why| panic!("{method} {path} on {url}: no answer: {why}"))
}

/// One request with its own deadline; `Err` when no answer came back.
pub fn send(
    method: &str,
    url: &str,
    path: &str,
    body: impl Into<Payload>,
    deadline: Duration,
) -> Result<Answer, String> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, format!("{url}{path}")).timeout(deadline);
    let request = match body.into() {
        Payload::None => request,
        Payload::Json(body) => {
            request.header("content-type", "application/json").body(body.to_string())
        }
        Payload::Lines(lines) => request.header("content-type", "application/x-ndjson").body(lines),
    };
    runtime().block_on(async {
        let response = request.send().await.map_err(|error| explain(&error))?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| explain(&error))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((status, body))
    })
}

/// The value of a header of the answer to a `GET`, where it has one.
pub fn header(url: &str, path: &str, name: &str) -> Option<String> {
    runtime().block_on(async {
        let answer = client().get(format!("{url}{path}")).timeout(DEADLINE).send().await;
        let answer = answer.unwrap_or_else(|why| panic!("GET {path} on {url}: {}", explain(&why)));
        let value = answer.headers().get(name)?;
        Some(value.to_str().expect("text").to_owned())
    })
}

fn explain(error: &reqwest::Error) -> String {
    use std::error::Error;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // The builder asks for a TLS provider even where only plain HTTP is spoken. Another
        // part of the process may have installed one already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        Client::builder()
            .no_proxy()
            // A node that was stopped and started again must not be met on an old connection.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap()
    })
}

pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}
