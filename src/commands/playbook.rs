//! `esdr playbook`: lists, shows and checks playbooks. Needs no cluster.

use std::fs;

use anyhow::Context;

use crate::{
    cli::{PlaybookArgs, PlaybookCommand},
    outcome::exit,
    playbook::{
        Playbook,
        builtin::{BUILTINS, Builtin, find},
        lint, parse,
    },
    report::{Failure, Reporter},
};

/// Returns 2 where a playbook cannot be read or its order is not safe.
///
/// # Errors
/// Where a playbook is neither built in nor a file that can be read.
pub(crate) fn run(args: &PlaybookArgs, reporter: &mut Reporter) -> anyhow::Result<u8> {
    match &args.command {
        PlaybookCommand::List => {
            let all: Result<Vec<Playbook>, _> = BUILTINS.iter().map(Builtin::playbook).collect();
            reporter.playbooks(&all.context("a built-in playbook cannot be read")?);
            Ok(exit::CONVERGED)
        }
        PlaybookCommand::Show { playbook } => show(playbook, reporter),
        PlaybookCommand::Lint { playbooks } => {
            let builtins = BUILTINS.iter().map(|builtin| builtin.name.to_owned()).collect();
            let names = if playbooks.is_empty() { &builtins } else { playbooks };
            check(names, reporter)
        }
    }
}

fn show(name: &str, reporter: &mut Reporter) -> anyhow::Result<u8> {
    let text = read(name)?;
    if reporter.is_json() {
        let playbook = parse(name, &text).map_err(|mistake| unreadable(&mistake.to_string()))?;
        reporter.playbooks(&[playbook]);
    } else {
        reporter.text(&text);
    }
    Ok(exit::CONVERGED)
}

/// Every file is checked, though an earlier one is of no use.
fn check(names: &Vec<String>, reporter: &mut Reporter) -> anyhow::Result<u8> {
    let mut status = exit::CONVERGED;
    for name in names {
        match parse(name, &read(name)?) {
            Ok(playbook) => {
                let findings = lint(&playbook);
                if !findings.is_empty() {
                    status = exit::USAGE;
                }
                reporter.findings(name, &findings);
            }
            Err(mistake) => {
                status = exit::USAGE;
                reporter.error(&unreadable(&mistake.to_string()));
            }
        }
    }
    Ok(status)
}

/// The text of a built-in playbook, or of a file.
fn read(name: &str) -> anyhow::Result<String> {
    if let Some(builtin) = find(name) {
        return Ok(builtin.text.to_owned());
    }
    fs::read_to_string(name).map_err(|error| {
        let failed = format!("\"{name}\" is no built-in playbook, and as a file: {error}");
        Failure::usage(failed, "esdr playbook list").into()
    })
}

fn unreadable(mistake: &str) -> anyhow::Error {
    Failure::usage(mistake, "correct the line, then esdr playbook lint again").into()
}
