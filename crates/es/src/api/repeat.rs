//! A question that got lost on the way is put again.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::Es;
use crate::{
    answer::refused,
    error::Error,
    transport::{Request, Response, Unanswered},
};

/// How long after each failure a read is asked again. What lasts longer than all of them is no
/// loss on the way, and is left to those who look.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// So many are kept until they are taken.
const KEPT_MAX: usize = 100;

/// What was asked again.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// A read was given up: until one is answered, each is asked only once.
    is_in_vain: bool,
    kept: Vec<String>,
}

impl Es {
    /// What was asked again since this was called last, each with what had become of it; at most
    /// a hundred.
    pub fn take_repeats(&self) -> Vec<String> {
        std::mem::take(&mut self.repeats().kept)
    }

    /// Sends a request. One that only reads, and gets lost on the way, is sent again within its
    /// deadline; one that changes something never is, for nothing is known of the first.
    pub(super) async fn exchange_again(&self, request: Request) -> Result<Response, Error> {
        let ends = Instant::now() + request.deadline;
        let mut answer = self.exchange_once(request.clone()).await;
        if !request.is_question() {
            return answer;
        }
        for pause in PAUSES {
            let Some(lost) = loss(&request, &answer) else { break };
            let left = ends.saturating_duration_since(Instant::now() + pause);
            if left.is_zero() || !self.keep(lost) {
                break;
            }
            tokio::time::sleep(pause).await;
            answer = self.exchange_once(request.clone().within(left)).await;
        }
        self.repeats().is_in_vain = loss(&request, &answer).is_some();
        answer
    }

    /// Whether it is to be asked again; then that is kept.
    fn keep(&self, lost: Error) -> bool {
        let mut repeats = self.repeats();
        if !repeats.is_in_vain && repeats.kept.len() < KEPT_MAX {
            repeats.kept.push(lost.to_string());
        }
        !repeats.is_in_vain
    }

    fn repeats(&self) -> MutexGuard<'_, Repeats> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What makes an answer worth another try: the connection broke, a server has too much to do, or
/// a proxy in front of it answered in its place. Elasticsearch's own 503 does not: it has waited
/// for a master as long as it was told to.
fn loss(request: &Request, answer: &Result<Response, Error>) -> Option<Error> {
    let lost = match answer {
        Ok(response) if response.status == 429 => {
            return Some(refused(request.method, request.path.clone(), response));
        }
        Ok(_) => return None,
        Err(error) => error,
    };
    let is_lost = matches!(
        lost,
        Error::Unanswered { cause: Unanswered::Broken { .. }, .. }
            | Error::NotElasticsearch { status: 200..=299 | 429 | 502..=504, .. }
    );
    is_lost.then(|| lost.clone())
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, sync::Mutex};

    use super::*;
    use crate::transport::{Method, Sending, Transport};

    type Answer = Result<Response, Unanswered>;

    /// Answers each request by the next of these, and notes when it came.
    struct InTurn {
        answers: Mutex<VecDeque<Answer>>,
        seen: Mutex<Vec<(u128, String)>>,
        began: Instant,
    }

    impl Transport for InTurn {
        fn send(&self, request: Request) -> Sending<'_> {
            let line = format!("{} {}", request.method.as_str(), request.path);
            self.seen.lock().unwrap().push((self.began.elapsed().as_millis(), line));
            let answer = self.answers.lock().unwrap().pop_front().unwrap();
            Box::pin(async move { answer })
        }
    }

    fn answered(status: u16, body: &str) -> Response {
        Response { status, body: body.to_owned(), product: None }
    }

    fn broken() -> Answer {
        Err(Unanswered::Broken { reason: "reset by peer".to_owned() })
    }

    fn in_turn(answers: Vec<Answer>) -> (std::sync::Arc<InTurn>, Es) {
        let (answers, began) = (Mutex::new(answers.into()), Instant::now());
        let transport = std::sync::Arc::new(InTurn { answers, seen: Mutex::default(), began });
        (std::sync::Arc::clone(&transport), Es::new("b", transport))
    }

    /// When each request came, in milliseconds, what the last was answered, and what is kept.
    async fn asked(request: Request, answers: Vec<Answer>) -> (Vec<u128>, bool, Vec<String>) {
        let (transport, es) = in_turn(answers);
        let is_answered = es.send(request).await.is_ok();
        let seen = transport.seen.lock().unwrap().iter().map(|(at_ms, _)| *at_ms).collect();
        (seen, is_answered, es.take_repeats())
    }

    fn stats() -> Request {
        Request::new(Method::Get, "/_stats")
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_whose_connection_broke_is_asked_again_and_that_is_kept() {
        let why = "GET /_stats: the connection broke: reset by peer".to_owned();
        assert_eq!(
            asked(stats(), vec![broken(), broken(), Ok(answered(200, "{}"))]).await,
            (vec![0, 100, 500], true, vec![why.clone(), why])
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_busy_server_or_a_proxy_says_is_asked_again() {
        let proxy = Ok(answered(503, "<html>no backend</html>"));
        let busy = Ok(answered(
            429,
            r#"{"error":{"type":"circuit_breaking_exception","reason":"large"},"status":429}"#,
        ));
        assert_eq!(
            asked(stats(), vec![proxy, busy, Ok(answered(200, "{}"))]).await,
            (
                vec![0, 100, 500],
                true,
                vec![
                    "GET /_stats: 503, and the answer is not Elasticsearch's: <html>no backend</html>"
                        .to_owned(),
                    "GET /_stats: 429 circuit_breaking_exception: large".to_owned(),
                ]
            )
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_something_is_sent_once_and_so_is_the_page_of_a_scroll() {
        for (method, path) in [
            (Method::Put, "/orders/_settings"),
            (Method::Post, "/orders/_close"),
            (Method::Post, "/_search/scroll"),
        ] {
            let (at_ms, is_answered, kept) =
                asked(Request::new(method, path), vec![broken()]).await;
            assert_eq!((at_ms, is_answered, kept), (vec![0], false, Vec::new()), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_and_silence_and_what_is_not_there_are_asked_once() {
        let refused = Unanswered::Connect { reason: "connection refused".to_owned() };
        let no_master =
            r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#;
        for answer in [
            Err(refused),
            Err(Unanswered::Timeout { deadline_ms: 10_000 }),
            Ok(answered(503, no_master)),
            Ok(answered(404, "{}")),
            Ok(answered(401, "<html>log in</html>")),
        ] {
            let (at_ms, is_answered, _) = asked(stats(), vec![answer]).await;
            assert_eq!((at_ms, is_answered), (vec![0], false));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_asked_again_beyond_its_deadline() {
        let short = stats().within(Duration::from_millis(300));
        assert_eq!(asked(short, vec![broken(), broken()]).await.0, [0, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_one_was_given_up_each_is_asked_once_until_one_is_answered() {
        let mut answers = vec![broken(), broken(), broken()];
        answers.extend([broken(), Ok(answered(200, "{}")), broken(), Ok(answered(200, "{}"))]);
        let (transport, es) = in_turn(answers);
        let mut ends = Vec::new();
        for path in ["/1", "/2", "/3", "/4"] {
            ends.push(es.send(Request::new(Method::Get, path)).await.is_ok());
        }
        assert_eq!(ends, [false, false, true, true]);
        let seen: Vec<String> =
            transport.seen.lock().unwrap().iter().map(|(_, line)| line.clone()).collect();
        let wanted = ["GET /1", "GET /1", "GET /1", "GET /2", "GET /3", "GET /4", "GET /4"];
        assert_eq!(seen, wanted);
    }
}
