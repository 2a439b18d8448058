//! The only place that prints. Knows what there is to say, never asks a cluster.

mod bidi;
mod columns;
mod comparison;
mod digest;
mod drill;
mod event;
mod failure;
mod json;
mod page;
mod plan;
mod playbooks;
mod result;
mod salvage;
mod status;
mod style;
pub mod text;
mod typed;
mod verification;

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal, Write};

use self::{digest::Digest, event::Live, typed::Typed};
pub use self::{
    event::Beside,
    failure::Failure,
    style::{Paint, Role},
};
use crate::{
    cli::{Color, Output},
    drill::Phase,
    es::transport::Request,
    event::Event,
    outcome::Report,
    plan::{Plan, action::Action},
    playbook::{Finding, Playbook},
    salvage::{Applied, Summary},
    status::Status,
    verify::Verification,
};

/// The width where nothing better is known, and the widest that is used.
const WIDTH: usize = 100;
/// Narrower screens are not laid out for.
const WIDTH_MIN: usize = 60;

/// Says things: to people, or as JSON lines.
pub struct Reporter {
    form: Output,
    paint: Paint,
    verbose: u8,
    width: usize,
    /// Standard output is a terminal: progress is redrawn in place.
    is_terminal: bool,
    out: Box<dyn Write + Send>,
    /// Standard error.
    err: Box<dyn Write + Send>,
    /// Nobody reads any more: the pipe is broken.
    gone: bool,
    /// The plan that the events belong to.
    plan: Option<Plan>,
    live: Option<Live>,
    digest: Digest,
    typed: Typed,
}

impl Reporter {
    /// Over standard output, as it was typed and as the terminal is.
    pub fn new(output: Output, color: Color, verbose: u8) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let columns = if is_terminal {
            usize::from(dialoguer::console::Term::stdout().size().1)
        } else {
            WIDTH
        };
        let width = columns.clamp(WIDTH_MIN, WIDTH);
        let paint = Paint::choose(color);
        Self { paint, verbose, is_terminal, ..Self::over(Box::new(io::stdout()), output, width) }
    }

    /// Over any writer, without colour and without redrawing: as a log shows it.
    pub fn over(out: Box<dyn Write + Send>, output: Output, width: usize) -> Self {
        Self {
            form: output,
            paint: Paint::default(),
            verbose: 0,
            width,
            is_terminal: false,
            out,
            err: Box::new(io::stderr()),
            gone: false,
            plan: None,
            live: None,
            digest: Digest::default(),
            typed: Typed::default(),
        }
    }

    /// The same, with what goes to standard error written elsewhere.
    #[must_use]
    pub fn errors_to(self, err: Box<dyn Write + Send>) -> Self {
        Self { err, ..self }
    }

    /// The same, with each command line that it prints made such that it can be typed as it
    /// stands: with the places of configuration and state as they were typed, quoted for a shell.
    /// `commands`: the subcommands that there are.
    #[must_use]
    pub fn typed_with(self, places: String, commands: Vec<String>) -> Self {
        Self { typed: Typed::new(places, commands), ..self }
    }

    /// Whether standard output carries JSON lines.
    pub fn is_json(&self) -> bool {
        self.form == Output::Json
    }

    /// Whether nobody reads any more, so that looking again and again would have no end.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// The plan before the question, or for reading.
    pub fn plan(&mut self, plan: &Plan) {
        match self.form {
            Output::Human => {
                let closing = if plan.is_empty() || plan.blocked().next().is_some() {
                    String::new()
                } else {
                    format!("\n{}\n", plan::closing(plan))
                };
                let text = plan::screen(plan, self.width, self.paint) + &closing;
                self.put(&text);
            }
            Output::Json => self.put_lines(plan::json(plan)),
        }
    }

    /// Every literal request in order: `explain`, `--dry-run`.
    pub fn plan_requests(&mut self, plan: &Plan, requests: &dyn Fn(&Action) -> Vec<Request>) {
        match self.form {
            Output::Human => {
                let text = plan::requests(plan, requests, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => self.put_lines(plan::json_requests(plan, requests)),
        }
    }

    /// A run of this plan begins: events that follow belong to it.
    pub fn begin(&mut self, plan: &Plan) {
        self.digest = Digest::default();
        self.plan = Some(plan.clone());
        if self.form == Output::Human && self.is_terminal {
            self.live = Some(Live::start(plan));
        }
    }

    /// For what asks in the middle of a run.
    pub fn beside(&self) -> Beside {
        self.live.as_ref().map(Live::beside).unwrap_or_default()
    }

    /// One thing that happened.
    pub fn event(&mut self, event: &Event) {
        self.digest.take(event);
        if self.form == Output::Json {
            self.put_lines(vec![event::json(event)]);
            return;
        }
        let line = event::screen(event, self.plan.as_ref(), self.verbose);
        match &mut self.live {
            Some(block) => block.event(event, &line),
            None => self.put(&format!("{line}\n")),
        }
    }

    /// The end of a changing command: as JSON always the last line.
    pub fn result(&mut self, report: &Report, plan: Option<&Plan>) {
        self.pause();
        let text = match self.form {
            Output::Human => {
                let gap = if self.digest.first_ms.is_some() { "\n" } else { "" };
                let text = result::screen(report, plan, &self.digest, self.width, self.paint);
                format!("{gap}{text}")
            }
            Output::Json => json::result(report) + "\n",
        };
        self.put(&text);
    }

    /// Takes the redrawn block away, so that something can be asked or printed. The next
    /// `begin` brings it back.
    pub fn pause(&mut self) {
        if let Some(live) = self.live.take() {
            live.finish();
        }
    }

    /// One look at everything. `all`: what is fine too.
    pub fn status(&mut self, status: &Status, all: bool) {
        let text = match self.form {
            Output::Human => status::screen(status, all, self.width, self.paint),
            Output::Json => status::json(status) + "\n",
        };
        self.put(&text);
    }

    /// One look at a bi-directional alias.
    pub fn bidi(&mut self, status: &Status) {
        let text = match self.form {
            Output::Human => bidi::screen(status, self.width, self.paint),
            Output::Json => status::json(status) + "\n",
        };
        self.put(&text);
    }

    /// A comparison of both sides.
    pub fn verification(&mut self, verification: &Verification) {
        let text = match self.form {
            Output::Human => verification::screen(verification, self.width, self.paint),
            Output::Json => verification::json(verification) + "\n",
        };
        self.put(&text);
    }

    /// Empties the screen before the next look; without a terminal an empty line.
    pub fn again(&mut self) {
        match (self.form, self.is_terminal) {
            (Output::Human, true) => self.put("\x1b[2J\x1b[H"),
            (Output::Human, false) => self.put("\n"),
            (Output::Json, _) => {}
        }
    }

    /// The playbooks that there are.
    pub fn playbooks(&mut self, playbooks: &[Playbook]) {
        match self.form {
            Output::Human => {
                let text = playbooks::playbooks(playbooks, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => self.put_lines(playbooks.iter().map(json::playbook).collect()),
        }
    }

    /// What a rehearsal showed, phase by phase; and the rules that were seen broken.
    pub fn drill(&mut self, phases: &[Phase], violations: &[String]) {
        match self.form {
            Output::Human => {
                let text = drill::drill(phases, violations, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => self.put_lines(vec![json::drill(phases, violations)]),
        }
    }

    /// What only former leaders have, and how the command that saved it ended.
    pub fn salvage(&mut self, summary: &Summary, report: &Report) {
        match self.form {
            Output::Human => {
                let text = salvage::screen(summary, report, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => self.put_lines(vec![json::salvage(summary), json::result(report)]),
        }
    }

    /// Where salvaged documents would go, before the question.
    pub fn salvage_plan(&mut self, applied: &Applied) {
        if self.form == Output::Human {
            let text = salvage::plan(applied, self.width, self.paint);
            self.put(&text);
        }
    }

    /// What became of salvaged documents, and how the command ended.
    pub fn salvage_apply(&mut self, applied: &Applied, report: &Report) {
        match self.form {
            Output::Human => {
                let text = salvage::apply(applied, report, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => {
                self.put_lines(vec![json::salvage_apply(applied), json::result(report)]);
            }
        }
    }

    /// How far a long command is, for people, on standard error: the answer comes first on
    /// standard output.
    pub fn aside(&mut self, text: &str) {
        if self.form == Output::Human {
            let text = self.paint.paint(Role::Quiet, &text::safe(text));
            self.put_aside(&format!("{text}\n"));
        }
    }

    /// What the linter found in one playbook.
    pub fn findings(&mut self, origin: &str, findings: &[Finding]) {
        match self.form {
            Output::Human => {
                let text = playbooks::findings(origin, findings, self.width, self.paint);
                self.put(&text);
            }
            Output::Json => self.put_lines(vec![json::findings(origin, findings)]),
        }
    }

    /// A text for people as it is; nothing where standard output carries JSON.
    pub fn text(&mut self, text: &str) {
        if self.form == Output::Human {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            self.put(&format!("{text}{end}"));
        }
    }

    /// An error in its three parts, on standard error.
    pub fn error(&mut self, error: &anyhow::Error) {
        self.pause();
        let failure = Failure::of(error);
        let text = result::failure(&failure, self.width, self.paint);
        self.put_aside(&text);
    }

    /// Writes to standard error. Where that is gone nobody is left to tell.
    fn put_aside(&mut self, text: &str) {
        let _ = self.err.write_all(self.typed.text(text).as_bytes());
    }

    fn put_lines(&mut self, lines: Vec<String>) {
        for line in lines {
            self.put(&format!("{line}\n"));
        }
    }

    /// Writes and flushes. Who reads has gone (`| head`): that is no error of the run,
    /// which goes on, and the journal has everything.
    fn put(&mut self, text: &str) {
        let text = match self.form {
            Output::Human => self.typed.text(text),
            Output::Json => self.typed.json(text),
        };
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        self.gone |= written.is_err();
    }
}

/// The question after the plan; answers are `yes`, `no` and `explain`.
pub fn question(plan: &Plan) -> String {
    let sets: Vec<&str> = plan
        .switches
        .iter()
        .filter(|switch| !switch.is_empty())
        .map(|switch| switch.set.as_str())
        .collect();
    if plan.is_forced() {
        return "Type the name of the cluster that is left behind to go on, or \"explain\""
            .to_owned();
    }
    if let Some(bidi) = plan.request.bidi.as_ref().and_then(|_| plan.to_be_named()) {
        return format!("Type {bidi} to take it down, or \"explain\"");
    }
    if plan.to_be_named().is_some() {
        return "Type the name of the cluster whose copies are overwritten, or \"explain\""
            .to_owned();
    }
    format!("Proceed with {}?  [yes / no / explain]", text::some(sets, 4))
}
