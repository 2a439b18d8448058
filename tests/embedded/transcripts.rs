//! The simulated pair answers as recorded pairs did, call by call.
//!
//! Each transcript is played against a fresh pair of the same version. Statuses, error
//! types and reasons, keys and values must agree once identifiers, times, sizes, addresses
//! and counters are blanked and what existed before the recording is left aside.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use esdr::{
    es::transport::{Method, Request, Unanswered},
    sandbox::{Fault, Pair, Personality, Site},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Conformance {
    transcript: Vec<Transcript>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcript {
    file: String,
    server: String,
    covered: BTreeSet<String>,
    #[serde(default)]
    left_out: BTreeMap<String, String>,
    /// Line number to reason.
    #[serde(default)]
    calls: BTreeMap<String, String>,
    /// Line number before which leader A is frozen or thawed.
    #[serde(default)]
    freeze: Option<usize>,
    #[serde(default)]
    thaw: Option<usize>,
    /// What existed before the recording: `PUT` calls to make first.
    #[serde(default)]
    before: Vec<(char, String, Value)>,
}

#[derive(Deserialize)]
struct Call {
    step: String,
    cluster: char,
    method: String,
    path: String,
    body: Option<Value>,
    status: Option<u16>,
    response: Option<Value>,
}

#[derive(Default)]
struct Tally {
    steps: BTreeSet<(String, String)>,
    steps_left_out: BTreeSet<(String, String)>,
    calls: usize,
    calls_left_out: usize,
    divergences: String,
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

#[tokio::test(start_paused = true)]
async fn the_simulated_pair_answers_as_recorded_pairs_did() {
    let conformance = fs::read_to_string(data("conformance.toml")).unwrap();
    let conformance: Conformance = toml::from_str(&conformance).unwrap();
    let mut tally = Tally::default();
    for transcript in &conformance.transcript {
        play(transcript, &mut tally).await;
    }
    // Not by `println!`, which a test that passes keeps to itself.
    let told = writeln!(
        std::io::stdout(),
        "transcripts: covered {} steps ({} calls), left out {} steps ({} calls)",
        tally.steps.len(),
        tally.calls,
        tally.steps_left_out.len(),
        tally.calls_left_out
    );
    told.unwrap();
    assert!(tally.divergences.is_empty(), "{}", tally.divergences);
}

async fn play(transcript: &Transcript, tally: &mut Tally) {
    let personality = match transcript.server.as_str() {
        "6.8" => Personality::V6_8,
        _ => Personality::V8_19,
    };
    let pair = Pair::new(personality);
    let lines = fs::read_to_string(data("data/transcripts").join(&transcript.file)).unwrap();
    for (site, path, body) in &transcript.before {
        ask(&pair, *site, "PUT", path, Some(body)).await.unwrap();
    }
    // Identifiers of the recording and what they are called here.
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (line, text) in lines.lines().enumerate() {
        let text = names.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
        let call: Call = serde_json::from_str(&text).unwrap();
        if transcript.freeze == Some(line) {
            pair.fault(Fault::Freeze(Site::A));
        }
        if transcript.thaw == Some(line) {
            pair.fault(Fault::Thaw(Site::A));
        }
        let answer = ask(&pair, call.cluster, &call.method, &call.path, call.body.as_ref()).await;
        if let (Ok((_, body)), Some(recorded)) = (&answer, &call.response) {
            learn(recorded, &serde_json::from_str(body).unwrap_or(Value::Null), &mut names);
        }
        tally.count(transcript, line, &call, answer);
    }
}

impl Tally {
    /// Compares one call, unless it or its step is left out.
    fn count(
        &mut self,
        transcript: &Transcript,
        line: usize,
        call: &Call,
        answer: Result<(u16, String), Unanswered>,
    ) {
        let Call { step, cluster, method, path, .. } = call;
        let file = &transcript.file;
        if transcript.left_out.contains_key(step) {
            self.steps_left_out.insert((file.clone(), step.clone()));
            self.calls_left_out += 1;
            return;
        }
        assert!(transcript.covered.contains(step), "{file}: step {step} is not listed");
        if transcript.calls.contains_key(&line.to_string()) {
            self.calls_left_out += 1;
            return;
        }
        self.steps.insert((file.clone(), step.clone()));
        self.calls += 1;
        if let Err(difference) = agree(call, answer) {
            let place = format!("{file} line {line} [{step}] {cluster} {method} {path:.100}");
            writeln!(self.divergences, "{place}\n{difference}").unwrap();
        }
    }
}

/// Notes which identifier of the recording is which here.
fn learn(recorded: &Value, simulated: &Value, names: &mut BTreeMap<String, String>) {
    let (Some(recorded), Some(simulated)) = (recorded.as_object(), simulated.as_object()) else {
        return;
    };
    for (key, value) in recorded {
        let other = simulated.get(key).unwrap_or(&Value::Null);
        match (value.as_str(), other.as_str()) {
            (Some(old), Some(new)) if old != new && key.ends_with("index.uuid") => {
                names.insert(old.to_owned(), new.to_owned());
            }
            _ => learn(value, other, names),
        }
    }
}

async fn ask(
    pair: &std::sync::Arc<Pair>,
    site: char,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, String), Unanswered> {
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        other => panic!("unexpected method {other}"),
    };
    let site = if site == 'A' { Site::A } else { Site::B };
    let mut request = Request::new(method, path).within(Duration::from_secs(75));
    // The recorded pair of 8.19 listened elsewhere.
    let moved = |text: String| text.replace("127.0.0.1:932", "127.0.0.1:930");
    request = match body {
        None => request,
        Some(Value::String(lines)) => request.lines(moved(lines.clone())),
        Some(body) => request.json(serde_json::from_str(&moved(body.to_string())).unwrap()),
    };
    let response = pair.transport(site).send(request).await?;
    Ok((response.status, response.body))
}

fn agree(call: &Call, answer: Result<(u16, String), Unanswered>) -> Result<(), String> {
    let (status, body) = match (answer, call.status) {
        (Err(Unanswered::Timeout { .. }), None) => return Ok(()),
        (Err(error), status) => return Err(format!("  recorded {status:?}, simulated {error}\n")),
        (Ok((status, body)), None) => {
            return Err(format!("  recorded no answer, simulated {status} {body:.200}\n"));
        }
        (Ok(answer), Some(_)) => answer,
    };
    let mut differences = String::new();
    if Some(status) != call.status {
        writeln!(
            differences,
            "  status: recorded {:?}, simulated {status} {body:.300}",
            call.status
        )
        .unwrap();
        return Err(differences);
    }
    let simulated: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    let recorded = call.response.clone().unwrap_or(Value::Null);
    let (mut recorded, mut simulated) = (blank("", recorded), blank("", simulated));
    if call.method == "POST"
        && call.path.split('?').next().is_some_and(|path| path.ends_with("/_doc"))
    {
        // The id is generated, and with it the shard and its sequence number are chance.
        recorded["_seq_no"] = json!("*");
        simulated["_seq_no"] = json!("*");
    }
    compare("", &recorded, &simulated, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

fn compare(at: &str, recorded: &Value, simulated: &Value, out: &mut String) {
    match (recorded, simulated) {
        (Value::Object(recorded), Value::Object(simulated)) => {
            for (key, value) in recorded {
                match simulated.get(key) {
                    Some(other) => compare(&format!("{at}.{key}"), value, other, out),
                    None => writeln!(out, "  {at}.{key}: recorded {value:.120}, simulated nothing")
                        .unwrap(),
                }
            }
            for key in simulated.keys().filter(|key| !recorded.contains_key(*key)) {
                writeln!(out, "  {at}.{key}: not recorded, simulated {:.120}", simulated[key])
                    .unwrap();
            }
        }
        (Value::Array(recorded), Value::Array(simulated)) if recorded.len() == simulated.len() => {
            for (position, (value, other)) in recorded.iter().zip(simulated).enumerate() {
                compare(&format!("{at}[{position}]"), value, other, out);
            }
        }
        (recorded, simulated) if recorded == simulated => {}
        (recorded, simulated) => {
            writeln!(out, "  {at}: recorded {recorded:.300}, simulated {simulated:.300}").unwrap();
        }
    }
}

/// Keys whose values differ from run to run, and that no decision of esdr's rests on.
const VOLATILE: [&str; 58] = [
    "took",
    "ms",
    "timestamp",
    "uid",
    "issue_date",
    "issue_date_in_millis",
    "expiry_date",
    "expiry_date_in_millis",
    "cluster_uuid",
    "build_hash",
    "build_date",
    "build_type",
    "lucene_version",
    "follower_indices_count",
    "auto_follow_patterns_count",
    "total_read_time_millis",
    "total_read_remote_exec_time_millis",
    "bytes_read",
    "total_write_time_millis",
    "failed_read_requests",
    "failed_write_requests",
    "successful_write_requests",
    "time_since_last_read_millis",
    "retries",
    "time_since_last_check_millis",
    "last_seen_metadata_version",
    "number_of_failed_follow_indices",
    "number_of_failed_remote_cluster_state_requests",
    "number_of_successful_follow_indices",
    "index.creation_date",
    "creation_date",
    "store.size",
    "pri.store.size",
    "dataset.size",
    "docs.deleted",
    "start_time_in_millis",
    "stop_time_in_millis",
    "total_time_in_millis",
    "restoreUUID",
    "parent_task_id",
    "host",
    "total_in_bytes",
    "recovered_in_bytes",
    "files",
    "translog_uuid",
    "history_uuid",
    "node",
    "_scroll_id",
    "last_allocation_id",
    "allocation_id",
    "leader_index_shard_history_uuids",
    "running_time_in_nanos",
    "disk.indices",
    "disk.used",
    "disk.avail",
    "disk.total",
    "disk.percent",
    "generation",
];

/// Keys that are left out on both sides: a server shows them by chance or by build.
const IGNORED: [&str; 6] = [
    "num_docs",
    "total_size_in_bytes",
    "deleted",
    "files",
    "last_follow_time_in_millis",
    "allocation_id_on_last_status_update",
];

/// What existed on the recorded pairs before the recording.
fn is_foreign(name: &str) -> bool {
    let prefixes = ["ecommerce", "big", "my-index", "nosoft", "logs-", "esdr", "reindex"];
    matches!(name, "px" | "b") || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a row tells of something that existed before the recording.
fn is_foreign_row(row: &Value) -> bool {
    let task = &row["task"]["xpack/ccr/shard_follow_task"]["params"];
    [&row["index"], &row["follower_index"], &row["status"]["follower_index"], &task["follow_shard_index"]]
        .iter()
        .any(|name| name.as_str().is_some_and(is_foreign))
        // A task of the health module, and the leader's side of a follow task.
        || row["id"] == "health-node"
        || row["action"].as_str().is_some_and(|action| action.contains("shard_changes"))
}

fn blank(key: &str, value: Value) -> Value {
    // Running tasks stand under their numbers; compared are the tasks, in order.
    let value = match value {
        Value::Object(tasks) if key == "tasks" => tasks.into_iter().map(|(_, task)| task).collect(),
        value => value,
    };
    if VOLATILE.contains(&key) && !value.is_object() && !value.is_array() {
        return json!("*");
    }
    // Leases and persistent tasks are known by their ids; other ids are chance.
    let is_known = |id: &str| id.contains("-following-") || blanked(id).starts_with("<uuid>-");
    match value {
        Value::Number(_) if key == "id" => json!("*"),
        Value::String(id) if key == "id" && !is_known(&id) => json!("*"),
        Value::Object(map) => {
            let map: Map<String, Value> = map
                .into_iter()
                .filter(|(key, _)| !is_foreign(key) && !IGNORED.contains(&key.as_str()))
                .map(|(key, value)| {
                    let value = blank(&key, value);
                    (text(&key), value)
                })
                .collect();
            Value::Object(map)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items
                .into_iter()
                .filter(|item| !is_foreign_row(item))
                .map(|item| blank("", item))
                .collect();
            // Rows come in the order of a hash map.
            if items.iter().all(Value::is_object) {
                items.sort_by_key(|item| {
                    ["index", "follower_index", "id", "shard_id", "name", "task", "status"]
                        .map(|key| item[key].to_string())
                });
            }
            Value::Array(items)
        }
        Value::String(string) => json!(text(&string)),
        Value::Number(number)
            if number.as_u64().is_some_and(|number| number > 1_000_000_000_000) =>
        {
            json!("*")
        }
        other => other,
    }
}

/// Blanks identifiers, addresses, positions and names of nodes in a text.
fn text(text: &str) -> String {
    let text = text
        .replace("-following-", "|following|")
        .replace("clusterA-1", "node")
        .replace("clusterB-1", "node");
    let text = text
        .replace("nodeA", "node")
        .replace("nodeB", "node")
        .replace("127.0.0.1:932", "127.0.0.1:930");
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\0']) {
        if character.is_ascii_alphanumeric() || character == '_' || character == '-' {
            word.push(character);
            continue;
        }
        out.push_str(&blanked(&word));
        word.clear();
        if character != '\0' {
            out.push(character);
        }
    }
    match (out.strip_prefix("[1:"), out.find("] ")) {
        (Some(_), Some(end)) => format!("[1:*{}", &out[end..]),
        _ => out,
    }
}

fn blanked(word: &str) -> String {
    let varied = |part: &str| {
        part.chars().any(|character| character.is_ascii_uppercase() || character.is_ascii_digit())
    };
    if word.len() >= 22 && word.is_char_boundary(22) && varied(&word[..22]) {
        let rest = &word[22..];
        if rest.is_empty()
            || (rest.starts_with('-') && rest[1..].chars().all(|c| c.is_ascii_digit()))
        {
            return format!("<uuid>{rest}");
        }
    }
    if word.len() == 20 && varied(word) && word.chars().any(|c| c.is_ascii_lowercase()) {
        return "<id>".to_owned();
    }
    word.to_owned()
}
