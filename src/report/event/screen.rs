//! One line an event, the time first: what a log shows.

use crate::{
    bytes,
    event::{Detail, Event, Kind},
    model::copied::Copied,
    outcome::Outcome,
    plan::Plan,
    report::text::{clock, count, counted, indices, known, safe, sentence, some, took},
};

/// Names listed with `-v`.
const NAMES_MAX: usize = 12;

/// The line. `plan` names the clusters of the run, where it is known.
pub(crate) fn event(event: &Event, plan: Option<&Plan>, verbose: u8) -> String {
    let mut about = Vec::new();
    if !event.set.is_empty() {
        about.push(event.set.clone());
    }
    if !event.step.is_empty() {
        about.push(event.step.clone());
    }
    if !event.cluster.is_empty() {
        about.push(format!("on {}", event.cluster));
    }
    let about = if about.is_empty() { String::new() } else { format!("{}: ", about.join(" ")) };
    let names = if verbose > 0 && !event.indices.is_empty() {
        format!(" ({})", some(event.indices.iter().map(String::as_str), NAMES_MAX))
    } else {
        String::new()
    };
    let word = event.kind.word();
    format!("{} {word:<9} {about}{}{names}", clock(event.at_ms), detail(event, plan))
}

/// What has become of a set whose run has given up.
fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => "nothing was changed",
        Outcome::Undone => "taken back",
        Outcome::Incomplete => "done but for what is told",
        _ => "left part-way",
    }
}

/// What there is to say, without set and step.
pub(crate) fn detail(event: &Event, plan: Option<&Plan>) -> String {
    match &event.detail {
        Detail::AlreadySo => match event.indices.len() {
            0 => "already so".to_owned(),
            number => format!("already so for {}", indices(number)),
        },
        Detail::Batch { number, batches, done, total } => {
            format!("{}/{} writable, batch {number} of {batches}", count(*done), count(*total))
        }
        Detail::Calls { verb, count: calls } => {
            format!("{verb}, {}", counted(*calls, "call", "calls"))
        }
        Detail::Canary { index } => format!("document written, read and removed in {index}"),
        Detail::Copy { copied: so_far, bytes_per_s, left_ms } => {
            copied(so_far, *bytes_per_s, *left_ms)
        }
        Detail::Echo { index, reader } => {
            format!("document written to {index}, read on {reader} and removed")
        }
        Detail::Drain { lag_ops, shards_left, shards_total } => {
            drain(*lag_ops, *shards_left, *shards_total)
        }
        Detail::Ended { outcome } => ended(*outcome).to_owned(),
        Detail::Error { failed, meaning, next } => error([failed, meaning], next),
        Detail::Gate { lag_ops, evidence } => match lag_ops {
            Some(ops) => format!("lag {}, {evidence}", count(*ops)),
            None => format!("lag not measured, evidence {evidence}"),
        },
        Detail::Hook { name, command, exit, took_ms } => {
            hook(event.kind, name, command, *exit, *took_ms)
        }
        Detail::Newcomers { late } => newcomers(&event.indices, *late),
        Detail::Note { problem } => {
            format!("{} [{}]", sentence(&safe(&problem.detail)), problem.code)
        }
        Detail::Plan { id, indices: number, calls } => {
            let what = plan.map_or_else(String::new, |plan| format!(" {}", heading(plan)));
            let much = plan.map_or_else(
                || counted(*calls, "call", "calls"),
                |plan| counted(plan.changes(), "change", "changes"),
            );
            format!("run {id}{what}, {}, {much}", indices(*number))
        }
        Detail::Repeated { reads } => {
            let first = reads.first().map_or("", String::as_str);
            format!("{} sent again: {}", counted(reads.len(), "read", "reads"), safe(first))
        }
        Detail::Record { on, not_on, positions } => record(on, not_on, *positions),
        Detail::Silence { quiet_ms, wanted_ms } => {
            format!("nothing new heard for {} of {}", took(*quiet_ms), took(*wanted_ms))
        }
        Detail::Salvage { .. }
        | Detail::SafetyCopy { .. }
        | Detail::Snapshot { .. }
        | Detail::SnapshotShards { .. }
        | Detail::Applied { .. }
        | Detail::Carried { .. } => of_one_side(event),
        Detail::Took { took_ms } => took(*took_ms),
        Detail::Undone { writers_refused_ms } => undone(*writers_refused_ms),
        Detail::Waived { guard, why } => format!("waived [{guard}]: {}", sentence(&safe(why))),
    }
}

fn undone(writers_refused_ms: Option<u64>) -> String {
    match writers_refused_ms {
        Some(ms) => format!("undone; writers were refused for {}", took(ms)),
        None => "undone; no writer was refused".to_owned(),
    }
}

/// What became of what only one side has.
fn of_one_side(event: &Event) -> String {
    match &event.detail {
        Detail::Salvage { ops, documents, file } => salvaged(*ops, *documents, file.as_deref()),
        Detail::SafetyCopy { name } => format!("a safety copy stays as {}", safe(name)),
        Detail::Snapshot { repository, name } => {
            format!(
                "{} in snapshot {} of {}",
                indices(event.indices.len()),
                safe(name),
                safe(repository)
            )
        }
        Detail::SnapshotShards { name, shards_done, shards_total } => format!(
            "snapshot {}: {} of {}",
            safe(name),
            count(*shards_done),
            counted(*shards_total, "shard", "shards")
        ),
        Detail::Applied { written, already, conflicts } => format!(
            "written to the leader: {}; there already {}, changed there since {}",
            some_of(*written, "document", "documents"),
            number(*already),
            number(*conflicts)
        ),
        Detail::Carried { written, deleted, already, kept } => format!(
            "carried back: {} written, {} deleted; there already {}, kept as written there since {}",
            some_of(*written, "document", "documents"),
            number(*deleted),
            number(*already),
            number(*kept)
        ),
        _ => String::new(),
    }
}

fn number(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX))
}

fn some_of(number: u64, one: &str, many: &str) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}

fn copied(so_far: &Copied, bytes_per_s: Option<u64>, left_ms: Option<u64>) -> String {
    let Copied { indices_done, indices_total, copied_bytes, total_bytes } = *so_far;
    let copied = bytes::format(copied_bytes.min(total_bytes));
    let rate = bytes_per_s.map(|bytes| format!(", {} a second", bytes::format(bytes)));
    let left = left_ms.map(|left_ms| format!(", about {} left", took(left_ms)));
    format!(
        "{} of {} copied, {copied} of {}{}{}",
        count(indices_done),
        indices(indices_total),
        bytes::format(total_bytes),
        rate.unwrap_or_default(),
        left.unwrap_or_default()
    )
}

fn salvaged(ops: u64, documents: u64, file: Option<&str>) -> String {
    let to = file.map_or_else(String::new, |file| format!(" in {}", safe(file)));
    let documents = some_of(documents, "document", "documents");
    format!("{} that only it had: {documents}{to}", some_of(ops, "operation", "operations"))
}

/// The playbook and the direction, with the number of sets.
pub(crate) fn heading(plan: &Plan) -> String {
    let name = &plan.request.playbook.name;
    match plan.switches.as_slice() {
        [only] => format!("{name} {} {} -> {}", only.set, only.source, only.target),
        all => format!("{name} of {}", counted(all.len(), "set", "sets")),
    }
}

fn error(parts: [&String; 2], next: &str) -> String {
    let parts = parts.map(|part| sentence(&safe(part)));
    let next = if next.is_empty() { String::new() } else { format!("Next: {next}") };
    let text = format!("{} {} {next}", parts[0], parts[1]);
    text.trim_end().to_owned()
}

fn newcomers(indices: &[String], late: bool) -> String {
    let names = some(indices.iter().map(String::as_str), 3);
    let then = if late { "too late to be taken along" } else { "taken along" };
    format!("born behind the fence: {names}; {then}")
}

fn drain(lag_ops: Option<u64>, left: usize, total: usize) -> String {
    let total = counted(total, "shard", "shards");
    match (lag_ops, left) {
        (Some(0), 0) => format!("lag 0 on all of {total}"),
        (lag, left) => format!("lag {}, {} of {total} not there yet", known(lag), count(left)),
    }
}

fn hook(kind: Kind, name: &str, command: &str, exit: Option<i32>, took_ms: u64) -> String {
    let command = safe(command);
    match (kind, exit) {
        (Kind::Started, _) => format!("{name} {command}"),
        (_, Some(exit)) => format!("{name} {command}, exit {exit}, {}", took(took_ms)),
        (_, None) => format!("{name} {command}, no exit status, {}", took(took_ms)),
    }
}

fn record(on: &[String], not_on: &[String], positions: usize) -> String {
    let what = match positions {
        0 => "members, aliases, parameters".to_owned(),
        positions => counted(positions, "position", "positions"),
    };
    let kept = match on {
        [] => "kept on this machine only".to_owned(),
        on => format!("kept on {} and this machine", on.join(", ")),
    };
    match not_on {
        [] => format!("{what}; {kept}"),
        not_on => format!("{what}; {kept}; NOT on {}", not_on.join(", ")),
    }
}
