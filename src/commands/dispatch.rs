//! From the command line to a command, and from how it ended to an exit status.

use std::{future::Future, process::ExitCode};

use clap::CommandFactory as _;

use crate::{
    cli::{BidiCommand, Cli, Command, Global, PlanArgs, PlanCommand},
    commands::{
        self,
        fence::Fencing,
        refusal::{Refusal, refusal_of},
        session::Session,
    },
    model::problem::Problem,
    outcome::{Outcome, Report, exit},
    report::Reporter,
};

/// Carries a command out on the threads of this process, and ends as it says.
pub fn run_to_exit(command: impl Future<Output = u8>) -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let status = runtime.map_or(exit::UNEXPECTED, |runtime| runtime.block_on(command));
    ExitCode::from(status)
}

/// Carries out a command line in this terminal, over the connections that `open` gives.
pub async fn dispatch(cli: &Cli, open: &(dyn Fn(&Global) -> anyhow::Result<Session> + Sync)) -> u8 {
    let Global { output, color, verbose, .. } = cli.global;
    let mut reporter =
        Reporter::new(output, color, verbose).typed_with(cli.global.places(), subcommands());
    dispatch_over(cli, open, &mut reporter).await
}

fn subcommands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// Carries out a command line over the connections that `open` gives. Every error is told once,
/// here. Returns the exit status.
pub async fn dispatch_over(
    cli: &Cli,
    open: &(dyn Fn(&Global) -> anyhow::Result<Session> + Sync),
    reporter: &mut Reporter,
) -> u8 {
    // On the heap: it is as large as the largest of the commands.
    match Box::pin(command(cli, open, reporter)).await {
        Ok(status) => status,
        Err(error) => {
            let refusal = refusal_of(&error);
            reporter.error(&anyhow::Error::new(refusal.clone()));
            if is_changing(&cli.command) && cli.global.output == crate::cli::Output::Json {
                reporter.result(&result_of(cli, &refusal), None);
            }
            refusal.exit
        }
    }
}

async fn command(
    cli: &Cli,
    open: &(dyn Fn(&Global) -> anyhow::Result<Session> + Sync),
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    match &cli.command {
        Command::Playbook(args) => commands::playbook::run(args, reporter),
        Command::Drill(args) => Box::pin(commands::drill::run(&cli.global, args, reporter)).await,
        Command::Sandbox => commands::sandbox::run(reporter).await,
        // A plan is shown without any cluster, and so without a file.
        Command::Plan(PlanArgs { command: PlanCommand::Show { file } }) => {
            commands::plan::show(file, reporter)
        }
        command => {
            let session = open(&cli.global)?;
            match Box::pin(over(&session, command, reporter)).await {
                Err(error) => Err(commands::locked::beside_others(&session, error).await),
                ended => ended,
            }
        }
    }
}

/// Carries out a command that asks clusters.
async fn over(session: &Session, command: &Command, reporter: &mut Reporter) -> anyhow::Result<u8> {
    match command {
        Command::Failover(args) => commands::failover::run(session, args, reporter).await,
        Command::Failback(args) => commands::failback::run(session, args, reporter).await,
        Command::Replicate(args) => commands::replicate::run(session, args, reporter).await,
        Command::Reprotect(args) => commands::reprotect::run(session, args, reporter).await,
        Command::Bidi(args) => commands::bidi::run(session, args, reporter).await,
        Command::Undo(args) => commands::undo::run(session, args, reporter).await,
        Command::Fence(args) => commands::fence::run(session, args, Fencing::Fence, reporter).await,
        Command::Unfence(args) => {
            commands::fence::run(session, args, Fencing::Unfence, reporter).await
        }
        Command::Salvage(args) => commands::salvage::run(session, args, reporter).await,
        Command::Apply(args) => commands::plan::apply(session, args, reporter).await,
        Command::Run(args) => commands::playbook_run::run(session, args, reporter).await,
        Command::Plan(args) => commands::plan::write(session, &args.command, reporter).await,
        Command::Status(args) => commands::status::run(session, args, reporter).await,
        Command::Verify(args) => commands::verify::run(session, args, reporter).await,
        Command::Playbook(_) | Command::Drill(_) | Command::Sandbox => {
            unreachable!("a command that asks no cluster")
        }
    }
}

fn is_changing(command: &Command) -> bool {
    match command {
        Command::Bidi(args) => !matches!(args.command, BidiCommand::Status(_)),
        Command::Status(_) | Command::Verify(_) | Command::Playbook(_) | Command::Sandbox => false,
        _ => true,
    }
}

fn result_of(cli: &Cli, refusal: &Refusal) -> Report {
    let outcome = match refusal.exit {
        exit::USAGE => Outcome::Usage,
        exit::REFUSED => Outcome::Refused,
        _ => Outcome::Unexpected,
    };
    let name = match &cli.command {
        Command::Failover(_) => "failover",
        Command::Replicate(_) => "replicate",
        Command::Failback(_) => "failback",
        Command::Reprotect(_) => "reprotect",
        Command::Bidi(args) => args.words(),
        Command::Undo(_) => "undo",
        Command::Fence(_) => Fencing::Fence.word(),
        Command::Unfence(_) => Fencing::Unfence.word(),
        Command::Salvage(args) => args.word(),
        Command::Apply(_) => "apply",
        Command::Run(_) => "run",
        Command::Plan(_) => "plan",
        Command::Drill(_) => "drill",
        Command::Status(_) => "status",
        Command::Verify(_) => "verify",
        Command::Playbook(_) => "playbook",
        Command::Sandbox => "sandbox",
    };
    let mut report = Report::new(name, outcome, refusal.exit);
    report.next.extend(refusal.proposed());
    report.problems.push(Problem::new(
        refusal.code,
        "",
        refusal.failed.clone(),
        refusal.next.clone(),
    ));
    report
}
