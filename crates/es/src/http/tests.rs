use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{Auth, HttpTransport, Options};
use crate::transport::{Method, Request, Transport as _, Unanswered};

/// What a listener does with each connection.
#[derive(Clone, Copy)]
enum Manner {
    Answers(&'static str),
    Silent,
    HangsUp,
}

/// A listener on a loopback port, and the heads of the requests that it read.
fn listener(manner: Manner) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&seen);
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 8192];
            let bytes = stream.read(&mut buffer).unwrap_or(0);
            heads.lock().unwrap().push(String::from_utf8_lossy(&buffer[..bytes]).into_owned());
            match manner {
                Manner::Answers(body) => {
                    let length = body.len();
                    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ";
                    let _ = write!(stream, "{head}{length}\r\n\r\n{body}");
                }
                Manner::Silent => kept.push(stream),
                Manner::HangsUp => {}
            }
        }
    });
    (url, seen)
}

/// An address at which nobody listens; a port that was free a moment ago may be another
/// test's by now.
fn nobody() -> String {
    "http://127.0.0.1:1".to_owned()
}

fn transport(urls: &[&str]) -> HttpTransport {
    let urls = urls.iter().map(|&url| url.to_owned()).collect();
    HttpTransport::new(Options { urls, ..Options::default() }).unwrap()
}

fn within(method: Method, path: &str, millis: u64) -> Request {
    Request::new(method, path).within(Duration::from_millis(millis))
}

#[tokio::test]
async fn a_dead_address_costs_a_change_nothing_and_the_living_one_is_remembered() {
    let (alive, seen) = listener(Manner::Answers("{}"));
    let dead = nobody();
    let transport = transport(&[&dead, &alive]);
    let answer = transport.send(within(Method::Post, "/x/_close", 2000)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(transport.addresses(), [alive, dead]);
    let head = seen.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("post /x/_close http/1.1\r\n"), "{head}");
    assert!(head.contains("user-agent: esdr/") && head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn a_change_that_was_sent_is_never_sent_again() {
    for manner in [Manner::Silent, Manner::HangsUp] {
        let (first, _) = listener(manner);
        let (second, seen) = listener(Manner::Answers("{}"));
        let transport = transport(&[&first, &second]);
        let error = transport.send(within(Method::Post, "/x/_ccr/unfollow", 300)).await;
        assert!(error.is_err());
        assert!(seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_frozen_node_does_not_stand_for_its_cluster() {
    let (frozen, _) = listener(Manner::Silent);
    let (alive, _) = listener(Manner::Answers("{}"));
    let transport = transport(&[&frozen, &alive]);
    // It has answered before it froze.
    transport.is_proven.store(true, Ordering::Relaxed);
    let began = Instant::now();
    assert!(transport.send(within(Method::Get, "/", 600)).await.is_ok());
    assert!(began.elapsed() < Duration::from_millis(550));
    assert_eq!(transport.addresses(), [alive, frozen]);
}

#[tokio::test]
async fn a_call_that_is_silent_for_its_own_reasons_does_not_move_the_others() {
    let (first, _) = listener(Manner::Silent);
    let (second, seen) = listener(Manner::Answers("{}"));
    let transport = transport(&[&first, &second]);
    transport.is_proven.store(true, Ordering::Relaxed);
    assert!(transport.send(within(Method::Get, "/_remote/info", 200)).await.is_err());
    assert_eq!(transport.addresses(), [first, second]);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_answer_names_every_address_or_the_time() {
    let (one, two) = (nobody(), nobody());
    let error = transport(&[&one, &two]).send(within(Method::Get, "/", 500)).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Unanswered::Connect { .. }), "{text}");
    assert!(text.contains(&one) && text.contains(&two), "{text}");
    let (frozen, _) = listener(Manner::Silent);
    let error = transport(&[&frozen]).send(within(Method::Get, "/", 200)).await.unwrap_err();
    assert_eq!(error, Unanswered::Timeout { deadline_ms: 200 });
}

#[tokio::test]
async fn plain_http_behind_https_is_a_tls_failure() {
    let (plain, _) = listener(Manner::Answers("{}"));
    let https = plain.replace("http:", "https:");
    let options = Options { urls: vec![https], insecure: true, ..Options::default() };
    let transport = HttpTransport::new(options).unwrap();
    let error = transport.send(within(Method::Get, "/", 1500)).await.unwrap_err();
    assert!(matches!(error, Unanswered::Tls { .. }), "{error}");
}

#[tokio::test]
async fn the_secret_goes_into_the_header_and_not_into_debug() {
    let (alive, seen) = listener(Manner::Answers("{}"));
    let auth = Auth::Basic { username: "u".into(), password: "p".into() };
    let options = Options { urls: vec![alive], auth: Some(auth), ..Options::default() };
    let transport = HttpTransport::new(options).unwrap();
    transport.send(within(Method::Get, "/", 1000)).await.unwrap();
    assert!(seen.lock().unwrap()[0].to_lowercase().contains("authorization: basic dtpw"));
    assert!(!format!("{transport:?}").contains("dTpw"));
}
