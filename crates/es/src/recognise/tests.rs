//! `GET /` of servers of every age, and of what is none, each as it answers.

use super::*;

fn answered(status: u16, body: &str, product: Option<&str>) -> Result<Root, String> {
    let response = Response { status, body: body.to_owned(), product: product.map(str::to_owned) };
    recognise(&response).map_err(|error| error.to_string())
}

/// As a server of this version says who it is, with the header that it sends.
fn server(number: &str, header: Option<&str>) -> Result<Root, String> {
    answered(200, &root(number, r#""tagline":"You Know, for Search""#), header)
}

fn root(number: &str, rest: &str) -> String {
    format!(
        r#"{{"name":"n1","cluster_name":"c","cluster_uuid":"u-1","version":{{"number":"{number}","build_flavor":"default","lucene_version":"9.12.2"}},{rest}}}"#
    )
}

#[test]
fn servers_of_every_supported_age_are_recognised() {
    let elastic = Some("Elasticsearch");
    let known = [
        ("6.7.0", None),
        ("6.8.23", None),
        ("7.0.0", None),
        ("7.13.4", None),
        ("7.14.0", elastic),
        ("7.17.28", elastic),
        ("8.0.0-rc2", elastic),
        ("8.19.21", elastic),
        ("9.0.0", elastic),
        ("9.3.0-SNAPSHOT", elastic),
    ];
    for (number, header) in known {
        let root = server(number, header).unwrap();
        assert_eq!((root.version.number.as_str(), root.cluster_uuid.as_str()), (number, "u-1"));
        assert!(root.has_master, "{number}");
    }
}

#[test]
fn what_is_older_newer_or_of_no_version_is_not_recognised() {
    let elastic = Some("Elasticsearch");
    let text = |number: &str| {
        server(number, elastic).unwrap_err().replace("and the answer is not Elasticsearch's: ", "")
    };
    for number in ["2.4.6", "5.6.16", "6.6.2", "10.0.0", "0.0.0"] {
        let expected =
            format!("GET /: 200, version {number}, and esdr knows Elasticsearch 6.7 to 9.x");
        assert_eq!(text(number), expected);
    }
    for number in ["banana", "", "8", "8.19", "8.19.21.4", "8.x.1", "-8.1.1", "8.19.70000"] {
        assert_eq!(text(number), format!("GET /: 200, a version called {number}"));
    }
}

#[test]
fn a_server_without_its_header_is_told_apart_from_a_proxy_that_takes_it_away() {
    let error = server("8.19.21", None).unwrap_err();
    assert_eq!(
        error,
        "GET /: 200, and the answer is not Elasticsearch's: version 8.19.21 without the header \
         X-Elastic-Product, which Elasticsearch sends since 7.14: something else answers, or a \
         proxy takes the header away"
    );
    let error = server("8.19.21", Some("Otherwise")).unwrap_err();
    assert!(error.ends_with("version 8.19.21 of a product called Otherwise"), "{error}");
}

/// Each with what is said of it.
#[test]
fn nothing_else_is_elasticsearch() {
    let elastic = Some("Elasticsearch");
    let tagline = r#""tagline":"You Know, for Search""#;
    let opensearch = r#"{"name":"o","cluster_name":"c","cluster_uuid":"u","version":{"distribution":"opensearch","number":"2.11.0"},"tagline":"The OpenSearch Project: https://opensearch.org/"}"#;
    // With `compatibility.override_main_response_version` it gives itself another number.
    let disguised = r#"{"name":"o","cluster_name":"c","cluster_uuid":"u","version":{"number":"7.10.2"},"tagline":"The OpenSearch Project: https://opensearch.org/"}"#;
    let nameless = root("6.8.23", tagline).replace("\"cluster_name\":\"c\",", "");
    let without_uuid = root("6.8.23", tagline).replace("\"cluster_uuid\":\"u-1\",", "");
    let cases: Vec<(u16, &str, &str)> = vec![
        (200, opensearch, "opensearch 2.11.0"),
        (200, disguised, "The OpenSearch Project"),
        (200, "", "an empty body"),
        (200, "[]", "[]"),
        (200, "[{}]", "[{}]"),
        (200, "{}", "{}"),
        (200, "null", "null"),
        (200, r#"{"version":"8.19.21"}"#, r#"{"version":"8.19.21"}"#),
        (200, r#"{"hello":"world"}"#, r#"{"hello":"world"}"#),
        (200, &nameless, "cluster_uuid"),
        (200, &without_uuid, "cluster_name"),
        (204, "", "an empty body"),
        (301, "", "an empty body"),
        (302, "<html>moved</html>", "<html>moved</html>"),
        (307, "{}", "{}"),
        (404, r#"{"error":"not found"}"#, "not found"),
        (
            429,
            r#"{"error":{"type":"circuit_breaking_exception","reason":"too large"},"status":429}"#,
            "circuit_breaking_exception",
        ),
        (500, r#"{"error":{"type":"exception","reason":"x"},"status":500}"#, "exception"),
        (503, r#"{"message":"no healthy upstream"}"#, "no healthy upstream"),
        (503, "", "an empty body"),
    ];
    for (status, body, said) in cases {
        for product in [None, elastic] {
            let error = answered(status, body, product).unwrap_err();
            let begins = format!("GET /: {status}, and the answer is not Elasticsearch's: ");
            assert!(error.starts_with(&begins) && error.contains(said), "{status} {body}: {error}");
        }
    }
    for status in [201, 204, 301, 404, 429, 500, 502] {
        let whole = root("6.8.23", tagline);
        let error = answered(status, &whole, None).unwrap_err();
        assert!(error.contains(&status.to_string()), "{error}");
    }
}

#[test]
fn a_node_of_6_8_without_a_master_says_who_it_is_with_503() {
    let body = root("6.8.23", r#""tagline":"You Know, for Search""#).replace("u-1", "_na_");
    let root = answered(503, &body, None).unwrap();
    assert_eq!((root.cluster_uuid.as_str(), root.has_master), ("", false));
    let lacks =
        r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#;
    let response = Response { status: 503, body: lacks.to_owned(), product: None };
    assert!(recognise(&response).unwrap_err().is_no_master());
}
