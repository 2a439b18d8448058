//! Calls that name many indices at once.

use crate::es::{api::Es, error::Error, path::chunked_requests, transport::Request};

/// Sends one request for as many names as a request line takes. A refused batch is split
/// to isolate the name that was refused, so that one index does not cost the others their
/// turn. Returns the names that were refused, each with the answer.
pub(super) async fn send_names(
    es: &Es,
    names: &[String],
    build: impl Fn(&[&str]) -> Request + Copy,
) -> Vec<(String, Error)> {
    let mut refused = Vec::new();
    let mut waiting: Vec<Vec<&str>> =
        chunked_requests(names, build).into_iter().map(|(names, _)| names).collect();
    waiting.reverse();
    while let Some(names) = waiting.pop() {
        match es.send(build(&names)).await {
            Ok(_) => {}
            Err(error @ Error::Refused { .. }) if names.len() == 1 => {
                refused.push((names[0].to_owned(), error));
            }
            Err(Error::Refused { .. }) => {
                let (first, second) = names.split_at(names.len() / 2);
                waiting.push(second.to_vec());
                waiting.push(first.to_vec());
            }
            Err(error) => {
                // No answer says nothing about any of them: what was done is looked at.
                refused.extend(names.iter().map(|name| ((*name).to_owned(), error.clone())));
            }
        }
    }
    refused
}
