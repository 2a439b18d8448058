//! Names in request paths: percent-encoding, and lists of names that fit a request line.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::transport::{Method, REQUEST_LINE_BYTES_MAX, Request};

/// What stays as it is in a path part. `*` and `,` stay encoded: a name is one name.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The bytes of a request line besides its method and path: two blanks and the version.
const LINE_REST_BYTES: usize = " ".len() + " HTTP/1.1".len();

/// One part of a path, percent-encoded, such as an index name or a document id.
pub fn encode(part: &str) -> String {
    utf8_percent_encode(part, ENCODED).to_string()
}

/// Several names as one path part: encoded one by one, joined by commas.
pub fn encode_list<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().map(|name| encode(name.as_ref())).collect::<Vec<_>>().join(",")
}

/// Length in bytes of a whole request line: method, path with query, and version.
pub fn request_line_bytes(method: Method, path: &str) -> usize {
    method.as_str().len() + path.len() + LINE_REST_BYTES
}

/// Splits names, in order, into the requests that carry them, each with its names.
/// `build` is asked once without names to learn the length of everything else.
pub fn chunked_requests<'a, T: AsRef<str>>(
    names: &'a [T],
    build: impl Fn(&[&'a str]) -> Request,
) -> Vec<(Vec<&'a str>, Request)> {
    let empty = build(&[]);
    let fixed_bytes = request_line_bytes(empty.method, &empty.path);
    chunk(fixed_bytes, names)
        .into_iter()
        .map(|names| {
            let request = build(&names);
            (names, request)
        })
        .collect()
}

/// Fills lists greedily: Elasticsearch applies each list as one update of the cluster state.
fn chunk<T: AsRef<str>>(fixed_bytes: usize, names: &[T]) -> Vec<Vec<&str>> {
    let room_bytes = REQUEST_LINE_BYTES_MAX.saturating_sub(fixed_bytes);
    let mut chunks: Vec<Vec<&str>> = Vec::new();
    let mut used_bytes = 0;
    for name in names {
        let name_bytes = encode(name.as_ref()).len();
        let joined_bytes = used_bytes + 1 + name_bytes;
        match chunks.last_mut() {
            Some(last) if joined_bytes <= room_bytes => {
                last.push(name.as_ref());
                used_bytes = joined_bytes;
            }
            _ => {
                chunks.push(vec![name.as_ref()]);
                used_bytes = name_bytes;
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_special_characters_is_one_path_part() {
        assert_eq!(encode("a/b c,d*"), "a%2Fb%20c%2Cd%2A");
        assert_eq!(encode(".ds-logs_1.x~"), ".ds-logs_1.x~");
    }

    #[test]
    fn no_request_line_exceeds_the_servers_limit_and_none_is_wasted() {
        let names: Vec<String> = (0..1000).map(|n| format!("catalog-eu-{n:04}")).collect();
        let build = |part: &[&str]| {
            Request::new(Method::Post, format!("/{}/_close?wait=0", encode_list(part)))
        };
        let requests = chunked_requests(&names, build);
        let lines: Vec<usize> =
            requests.iter().map(|(_, it)| request_line_bytes(it.method, &it.path)).collect();
        assert!(lines.iter().all(|bytes| *bytes <= REQUEST_LINE_BYTES_MAX), "{lines:?}");
        assert!(lines[..lines.len() - 1].iter().all(|bytes| *bytes > 4096 - 17), "{lines:?}");
        let all: Vec<&str> = requests.iter().flat_map(|(names, _)| names.clone()).collect();
        assert_eq!(all, names);
    }

    #[test]
    fn no_names_make_no_request() {
        let none: [String; 0] = [];
        let build = |_: &[&str]| Request::new(Method::Post, "/_close".to_owned());
        assert!(chunked_requests(&none, build).is_empty());
    }
}
