//! What is refused before any cluster is changed, told to a person in three parts: what
//! failed, what that means for the data, what to do next.

use esdr::sandbox::{self, Fault, Personality};
use expect_test::{Expect, expect};
use serde_json::json;

use crate::{
    scenarios::sets::leader,
    support::{
        esdr::Esdr,
        pair::{
            Pair,
            Site::{A, B},
        },
        simulated::Simulated,
        snapshot::Snapshot,
        stand_in,
    },
};

const SETS: &str =
    "[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"orders*\"]\n";

/// A configuration for two addresses, with more keys for the first cluster.
fn file(a: &str, more: &str, b: &str) -> String {
    format!(
        "[clusters.clusterA]\nurls = [\"{a}\"]\n{more}\n[clusters.clusterB]\nurls = [\"{b}\"]\n\n{SETS}"
    )
}

/// Both ways of asking end alike: the text for a person is as expected, and the result for a
/// program has the code; the state folder is not even made.
#[track_caller]
fn told(esdr: &Esdr, args: &[&str], status: i32, code: &str, text: &Expect) {
    let run = || args.iter().fold(esdr.args([]), |run, arg| run.arg(arg));
    let output = run().run().status(status);
    text.assert_eq(&(output.screen() + &output.complaint()));
    let result = run().json().run().status(status).result();
    assert_eq!(result["problems"][0]["code"], code, "{result}");
    assert_eq!(result["exit"], status, "{result}");
    assert!(!esdr.path("state").exists(), "nothing is kept of a refused command");
}

const FAILOVER: [&str; 4] = ["failover", "--to", "clusterB", "--yes"];

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_nearest() {
    let esdr = Esdr::bare();
    let text = file("http://127.0.0.1:1", "", "http://127.0.0.1:1") + "prioritty = 3\n";
    esdr.write("esdr.toml", &text);
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: esdr.toml:11:1: unknown key "prioritty" in [sets.orders]; did you mean "priority"?
        For the data  Nothing was contacted or changed.
        Next  Correct the line and run the same command again.
    "#]],
    );
}

#[test]
fn an_unknown_cluster_and_an_unknown_set_are_told_with_the_nearest() {
    let esdr = Esdr::bare();
    esdr.write("esdr.toml", &file("http://127.0.0.1:1", "", "http://127.0.0.1:1"));
    let args = ["failover", "--to", "clusterb", "--yes"];
    told(
        &esdr,
        &args,
        2,
        "usage",
        &expect![[r#"
        esdr: there is no cluster "clusterb"; did you mean "clusterB"?
        For the data  Nothing was contacted or changed.
        Next  mend the name, or add it to esdr.toml
    "#]],
    );
    let args = ["failover", "--to", "clusterB", "--set", "order", "--yes"];
    told(
        &esdr,
        &args,
        2,
        "usage",
        &expect![[r#"
        esdr: there is no set "order"; did you mean "orders"?
        For the data  Nothing was contacted or changed.
        Next  mend the name, or add it to esdr.toml
    "#]],
    );
}

#[test]
fn without_a_configuration_the_places_are_told() {
    let esdr = Esdr::bare();
    let home = esdr.path("home");
    let run = || {
        let run = esdr.args(FAILOVER).env("HOME", &home.to_string_lossy());
        run.env("XDG_CONFIG_HOME", &home.join("config").to_string_lossy())
    };
    let output = run().run().status(2);
    expect![[r#"
        esdr: there is no configuration file: looked for esdr.toml, then
              <dir>/home/config/esdr/esdr.toml.
        For the data  Nothing was contacted or changed.
        Next  Name the file with -c FILE or ESDR_CONFIG, or start where esdr.toml lies.
    "#]]
    .assert_eq(&output.complaint());
}

#[test]
fn an_address_where_nobody_listens_is_unreachable() {
    let esdr = Esdr::bare();
    esdr.write("esdr.toml", &file("http://127.0.0.1:1", "", "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        3,
        "leader_unreachable",
        &expect![[r#"
            Refused: clusterA does not answer: http://<address>: Connection refused (os error 111). Nothing
            was changed.

            orders, clusterA -> clusterB
            ! clusterA does not answer: http://<address>: Connection refused (os error 111).
              [leader_unreachable]
              For the data  It cannot be shown that nothing is lost.
              Allows it  esdr failover --to clusterB --accept-data-loss --dry-run
            ! clusterB does not answer: http://<address>: Connection refused (os error 111).
              [target_unreachable]
              For the data  Nothing can be promoted there.
              Allows it  esdr status
              Would be lost  operations that clusterB lacks: known unknown, at most unknown

              WHO SEES WHOM  ANSWER  HOW IT IS KNOWN
            ! here -> clusterA  no  http://<address>: Connection refused (os error 111)
            ! here -> clusterB  no  http://<address>: Connection refused (os error 111)
            ? clusterB -> clusterA  unknown  clusterB cannot be asked
            ? clusterA -> clusterB  unknown  clusterA cannot be asked

            Next  esdr failover --to clusterB --accept-data-loss --dry-run
                  esdr status
        "#]],
    );
}

#[test]
fn a_wrong_password_is_no_dead_cluster() {
    let address = stand_in::answers(
        "401 Unauthorized",
        "application/json; charset=UTF-8",
        r#"{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user [esdr] for REST request [/]","header":{"WWW-Authenticate":"Basic realm=\"security\" charset=\"UTF-8\""}}],"type":"security_exception","reason":"unable to authenticate user [esdr] for REST request [/]","header":{"WWW-Authenticate":"Basic realm=\"security\" charset=\"UTF-8\""}},"status":401}"#,
    );
    let esdr = Esdr::bare();
    esdr.write("password", "wrong\n");
    let auth = "auth = { username = \"esdr\", password_file = \"password\" }";
    let url = format!("http://{address}");
    esdr.write("esdr.toml", &file(&url, auth, "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: clusterA refuses this user: GET /: 401 security_exception: unable to authenticate user [esdr]
              for REST request [/].
        For the data  Nothing was changed.
        Next  mend [clusters.clusterA] in esdr.toml
    "#]],
    );
}

#[test]
fn a_password_that_is_nowhere_is_told_by_the_name_of_its_place() {
    let esdr = Esdr::bare();
    let auth = "auth = { username = \"esdr\", password_env = \"NOWHERE_SET\" }";
    esdr.write("esdr.toml", &file("http://127.0.0.1:1", auth, "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: cluster clusterA: the environment variable NOWHERE_SET is not set.
        For the data  Nothing was contacted or changed.
        Next  Set NOWHERE_SET and run the same command again.
    "#]],
    );
}

#[test]
fn a_ca_file_that_holds_no_certificate_is_refused() {
    let esdr = Esdr::bare();
    esdr.write("ca.pem", "this is no certificate\n");
    let tls = "tls = { ca = \"ca.pem\" }";
    esdr.write("esdr.toml", &file("https://127.0.0.1:1", tls, "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: cluster clusterA: ca.pem holds no certificate that can be used: it has no PEM section
              "CERTIFICATE".
        For the data  Nothing was contacted or changed.
        Next  Put the PEM certificate of the CA into ca.pem, or name another file.
    "#]],
    );
    let tls = "tls = { ca = \"nowhere.pem\" }";
    esdr.write("esdr.toml", &file("https://127.0.0.1:1", tls, "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: cannot read nowhere.pem: No such file or directory (os error 2).
        For the data  Nothing was contacted or changed.
        Next  mend `tls` of the cluster in esdr.toml
    "#]],
    );
}

#[test]
fn https_where_plain_http_is_spoken_is_no_dead_cluster() {
    let address = stand_in::answers("400 Bad Request", "text/plain", "plain HTTP is spoken here");
    let esdr = Esdr::bare();
    let url = format!("https://{address}");
    esdr.write("esdr.toml", &file(&url, "", "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: TLS with clusterA failed: https://<address>: the connection was closed during the
              handshake.
        For the data  Nothing was changed.
        Next  mend [clusters.clusterA] in esdr.toml
    "#]],
    );
}

#[test]
fn what_answers_and_is_not_elasticsearch_is_refused() {
    let address = stand_in::answers("200 OK", "text/html", "<html><h1>It works!</h1></html>");
    let esdr = Esdr::bare();
    let url = format!("http://{address}");
    esdr.write("esdr.toml", &file(&url, "", "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        2,
        "usage",
        &expect![[r#"
        esdr: what answers for clusterA is not Elasticsearch: GET /: 200, and the answer is not
              Elasticsearch's: <html><h1>It works!</h1></html>.
        For the data  Nothing was changed.
        Next  mend [clusters.clusterA] in esdr.toml
    "#]],
    );
}

#[test]
fn a_load_balancer_with_nothing_behind_it_is_an_unreachable_cluster() {
    let page = "<html><h1>503 Service Unavailable</h1>No server is available.</html>";
    let address = stand_in::answers("503 Service Unavailable", "text/html", page);
    let esdr = Esdr::bare();
    let url = format!("http://{address}");
    esdr.write("esdr.toml", &file(&url, "", "http://127.0.0.1:1"));
    told(
        &esdr,
        &FAILOVER,
        3,
        "leader_unreachable",
        &expect![[r#"
            Refused: clusterA does not answer: http://<address>: 503 from a gateway, not from
            Elasticsearch. Nothing was changed.

            orders, clusterA -> clusterB
            ! clusterA does not answer: http://<address>: 503 from a gateway, not from Elasticsearch.
              [leader_unreachable]
              For the data  It cannot be shown that nothing is lost.
              Allows it  esdr failover --to clusterB --accept-data-loss --dry-run
            ! clusterB does not answer: http://<address>: Connection refused (os error 111).
              [target_unreachable]
              For the data  Nothing can be promoted there.
              Allows it  esdr status
              Would be lost  operations that clusterB lacks: known unknown, at most unknown

              WHO SEES WHOM  ANSWER  HOW IT IS KNOWN
            ! here -> clusterA  no  http://<address>: 503 from a gateway, not from Elasticsearch
            ! here -> clusterB  no  http://<address>: Connection refused (os error 111)
            ? clusterB -> clusterA  unknown  clusterB cannot be asked
            ? clusterA -> clusterB  unknown  clusterA cannot be asked

            Next  esdr failover --to clusterB --accept-data-loss --dry-run
                  esdr status
        "#]],
    );
}

#[test]
fn a_plan_file_that_is_none_is_refused() {
    let esdr = Esdr::bare();
    esdr.write("esdr.toml", &file("http://127.0.0.1:1", "", "http://127.0.0.1:1"));
    let apply = ["apply", "f.plan", "--yes"];
    told(
        &esdr,
        &apply,
        2,
        "usage",
        &expect![[r#"
        esdr: cannot read f.plan: No such file or directory (os error 2).
        For the data  Nothing was contacted or changed.
        Next  make one with: esdr plan failover --to CLUSTER --out FILE
    "#]],
    );
    esdr.write("f.plan", r#"{"format": 99, "id": "1122-b0c4"}"#);
    told(
        &esdr,
        &apply,
        2,
        "usage",
        &expect![[r#"
        esdr: f.plan is no plan of esdr's: format 99, this esdr reads format 1.
        For the data  Nothing was contacted or changed.
        Next  make one with: esdr plan failover --to CLUSTER --out FILE
    "#]],
    );
    esdr.write("f.plan", r#"{"format": 1, "id": "1122-b0c4", "switches": [{"set": "ord"#);
    told(
        &esdr,
        &apply,
        2,
        "usage",
        &expect![[r#"
        esdr: f.plan is no plan of esdr's: EOF while parsing a string at line 1 column 58.
        For the data  Nothing was contacted or changed.
        Next  make one with: esdr plan failover --to CLUSTER --out FILE
    "#]],
    );
    // What can be shown can be applied, and the other way round.
    let show = esdr.args(["plan", "show", "f.plan"]).run().status(2);
    expect![[r#"
        esdr: f.plan is no plan of esdr's: EOF while parsing a string at line 1 column 58.
        For the data  Nothing was contacted or changed.
        Next  make one with: esdr plan failover --to CLUSTER --out FILE
    "#]]
    .assert_eq(&show.complaint());
}

/// A pair that can be broken in ways of its own, with one index on A and its set.
fn broken(sandbox: &std::sync::Arc<sandbox::Pair>) -> (Pair, Esdr) {
    let pair = Pair::of(Simulated::of(std::sync::Arc::clone(sandbox)));
    leader(&pair, "orders", 1);
    let esdr = Esdr::on(&pair).toml(SETS);
    (pair, esdr)
}

#[track_caller]
fn refused(pair: &Pair, esdr: &Esdr, args: &[&str], text: &Expect) {
    let before = Snapshot::of(pair, esdr);
    let output = args.iter().fold(esdr.args([]), |run, arg| run.arg(arg)).run().status(3);
    before.assert_unchanged(pair, esdr);
    text.assert_eq(&(output.screen() + &output.complaint()));
}

#[test]
fn a_cluster_without_a_licence_is_refused() {
    let sandbox = sandbox::Pair::new(Personality::V8_19);
    let (pair, esdr) = broken(&sandbox);
    let licence = |site, kind: &str, is_active| {
        sandbox.fault(Fault::License { site, kind: kind.to_owned(), is_active });
    };
    licence(sandbox::Site::B, "basic", true);
    refused(
        &pair,
        &esdr,
        &["replicate", "--yes"],
        &expect![[r#"
        Refused: clusterB has a basic licence, active. Nothing was changed.

        orders, clusterA -> clusterB
        ! clusterB has a basic licence, active. [licence]
          For the data  Without the licence nothing can be followed.
          Allows it  cross-cluster replication needs an active trial, platinum or enterprise licence on
                         both clusters

        Next  esdr status  looks, changes nothing
    "#]],
    );
    licence(sandbox::Site::B, "trial", true);
    drop(esdr.args(["replicate", "--yes"]).run().status(0));
    licence(sandbox::Site::A, "trial", false);
    refused(
        &pair,
        &esdr,
        &FAILOVER,
        &expect![[r#"
        Refused: clusterA has a trial licence, expired. Nothing was changed.

        orders, clusterA -> clusterB
        ! clusterA has a trial licence, expired. [licence]
          For the data  Without the licence nothing can be followed.
          Allows it  cross-cluster replication needs an active trial, platinum or enterprise licence on
                         both clusters

        Next  esdr status  looks, changes nothing
    "#]],
    );
}

#[test]
fn a_standby_that_is_older_than_its_leader_is_refused() {
    let sandbox = sandbox::Pair::versions([Personality::V8_19, Personality::V6_8]);
    let (pair, esdr) = broken(&sandbox);
    refused(
        &pair,
        &esdr,
        &["replicate", "--yes"],
        &expect![[r#"
        Refused: clusterB runs 6.8.23 and would follow clusterA, which runs 8.19.21. Nothing was changed.

        orders, clusterA -> clusterB
        ! clusterB runs 6.8.23 and would follow clusterA, which runs 8.19.21. [versions]
          For the data  An older server cannot read a newer server's index files.
          Allows it  upgrade clusterB first

        Next  esdr status  looks, changes nothing
    "#]],
    );
}

/// Writing and showing a plan, and a dry run, send nothing that changes anything.
#[test]
fn a_plan_is_made_of_questions_only() {
    let sandbox = sandbox::Pair::new(Personality::V6_8);
    let (pair, esdr) = broken(&sandbox);
    drop(esdr.args(["replicate", "--yes"]).run().status(0));
    pair.ok("PUT", A, "/orders/_doc/1", json!({"n": 1}));
    let asked = |site| sandbox.requests(site).len();
    let before = [asked(sandbox::Site::A), asked(sandbox::Site::B)];
    drop(esdr.args(["plan", "failover", "--to", "clusterB", "--out", "f.plan"]).run().status(0));
    drop(esdr.args(["plan", "show", "f.plan"]).run().status(0));
    drop(esdr.args(["failover", "--to", "clusterB", "--dry-run"]).run().status(5));
    drop(esdr.args(["status"]).run().status(0));
    for (site, before) in [sandbox::Site::A, sandbox::Site::B].into_iter().zip(before) {
        let requests = sandbox.requests(site);
        assert!(requests.len() > before, "it looked at {site:?}");
        let changing = requests[before..].iter().filter(|line| !is_question(line));
        assert_eq!(changing.collect::<Vec<_>>(), Vec::<&String>::new(), "on {site:?}");
    }
    assert_eq!(pair.get(B, "/orders").0, 200);
}

/// A search may be sent with POST; every other question is a GET.
fn is_question(line: &str) -> bool {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let path = path.split('?').next().unwrap_or_default();
    matches!(method, "GET" | "HEAD") || (method == "POST" && path.ends_with("/_search"))
}
