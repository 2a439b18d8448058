//! From the command line to a command, and from how it ended to an exit status.

use crate::{
    cli::{Cli, Command, PlanCommand},
    commands::{self, session::Session},
    config::{ConfigError, SecretError},
    es::http::HttpSetupError,
    model::problem::Problem,
    outcome::{Outcome, Outcomes, exit},
    report::{Failure, Reporter},
};

/// Carries out a command line. Every error is told once, here.
pub async fn dispatch(cli: &Cli) -> u8 {
    let mut reporter = Reporter::new(cli.global.output, cli.global.color, cli.global.verbose);
    match command(cli, &mut reporter).await {
        Ok(status) => status,
        Err(error) => {
            let failure = told(error);
            let status = failure.exit;
            if is_changing(&cli.command) && cli.global.output == crate::cli::Output::Json {
                reporter.result(&result_of(cli, &failure), None);
            }
            reporter.error(&failure.into());
            status
        }
    }
}

async fn command(cli: &Cli, reporter: &mut Reporter) -> anyhow::Result<u8> {
    let session = || Session::open(&cli.global);
    match &cli.command {
        Command::Failover(args) => commands::failover::run(&session()?, args, reporter).await,
        Command::Replicate(args) => commands::replicate::run(&session()?, args, reporter).await,
        Command::Undo(args) => commands::undo::run(&session()?, args, reporter).await,
        Command::Apply(args) => commands::plan::apply(&session()?, args, reporter).await,
        Command::Run(args) => commands::playbook_run::run(&session()?, args, reporter).await,
        Command::Plan(args) => match &args.command {
            // A plan is shown without any cluster, and so without a file.
            PlanCommand::Show { file } => commands::plan::show(file, reporter),
            command => commands::plan::write(&session()?, command, reporter).await,
        },
        Command::Status(args) => commands::status::run(&session()?, args, reporter).await,
        Command::Playbook(args) => commands::playbook::run(args, reporter),
        Command::Sandbox => commands::sandbox::run(reporter).await,
        _ => Ok(1),
    }
}

fn is_changing(command: &Command) -> bool {
    !matches!(
        command,
        Command::Status(_) | Command::Playbook(_) | Command::Sandbox
    )
}

/// The error with its three parts, where the module that made it knows them.
fn told(error: anyhow::Error) -> Failure {
    let usage = |meaning: &str, next: String| Failure {
        code: "usage",
        failed: format!("{error:#}"),
        meaning: meaning.to_owned(),
        next,
        exit: exit::USAGE,
    };
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<ConfigError>() {
            return usage(error.meaning(), error.next());
        }
        if let Some(error) = cause.downcast_ref::<SecretError>() {
            return usage(error.meaning(), error.next());
        }
        if let Some(error) = cause.downcast_ref::<HttpSetupError>() {
            return usage(error.meaning(), error.next());
        }
    }
    Failure::of(&error)
}

fn result_of(cli: &Cli, failure: &Failure) -> Outcomes {
    let outcome = match failure.exit {
        exit::USAGE => Outcome::Usage,
        exit::REFUSED => Outcome::Refused,
        _ => Outcome::Unexpected,
    };
    let name = match &cli.command {
        Command::Failover(_) => "failover",
        Command::Replicate(_) => "replicate",
        Command::Undo(_) => "undo",
        Command::Apply(_) => "apply",
        Command::Run(_) => "run",
        Command::Plan(_) => "plan",
        Command::Drill(_) => "drill",
        Command::Status(_) => "status",
        Command::Playbook(_) => "playbook",
        Command::Sandbox => "sandbox",
    };
    let mut outcomes = Outcomes::new(name, outcome, failure.exit);
    outcomes.problems.push(Problem::new(
        failure.code,
        "",
        failure.failed.clone(),
        failure.next.clone(),
    ));
    outcomes
}
