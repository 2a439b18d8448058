//! The indices of one set: what is not fine, or with `--all` everything.

use crate::{
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        text::{count, counted, known, lag, safe},
    },
    status::{IndexStatus, SetStatus, Situation},
};

/// The table; nothing where there is nothing to tell.
pub(crate) fn table(page: &mut Page, set: &SetStatus, all: bool) {
    let told: Vec<&IndexStatus> =
        set.indices.iter().filter(|index| all || is_told(index)).collect();
    if told.is_empty() {
        return;
    }
    let mut table = Columns::new(&[
        ("INDEX", Fit::Name),
        ("LEADER", Fit::Name),
        ("FOLLOWER", Fit::Left),
        ("LAG ops", Fit::Right),
        ("EVIDENCE", Fit::Left),
        ("SITUATION", Fit::Prose),
    ])
    .marked();
    for index in &told {
        row(&mut table, index);
        if all {
            shards(&mut table, index);
        }
    }
    if !all {
        let behind = set.indices.len() - told.len();
        if behind > 0 {
            let rest = counted(behind, "other", "others");
            let said = if set.indices.iter().all(|i| i.situation.is_fine() || told.contains(&i)) {
                "as it should be"
            } else {
                "leader_lost, nothing known to be missing"
            };
            table.tail(blank_row(rest, said.to_owned()));
        }
        let first = told[0].situation;
        let alike = told.iter().all(|index| index.situation == first);
        let said = if alike { format!("all {}", first.word()) } else { String::new() };
        table.keep(ROWS_MAX, &said);
    }
    page.blank();
    page.line(format!("{}:", set.name));
    page.table(&table);
}

/// With its leader gone, an index of which nothing is known to be missing is counted.
fn is_told(index: &IndexStatus) -> bool {
    match index.situation {
        Situation::LeaderLost => index.lag_ops_at_least != Some(0),
        situation => !situation.is_fine(),
    }
}

fn blank_row(first: String, last: String) -> [String; 6] {
    [first, String::new(), String::new(), String::new(), String::new(), last]
}

fn row(table: &mut Columns, index: &IndexStatus) {
    let mark = match index.situation {
        Situation::Unknown => Mark::Unknown,
        situation if situation.is_fine() => Mark::Fine,
        _ => Mark::Action,
    };
    let state = index.state.map_or("unknown", crate::status::State::word);
    let applies = index.state.is_none_or(crate::status::State::follows);
    let dash = "-".to_owned();
    let why = index.why.as_ref().map_or_else(String::new, |why| format!(": {}", safe(why)));
    let name = if index.follower_index == index.leader_index {
        index.leader_index.clone()
    } else {
        format!("{} -> {}", index.leader_index, index.follower_index)
    };
    table.row(
        mark,
        [
            name,
            index.leader.clone().unwrap_or_else(|| "unknown".to_owned()),
            state.to_owned(),
            if applies {
                lag(index.lag_ops, index.lag_ops_at_least, index.evidence)
            } else {
                dash.clone()
            },
            if applies { index.evidence.word().to_owned() } else { dash },
            format!("{}{why}", index.situation.word()),
        ],
    );
}

fn shards(table: &mut Columns, index: &IndexStatus) {
    let figure = |position: Option<i64>| match position {
        Some(position) if position < 0 => "empty".to_owned(),
        position => known(position.and_then(|at| u64::try_from(at).ok())),
    };
    for shard in &index.shards {
        let (own, theirs) = (figure(shard.follower_checkpoint), figure(shard.leader_checkpoint));
        let last = match shard.leader_max_seq_no {
            last if last == shard.leader_checkpoint => String::new(),
            last => format!(", last {}", figure(last)),
        };
        let name = format!("  shard {}", count(shard.shard));
        table.row(Mark::Fine, blank_row(name, format!("{own} of {theirs}{last}")));
    }
}
