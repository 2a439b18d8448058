mod keys;

use super::*;
use crate::model::topology::{Auth, Secret};

const CLUSTERS: &str = r#"[clusters.clusterA]
urls = ["https://a1.example:9200/"]
[clusters.clusterB]
urls = ["https://b1.example:9200"]
"#;

const SET: &str = r#"[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders"]
"#;

fn refusal(text: &str) -> String {
    parse(Path::new("esdr.toml"), text).unwrap_err().to_string()
}

/// The refusal of two good clusters followed by this text, which begins on line 5.
fn refusal_after_clusters(text: &str) -> String {
    refusal(&format!("{CLUSTERS}{text}"))
}

/// A file with everything in it.
const WHOLE: &str = r#"
[clusters."DC.East"]
urls = ["https://a1.example:9200", "https://a2.example:9200/es/"]
uuid = "u1"
auth = { username = "esdr", password_env = "ESDR_A_PASSWORD" }
tls = { ca = "ca.pem", cert = "/etc/c.pem", key = "k.pem" }
remote = { seeds = ["a1.example:9300"] }
[clusters.clusterB]
urls = ["http://b1.example:9200"]
auth = { api_key_command = ["pass", "show", "es b"] }
tls = { insecure = true }
remote = { name = "dc2", proxy = "b.example:9400", server_name = "b" }
[sets.orders]
home = "DC.East"
standby = "clusterB"
indices = ["orders", "ecommerce-*", "-ecommerce-tmp-*"]
follower = "{{leader_index}}-copy"
auto_follow = true
priority = 10
alias = "orders-write"
hooks = { before_fence = ["./pause-writers.sh all"] }
[bidi.logs]
clusters = ["DC.East", "clusterB"]
history = "72h"
[hooks]
after_promote = [["./switch.sh", "two words"]]
[limits]
concurrency = 4
"#;

#[test]
fn a_whole_file_is_read_as_it_is_meant() {
    let topology = parse(Path::new("conf/esdr.toml"), WHOLE).unwrap();
    let [east, west] = topology.clusters.as_slice() else { panic!("two clusters") };
    assert_eq!(east.connection.urls, ["https://a1.example:9200", "https://a2.example:9200/es"]);
    assert_eq!(east.remote_alias(), "DC_East");
    assert_eq!(east.connection.tls.ca.as_deref(), Some(Path::new("conf/ca.pem")));
    assert_eq!(east.connection.tls.cert.as_deref(), Some(Path::new("/etc/c.pem")));
    let password = Secret::Env("ESDR_A_PASSWORD".into());
    assert_eq!(east.connection.auth, Some(Auth::Basic { username: "esdr".into(), password }));
    let command = ["pass", "show", "es b"].map(str::to_owned).to_vec();
    assert_eq!(west.connection.auth, Some(Auth::ApiKey(Secret::Command(command))));
    assert!(west.connection.tls.insecure);
    assert_eq!(west.remote_alias(), "dc2");
    let orders = topology.set("orders").unwrap();
    assert!(orders.matches("ecommerce-eu") && !orders.matches("ecommerce-tmp-1"));
    assert_eq!(orders.follower_name("orders"), "orders-copy");
    assert_eq!(topology.hooks_of(&orders).before_fence, [["./pause-writers.sh", "all"]]);
    assert_eq!(topology.hooks.after_promote, [["./switch.sh", "two words"]]);
    assert_eq!(topology.bidi[0].history, Some(std::time::Duration::from_secs(72 * 3600)));
    assert_eq!(topology.concurrency, 4);
}

#[test]
fn clusters_alone_are_enough() {
    let topology = parse(Path::new("esdr.toml"), CLUSTERS).unwrap();
    assert_eq!(topology.clusters[0].connection.urls, ["https://a1.example:9200"]);
    assert_eq!(topology.sets_by_priority(), [Topology::default_set()]);
    assert_eq!(topology.concurrency, 16);
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one() {
    for (text, message) in [
        ("[set.x]\n", "esdr.toml:5:2: unknown key \"set\" in the file; did you mean \"sets\"?"),
        (
            "[sets.orders]\nstandy = \"clusterB\"\n",
            "esdr.toml:6:1: unknown key \"standy\" in [sets.orders]; did you mean \"standby\"?",
        ),
        (
            "[clusters.c]\nurls = [\"https://c\"]\ntls = { ça = 1, insecur = true }\n",
            "esdr.toml:7:9: unknown key \"ça\" in [clusters.c.tls]; did you mean \"ca\"?",
        ),
        (
            "[limits]\nparallel = 3\n",
            "esdr.toml:6:1: unknown key \"parallel\" in [limits]; known are concurrency",
        ),
        (
            "[hooks]\nbefore_fense = []\n",
            "esdr.toml:6:1: unknown key \"before_fense\" in [hooks]; did you mean \"before_fence\"?",
        ),
    ] {
        let text = text.replace("ça", "\"ça\"");
        assert_eq!(refusal_after_clusters(&text), message);
    }
}

#[test]
fn a_wrong_value_of_a_cluster_is_refused_with_what_would_be_right() {
    for (line, message) in [
        ("", "5:1: [clusters.c] lacks \"urls\""),
        ("urls = []", "6:8: \"urls\": must not be empty"),
        ("urls = \"https://c\"", "6:8: \"urls\" must be a list in brackets, not a text"),
        (
            "urls = [\"c.example:9200\"]",
            "6:9: \"urls\": \"c.example:9200\" has no scheme; write https://c.example:9200",
        ),
        (
            "urls = [\"tcp://c\"]",
            "6:9: \"urls\": \"tcp\" is no scheme of esdr's; known are https, http",
        ),
        (
            "urls = [\"https://me:pw@c\"]",
            "6:9: \"urls\": a user or password never stands in a url; use auth",
        ),
        ("urls = [\"https://\"]", "6:9: \"urls\": \"https://\" names no host"),
    ] {
        assert_eq!(refusal_after_clusters(&format!("[clusters.c]\n{line}\n")), at(message));
    }
}

#[test]
fn a_wrong_way_to_log_in_or_to_be_reached_is_refused_with_what_would_be_right() {
    for (line, message) in [
        (
            "auth = { username = \"u\", password = \"p\" }",
            "7:37: \"password\": a secret never stands in the file; use password_env, \
             password_file or password_command",
        ),
        (
            "auth = { username = \"u\", password_env = \"P\", api_key_env = \"K\" }",
            "7:8: [clusters.c.auth]: has a password and an API key; keep one of them",
        ),
        (
            "auth = { username = \"u\", password_env = \"P\", password_file = \"f\" }",
            "7:8: [clusters.c.auth]: names two places for one password; keep one",
        ),
        ("auth = { password_env = \"P\" }", "7:8: [clusters.c.auth] lacks \"username\""),
        (
            "tls = { insecure = false }",
            "7:20: \"insecure\": is false anyway unless it is true; leave it out",
        ),
        (
            "tls = { insecure = true, ca = \"ca.pem\" }",
            "7:7: [clusters.c.tls]: insecure checks no certificate, so ca would do nothing; \
             keep one",
        ),
        ("tls = { cert = \"c.pem\" }", "7:7: [clusters.c.tls] lacks \"key\""),
        (
            "remote = { seeds = [\"c.example\"] }",
            "7:21: \"seeds\": \"c.example\" is no transport address; write host:port, such as \
             a1.example:9300",
        ),
        (
            "remote = { seeds = [\"c:9300\"], proxy = \"c:9400\" }",
            "7:10: [clusters.c.remote]: has seeds (sniff mode) and proxy (proxy mode); keep one",
        ),
        ("remote = { name = \"dc.1\" }", "7:19: \"name\": may not have \".\""),
    ] {
        let text = format!("[clusters.c]\nurls = [\"https://c\"]\n{line}\n");
        assert_eq!(refusal_after_clusters(&text), at(message));
    }
}

#[test]
fn a_wrong_value_of_a_set_is_refused_with_what_would_be_right() {
    for (from, to, message) in [
        (
            "home = \"clusterA\"",
            "home = \"clusterC\"",
            "6:8: \"home\" names cluster \"clusterC\", which is not defined; did you mean \
             \"clusterA\"?",
        ),
        (
            "\"clusterB\"",
            "\"clusterA\"",
            "7:11: \"standby\": \"clusterA\" is home already; name another",
        ),
        ("home = \"clusterA\"\n", "", "5:1: [sets.orders] lacks \"home\""),
        (
            "[\"orders\"]",
            "[\"-orders\"]",
            "8:11: \"indices\": only excludes; name what belongs to the set too",
        ),
        (
            "[\"orders\"]",
            "[\"Orders*\"]",
            "8:12: \"indices\": \"Orders*\" has an upper-case O; names of indices are lower-case",
        ),
        (
            "[\"orders\"]",
            "[\"a,b\"]",
            "8:12: \"indices\": \"a,b\" has a \",\", which no name of an index may have",
        ),
        (
            "[\"orders\"]",
            "[\"orders\"]\nfollower = \"copy\"",
            "9:12: \"follower\": must have {{leader_index}} in it once",
        ),
        (
            "[\"orders\"]",
            "[\"orders\"]\npriority = \"high\"",
            "9:12: \"priority\" must be a whole number, not a text",
        ),
        (
            "[\"orders\"]",
            "[\"orders\"]\nhooks = { on_undo = [\" \"] }",
            "9:22: \"on_undo\": names no program",
        ),
    ] {
        assert_eq!(refusal_after_clusters(&SET.replacen(from, to, 1)), at(message));
    }
}

#[test]
fn what_only_the_whole_file_shows_is_refused_too() {
    let second = "[sets.shop]\nhome = \"clusterB\"\nstandby = \"clusterA\"\n\
                  indices = [\"shop\", \"orders\"]\n";
    assert_eq!(
        refusal_after_clusters(&format!("{SET}{second}")),
        at("12:20: \"indices\": \"orders\" belongs to the set orders already")
    );
    let bidi = "[bidi.orders]\nclusters = [\"clusterA\", \"clusterB\"]\n";
    assert_eq!(
        refusal_after_clusters(&format!("{SET}{bidi}")),
        at("9:1: [bidi.orders]: a set has this name too; --set would mean both")
    );
    assert_eq!(
        refusal_after_clusters("[bidi.logs]\nclusters = [\"clusterA\"]\n"),
        at("6:12: \"clusters\": must name two clusters, not 1")
    );
    assert_eq!(
        refusal(""),
        at("1:1: the file: defines no cluster; write [clusters.NAME] for each of two")
    );
    assert_eq!(
        refusal("[clusters.a]\nurls = [\"https://a\"]\n"),
        at("1:1: [clusters.a]: is the only cluster; disaster recovery needs two")
    );
    assert_eq!(
        refusal_after_clusters("[limits]\nconcurrency = 0\n"),
        at("6:15: \"concurrency\": 0 is not between 1 and 1024")
    );
    assert_eq!(refusal("[clusters.a\n"), at("1:12: unclosed table, expected `]`"));
}

#[test]
fn a_file_that_is_not_there_is_told_with_what_it_means_and_what_to_do() {
    let told = |error: ConfigError| format!("{error}\n{}\n{}", error.meaning(), error.next());
    assert_eq!(
        told(Config::load(Some(Path::new("no/esdr.toml"))).unwrap_err()),
        "cannot read the configuration file no/esdr.toml: No such file or directory (os error 2)\n\
         Nothing was contacted or changed.\n\
         Check the file's path and that you may read it."
    );
    let places = ["esdr.toml.none", "user/esdr/esdr.toml"].map(PathBuf::from);
    let searched = find(&places).unwrap_err();
    assert_eq!(
        told(ConfigError::NotFound { searched }),
        "there is no configuration file: looked for esdr.toml.none, then user/esdr/esdr.toml\n\
         Nothing was contacted or changed.\n\
         Name the file with -c FILE or ESDR_CONFIG, or start where esdr.toml lies."
    );
}

fn at(message: &str) -> String {
    format!("esdr.toml:{message}")
}

#[test]
fn a_bidirectional_alias_writes_into_indices_of_its_own() {
    let bidi = |name: &str| format!("[bidi.{name}]\nclusters = [\"clusterA\", \"clusterB\"]\n");
    assert_eq!(
        refusal_after_clusters(&bidi("Logs")),
        at("5:1: \"Logs\": \"Logs\" has an upper-case L; names of indices are lower-case")
    );
    assert_eq!(
        refusal_after_clusters(&bidi("_logs")),
        at("5:1: \"_logs\": \"_logs\" begins with \"_\", as no name of an index may")
    );
    let wide = SET.replacen("\"orders\"", "\"logs-*\"", 1);
    assert_eq!(
        refusal_after_clusters(&format!("{wide}{}", bidi("logs"))),
        at("9:1: [bidi.logs]: its index \"logs-clustera\" belongs to the set orders already")
    );
}
