//! A run under way, in a terminal: one block that is redrawn at most twice a second.

use std::{collections::BTreeMap, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::screen;
use crate::{
    duration,
    event::{Detail, Event, Kind},
    plan::Plan,
    report::text::{clock, count, cut, took},
};

const REDRAWS_PER_S: u8 = 2;
const BAR_WIDTH: usize = 16;
const NAME_WIDTH: usize = 14;
const STEP_WIDTH: usize = 9;
/// The block has no wider lines: it must never wrap.
const WIDTH: usize = 79;

/// The block.
pub(crate) struct Live {
    bar: ProgressBar,
    board: Board,
}

/// What asks beside a block that may be there.
#[derive(Clone, Default)]
pub struct Beside(Option<ProgressBar>);

impl Beside {
    /// Does what writes to the terminal with the block away, which would be drawn over it.
    pub fn ask<T>(&self, ask: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(ask),
            None => ask(),
        }
    }
}

/// What the block shows. Apart from the terminal, so that it can be tested.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    sets: BTreeMap<String, Standing>,
    order: Vec<String>,
    run: String,
    /// The last thing that went on.
    now: String,
    drain: String,
}

/// How far one set is.
#[derive(Clone, Debug, Default)]
struct Standing {
    done: usize,
    total: usize,
    began_ms: Option<i64>,
    took_ms: Option<i64>,
    step: String,
    hook: String,
}

impl Live {
    /// Begins the block below what was printed.
    pub(crate) fn start(plan: &Plan) -> Self {
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout_with_hz(REDRAWS_PER_S));
        let since = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            let seconds = Duration::from_secs(state.elapsed().as_secs());
            // A line that cannot be drawn is drawn half a second later.
            let _ = to.write_str(&duration::format(seconds));
        };
        if let Ok(style) = ProgressStyle::with_template("{prefix}   {since}\n{msg}") {
            bar.set_style(style.with_key("since", since));
        }
        bar.set_prefix(format!("{}   run {}", screen::heading(plan), plan.request.run));
        bar.enable_steady_tick(Duration::from_millis(1000 / u64::from(REDRAWS_PER_S)));
        Self { bar, board: Board::new(plan) }
    }

    /// Takes an event in; what must not be overlooked goes above the block as a line.
    pub(crate) fn event(&mut self, event: &Event, line: &str) {
        self.board.take(event);
        if matches!(event.kind, Kind::Failed | Kind::Stopped)
            || matches!(
                event.detail,
                Detail::Note { .. } | Detail::Newcomers { .. } | Detail::Undone { .. }
            )
        {
            self.bar.println(line);
        }
        self.bar.set_message(self.board.text());
    }

    /// For what asks while the block is there.
    pub(crate) fn beside(&self) -> Beside {
        Beside(Some(self.bar.clone()))
    }

    /// Clears the block away.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl Board {
    /// Before the first event.
    pub(crate) fn new(plan: &Plan) -> Self {
        let open: Vec<_> = plan.switches.iter().filter(|switch| !switch.is_empty()).collect();
        let standing = |switch: &&crate::plan::Switch| {
            let total = switch.members.len();
            (switch.set.clone(), Standing { total, ..Standing::default() })
        };
        Self {
            sets: open.iter().map(standing).collect(),
            order: open.iter().map(|switch| switch.set.clone()).collect(),
            run: plan.request.run.clone(),
            ..Self::default()
        }
    }

    /// Takes an event in.
    pub(crate) fn take(&mut self, event: &Event) {
        self.now = format!("{} {}", clock(event.at_ms), screen::event(event, None, 0).split_off(9));
        if matches!(event.detail, Detail::Drain { .. }) {
            self.drain = screen::detail(event, None);
        }
        let Some(set) = self.sets.get_mut(&event.set) else {
            return;
        };
        let began_ms = *set.began_ms.get_or_insert(event.at_ms);
        if !event.step.is_empty() {
            set.step.clone_from(&event.step);
        }
        match &event.detail {
            Detail::Batch { done, total, .. } => {
                (set.done, set.total) = (*done, *total);
                if done == total {
                    set.took_ms.get_or_insert(event.at_ms - began_ms);
                }
            }
            Detail::Hook { exit: Some(0), .. } if event.kind != Kind::Started => {
                set.hook = took(event.at_ms - began_ms);
            }
            _ => {}
        }
    }

    /// The block.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line.trim_end());
            text.push('\n');
        };
        line("");
        line(&format!(
            "{:<NAME_WIDTH$}  {:<29}  {:<11}  {:<STEP_WIDTH$}  HOOK",
            "SET", "WRITABLE", "SINCE START", "STEP"
        ));
        for name in &self.order {
            let set = &self.sets[name];
            let figure = format!("{}/{}", count(set.done), count(set.total));
            let filled = (set.done * BAR_WIDTH).checked_div(set.total).unwrap_or(0).min(BAR_WIDTH);
            let bar = "#".repeat(filled) + &".".repeat(BAR_WIDTH - filled);
            let took = set.took_ms.map_or_else(String::new, took);
            line(&format!(
                "{:<NAME_WIDTH$}  {figure:>11}  {bar}  {took:<11}  {:<STEP_WIDTH$}  {}",
                cut(name, NAME_WIDTH),
                cut(&set.step, STEP_WIDTH),
                set.hook
            ));
        }
        line("");
        if !self.drain.is_empty() {
            line(&format!("Drain  {}", self.drain));
        }
        line(&cut(&self.now, WIDTH));
        line("");
        line("Ctrl-C once: finish this batch and stop safely.  Twice: stop now.");
        line(&format!("The same command goes on with run {}.", self.run));
        text.truncate(text.trim_end().len());
        text
    }
}
