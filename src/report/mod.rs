//! stub
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]
use crate::{
    cli::{Color, Output},
    event::Event,
    outcome::Outcomes,
    plan::Plan,
};
pub struct Reporter {
    out: Output,
}
impl Reporter {
    pub fn new(out: Output, _c: Color, _v: u8) -> Self {
        Self { out }
    }
    pub fn plan(&mut self, p: &Plan) {
        if self.out == Output::Human {
            for s in &p.switches {
                println!(
                    "{} {}->{} members {} blocked {:?}",
                    s.set,
                    s.source,
                    s.target,
                    s.members.len(),
                    s.blocked
                );
                for st in &s.steps {
                    println!("  {} {}", st.step.title(), st.actions.len());
                }
            }
        }
    }
    pub fn requests(&mut self, _p: &Plan) {}
    pub fn question(&self, _p: &Plan) -> String {
        "Proceed?".into()
    }
    pub fn event(&mut self, e: &Event) {
        println!("{}", serde_json::to_string(e).unwrap_or_default());
    }
    pub fn result(&mut self, o: &Outcomes, _p: Option<&Plan>) {
        println!("{}", serde_json::to_string(o).unwrap_or_default());
    }
    pub fn saved(&mut self, _p: &Plan, _f: &std::path::Path) {}
    pub fn drift(&mut self, _p: &Plan, d: &[crate::plan::drift::Drift]) {
        println!("{d:?}");
    }
    pub fn text(&mut self, t: &str) {
        println!("{t}");
    }
    pub fn error(&mut self, e: &anyhow::Error) {
        eprintln!("{e:#}");
    }
}
